"""Preparing frames in another process, which is light: it imports neither torch nor transformers.

Run as a script: ``preparing.py CACHE VIDEO…`` fills the cache and prints what was skipped.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
from pathlib import Path
from typing import Any

from physprior import fingerprint
from physprior.errors import OutputError
from physprior.video.sample import Sampling
from physprior.vlm.clip_frames import FrameMaker
from physprior.vlm.frames import Clip, FrameStore


class SmallPictures:
    """The settings of an image processor for pictures of 28 × 28."""

    def to_dict(self) -> dict[str, Any]:
        return {
            "do_resize": True,
            "size": {"shortest_edge": 28},
            "resample": 3,
            "do_center_crop": True,
            "crop_size": {"height": 28, "width": 28},
            "do_rescale": True,
            "rescale_factor": 1 / 255,
            "do_normalize": True,
            "image_mean": [0.48145466, 0.4578275, 0.40821073],
            "image_std": [0.26862954, 0.26130258, 0.27577711],
        }


class KilledByOne(FrameMaker):
    """Dies of one clip, as a decoder may."""

    def __call__(self, clip: Clip) -> str:
        if clip.path.name == "3.mp4":
            os.kill(os.getpid(), signal.SIGSEGV)
        return super().__call__(clip)


def open_store(folder: Path) -> FrameStore:
    return FrameStore(folder, SmallPictures(), Sampling())


def main(folder: str, most_bytes: str, *paths: str) -> None:
    if most_bytes != "all":
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(most_bytes), int(most_bytes)))
    clips = [Clip(Path(path), fingerprint.of_file(Path(path))) for path in paths]
    try:
        print(open_store(Path(folder)).prepare(clips, workers=2))  # noqa: T201
    except OutputError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main(*sys.argv[1:])

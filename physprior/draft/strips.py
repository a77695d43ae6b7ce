"""Pictures of videos for a model with eyes: a few frames of each, in rows, as one JPEG.

Phys-AD's rules deduction (section 4.1, step 1) takes the training videos, which are normal ones.
"""

from __future__ import annotations

import base64
import io
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from physprior.errors import VideoError
from physprior.knowledge.folders import NORMAL_FOLDERS, folded
from physprior.video.endings import VIDEO_ENDINGS
from physprior.video.montage import montage

VIDEOS = 3
FRAMES = 8
_COLUMNS = 4
_SIDE = 256
"""Pixels of a frame's longer side: four in a row are what most models take in whole."""
_QUALITY = 85


@dataclass(frozen=True)
class Strips:
    """The pictures that go along with a question."""

    images: tuple[str, ...]
    """As ``data:`` URLs, in the order of ``videos``."""
    videos: tuple[Path, ...]
    frames: int
    """Frames in each."""
    skipped: tuple[str, ...]
    """Videos that were passed over, each with its reason."""

    @property
    def size(self) -> int:
        """Bytes that are sent of them."""
        return sum(map(len, self.images))


def make_strips(
    folder: Path, faults: Callable[[str], str], *, videos: int = VIDEOS, frames: int = FRAMES
) -> Strips:
    """Pictures of up to ``videos`` videos in a folder and below, spread evenly over their names.

    ``faults`` says which defect a folder's name means, or nothing: videos in such are passed over.
    Raises VideoError where no video is left.
    """
    found, skipped = _find(folder, faults)
    shown: dict[Path, str] = {}
    for path in _spread(found, videos):
        if len(shown) == videos:
            break
        try:
            shown[path] = picture(path, frames)
        except VideoError as error:
            skipped.append(error.message)
    if not shown:
        why = f": {skipped[0]}" if skipped else ""
        raise VideoError(
            f"{folder} holds no video of a sound object that can be shown{why}",
            remedy="name a folder of videos in which nothing is wrong, such as VIDEOS/clip/train",
        )
    paths = tuple(sorted(shown))
    return Strips(tuple(shown[path] for path in paths), paths, frames, tuple(skipped))


def picture(path: Path, frames: int) -> str:
    """Frames of a video in rows of four, as a ``data:`` URL. Raises VideoError."""
    whole = montage(path, frames, (_SIDE, _SIDE), _COLUMNS, least=frames)
    stream = io.BytesIO()
    whole.save(stream, "JPEG", quality=_QUALITY)
    return f"data:image/jpeg;base64,{base64.b64encode(stream.getvalue()).decode('ascii')}"


def _find(folder: Path, faults: Callable[[str], str]) -> tuple[list[Path], list[str]]:
    if not folder.is_dir():
        raise VideoError(f"{folder} is no folder", remedy="name the folder of the normal videos")
    found: list[Path] = []
    skipped: list[str] = []
    for parent, below, names in os.walk(folder):
        below[:] = sorted(name for name in below if not name.startswith("."))
        videos = [name for name in sorted(names) if Path(name).suffix.lower() in VIDEO_ENDINGS]
        fault = faults(Path(parent).name)
        if fault and videos and folded(Path(parent).name) not in NORMAL_FOLDERS:
            count = f"{len(videos)} video{'' if len(videos) == 1 else 's'}"
            skipped.append(f"{parent}: {count} of the defect {fault!r}, which are not normal")
            continue
        found += [Path(parent, name) for name in videos if not name.startswith(".")]
    return sorted(found), skipped


def _spread(paths: list[Path], count: int) -> list[Path]:
    """Some evenly spread ones first, then the others in their order, for those that fail."""
    if len(paths) <= count:
        return paths
    chosen = [paths[(2 * at + 1) * len(paths) // (2 * count)] for at in range(count)]
    return [*chosen, *(path for path in paths if path not in chosen)]

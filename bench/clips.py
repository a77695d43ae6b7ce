"""Simulated clips of Phys-AD's size, 1920x1080 at 60 frames a second, as a built dataset.

The simulator's own square pictures, with motion and labels, mirrored to 16:9 and drawn larger: to a
decoder they are any 1080p clip. 180 frames is what most of Phys-AD's categories have.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from physprior.simulate.film import Shot, paint, prepare
from physprior.simulate.plan import Options, path_of, plan
from physprior.video.write import write_video

WIDTH, HEIGHT, FPS, FRAMES = 1920, 1080, 60, 180
_PAINTED = 360
"""The side of the painted picture; a side of 1,080 would take ten times as long."""


MACHINES = ("ball", "clip", "fan", "slide")
"""What the benchmarks' videos show: always the same, so that figures compare."""


def make_dataset(
    place: Path,
    categories: Sequence[str],
    *,
    count: int,
    frames: int = FRAMES,
    height: int = HEIGHT,
    workers: int = 2,
) -> Path:
    """A dataset in ``place/dataset`` of ``count`` distinct clips a category in ``place/videos``."""
    from physprior.dataset.compile import build
    from physprior.dialogue.templates import Templates
    from physprior.knowledge.load import load_knowledge
    from physprior.paths import kb_folder, templates_folder

    videos, dataset = place / "videos", place / "dataset"
    options = Options(
        categories=tuple(categories), count=count, size=_PAINTED, frames=frames, fps=FPS
    )
    tasks = [(videos, shot, height) for shot in plan(options)]
    with get_context("spawn").Pool(workers) as pool:
        pool.starmap(write_clip, tasks, chunksize=1)
    build(
        videos,
        dataset,
        knowledge=load_knowledge(kb_folder()).only(categories),
        templates=Templates(templates_folder()),
        mode="multi_turn",
        workers=workers,
    )
    return dataset


def write_clip(root: Path, shot: Shot, height: int) -> None:
    """Write one clip of this height, 16:9, into a Phys-AD tree."""
    write_video(root / path_of(shot), _widened(shot, height), shot.fps)


def _widened(shot: Shot, height: int) -> Iterator[NDArray[np.uint8]]:
    from PIL import Image

    wide = shot.size * WIDTH // HEIGHT
    columns = np.pad(np.arange(shot.size), (wide - shot.size) // 2, mode="reflect")
    # Both sides of a video are even.
    size = (height * WIDTH // HEIGHT // 2 * 2, height)
    for picture in paint(shot, prepare(shot)):
        whole = Image.fromarray(picture[:, columns])
        yield np.asarray(whole.resize(size, Image.Resampling.BILINEAR))

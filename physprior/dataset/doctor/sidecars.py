"""What lies beside a video and says other things of it than the video itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from physprior.dataset.doctor.findings import Finding, counted
from physprior.dataset.index import Video
from physprior.dataset.sidecars import find_sidecars
from physprior.knowledge.load import KnowledgeBase

_NEAR = 0.01
"""Rates closer than this, relatively, are one."""


def find_contradictions(
    videos: Sequence[Video], root: Path, knowledge: KnowledgeBase
) -> Iterator[Finding]:
    """Videos whose sidecar gives another category, length, rate or file size than they have."""
    told = [
        f"{video.path}: {words}"
        for video, said in _sidecars(videos, root)
        if (words := "; ".join(_contradictions(video, said, root, knowledge)))
    ]
    if told:
        yield Finding(
            kind="sidecar-differs",
            text=f"{counted(len(told), 'video')} of which a sidecar says what is not so",
            places=tuple(told),
            remedy="look which is right: the file may have been replaced, cut or converted",
        )


def _sidecars(videos: Sequence[Video], root: Path) -> Iterator[tuple[Video, dict[str, Any]]]:
    by_path = {video.path: video for video in videos}
    for path, said in find_sidecars(by_path, root):
        # One that cannot be read was told of before: its video is none.
        if isinstance(said, dict):
            yield by_path[path], said


def _contradictions(
    video: Video, said: dict[str, Any], root: Path, knowledge: KnowledgeBase
) -> Iterator[str]:
    named = knowledge.place_category(str(said.get("category")))
    # A word that the KB does not know is no contradiction: other tools write sidecars too.
    if named is not None and named.id != video.category:
        yield f"its folder says {video.category}, its sidecar {said['category']}"
    frames = said.get("frames")
    if type(frames) is int and frames != video.info.frames:
        yield f"{video.info.frames} frames, its sidecar says {frames}"
    fps = said.get("fps")
    if isinstance(fps, int | float) and fps > 0 and abs(video.info.fps / fps - 1) > _NEAR:
        yield f"{video.info.fps:g} frames/s, its sidecar says {fps:g}"
    size = said.get("bytes")
    if type(size) is int and size != _size(root / video.path):
        yield f"its file has another size than its sidecar's {size:,} bytes"


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1

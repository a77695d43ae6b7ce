"""Index files of videos that nobody has: what a build of them needs stands in the index."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

from physprior.dataset.index import Index, Video
from physprior.dataset.index_file import write_index
from physprior.video.probe import VideoInfo

INFO = VideoInfo(frames=60, fps=30.0, width=64, height=64, duration_s=2.0, codec="h264")

SMALL = {
    ("clip", "normal"): 12,
    ("clip", "unable_to_press"): 6,
    ("clip", "unable_to_rebound"): 4,
    ("fan", "normal"): 10,
    ("fan", "stuck"): 5,
}
"""Category and class to the number of videos."""


def make_video(path: str, category: str, class_id: str) -> Video:
    return Video(
        path=path,
        category=category,
        class_id=class_id,
        label=int(class_id != "normal"),
        instance=None,
        sha256=hashlib.sha256(path.encode()).hexdigest(),
        info=INFO,
    )


def make_videos(counts: Mapping[tuple[str, str], int]) -> list[Video]:
    return [
        make_video(f"{category}/test/{class_id}/{number:04d}.mp4", category, class_id)
        for (category, class_id), count in counts.items()
        for number in range(count)
    ]


def save_index(path: Path, videos: Iterable[Video]) -> Path:
    ordered = tuple(sorted(videos, key=lambda video: video.path))
    root = path.parent / "videos"
    write_index(Index(root=root, videos=ordered, skipped=(), ignored={}, duplicates=()), path)
    return path

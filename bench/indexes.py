"""Indexes of any size for the benchmarks, without a video: Phys-AD's counts over its categories.

python bench/indexes.py INDEX [COUNT]
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

from physprior.dataset.index import Index, Video
from physprior.dataset.index_file import write_index
from physprior.knowledge.load import KnowledgeBase, load_knowledge
from physprior.knowledge.schema import NORMAL
from physprior.paths import kb_folder
from physprior.phys_ad import COUNTS
from physprior.video.probe import VideoInfo

PRINTS = 8
"""Perceptual hashes a video."""


def make_index(path: Path, knowledge: KnowledgeBase, count: int = 0) -> int:
    """Write an index of Table 3's counts, or of ``count`` videos in its proportions.

    Returns how many videos it has. The same arguments give the same bytes.
    """
    whole = sum(row.videos for row in COUNTS.values())
    videos = tuple(
        sorted(_videos(knowledge, (count or whole) / whole), key=lambda video: video.path)
    )[: count or whole]
    index = Index(
        root=path.parent.resolve() / "videos", videos=videos, skipped=(), ignored={}, duplicates=()
    )
    write_index(index, path)
    return len(videos)


def _videos(knowledge: KnowledgeBase, scale: float) -> Iterator[Video]:
    for category, row in COUNTS.items():
        anomalies = [anomaly.id for anomaly in knowledge.category(category).anomalies]
        info = _info(row.frames)
        yield from _folder(category, "train", NORMAL, _scaled(row.train, scale), info)
        yield from _folder(category, "test/norm", NORMAL, _scaled(row.test_normal, scale), info)
        shares = _shares(_scaled(row.test_anomalous, scale), len(anomalies))
        for class_id, number in zip(anomalies, shares, strict=True):
            yield from _folder(category, f"test/{class_id}", class_id, number, info)


def _folder(
    category: str, folder: str, class_id: str, count: int, info: VideoInfo
) -> Iterator[Video]:
    for number in range(count):
        path = f"{category}/{folder}/{number:06d}.mp4"
        digest = hashlib.sha256(path.encode())
        content = hashlib.sha256(digest.digest()).hexdigest()
        bits = hashlib.shake_128(path.encode()).hexdigest(8 * PRINTS)
        yield Video(
            path=path,
            category=category,
            class_id=class_id,
            label=int(class_id != NORMAL),
            instance=None,
            sha256=digest.hexdigest(),
            content=content,
            prints=tuple(bits[at : at + 16] for at in range(0, len(bits), 16)),
            info=info,
        )


def _info(frames: int) -> VideoInfo:
    return VideoInfo(
        frames=frames, fps=60.0, width=1920, height=1080, duration_s=frames / 60, codec="h264"
    )


def _scaled(count: int, scale: float) -> int:
    # Rounded up, so that there are never too few before the list is cut.
    return -int(-count * scale // 1)


def _shares(count: int, parts: int) -> list[int]:
    each, more = divmod(count, parts)
    return [each + (number < more) for number in range(parts)]


if __name__ == "__main__":
    wanted = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    print(f"{make_index(Path(sys.argv[1]), load_knowledge(kb_folder()), wanted)} videos")

"""Videos that exist on paper alone: enough for whatever looks at no file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from physprior import fingerprint
from physprior.dataset.index import Video
from physprior.dataset.split import Split, SplitOptions, make_split
from physprior.video.probe import VideoInfo

INFO = VideoInfo(frames=60, fps=30, width=96, height=96, duration_s=2, codec="h264")
SEEDS = st.integers(0, 2**31)


def video(path: str, class_id: str = "normal", **changes: Any) -> Video:
    """A video by its path, whose first folder is its category; each is a file of its own."""
    fields = {
        "path": path,
        "category": path.partition("/")[0],
        "class_id": class_id,
        "label": 0 if class_id == "normal" else 1,
        "instance": None,
        "sha256": fingerprint.of_text(path),
        "info": INFO,
    }
    return Video(**{**fields, **changes})


def release(
    category: str = "fan",
    *,
    train: int = 12,
    normal: int = 6,
    anomalies: Sequence[tuple[str, int]] = (("stuck", 7), ("uneven", 7)),
    instances: int = 0,
) -> list[Video]:
    """A category as Phys-AD lays it out; each folder goes round the instances where there are."""
    folders = [("train", "normal", train), ("test/norm", "normal", normal)]
    folders += [(f"test/{class_id}", class_id, count) for class_id, count in anomalies]
    return [
        video(
            f"{category}/{folder}/{number:04d}.mp4",
            class_id,
            instance=f"{category}-{number % instances}" if instances else None,
        )
        for folder, class_id, count in folders
        for number in range(count)
    ]


@st.composite
def releases(draw: st.DrawFn) -> list[Video]:
    """One category in Phys-AD's layout: any sizes, with or without instances, with some copies.

    Copies stay in a folder, as where copies straddle the release's own train and test nothing
    but a waiver helps.
    """
    instances = draw(st.sampled_from([0, 0, 1, 2, 3, 5, 12]))
    ids = draw(st.sampled_from([[], ["stuck"], ["stuck", "uneven"]]))
    anomalies = [(class_id, draw(st.integers(1, 20))) for class_id in ids]
    sizes = {"train": draw(st.integers(1, 20)), "normal": draw(st.integers(0, 20))}
    videos = release(**sizes, anomalies=anomalies)
    if instances:
        # A stride that may meet every instance, or few.
        stride = draw(st.integers(1, 6))
        videos = [
            one.model_copy(update={"instance": f"fan-{at * stride % instances}"})
            for at, one in enumerate(videos)
        ]
    for _ in range(draw(st.integers(0, 4))):
        one = draw(st.integers(0, len(videos) - 1))
        siblings = [at for at, other in enumerate(videos) if _folder(other) == _folder(videos[one])]
        other = draw(st.sampled_from(siblings))
        copied = {"sha256": videos[other].sha256, "content": videos[other].content}
        if draw(st.booleans()):
            # The same pictures in another container.
            copied = {"content": videos[other].content or fingerprint.of_text(str(other))}
            videos[other] = videos[other].model_copy(update=copied)
        videos[one] = videos[one].model_copy(update=copied)
    return videos


def _folder(video: Video) -> str:
    return video.path.rpartition("/")[0]


def split_of(videos: Sequence[Video], protocol: str = "supervised", **options: Any) -> Split:
    """The split of videos by a protocol."""
    return make_split(videos, SplitOptions(protocol=protocol, **options))


def in_split(split: Split, name: str) -> list[str]:
    """The paths in one of its splits."""
    return [path for path, held in split.assignment.items() if held == name]

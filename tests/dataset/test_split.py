from __future__ import annotations

from collections import Counter, defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from physprior import fingerprint
from physprior.dataset.grouping import group_videos
from physprior.dataset.index import Video
from physprior.dataset.split import DEFAULT_FRACTIONS, Fractions, find_protocol, supervised
from physprior.errors import DatasetError
from physprior.video.probe import VideoInfo

INFO = VideoInfo(frames=60, fps=30, width=96, height=96, duration_s=2, codec="h264")


def video(
    number: int,
    class_id: str = "normal",
    *,
    instance: str | None = None,
    copy_of: int | None = None,
) -> Video:
    content = number if copy_of is None else copy_of
    return Video(
        path=f"fan/{class_id}/{number:04d}.mp4",
        category="fan",
        class_id=class_id,
        label=0 if class_id == "normal" else 1,
        instance=instance,
        sha256=fingerprint.of_text(f"{class_id} {content}"),
        info=INFO,
    )


@st.composite
def collections(draw: st.DrawFn) -> list[Video]:
    """One category: classes of any sizes, with or without instances, with some copies."""
    instances = draw(st.sampled_from([0, 1, 2, 3, 5, 12]))
    videos: list[Video] = []
    for class_id in draw(st.sampled_from([["normal"], ["normal", "stuck"], ["a", "b", "normal"]])):
        for number in range(draw(st.integers(1, 30))):
            instance = f"fan-{draw(st.integers(1, instances))}" if instances else None
            copy = draw(st.integers(0, number)) if draw(st.integers(0, 9)) == 0 else None
            videos.append(video(number, class_id, instance=instance, copy_of=copy))
    return videos


SEEDS = st.integers(0, 2**31)
FRACTIONS = st.sampled_from(
    [DEFAULT_FRACTIONS, (0.5, 0.25, 0.25), (0.8, 0.0, 0.2), (1.0, 0.0, 0.0)]
)


@given(videos=collections(), seed=SEEDS, fractions=FRACTIONS)
def test_every_video_is_in_one_split_that_was_asked_for(
    videos: list[Video], seed: int, fractions: Fractions
) -> None:
    split = supervised(videos, seed, fractions)
    assert sorted(split.assignment) == sorted(video.path for video in videos)
    asked = {name for name, part in zip(("train", "val", "test"), fractions, strict=True) if part}
    assert set(split.assignment.values()) <= asked


@given(videos=collections(), seed=SEEDS)
def test_what_is_kept_together_never_straddles_two_splits(videos: list[Video], seed: int) -> None:
    split = supervised(videos, seed, DEFAULT_FRACTIONS)
    places: dict[tuple[str, str | None], set[str]] = defaultdict(set)
    for one in videos:
        places["copies of", one.sha256].add(split.assignment[one.path])
        if split.grouping["fan"] == "instance":
            places["instance", one.instance].add(split.assignment[one.path])
    assert all(len(splits) == 1 for splits in places.values())


@given(videos=collections(), seed=SEEDS)
def test_no_split_is_empty_where_there_are_three_groups(videos: list[Video], seed: int) -> None:
    split = supervised(videos, seed, DEFAULT_FRACTIONS)
    groups = group_videos(videos)[1]
    assert len(set(split.assignment.values())) == min(3, len(groups))


@given(videos=collections(), seed=SEEDS, data=st.data())
def test_the_order_of_the_videos_does_not_matter(
    videos: list[Video], seed: int, data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(videos))
    one, other = (supervised(order, seed, DEFAULT_FRACTIONS) for order in (videos, shuffled))
    assert one.hash == other.hash


@given(sizes=st.lists(st.integers(1, 60), min_size=1, max_size=3), seed=SEEDS)
def test_single_videos_meet_every_classs_parts_within_one(sizes: list[int], seed: int) -> None:
    classes = ["normal", "stuck", "uneven"]
    videos = [video(n, classes[c]) for c, size in enumerate(sizes) for n in range(size)]
    split = supervised(videos, seed, DEFAULT_FRACTIONS)
    counts = Counter((one.class_id, split.assignment[one.path]) for one in videos)
    for class_id, size in zip(classes, sizes, strict=False):
        for name, part in zip(("train", "val", "test"), DEFAULT_FRACTIONS, strict=True):
            slack = 1 if sum(sizes) >= 10 else 2  # the smallest collections fill empty splits
            assert abs(counts[class_id, name] - size * part) <= slack


def test_whole_instances_come_close_to_the_parts() -> None:
    videos = [
        video(n, class_id, instance=f"fan-{n % 24:02d}")
        for class_id in ("normal", "stuck", "uneven")
        for n in range(120)
    ]
    split = supervised(videos, 0, DEFAULT_FRACTIONS)
    counts = Counter((one.class_id, split.assignment[one.path]) for one in videos)
    assert split.grouping == {"fan": "instance"}
    for class_id in ("normal", "stuck", "uneven"):
        # An instance has five videos of each class here: no split can come closer.
        found = [counts[class_id, name] for name in ("train", "val", "test")]
        assert found == [85, 10, 25]


@pytest.mark.parametrize(
    ("instances", "grouping"),
    [(["a", "b", "c"], "instance"), (["a", "b"], "video"), (["a", "b", "c", None], "video")],
)
def test_instances_count_where_there_are_three_and_every_video_has_one(
    instances: list[str | None], grouping: str
) -> None:
    videos = [video(n, instance=instances[n % len(instances)]) for n in range(12)]
    assert supervised(videos, 0, DEFAULT_FRACTIONS).grouping == {"fan": grouping}


def test_instances_that_share_a_copied_file_are_one_group() -> None:
    videos = [video(n, instance=f"fan-{n % 4}") for n in range(8)]
    videos.append(video(8, instance="fan-1", copy_of=0))
    groups = group_videos(videos)[1]
    assert [group.key for group in groups] == ["fan-0", "fan-2", "fan-3"]


def test_another_category_leaves_a_categorys_split_as_it_was() -> None:
    fan = [video(n) for n in range(20)]
    clip = [one.model_copy(update={"category": "clip", "path": f"clip/{one.path}"}) for one in fan]
    alone, beside = (supervised(videos, 3, DEFAULT_FRACTIONS) for videos in (fan, fan + clip))
    assert alone.assignment.items() <= beside.assignment.items()


def test_another_seed_gives_another_split() -> None:
    videos = [video(n) for n in range(40)]
    one, other = (supervised(videos, seed, DEFAULT_FRACTIONS) for seed in (0, 1))
    assert one.assignment != other.assignment
    assert one.hash != other.hash


def test_a_class_that_is_missing_from_a_split_is_reported() -> None:
    videos = [video(n) for n in range(20)] + [video(0, "stuck")]
    assert supervised(videos, 0, DEFAULT_FRACTIONS).missing == (
        ("fan", "stuck", "val"),
        ("fan", "stuck", "test"),
    )


def test_a_split_that_was_not_asked_for_is_not_reported_as_missing() -> None:
    videos = [video(n) for n in range(20)]
    assert supervised(videos, 0, (0.8, 0.0, 0.2)).missing == ()


@pytest.mark.parametrize(
    "fractions",
    [(0.7, 0.1, 0.1), (0.0, 0.5, 0.5), (1.2, -0.1, -0.1), (float("nan"), 0.5, 0.5), (0.5, 0.5)],
)
def test_fractions_that_are_not_three_parts_of_one_are_refused(fractions: Fractions) -> None:
    with pytest.raises(DatasetError, match="not three parts of 1"):
        supervised([video(0)], 0, fractions)


def test_an_unknown_protocol_is_refused_with_the_known_ones() -> None:
    with pytest.raises(DatasetError, match="no split protocol 'paper'") as caught:
        find_protocol("paper", DEFAULT_FRACTIONS)
    assert "supervised" in caught.value.remedy

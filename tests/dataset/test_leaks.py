from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up import release, split_of, video

from physprior.dataset import nearest
from physprior.dataset.index import Video
from physprior.dataset.leaks import (
    Nearest,
    Waiver,
    answer_in_prompt,
    check_leaks,
    find_leaks,
    parse_waiver,
)
from physprior.dataset.nearest import nearest_pair
from physprior.dataset.split import Split
from physprior.dialogue.model import Dialogue, Part, Turn
from physprior.dialogue.templates import Templates
from physprior.errors import DatasetError
from physprior.knowledge.load import KnowledgeBase

TRAIN, TEST = "fan/train/0000.mp4", "fan/test/norm/0000.mp4"
ALL_TRAIN = (1.0, 0.0, 0.0)


def leaky(**same: str) -> tuple[list[Video], Split]:
    """The release's own split, with the first videos of two of its folders the same."""
    videos = [
        one.model_copy(update=same) if one.path in (TRAIN, TEST) else one for one in release()
    ]
    return videos, split_of(videos, "official", fractions=ALL_TRAIN)


# The same pictures


@pytest.mark.parametrize("same", [{"sha256": "same file"}, {"content": "same pictures"}])
def test_the_same_pictures_in_two_splits_are_refused_with_both_paths(same: dict[str, str]) -> None:
    with pytest.raises(DatasetError) as caught:
        check_leaks(*leaky(**same))
    assert caught.value.message == (
        "the same pictures stand in two splits:\n"
        "  test fan/test/norm/0000.mp4 = train fan/train/0000.mp4"
    )
    assert caught.value.remedy == (
        "remove the copies, or take a protocol that keeps them together, such as supervised;"
        " or waive each by name: --allow-leak 'fan/train/0000.mp4=why it may stay'"
    )


def test_a_file_that_was_not_decoded_is_known_by_its_bytes() -> None:
    videos, split = leaky(sha256="same file")
    videos[0] = videos[0].model_copy(update={"content": "decoded"})
    (shared,) = find_leaks(videos, split).shared
    assert shared.videos == {TEST: "test", TRAIN: "train"}


def test_the_same_pictures_in_two_categories_are_a_leak_too() -> None:
    videos = [
        *release(),
        video("clip/test/norm/0000.mp4", content="same"),
        video("usb/train/0000.mp4", content="same"),
    ]
    split = split_of(videos, "official")
    (shared,) = find_leaks(videos, split).shared
    assert list(shared.videos) == ["clip/test/norm/0000.mp4", "usb/train/0000.mp4"]


def test_copies_in_one_split_are_no_leak() -> None:
    videos = [*release(), video("fan/train/0099.mp4", sha256=release()[0].sha256)]
    assert check_leaks(videos, split_of(videos)).waived == ()


def test_videos_whose_pictures_are_not_known_are_not_taken_for_one_another() -> None:
    assert {one.content for one in release()} == {""}
    assert find_leaks(release(), split_of(release())).shared == ()


def test_a_video_that_is_in_no_split_cannot_leak() -> None:
    videos, split = leaky(sha256="same file")
    assignment = {path: name for path, name in split.assignment.items() if path != TEST}
    assert check_leaks(videos, split.model_copy(update={"assignment": assignment})).waived == ()


# Waivers


@pytest.mark.parametrize("path", [TRAIN, TEST])
def test_a_leak_that_is_waived_by_name_is_on_record(path: str) -> None:
    report = check_leaks(*leaky(sha256="same file"), [Waiver(path=path, reason="as published")])
    (waived,) = report.waived
    assert waived.model_dump() == {
        "videos": {TEST: "test", TRAIN: "train"},
        "path": path,
        "reason": "as published",
    }


def test_a_waiver_lets_no_other_leak_through() -> None:
    videos, split = leaky(sha256="same file")
    others = {"fan/train/0001.mp4", "fan/test/norm/0001.mp4"}
    videos = [
        one.model_copy(update={"content": "others"}) if one.path in others else one
        for one in videos
    ]
    with pytest.raises(DatasetError) as caught:
        check_leaks(videos, split, [Waiver(path=TEST, reason="as published")])
    assert "test fan/test/norm/0001.mp4 = train fan/train/0001.mp4" in caught.value.message
    assert TEST not in caught.value.message


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("fan/train/0005.mp4", "its pictures stand in one split alone"),
        ("fan/train/none.mp4", "no video has this path"),
    ],
)
def test_a_waiver_that_waives_nothing_is_refused(path: str, why: str) -> None:
    waivers = [Waiver(path=name, reason="as published") for name in (TEST, path)]
    with pytest.raises(DatasetError) as caught:
        check_leaks(*leaky(sha256="same file"), waivers)
    assert caught.value.message == f"the waiver of '{path}' waives nothing: {why}"


@pytest.mark.parametrize(
    ("text", "path", "reason"),
    [
        ("a/0.mp4=the release has it so", "a/0.mp4", "the release has it so"),
        (" a/0.mp4 = see x=y ", "a/0.mp4", "see x=y"),
        ("a/speed=2/0.mp4=known", "a/speed=2/0.mp4", "known"),
        ("a/0=known", "a/0", "known"),
    ],
)
def test_a_waiver_is_written_as_path_and_reason(text: str, path: str, reason: str) -> None:
    assert parse_waiver(text) == Waiver(path=path, reason=reason)


@pytest.mark.parametrize("text", ["a/0.mp4", "a/0.mp4=", "a/0.mp4= ", "=reason", ""])
def test_a_waiver_without_path_or_reason_is_refused(text: str) -> None:
    with pytest.raises(DatasetError, match="it is not PATH=REASON"):
        parse_waiver(text)


# The nearest


def printed(path: str, *prints: int) -> Video:
    return video(path, prints=tuple(f"{one:016x}" for one in prints))


def test_the_nearest_videos_across_the_splits_of_each_category_are_reported() -> None:
    videos = [
        printed("fan/train/0.mp4", 0b1111, 0),
        printed("fan/train/1.mp4", 0b0011, 0),
        printed("fan/test/norm/0.mp4", 0, 1 << 63),
        printed("usb/test/norm/0.mp4", *[0] * 8),
        printed("usb/train/0.mp4", *[2**64 - 1] * 8),
    ]
    report = check_leaks(videos, split_of(videos, "official", fractions=ALL_TRAIN))
    assert report.nearest == (
        Nearest(
            category="fan",
            splits=("train", "test"),
            distance=1.5,
            paths=("fan/train/1.mp4", "fan/test/norm/0.mp4"),
        ),
        Nearest(
            category="usb",
            splits=("train", "test"),
            distance=64.0,
            paths=("usb/train/0.mp4", "usb/test/norm/0.mp4"),
        ),
    )
    assert report.unprinted == {}


def test_every_pair_of_splits_is_looked_at() -> None:
    videos = [printed(f"fan/train/{n}.mp4", n) for n in range(20)]
    found = find_leaks(videos, split_of(videos)).nearest
    assert [near.splits for near in found] == [("train", "val"), ("train", "test"), ("val", "test")]


def test_videos_without_prints_are_counted() -> None:
    videos = [*release(train=3, normal=2, anomalies=[]), printed("fan/train/9.mp4", 0)]
    report = find_leaks(videos, split_of(videos, "official", fractions=ALL_TRAIN))
    assert report.nearest == ()
    assert report.unprinted == {"fan": 5}


def test_only_videos_with_as_many_prints_are_compared() -> None:
    one = [printed("a", 0), printed("b", 0, 0)]
    assert nearest_pair(one, [printed("c", 0, 0, 0)]) is None
    found = nearest_pair(one, [printed("c", 0, 0, 0), printed("d", 3), printed("e", 1, 2)])
    assert found == nearest.Pair(1.0, ("b", "e"))


def slowly(one: Sequence[Video], other: Sequence[Video]) -> float:
    def distance(first: Video, second: Video) -> float:
        pairs = zip(first.prints, second.prints, strict=True)
        return sum((int(a, 16) ^ int(b, 16)).bit_count() for a, b in pairs) / len(first.prints)

    return min(distance(first, second) for first in one for second in other)


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 2**31),
    sizes=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    length=st.integers(1, 9),
    kind=st.sampled_from(["random", "alike", "filled"]),
    block=st.sampled_from([(1, 1), (3, 5), (64, 4096)]),
    many=st.sampled_from([0, 10**7]),
)
def test_the_nearest_is_the_nearest_of_all_pairs(
    seed: int, sizes: tuple[int, int], length: int, kind: str, block: tuple[int, int], many: int
) -> None:
    random = np.random.default_rng(seed)
    base = random.integers(0, 2**64, length, dtype=np.uint64)

    def make(name: str, count: int) -> list[Video]:
        prints = random.integers(0, 2**64, (count, length), dtype=np.uint64)
        if kind == "alike":
            prints = base ^ (prints & random.integers(0, 2**10, (count, length), dtype=np.uint64))
        if kind == "filled":
            # So many bits set from below: they are as far apart as their numbers of bits.
            prints = (np.uint64(1) << random.integers(0, 64, (count, length), dtype=np.uint64)) - 1
        return [printed(f"{name}/{n}", *map(int, row)) for n, row in enumerate(prints)]

    one, other = make("one", sizes[0]), make("other", sizes[1])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nearest, "ROWS", block[0])
        patch.setattr(nearest, "COLUMNS", block[1])
        patch.setattr(nearest, "MANY_PAIRS", many)
        found = nearest_pair(one, other)
        again = nearest_pair(one[::-1], other[::-1])
    assert found is not None
    assert found.distance == slowly(one, other)
    by_path = {video.path: video for video in (*one, *other)}
    pair = [[by_path[path]] for path in found.paths]
    assert slowly(*pair) == found.distance
    assert again == found


# Answers in prompts


def dialogue(prompt: str, answer: str = "Verdict: Normal. Reason: It turns freely.") -> Dialogue:
    return Dialogue(
        category="fan",
        mode="plain",
        turns=(
            Turn(role="user", parts=(Part(kind="prompt", text=prompt),)),
            Turn(role="assistant", parts=(Part(kind="verdict", text=answer),)),
        ),
    )


@pytest.mark.parametrize(
    ("prompt", "found"),
    [
        ("Say what you see.", ""),
        ("Say 'Verdict:' and then normal or anomalous.", ""),
        ("Note that  IT TURNS freely here.", "It turns freely."),
        ("Answer like this: Verdict: Anomalous.", "Verdict: Anomalous"),
        ("Answer like this: verdict:normal", "verdict:normal"),
    ],
)
def test_an_answer_before_the_verdict_is_found(prompt: str, found: str) -> None:
    assert answer_in_prompt(dialogue(prompt), ["", "It hums.", "It turns freely."]) == found


def test_the_shipped_dialogues_have_no_answer_in_their_prompts(
    kb: KnowledgeBase, templates: Templates
) -> None:
    for category in kb.categories.values():
        sentences = [
            sentence
            for _, texts in category.classes()
            for sentence in (*texts.explanations, *texts.references)
        ]
        for mode in ("multi_turn", "single_turn", "no_phys"):
            made = templates.render(category, mode, anomalous=True, reason=sentences[0])
            assert answer_in_prompt(made, sentences) == ""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from made_up import release, releases, split_of, video

from physprior.dataset.index import Video
from physprior.dataset.split import Split, SplitOptions, make_split
from physprior.dataset.split_file import read_split, write_split
from physprior.errors import DatasetError

Publish = Callable[..., Path]


@pytest.fixture
def publish(tmp_path: Path) -> Publish:
    """Writes the split of videos into a file, its content changed as a function says."""

    def publish(
        videos: list[Video], change: Callable[[dict[str, Any]], Any] | None = None, **options: Any
    ) -> Path:
        path = tmp_path / "published.json"
        write_split(split_of(videos, **options), path)
        if change:
            content = json.loads(path.read_text())
            change(content)
            path.write_text(json.dumps(content))
        return path

    return publish


def apply(path: Path, videos: list[Video], **options: Any) -> Split:
    return make_split(videos, SplitOptions(split_file=path, **options))


def refusal(path: Path, videos: list[Video], **options: Any) -> DatasetError:
    with pytest.raises(DatasetError) as caught:
        apply(path, videos, **options)
    assert caught.value.remedy
    return caught.value


def renamed(videos: list[Video], old: str, new: str) -> list[Video]:
    return [one.model_copy(update={"path": one.path.replace(old, new)}) for one in videos]


# The file


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(videos=releases())
def test_a_split_that_is_written_is_read_as_it_was(tmp_path: Path, videos: list[Video]) -> None:
    for options in ({}, {"protocol": "weak", "k": 3}, {"protocol": "folds", "fold": 2}):
        split = split_of(videos, **options)
        write_split(split, tmp_path / "split.json")
        assert read_split(tmp_path / "split.json") == split


def test_the_same_split_gives_the_same_bytes(tmp_path: Path) -> None:
    for name, videos in (("one", release()), ("other", release()[::-1])):
        write_split(split_of(videos), tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


def test_a_person_reads_what_was_decided_before_the_long_lists(tmp_path: Path) -> None:
    split = split_of(release(), "weak", k=2, seed=5)
    write_split(split, tmp_path / "split.json")
    content = json.loads((tmp_path / "split.json").read_text())
    assert list(content)[:7] == [
        *("format", "format_version", "hash", "protocol", "seed", "fractions", "k")
    ]
    assert list(content)[-2:] == ["assignment", "sha256"]
    assert (content["hash"], content["k"], content["seed"]) == (split.hash, 2, 5)
    assert content["moved"]["fan"]["stuck"] == list(split.moved["fan"]["stuck"])
    assert content["assignment"]["fan/test/norm/0000.mp4"] == "test"
    assert content["sha256"]["fan/test/norm/0000.mp4"] == release()[12].sha256
    assert "folds" not in content


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not a split: not JSON"),
        ("{" * 100_000, "not a split: not JSON"),
        ("[]", "not a split: its format is not 'physprior-split'"),
        ('{"format": "physprior-dataset"}', "its format is not 'physprior-split'"),
        ('{"format": "physprior-split", "format_version": 2}', "a split of version 2"),
        ('{"format": "physprior-split", "format_version": 1}', r"\$.protocol: Field required"),
        ('{"format": "physprior-split", "format": 1}', "'format' stands in it twice"),
    ],
)
def test_what_is_no_split_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "split.json"
    path.write_text(text)
    with pytest.raises(DatasetError, match=message) as caught:
        read_split(path)
    assert str(path) in caught.value.message
    assert caught.value.remedy


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"split.json: cannot be read: No such file"):
        read_split(tmp_path / "split.json")


def test_a_split_that_was_changed_by_hand_is_refused(publish: Publish) -> None:
    def move(content: dict[str, Any]) -> None:
        content["assignment"]["fan/test/norm/0000.mp4"] = "val"

    error = refusal(publish(release(), move, protocol="official"), release())
    assert "it is not what its hash says" in error.message


def test_a_name_of_no_split_is_refused_with_its_video(publish: Publish) -> None:
    def move(content: dict[str, Any]) -> None:
        content["assignment"]["fan/test/norm/0000.mp4"] = "dev"

    message = refusal(publish(release(), move), release()).message
    assert (
        "$.assignment.fan/test/norm/0000.mp4: Input should be 'train', 'val' or 'test'" in message
    )


# Applied


@pytest.mark.parametrize("protocol", ["official", "supervised", "weak", "folds"])
def test_a_published_split_over_the_same_videos_is_the_same_split(
    publish: Publish, protocol: str
) -> None:
    split = apply(publish(release(), protocol=protocol, seed=3), release())
    own = split_of(release(), protocol, seed=3)
    assert split.hash == own.hash == split.published
    assert split == own.model_copy(update={"published": own.hash})


def test_videos_under_other_names_are_known_by_their_files(publish: Publish) -> None:
    videos = release()
    split = apply(publish(videos), renamed(videos, "test/norm", "test/good"))
    own = split_of(videos)
    assert split.assignment == {
        path.replace("test/norm", "test/good"): name for path, name in own.assignment.items()
    }
    assert split.note == own.note


def test_files_that_have_swapped_their_names_keep_their_splits(publish: Publish) -> None:
    videos = release()
    own = split_of(videos)
    train, test = (
        next(one for one in videos if own.assignment[one.path] == name)
        for name in ("train", "test")
    )
    swapped = [one for one in videos if one not in (train, test)]
    swapped.append(train.model_copy(update={"path": test.path}))
    swapped.append(test.model_copy(update={"path": train.path}))
    split = apply(publish(videos), swapped)
    assert split.assignment[test.path] == "train"
    assert split.assignment[train.path] == "test"


def test_a_new_file_under_the_name_of_one_that_has_moved_is_not_taken_for_it(
    publish: Publish,
) -> None:
    videos = release()
    moved = videos[0].model_copy(update={"path": "fan/train/moved.mp4"})
    new = videos[0].model_copy(update={"sha256": "new"})
    error = refusal(publish(videos), [moved, new, *videos[1:]])
    assert error.message.endswith("among the videos alone, 1:\n    fan/train/0000.mp4")


def test_files_that_were_encoded_anew_are_known_by_their_paths_and_counted(
    publish: Publish,
) -> None:
    videos = release()
    anew = [
        one.model_copy(update={"sha256": "0" * 60 + f"{n:04d}"}) for n, one in enumerate(videos)
    ]
    split = apply(publish(videos), anew)
    assert split.assignment == split_of(videos).assignment
    assert split.hash == split_of(videos).hash
    assert split.note == "32 videos are other files than those published, taken by their paths"
    assert split.sha256[videos[0].path] == anew[0].sha256


def test_what_stands_on_one_side_alone_is_an_error_that_lists_it(publish: Publish) -> None:
    videos = release()
    others = [*videos[2:], video("fan/train/0099.mp4")]
    error = refusal(publish(videos), others)
    path, *lines = error.message.splitlines()
    assert path.endswith("published.json: this split is not of these videos:")
    assert lines == [
        "  in the split alone, 2:",
        "    fan/train/0000.mp4",
        "    fan/train/0001.mp4",
        "  among the videos alone, 1:",
        "    fan/train/0099.mp4",
    ]
    assert "--allow-missing" in error.remedy


def test_allow_missing_leaves_out_what_stands_on_one_side_alone_and_says_so(
    publish: Publish,
) -> None:
    videos = release()
    others = [*videos[2:], video("fan/train/0099.mp4")]
    split = apply(publish(videos), others, allow_missing=True)
    own = split_of(videos)
    assert split.absent == ("fan/train/0000.mp4", "fan/train/0001.mp4")
    assert split.left_out == ("fan/train/0099.mp4",)
    assert split.assignment.items() <= own.assignment.items()
    assert len(split.assignment) == len(videos) - 2
    assert split.published == own.hash != split.hash
    assert split.note == (
        "2 videos of the published split are not here;"
        " 1 videos are in no split: the published one does not name them"
    )


def test_a_class_that_was_left_out_of_a_split_is_reported(publish: Publish) -> None:
    videos = release(anomalies=[("stuck", 10)])
    path = publish(videos)
    own = split_of(videos)
    left = [one for one in videos if (one.class_id, own.assignment[one.path]) != ("stuck", "test")]
    assert apply(path, left, allow_missing=True).missing == (("fan", "stuck", "test"),)


def test_another_collection_is_refused_even_then(publish: Publish) -> None:
    error = refusal(publish(release()), release("clip"), allow_missing=True)
    assert "none of the videos is in this split" in error.message


def test_one_of_two_published_copies_is_enough(publish: Publish) -> None:
    videos = release()
    copied = [*videos, video("fan/train/copy.mp4", sha256=videos[0].sha256)]
    split = apply(publish(copied), videos)
    assert split.absent == ()
    assert split.assignment[videos[0].path] == split_of(copied).assignment["fan/train/copy.mp4"]


def test_a_file_that_was_published_in_two_splits_is_known_by_its_name_alone(
    publish: Publish,
) -> None:
    videos = release(train=2, normal=1, anomalies=[])
    videos[2] = videos[2].model_copy(update={"sha256": videos[0].sha256})
    path = publish(videos, protocol="official", fractions=(1.0, 0.0, 0.0))
    assert (
        apply(path, videos).assignment
        == split_of(videos, "official", fractions=(1.0, 0.0, 0.0)).assignment
    )
    message = refusal(path, renamed(videos, "norm", "good")).message
    assert (
        "the file fan/test/good/0000.mp4 stands in two of its splits, under other names" in message
    )
    assert message.endswith("test fan/test/norm/0000.mp4, train fan/train/0000.mp4")


def test_a_split_of_somebody_else_s_protocol_without_a_hash_can_be_used(tmp_path: Path) -> None:
    videos = release(train=2, normal=1, anomalies=[("stuck", 1)])
    names = dict(zip((one.path for one in videos), ("train", "train", "test", "test"), strict=True))
    content = {
        **{"format": "physprior-split", "format_version": 1, "protocol": "by day", "seed": 0},
        **{"fractions": [0.5, 0.0, 0.5], "assignment": names},
    }
    (tmp_path / "mine.json").write_text(json.dumps(content))
    split = apply(tmp_path / "mine.json", videos)
    assert split.assignment == dict(sorted(names.items()))
    assert (split.protocol, split.grouping) == ("by day", {"fan": "video"})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"protocol": "official"}, "made with protocol weak, and official is asked for"),
        ({"seed": 4}, "made with seed 3, and 4 is asked for"),
        ({"k": 3}, "made with k 2, and 3 is asked for"),
        ({"fold": 1}, r"made with fold \(none\), and 1 is asked for"),
        ({"fractions": (0.8, 0.1, 0.1)}, "made with fractions 0.7,0.1,0.2, and 0.8,0.1,0.1 is"),
    ],
)
def test_options_that_say_otherwise_than_the_file_are_refused(
    publish: Publish, options: dict[str, Any], message: str
) -> None:
    path = publish(release(), protocol="weak", k=2, seed=3)
    with pytest.raises(DatasetError, match=message):
        apply(path, release(), **options)
    assert apply(path, release(), protocol="weak", k=2, seed=3).seed == 3

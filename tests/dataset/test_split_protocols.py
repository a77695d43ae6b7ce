from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up import SEEDS, in_split, release, releases, split_of, video

from physprior.dataset.index import Video
from physprior.errors import DatasetError

# Official


@settings(max_examples=40)
@given(videos=releases(), seed=SEEDS)
def test_official_tests_on_the_test_folders_and_trains_on_nothing_else(
    videos: list[Video], seed: int
) -> None:
    split = split_of(videos, "official", seed=seed)
    for one in videos:
        expected = {"test"} if "/test/" in one.path else {"train", "val"}
        assert split.assignment[one.path] in expected
    assert split.moved == {}


def test_official_takes_val_from_the_training_videos_in_the_ratio_of_the_fractions() -> None:
    videos = release(train=80)
    assert len(in_split(split_of(videos, "official"), "val")) == 10
    assert len(in_split(split_of(videos, "official", fractions=(0.5, 0.5, 0.0)), "val")) == 40


@given(train=st.integers(2, 40), seed=SEEDS, more=st.integers(1, 3))
def test_some_videos_more_change_little_of_official_s_val(train: int, seed: int, more: int) -> None:
    before, after = (
        set(in_split(split_of(release(train=size), "official", seed=seed), "val"))
        for size in (train, train + more)
    )
    assert len(before ^ after) <= 2 * more


def test_official_says_that_there_is_no_anomaly_to_train_on() -> None:
    split = split_of(release(), "official")
    assert split.note.startswith("no anomalous video is in train")
    assert split.missing == ()


def test_the_split_column_of_a_list_is_the_official_one() -> None:
    names = {"a": "train", "b": "train", "c": "val", "d": "test", "e": "train"}
    videos = [video(f"fan/{name}.mp4", split=split) for name, split in names.items()]
    videos.append(video("fan/train/f.mp4", "stuck", split="test"))
    videos.append(video("fan/test/stuck/g.mp4", "stuck", split="train"))
    split = split_of(videos, "official")
    assert split.assignment == {
        "fan/test/stuck/g.mp4": "train",
        "fan/train/f.mp4": "test",
        **{f"fan/{name}.mp4": held for name, held in names.items()},
    }
    assert split.note == ""
    assert split.moved == {"fan": {"stuck": ("fan/test/stuck/g.mp4",)}}


@pytest.mark.parametrize(("val", "expected"), [(0.01, 1), (0.99, 2), (0.0, 0)])
def test_neither_train_nor_an_asked_for_val_stays_empty(val: float, expected: int) -> None:
    split = split_of(release(train=3), "official", fractions=(1 - val, val, 0.0))
    assert len(in_split(split, "val")) == expected


def test_val_is_taken_from_normal_videos_alone() -> None:
    videos = [video(f"fan/train/{n}.mp4", "normal" if n % 2 else "stuck") for n in range(24)]
    val = in_split(split_of(videos, "official", fractions=(0.5, 0.5, 0.0)), "val")
    assert len(val) == 6
    assert {one.label for one in videos if one.path in val} == {0}


def test_videos_without_an_official_split_are_refused() -> None:
    videos = [video(f"fan/clips/{n}.mp4") for n in range(7)]
    with pytest.raises(DatasetError) as caught:
        split_of([*release(), *videos], "official")
    assert "fan: 7 videos have no official split" in caught.value.message
    assert "fan/clips/4.mp4\n  and 2 more" in caught.value.message
    assert "supervised" in caught.value.remedy


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("fan/Train/0.mp4", "train"),
        ("fan/TEST/stuck/0.mp4", "test"),
        ("part_0/fan/train/0.mp4", "train"),
        ("test/train/0.mp4", "test"),
        ("train/test/stuck/0.mp4", "test"),
    ],
)
def test_the_nearest_folder_train_or_test_is_meant(path: str, expected: str) -> None:
    split = split_of([video(path)], "official")
    assert split.assignment[path] == expected


def test_official_leaves_copies_where_the_release_has_them() -> None:
    videos = release()
    videos[12] = videos[12].model_copy(update={"sha256": videos[0].sha256})
    split = split_of(videos, "official", fractions=(1.0, 0.0, 0.0))
    assert split.assignment[videos[0].path] == "train"
    assert split.assignment[videos[12].path] == "test"


# Weak


@settings(max_examples=40)
@given(videos=releases(), seed=SEEDS, k=st.integers(2, 4))
def test_weak_moves_at_most_k_of_a_class_and_leaves_one_to_test(
    videos: list[Video], seed: int, k: int
) -> None:
    split = split_of(videos, "weak", seed=seed, k=k)
    held = Counter((one.class_id, split.assignment[one.path]) for one in videos)
    for class_id in {one.class_id for one in videos if one.label}:
        assert held[class_id, "train"] <= k
        assert held[class_id, "test"] >= 1
        assert held[class_id, "val"] == 0


@pytest.mark.parametrize("instances", [0, 2, 5, 20])
@pytest.mark.parametrize("k", [2, 3, 4])
def test_weak_moves_exactly_k_of_a_class_that_has_more(k: int, instances: int) -> None:
    videos = release(anomalies=[("stuck", 20), ("uneven", 10)], instances=instances)
    moved = split_of(videos, "weak", k=k).moved["fan"]
    assert {class_id: len(paths) for class_id, paths in moved.items()} == {"stuck": k, "uneven": k}


@settings(max_examples=40)
@given(videos=releases(), seed=SEEDS)
def test_weak_is_official_but_for_what_it_moves(videos: list[Video], seed: int) -> None:
    weak, official = (split_of(videos, name, seed=seed) for name in ("weak", "official"))
    moved = {
        path for classes in weak.moved.values() for paths in classes.values() for path in paths
    }
    assert {**official.assignment, **dict.fromkeys(moved, "train")} == weak.assignment


@given(size=st.integers(1, 30), seed=SEEDS, k=st.integers(2, 4))
def test_one_video_more_replaces_at_most_one_that_weak_moved(size: int, seed: int, k: int) -> None:
    before, after = (
        set(
            split_of(release(anomalies=[("stuck", n)]), "weak", seed=seed, k=k)
            .moved.get("fan", {})
            .get("stuck", ())
        )
        for n in (size, size + 1)
    )
    assert len(before - after) <= 1


def test_which_videos_weak_moves_is_drawn_by_the_seed() -> None:
    videos = release(anomalies=[("stuck", 30)])
    moved = {split_of(videos, "weak", seed=seed).moved["fan"]["stuck"] for seed in range(5)}
    assert len(moved) == 5


def test_weak_moves_whole_objects_where_every_class_can_have_its_k() -> None:
    # Faulty objects that show one fault each, in two videos.
    videos = release(anomalies=[]) + [
        video(f"fan/test/{class_id}/{n}.mp4", class_id, instance=f"{class_id}-{n // 2}")
        for class_id in ("stuck", "uneven")
        for n in range(12)
    ]
    moved = split_of(videos, "weak", k=4).moved["fan"]
    for paths in moved.values():
        numbers = Counter(int(path.rpartition("/")[2][:-4]) // 2 for path in paths)
        assert sorted(numbers.values()) == [2, 2]


def test_weak_says_which_classes_could_not_give_as_many() -> None:
    videos = release(anomalies=[("stuck", 3), ("uneven", 9)])
    split = split_of(videos, "weak", k=3)
    assert split.note == "3 anomalous videos of each class train, but of fan/stuck 2 of its 3"
    assert split.missing == ()


def test_weak_reports_a_class_with_one_video_as_missing_from_train() -> None:
    split = split_of(release(anomalies=[("stuck", 1)]), "weak")
    assert split.missing == (("fan", "stuck", "train"),)


def test_weak_splits_normal_videos_by_the_fractions_where_nothing_places_them() -> None:
    videos = [video(f"fan/{n}.mp4") for n in range(20)]
    videos += [video(f"fan/stuck-{n}.mp4", "stuck") for n in range(6)]
    split = split_of(videos, "weak", k=2)
    counts = Counter((one.class_id, split.assignment[one.path]) for one in videos)
    assert [counts["normal", name] for name in ("train", "val", "test")] == [14, 2, 4]
    assert (counts["stuck", "train"], counts["stuck", "test"]) == (2, 4)


# Folds


@settings(max_examples=40)
@given(videos=releases(), seed=SEEDS, folds=st.integers(2, 7))
def test_every_video_tests_exactly_once_over_the_folds(
    videos: list[Video], seed: int, folds: int
) -> None:
    tested = [
        path
        for fold in range(1, folds + 1)
        for path in in_split(split_of(videos, "folds", seed=seed, folds=folds, fold=fold), "test")
    ]
    assert sorted(tested) == sorted(one.path for one in videos)


def test_a_fold_has_its_part_of_each_class_and_val_its_part_of_the_rest() -> None:
    videos = release(train=40, normal=0, anomalies=[("stuck", 20)])
    for fold in (1, 2, 3, 4, 5):
        split = split_of(videos, "folds", fold=fold)
        counts = Counter((one.class_id, split.assignment[one.path]) for one in videos)
        assert [counts["normal", name] for name in ("train", "val", "test")] == [28, 4, 8]
        assert [counts["stuck", name] for name in ("train", "val", "test")] == [14, 2, 4]
        assert split.note == f"fold {fold} of 5"


def test_folds_keep_objects_whole_where_each_fold_can_have_one() -> None:
    videos = release(train=40, instances=5)
    assert split_of(videos, "folds", folds=5).grouping == {"fan": "instance"}
    assert split_of(videos, "folds", folds=6).grouping == {"fan": "video"}
    assert (
        "objects that stand in more than one split: in fan"
        in split_of(videos, "folds", folds=6).note
    )


def test_a_class_that_a_fold_lacks_is_reported() -> None:
    videos = release(train=40, anomalies=[("stuck", 2)])
    missing = [split_of(videos, "folds", fold=fold).missing for fold in (1, 2, 3, 4, 5)]
    assert sum(("fan", "stuck", "test") in one for one in missing) == 3

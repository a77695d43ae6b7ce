"""Several archives of a release, unpacked beside one another."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from physprior.dataset.compile import build
from physprior.dataset.folder import Dataset
from physprior.dataset.index import index_videos
from physprior.dataset.index_file import write_index
from physprior.dataset.layout import walk_tree
from physprior.dataset.records import SPLITS
from physprior.dialogue import Templates
from physprior.errors import DatasetError
from physprior.knowledge.load import KnowledgeBase

AddVideos = Callable[..., list[Path]]
ONE, OTHER = "Phys_AD_Data_part_0000_of_0006", "Phys_AD_Data_part_0001_of_0006"


def test_a_category_may_be_spread_over_archives(
    root: Path, add_videos: AddVideos, kb: KnowledgeBase
) -> None:
    add_videos(f"{ONE}/ball/train")
    add_videos(f"{ONE}/ball/test/leakage")
    add_videos(f"{OTHER}/ball/test/leakage")
    add_videos(f"{OTHER}/ball/test/insufficient_gas")
    add_videos(f"{OTHER}/rubber band/test/norm")
    index = index_videos(root, kb)
    assert [(video.id, video.category, video.class_id) for video in index.videos] == [
        (f"{ONE}/ball/test/leakage/0000", "ball", "leak"),
        (f"{ONE}/ball/train/0000", "ball", "normal"),
        (f"{OTHER}/ball/test/insufficient_gas/0000", "ball", "unfull"),
        (f"{OTHER}/ball/test/leakage/0000", "ball", "leak"),
        (f"{OTHER}/rubber band/test/norm/0000", "rubber_band", "normal"),
    ]
    assert index.notes == (f"taken for unpacked archives: {ONE}, {OTHER}",)


def touch(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()


def placed(root: Path, kb: KnowledgeBase) -> list[tuple[str, str, str]]:
    tree = walk_tree(root, kb)
    assert not tree.unexplained
    return [
        (one.path.relative_to(root).as_posix(), one.category, one.class_id) for one in tree.placed
    ]


def test_an_archive_may_hold_a_folder_of_its_own_name(root: Path, kb: KnowledgeBase) -> None:
    touch(root, "part 1/Phys-AD/fan/train/0.mp4", "fan/train/0.mp4")
    assert [name for name, *_ in placed(root, kb)] == [
        "fan/train/0.mp4",
        "part 1/Phys-AD/fan/train/0.mp4",
    ]


def test_a_folder_may_bear_the_name_of_the_category_in_it(root: Path, kb: KnowledgeBase) -> None:
    touch(root, "ball/ball/test/leak/0.mp4")
    assert placed(root, kb) == [("ball/ball/test/leak/0.mp4", "ball", "leak")]


def test_what_an_archive_holds_beside_categories_is_unexplained(
    root: Path, kb: KnowledgeBase
) -> None:
    touch(root, "part/fan/train/0.mp4", "part/fann/train/0.mp4", "part/0.mp4", "notes/a.txt")
    told = walk_tree(root, kb).unexplained
    assert [(one.path, one.why, one.suggestion) for one in told] == [
        ("notes/", "no category of the KB", ""),
        ("part/0.mp4", "a video outside the class folders", ""),
        ("part/fann/", "no category of the KB", "fan"),
    ]


@pytest.mark.parametrize(
    ("folder", "category", "class_id"),
    [
        ("usb/test/jam", "usb", "jam"),
        ("rubber_band/test/anomaly_free", "rubber_band", "normal"),
        ("Rubber-Band/train", "rubber_band", "normal"),
        ("fan/test/good", "fan", "normal"),
    ],
)
def test_spellings_of_the_release_are_understood(
    root: Path, kb: KnowledgeBase, folder: str, category: str, class_id: str
) -> None:
    touch(root, f"{folder}/0000.mp4")
    assert placed(root, kb) == [(f"{folder}/0000.mp4", category, class_id)]


def test_every_category_and_class_of_the_release_is_placed(root: Path, kb: KnowledgeBase) -> None:
    for category in kb.categories.values():
        touch(root, f"{category.id}/train/0.mp4")
        for class_id, _ in category.classes():
            touch(root, f"{category.id}/test/{class_id}/0.mp4")
    classes = {(category, class_id) for _, category, class_id in placed(root, kb)}
    assert len({category for category, _ in classes}) == 22
    assert classes == {
        (one.id, class_id) for one in kb.categories.values() for class_id, _ in one.classes()
    }


def test_a_root_that_holds_nothing_known_lists_all_of_it(root: Path, kb: KnowledgeBase) -> None:
    touch(root, "holiday/beach/1.mp4", "work/2.mp4")
    with pytest.raises(DatasetError, match=r"2 place\(s\)") as caught:
        index_videos(root, kb)
    assert "holiday/: no category" in caught.value.message
    assert "alias" in caught.value.remedy


def test_a_release_with_all_its_traps_is_built(
    root: Path, add_videos: AddVideos, kb: KnowledgeBase, templates: Templates, tmp_path: Path
) -> None:
    for part in (ONE, OTHER):
        add_videos(f"{part}/ball/train", 3)
        add_videos(f"{part}/ball/test/norm", 3)
        add_videos(f"{part}/ball/test/leakage", 3)
    add_videos(f"{ONE}/rubber band/train", 3)
    add_videos(f"{OTHER}/rubber band/test/crack", 3)
    (root / ONE / "ball/test/leakage/0009.mp4").touch()
    write_index(index_videos(root, kb), tmp_path / "index.jsonl")
    for place, out in ((root, "of_folder"), (tmp_path / "index.jsonl", "of_index")):
        build(place, tmp_path / out, knowledge=kb, templates=templates, mode="multi_turn")
    dataset = Dataset.open(tmp_path / "of_folder")
    records = [record for split in SPLITS for record in dataset.records(split)]
    assert len({record.id for record in records}) == 24
    assert {record.category for record in records} == {"ball", "rubber_band"}
    assert [skip.reason for skip in dataset.manifest.skipped] == ["empty file"]
    assert records == [
        record for split in SPLITS for record in Dataset.open(tmp_path / "of_index").records(split)
    ]

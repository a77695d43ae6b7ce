from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from physprior.dataset.compile import build
from physprior.dataset.folder import Dataset
from physprior.dataset.records import read_records
from physprior.dialogue.templates import Templates
from physprior.errors import DatasetError
from physprior.knowledge.load import KnowledgeBase


@pytest.fixture
def dataset(small_tree: Path, tmp_path: Path, kb: KnowledgeBase, templates: Templates) -> Path:
    folder = tmp_path / "dataset"
    build(small_tree, folder, knowledge=kb, templates=templates, mode="no_phys")
    return folder


def test_the_videos_are_found_from_anywhere(
    dataset: Path, small_tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(dataset.parent)
    opened = Dataset.open(Path("dataset"))
    monkeypatch.chdir("/")
    assert opened.videos_root == small_tree
    assert all(opened.video_path(record).is_file() for record in opened.records("train"))


def test_dataset_and_videos_may_move_together(dataset: Path, tmp_path: Path) -> None:
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    for name in ("dataset", "videos"):
        shutil.move(tmp_path / name, moved / name)
    opened = Dataset.open(moved / "dataset")
    assert opened.videos_root == moved / "videos"


def test_videos_that_moved_alone_are_named_by_the_caller(
    dataset: Path, small_tree: Path, tmp_path: Path
) -> None:
    small_tree.rename(tmp_path / "moved")
    record = Dataset.open(dataset).records("test")[0]
    with pytest.raises(DatasetError, match=f"the video {record.video} is not in"):
        Dataset.open(dataset).video_path(record)
    opened = Dataset.open(dataset, videos_root=tmp_path / "moved")
    assert opened.video_path(record) == tmp_path / "moved" / record.video


@pytest.mark.parametrize("name", ["nowhere", "videos"])
def test_a_folder_without_a_manifest_is_no_dataset(
    dataset: Path, tmp_path: Path, name: str
) -> None:
    with pytest.raises(DatasetError, match="not a dataset") as caught:
        Dataset.open(tmp_path / name)
    assert "physprior build" in caught.value.remedy


@pytest.mark.parametrize("change", [{"format": "other"}, {"format_version": 99}, {"split": None}])
def test_a_manifest_of_something_else_is_refused(dataset: Path, change: dict[str, object]) -> None:
    path = dataset / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(DatasetError, match=next(iter(change))):
        Dataset.open(dataset)


@pytest.mark.parametrize(
    ("version", "remedy"), [(1, "the same physprior build command"), (3, "or a later one")]
)
def test_a_dataset_of_another_format_is_refused_with_what_to_do(
    dataset: Path, version: int, remedy: str
) -> None:
    path = dataset / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "format_version": version}))
    with pytest.raises(DatasetError, match=f"a dataset of format_version {version}") as caught:
        Dataset.open(dataset)
    assert remedy in caught.value.remedy


def test_a_record_file_that_the_build_did_not_write_is_refused(dataset: Path) -> None:
    shutil.copy(dataset / "train" / "clip.jsonl", dataset / "train" / "copy.jsonl")
    with pytest.raises(DatasetError, match=r"train/copy\.jsonl: not of this dataset"):
        Dataset.open(dataset)


def test_a_manifest_that_is_not_json_is_refused(dataset: Path) -> None:
    (dataset / "manifest.json").write_text("{")
    with pytest.raises(DatasetError, match=r"manifest\.json"):
        Dataset.open(dataset)


def test_records_that_were_changed_after_the_build_are_refused(dataset: Path) -> None:
    path = dataset / "val" / "clip.jsonl"
    path.write_text(path.read_text().replace("Anomalous", "Normal"))
    with pytest.raises(DatasetError, match=r"val/clip\.jsonl: its content is not what"):
        Dataset.open(dataset)


@pytest.mark.parametrize("name", ["train/fan.jsonl", "val/clip.jsonl", "test/fan.jsonl"])
def test_records_that_were_lost_are_named(dataset: Path, name: str) -> None:
    (dataset / name).unlink()
    with pytest.raises(DatasetError, match=f"{name}: missing"):
        Dataset.open(dataset)


def test_a_line_that_is_no_record_is_named_by_its_number(dataset: Path) -> None:
    path = dataset / "train" / "clip.jsonl"
    lines = path.read_text().splitlines()
    record = json.loads(lines[1])
    del record["label"]
    path.write_text("\n".join([lines[0], json.dumps(record)]))
    with pytest.raises(DatasetError, match=r"train/clip\.jsonl:2: .*label"):
        read_records(path)

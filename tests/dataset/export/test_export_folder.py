from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from exported import CLIPS, Export, content

from physprior import files
from physprior.dataset.compile import build
from physprior.dataset.export import media
from physprior.dataset.export.form import refuse_marks
from physprior.dataset.export.formats import FORMATS
from physprior.dataset.export.write import export
from physprior.dataset.folder import Dataset
from physprior.dataset.records import SPLITS, Record
from physprior.dialogue.templates import Templates
from physprior.errors import DatasetError, OutputError
from physprior.knowledge.load import KnowledgeBase

# The folder


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_dataset_gives_the_same_bytes(make: Export, form: str) -> None:
    assert content(make(form, "one")) == content(make(form, "other")) == content(make(form, "one"))


def test_only_the_splits_that_are_named_are_exported(make: Export) -> None:
    names = set(content(make("trl", splits=["test", "val"])))
    assert names == {"README.md", "export.json", "val.jsonl", "test.jsonl"}


def test_a_split_without_videos_has_no_file_and_is_counted(
    built: Path, kb: KnowledgeBase, templates: Templates, tmp_path: Path
) -> None:
    build(
        built / "videos",
        tmp_path / "dataset",
        knowledge=kb,
        templates=templates,
        mode="no_phys",
        fractions=(1, 0, 0),
    )
    dataset = Dataset.open(tmp_path / "dataset")
    manifest = export(dataset, tmp_path / "export", "parquet").manifest
    assert manifest.rows == {"train": len(CLIPS), "val": 0, "test": 0}
    assert set(content(tmp_path / "export")) == {"README.md", "export.json", "train.parquet"}
    with pytest.raises(DatasetError, match="no videos in test"):
        export(dataset, tmp_path / "export", "parquet", splits=["test"])


def test_an_export_is_replaced_without_leftovers(make: Export, tmp_path: Path) -> None:
    make("sharegpt", paths="copy")
    folder = make("parquet")
    assert set(content(folder)) == {
        *("README.md", "export.json"),
        *(f"{split}.parquet" for split in SPLITS),
    }
    assert [path.name for path in tmp_path.iterdir()] == ["export"]


@pytest.mark.parametrize("name", ["notes.txt", "export.json", "videos/mine.mp4"])
def test_a_folder_of_something_else_is_left_alone(make: Export, tmp_path: Path, name: str) -> None:
    path = tmp_path / "export" / name
    path.parent.mkdir(parents=True)
    path.write_text('{"format": "web app"}')
    with pytest.raises(OutputError, match=f"not empty, and not an export: it holds {name}"):
        make("trl")
    assert path.read_text() == '{"format": "web app"}'


@pytest.mark.parametrize("name", ["notes.txt", "videos/mine.mp4"])
def test_what_a_person_put_beside_an_export_is_not_lost(make: Export, name: str) -> None:
    path = make("trl", paths="copy") / name
    path.write_text("mine")
    with pytest.raises(OutputError, match=f"{name}, which would be lost"):
        make("trl")
    assert path.read_text() == "mine"


def test_what_a_person_wrote_into_an_export_is_not_lost(make: Export) -> None:
    readme = make("trl") / "README.md"
    readme.write_text("my own words")
    with pytest.raises(OutputError, match=r"README.md changed since it was exported"):
        make("trl")
    assert readme.read_text() == "my own words"


def test_a_file_in_the_way_is_refused(make: Export, tmp_path: Path) -> None:
    (tmp_path / "export").write_text("a file")
    with pytest.raises(OutputError, match="a file is in the way"):
        make("trl")


@pytest.mark.parametrize("place", ["dataset", "dataset/export", "videos", "videos/export", "."])
def test_export_dataset_and_videos_do_not_lie_in_each_other(built: Path, place: str) -> None:
    before = content(built)
    with pytest.raises(OutputError, match="would lie in each other"):
        export(Dataset.open(built / "dataset"), built / place, "trl")
    assert content(built) == before


def test_an_export_that_fails_midway_leaves_the_old_one_whole(
    make: Export, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = content(make("trl"))
    write_text = files.write_text

    def disk_fills(path: Path, text: str) -> None:
        if path.name == "export.json":
            raise OutputError(f"cannot write {path}: No space left on device")
        write_text(path, text)

    monkeypatch.setattr(files, "write_text", disk_fills)
    with pytest.raises(OutputError, match="No space left"):
        make("parquet")
    assert content(tmp_path / "export") == before
    assert [path.name for path in tmp_path.iterdir()] == ["export"]


KILLED_EXPORT = """
import os, signal, sys
from pathlib import Path
from physprior.dataset.export.write import export
from physprior.dataset.folder import Dataset

rename, count = Path.rename, 0
def rename_or_die(self, target):
    global count
    if count == int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)
    count += 1
    return rename(self, target)
Path.rename = rename_or_die
export(Dataset.open(Path(sys.argv[1])), Path(sys.argv[2]), "parquet")
"""


@pytest.mark.parametrize("renames", [0, 1])
def test_a_killed_export_is_mended_by_the_next(
    dataset: Dataset, make: Export, tmp_path: Path, renames: int
) -> None:
    before = content(make("trl"))
    words = [str(dataset.folder), str(tmp_path / "export"), str(renames)]
    killed = subprocess.run([sys.executable, "-c", KILLED_EXPORT, *words], check=False)
    assert killed.returncode == -signal.SIGKILL
    if renames == 0:
        assert content(tmp_path / "export") == before
    assert content(make("trl")) == before
    assert [path.name for path in tmp_path.iterdir()] == ["export"]


def test_the_old_export_that_a_killed_one_set_aside_is_put_back(
    make: Export, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = content(make("trl"))
    aside = tmp_path / ".export.export.part" / "old"
    aside.parent.mkdir()
    (tmp_path / "export").rename(aside)
    monkeypatch.setattr(files, "write_bytes", stop)
    with pytest.raises(KeyboardInterrupt):
        make("parquet")
    assert content(tmp_path / "export") == before


def test_what_a_killed_export_did_not_clear_away_is_no_obstacle(
    make: Export, tmp_path: Path
) -> None:
    aside = tmp_path / ".export.export.part" / "old"
    aside.parent.mkdir()
    shutil.copytree(make("trl"), aside)
    assert "train.parquet" in content(make("parquet"))
    assert [path.name for path in tmp_path.iterdir()] == ["export"]


def stop(*_: Any) -> None:
    raise KeyboardInterrupt


# What cannot be exported


@pytest.mark.parametrize("mark", ["<video>", "<image>", "</s>", "ASSISTANT:"])
def test_a_dialogue_with_a_mark_of_other_projects_is_refused(dataset: Dataset, mark: str) -> None:
    line = dataset.records("train")[0].line().replace("Which motion", f"Which {mark} motion")
    record = Record.model_validate_json(line)
    with pytest.raises(DatasetError, match=f"{record.id}: its dialogue holds") as caught:
        refuse_marks(record)
    assert mark in caught.value.message


def test_an_unknown_format_is_answered_with_those_there_are(make: Export) -> None:
    with pytest.raises(DatasetError, match="no export format 'csv'") as caught:
        make("csv")
    assert caught.value.remedy == "use one of: trl, sharegpt, llava, parquet"


def test_a_video_path_that_leads_out_of_the_root_is_not_followed(
    dataset: Dataset, tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir()
    for path in ("../secret.mp4", "clip/../../secret.mp4", "/secret.mp4"):
        with pytest.raises(DatasetError, match="leads out of the videos root"):
            media.copy_videos(dataset, {path: ""}, tmp_path / "new", tmp_path / "out", stop)
    assert not (tmp_path / "secret.mp4").exists()

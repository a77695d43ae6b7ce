from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import typer
from exported import CLIPS, Export, content, rows
from typer.testing import CliRunner

from physprior import fingerprint
from physprior.cli.data_export import export_command
from physprior.dataset.export import media
from physprior.dataset.export.formats import FORMATS
from physprior.dataset.export.manifest import ExportManifest
from physprior.dataset.export.write import export
from physprior.dataset.folder import Dataset
from physprior.errors import DatasetError, PhyspriorError

# Videos


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("paths", ["absolute", "relative", "copy"])
def test_videos_are_named_as_asked(dataset: Dataset, make: Export, form: str, paths: str) -> None:
    folder = make(form, paths=paths)
    base = {"absolute": None, "relative": dataset.videos_root, "copy": folder}[paths]
    for row, record in zip(rows(folder, form), dataset.records("train"), strict=True):
        named = Path(row["video"] if "video" in row else row["videos"][0])
        assert named.is_absolute() == (paths == "absolute")
        assert fingerprint.of_file(base / named if base else named) == record.sha256


def test_copies_are_those_of_the_exported_splits_alone(dataset: Dataset, make: Export) -> None:
    make("llava", paths="copy")
    folder = make("llava", paths="copy", splits=["test"])
    copied = {name for name in content(folder) if name.startswith("videos/")}
    assert copied == {f"videos/{record.video}" for record in dataset.records("test")}


def test_copying_that_was_stopped_goes_on_where_it_stopped(
    make: Export, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def stop(done: int, total: int) -> None:
        if done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make("llava", paths="copy", progress=stop)
    assert not (tmp_path / "export").exists()
    copied: list[str] = []
    copy = shutil.copyfile
    monkeypatch.setattr(media.shutil, "copyfile", lambda a, b: copied.append(a) or copy(a, b))
    folder = make("llava", paths="copy")
    assert len(copied) == len(CLIPS) - 4
    assert len([name for name in content(folder) if name.startswith("videos/")]) == len(CLIPS)
    assert [path.name for path in tmp_path.iterdir()] == ["export"]


def test_what_a_stopped_export_copied_and_this_one_does_not_want_is_dropped(
    dataset: Dataset, make: Export
) -> None:
    def stop(done: int, total: int) -> None:
        if done == total:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make("llava", paths="copy", progress=stop)
    folder = make("llava", paths="copy", splits=["test"])
    copied = {name for name in content(folder) if name.startswith("videos/")}
    assert copied == {f"videos/{record.video}" for record in dataset.records("test")}
    assert all(any(path.iterdir()) for path in folder.rglob("*") if path.is_dir())


def test_copies_that_are_there_are_not_made_again(
    make: Export, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = content(make("llava", paths="copy"))
    monkeypatch.setattr(media.shutil, "copyfile", lambda a, b: pytest.fail("copied again"))
    assert content(make("llava", paths="copy")) == before


def test_a_video_that_changed_since_the_build_is_not_copied(moved: Path, tmp_path: Path) -> None:
    dataset = Dataset.open(moved / "dataset")
    dataset.video_path(dataset.records("test")[0]).write_bytes(b"another film")
    with pytest.raises(DatasetError, match="changed since the dataset was built"):
        export(dataset, tmp_path / "export", "trl", paths="copy")
    assert not (tmp_path / "export").exists()


def test_videos_that_are_not_there_are_named_unless_paths_are_relative(
    moved: Path, tmp_path: Path
) -> None:
    dataset = Dataset.open(moved / "dataset")
    dataset.video_path(dataset.records("test")[0]).unlink()
    for paths in ("absolute", "copy"):
        with pytest.raises(DatasetError, match=re.escape(dataset.records("test")[0].video)):
            export(dataset, tmp_path / "export", "trl", paths=paths)
    assert [path.name for path in tmp_path.iterdir()] == ["moved"]
    export(dataset, tmp_path / "export", "trl", paths="relative")


def test_videos_may_have_moved(moved: Path, tmp_path: Path) -> None:
    (moved / "videos").rename(moved / "elsewhere")
    dataset = Dataset.open(moved / "dataset", videos_root=moved / "elsewhere")
    export(dataset, tmp_path / "export", "trl")
    assert all("/elsewhere/" in row["videos"][0] for row in rows(tmp_path / "export", "trl"))


# The command


APP = typer.Typer()
APP.command()(export_command)


def run(*words: object) -> Any:
    result = CliRunner().invoke(APP, [str(word) for word in words])
    if isinstance(result.exception, PhyspriorError):
        raise result.exception
    return result


def test_the_command_exports_and_counts(dataset: Dataset, tmp_path: Path) -> None:
    out = tmp_path / "export"
    result = run(
        dataset.folder, "-o", out, "--format", "llava", "--split", "test", "--split", "val"
    )
    lines = result.stdout.splitlines()
    counts = {split: len(dataset.records(split)) for split in ("val", "test")}
    assert [line.split() for line in lines if ".json" in line] == [
        ["val", "val.json", str(counts["val"])],
        ["test", "test.json", str(counts["test"])],
    ]
    assert lines[-1] == (
        f"export: {out} (llava, mode multi_turn, split {dataset.manifest.split[:12]})"
    )
    manifest = ExportManifest.model_validate_json((out / "export.json").read_bytes())
    assert (manifest.kind, manifest.paths, manifest.rows) == ("llava", "absolute", counts)


def test_the_command_takes_videos_from_elsewhere(moved: Path, tmp_path: Path) -> None:
    (moved / "videos").rename(moved / "elsewhere")
    words = (moved / "dataset", "-o", tmp_path / "export", "--format", "trl")
    with pytest.raises(DatasetError, match="6 videos are not in"):
        run(*words)
    assert run(*words, "--videos", moved / "elsewhere").exit_code == 0


def test_a_format_must_be_named(dataset: Dataset, tmp_path: Path) -> None:
    assert run(dataset.folder, "-o", tmp_path / "export").exit_code == 2

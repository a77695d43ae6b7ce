from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from physprior.cli.data_split import split_command
from physprior.dataset.split_file import read_split
from physprior.errors import DatasetError

APP = typer.Typer()
APP.command()(split_command)


def run(*words: object) -> Result:
    result = CliRunner().invoke(APP, [str(word) for word in (*words, "--workers", 1)])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "split.json"


def test_the_table_counts_every_class_and_split(small_tree: Path, out: Path) -> None:
    rows = [line.split() for line in run(small_tree, "-o", out).stdout.splitlines()]
    names = list(read_split(out).assignment.values())
    assert ["class", "train", "val", "test", "all"] in rows
    assert ["fan/stuck", "2", "0", "1", "3"] in rows
    assert ["all", *(str(names.count(name)) for name in ("train", "val", "test")), "32"] in rows


def test_what_moved_and_what_is_missing_stand_below_it(small_tree: Path, out: Path) -> None:
    lines = run(small_tree, "-o", out, "--protocol", "weak", "--k", 2).stdout.splitlines()
    first, second = read_split(out).moved["clip"]["unable_to_press"]
    assert f"anomalous, in train: clip/unable_to_press, 2 of 5: {first}, {second}" in lines
    assert lines[-1] == f"split: {out} (protocol weak, hash {read_split(out).hash[:12]})"
    lines = run(small_tree, "-o", out).stdout.splitlines()
    assert "missing: fan/stuck has no video in val" in lines
    assert "split by instance: clip" in lines


def test_many_that_moved_are_counted_and_the_file_has_them_all(small_tree: Path, out: Path) -> None:
    lines = run(small_tree, "-o", out, "--fractions", "1,0,0").stdout.splitlines()
    (line,) = (line for line in lines if line.startswith("anomalous, in train: clip/unable_to_p"))
    assert line.startswith("anomalous, in train: clip/unable_to_press, 5 of 5: ")
    assert line.endswith("/0003.mp4, and 1 more in the file")
    assert len(read_split(out).moved["clip"]["unable_to_press"]) == 5


def test_official_says_that_there_is_no_anomaly_to_train_on(small_tree: Path, out: Path) -> None:
    said = run(small_tree, "-o", out, "--protocol", "official").stdout
    assert "note: no anomalous video is in train" in said
    assert json.loads(out.read_text())["note"].startswith("no anomalous video is in train")


def test_a_leak_is_said_at_once(small_tree: Path, out: Path) -> None:
    copy = small_tree / "fan/test/norm/0009.mp4"
    shutil.copy(small_tree / "fan/train/0000.mp4", copy)
    options = ("--protocol", "official", "--fractions", "1,0,0")
    said = run(small_tree, "-o", out, *options).stderr
    assert (
        "leak, which build will refuse: the same pictures in"
        " test fan/test/norm/0009.mp4 = train fan/train/0000.mp4"
    ) in said.splitlines()
    assert "leak" not in run(small_tree, "-o", out).stderr


def test_the_nearest_videos_of_train_and_test_are_named(small_tree: Path, out: Path) -> None:
    lines = run(small_tree, "-o", out).stdout.splitlines()
    near = [line for line in lines if line.startswith("nearest, train to test: ")]
    assert [line.split()[4] for line in near] == ["clip:", "fan:"]
    assert all("of 64 bits" in line for line in near)


def test_a_published_split_is_laid_over_the_videos(
    small_tree: Path, out: Path, tmp_path: Path
) -> None:
    run(small_tree, "-o", out, "--protocol", "folds", "--folds", 3, "--fold", 2, "--seed", 4)
    (small_tree / "fan/test/norm").rename(small_tree / "fan/test/good")
    run(small_tree, "-o", tmp_path / "mine.json", "--split-file", out)
    published, mine = read_split(out), read_split(tmp_path / "mine.json")
    assert (mine.protocol, mine.folds, mine.fold, mine.seed) == ("folds", 3, 2, 4)
    assert mine.published == published.hash
    assert list(mine.assignment) == sorted(
        path.replace("fan/test/norm", "fan/test/good") for path in published.assignment
    )


def test_what_is_not_on_both_sides_is_listed(small_tree: Path, out: Path, tmp_path: Path) -> None:
    run(small_tree, "-o", out)
    (small_tree / "fan/train/0000.mp4").unlink()
    with pytest.raises(DatasetError, match=r"in the split alone, 1:\n    fan/train/0000.mp4"):
        run(small_tree, "-o", tmp_path / "mine.json", "--split-file", out)
    mine = ("-o", tmp_path / "mine.json", "--split-file", out, "--allow-missing")
    lines = run(small_tree, *mine).stdout.splitlines()
    assert "absent: fan/train/0000.mp4 is in the published split alone" in lines


def test_options_are_refused_before_any_video_is_looked_at(tmp_path: Path, out: Path) -> None:
    with pytest.raises(DatasetError, match="k is 9"):
        run(tmp_path / "no such videos", "-o", out, "--protocol", "weak", "--k", 9)
    assert not out.exists()


def test_every_setting_has_a_help_text() -> None:
    command = typer.main.get_command(APP)
    assert all(setting.help for setting in command.params)  # type: ignore[attr-defined]

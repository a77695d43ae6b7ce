from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from physprior.cli.build import build_command
from physprior.dataset.folder import Dataset
from physprior.errors import DatasetError

APP = typer.Typer()
APP.command()(build_command)


def run(*words: object) -> Result:
    result = CliRunner().invoke(APP, [str(word) for word in words])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_the_table_counts_every_class_and_split(small_tree: Path, tmp_path: Path) -> None:
    result = run(small_tree, "-o", tmp_path / "dataset", "--workers", 1)
    assert result.exit_code == 0
    rows = [line.split() for line in result.stdout.splitlines()]
    assert ["fan/stuck", "2", "0", "1", "3"] in rows
    assert ["fan/uneven", "0", "0", "0", "0"] in rows
    manifest = Dataset.open(tmp_path / "dataset").manifest
    counts = manifest.categories["clip"].counts["normal"]
    assert ["clip/normal", *map(str, counts.values()), "10"] in rows
    assert next(row for row in rows if row[0] == "all")[-1] == "32"


def test_what_a_person_should_know_stands_below_the_table(small_tree: Path, tmp_path: Path) -> None:
    (small_tree / "notes.txt").touch()
    copy = small_tree / "fan/train/0009.mp4"
    shutil.copy(small_tree / "fan/train/0000.mp4", copy)
    lines = run(small_tree, "-o", tmp_path / "dataset").stdout.splitlines()
    assert "split by instance: clip" in lines
    assert "split by video: fan" in lines
    assert "missing: fan/stuck has no video in val" in lines
    assert "the same file: fan/train/0000.mp4 = fan/train/0009.mp4" in lines
    assert "ignored, no videos by their names: 1 .txt" in lines


def test_skipped_videos_are_listed_at_the_end(small_tree: Path, tmp_path: Path) -> None:
    (small_tree / "fan/train/0001.mp4").write_bytes(b"")
    lines = run(small_tree, "-o", tmp_path / "dataset").stderr.splitlines()
    assert lines[-2:] == ["skipped 1 video:", "  fan/train/0001.mp4: empty file"]


def test_strict_writes_nothing_where_a_video_is_skipped(small_tree: Path, tmp_path: Path) -> None:
    (small_tree / "fan/train/0001.mp4").write_bytes(b"")
    with pytest.raises(DatasetError, match="--strict"):
        run(small_tree, "-o", tmp_path / "dataset", "--strict")
    assert not (tmp_path / "dataset").exists()


def test_the_settings_reach_the_dataset(small_tree: Path, tmp_path: Path) -> None:
    settings = ("--mode", "no_phys", "--seed", 7, "--fractions", "0.5,0.25,0.25")
    run(small_tree, "-o", tmp_path / "dataset", *settings)
    manifest = Dataset.open(tmp_path / "dataset").manifest
    assert (manifest.mode, manifest.seed) == ("no_phys", 7)
    assert manifest.fractions == (0.5, 0.25, 0.25)


@pytest.mark.parametrize("fractions", ["0.7,0.3", "most,some,rest", ""])
def test_fractions_that_are_not_three_numbers_are_misuse(
    small_tree: Path, tmp_path: Path, fractions: str
) -> None:
    result = run(small_tree, "-o", tmp_path / "dataset", "--fractions", fractions)
    assert result.exit_code == 2
    assert "three numbers" in " ".join(result.stderr.split())


def test_every_setting_has_a_help_text() -> None:
    command = typer.main.get_command(APP)
    assert all(setting.help for setting in command.params)  # type: ignore[attr-defined]


def test_a_build_that_finds_nothing_to_do_says_so(small_tree: Path, tmp_path: Path) -> None:
    assert "made: all 2 categories" in run(small_tree, "-o", tmp_path / "dataset").stdout
    again = run(small_tree, "-o", tmp_path / "dataset").stdout.splitlines()
    assert "up to date: nothing has changed since this dataset was built" in again


def test_balance_is_reported_before_and_after(small_tree: Path, tmp_path: Path) -> None:
    lines = run(small_tree, "-o", tmp_path / "dataset", "--balance").stdout.splitlines()
    made = Dataset.open(tmp_path / "dataset").manifest.categories["fan"]
    classes = ", ".join(
        f"{name} {made.counts[name]['train']} → {count}" for name, count in made.records.items()
    )
    assert f"training videos → records of fan: {classes}" in lines


def test_the_options_of_a_protocol_reach_the_split(small_tree: Path, tmp_path: Path) -> None:
    run(small_tree, "-o", tmp_path / "dataset", "--protocol", "weak", "--k", 2)
    manifest = Dataset.open(tmp_path / "dataset").manifest
    assert (manifest.protocol, manifest.options["k"]) == ("weak", 2)
    assert manifest.categories["fan"].counts["stuck"]["train"] == 2


def test_a_published_split_needs_no_other_option_and_takes_none_against_it(
    small_tree: Path, tmp_path: Path
) -> None:
    run(small_tree, "-o", tmp_path / "one", "--seed", 4)
    published = tmp_path / "one" / "split.json"
    run(small_tree, "-o", tmp_path / "other", "--split-file", published)
    one, other = (Dataset.open(tmp_path / name) for name in ("one", "other"))
    assert one.manifest.split == other.manifest.split
    assert one.records("train") == other.records("train")
    with pytest.raises(DatasetError, match="seed"):
        run(small_tree, "-o", tmp_path / "other", "--split-file", published, "--seed", 5)


def test_a_leak_ends_the_build_unless_it_is_allowed_by_name(
    small_tree: Path, tmp_path: Path
) -> None:
    copy = small_tree / "fan/test/norm/0009.mp4"
    shutil.copy(small_tree / "fan/train/0000.mp4", copy)
    words = (small_tree, "-o", tmp_path / "dataset", "--protocol", "official")
    with pytest.raises(DatasetError, match="the same pictures"):
        run(*words)
    lines = run(*words, "--allow-leak", "fan/test/norm/0009.mp4=known").stdout.splitlines()
    assert "leak, allowed: fan/test/norm/0009.mp4: known" in lines
    (waived,) = Dataset.open(tmp_path / "dataset").manifest.leaks.waived
    assert waived.reason == "known"


def test_a_list_s_dataset_may_lie_beside_the_videos_and_keeps_the_list_s_split(
    small_tree: Path,
) -> None:
    rows = [
        f"{path.relative_to(small_tree).as_posix()},clip,"
        f"{'unable_to_press' if 'unable' in path.parent.name else ''},"
        f"{'normal' if path.parent.name in ('train', 'norm') else 'anomalous'},{split}"
        for path, split in zip(
            sorted(small_tree.glob("clip/*/**/*_press/*.mp4"))
            + sorted(small_tree.glob("clip/train/*.mp4")),
            ["train", "test"] * 5,
            strict=True,
        )
    ]
    listed = small_tree / "mine.csv"
    listed.write_text("\n".join(["video,category,anomaly,label,split", *rows]), "utf-8")
    out = small_tree / "dataset"
    done = run(listed, "-o", out, "--protocol", "official", "--fractions", "1,0,0")
    assert done.exit_code == 0, done.output
    split = json.loads((out / "split.json").read_text("utf-8"))["assignment"]
    assert [split[row.partition(",")[0]] for row in rows] == ["train", "test"] * 5

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from physprior.cli.data_index import index_command
from physprior.dataset.index import Index
from physprior.dataset.index_file import read_index, write_index
from physprior.errors import DatasetError, OutputError

APP = typer.Typer()
APP.command()(index_command)
AddVideos = Callable[..., list[Path]]


def run(*words: object) -> Result:
    result = CliRunner().invoke(APP, [str(word) for word in words])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_the_table_says_what_was_found(small_tree: Path, tmp_path: Path) -> None:
    result = run(small_tree, "-o", tmp_path / "index.jsonl")
    rows = [line.split() for line in result.stdout.splitlines()]
    assert ["class", "videos", "objects", "frames", "1/s", "pixels"] in rows
    assert ["clip/normal", "10", "5", "3", "30", "16x16"] in rows
    assert ["fan/stuck", "3", "-", "3", "30", "16x16"] in rows
    assert ["all", "32", "5", "3", "30", "16x16"] in rows
    assert len(read_index(tmp_path / "index.jsonl").videos) == 32


def test_all_that_a_person_should_know_is_said(small_tree: Path, tmp_path: Path) -> None:
    shutil.copy(small_tree / "fan/train/0000.mp4", small_tree / "fan/train/0009.mp4")
    (small_tree / "fan/train/0001.mp4").write_bytes(b"")
    (small_tree / "notes.txt").touch()
    result = run(small_tree, "-o", tmp_path / "index.jsonl", "--workers", 1)
    said = result.stdout.splitlines()
    assert "same file: fan/train/0000.mp4 = fan/train/0009.mp4" in said
    assert "ignored, no videos by their names: 1 .txt" in said
    assert said[-1].startswith(f"index: {tmp_path / 'index.jsonl'} (hash ")
    listed = ["skipped 1 video:", "  fan/train/0001.mp4: empty file"]
    assert result.stderr.splitlines()[-2:] == listed


def test_a_list_with_a_root_is_indexed(root: Path, add_videos: AddVideos, tmp_path: Path) -> None:
    add_videos("mine", 2)
    (tmp_path / "list.csv").write_text("video,category,label\nmine/0000.mp4,clip,0\n")
    run(tmp_path / "list.csv", "-o", tmp_path / "index.jsonl", "--root", root, "--no-cache")
    index = read_index(tmp_path / "index.jsonl")
    assert index.root == root
    assert [video.path for video in index.videos] == ["mine/0000.mp4"]


def test_an_index_among_the_videos_does_not_change_the_next_one(small_tree: Path) -> None:
    out = small_tree / "index.jsonl"
    run(small_tree, "-o", out)
    first = out.read_bytes()
    run(small_tree, "-o", out)
    assert out.read_bytes() == first


def test_a_file_of_something_else_is_left_alone(small_tree: Path, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("video,category,label\n")
    with pytest.raises(OutputError, match="it is no index"):
        run(small_tree, "-o", tmp_path / "list.csv")
    assert (tmp_path / "list.csv").read_text() == "video,category,label\n"
    with pytest.raises(OutputError, match="a folder"):
        run(small_tree, "-o", tmp_path)


def test_a_root_that_is_not_there_or_not_needed_is_refused(
    small_tree: Path, tmp_path: Path
) -> None:
    out = tmp_path / "index.jsonl"
    with pytest.raises(DatasetError, match="no such folder"):
        run(small_tree, "-o", out, "--root", tmp_path / "nowhere")
    with pytest.raises(DatasetError, match="is a folder, and"):
        run(small_tree, "-o", out, "--root", tmp_path)


def test_an_index_can_be_taken_over(small_tree: Path, tmp_path: Path) -> None:
    run(small_tree, "-o", tmp_path / "index.jsonl")
    first: Index = read_index(tmp_path / "index.jsonl")
    write_index(first, tmp_path / "copy" / "index.jsonl")
    assert read_index(tmp_path / "copy" / "index.jsonl") == first


def test_every_setting_has_a_help_text() -> None:
    command = typer.main.get_command(APP)
    assert all(setting.help for setting in command.params)  # type: ignore[attr-defined]

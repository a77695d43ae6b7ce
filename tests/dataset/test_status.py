"""``physprior data status``: what a dataset is behind of, and why."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from index_files import SMALL, make_video, make_videos, save_index
from typer.testing import CliRunner

from physprior.cli.main import app
from physprior.dataset.index import Index
from physprior.dataset.index_file import read_index, write_index
from physprior.dataset.split import SplitOptions, make_split
from physprior.dataset.split_file import write_split
from physprior.errors import DatasetError
from physprior.paths import kb_folder, templates_folder

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two entries, the templates, and an index, in which commands are given."""
    (tmp_path / "kb").mkdir()
    for name in ("clip.yaml", "fan.yaml", "vocabulary.yaml"):
        shutil.copy(kb_folder() / name, tmp_path / "kb")
    shutil.copytree(templates_folder(), tmp_path / "templates")
    save_index(tmp_path / "index.jsonl", make_videos(SMALL))
    monkeypatch.chdir(tmp_path)
    return tmp_path


FOLDERS = ("--kb", "kb", "--templates", "templates")


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(words))
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout


@pytest.fixture
def build(place: Path) -> Run:
    """Builds the dataset, with the KB and templates of the folder."""

    def build(*options: str) -> tuple[int, str]:
        return run("build", "index.jsonl", "-o", "dataset", *FOLDERS, *options)

    return build


def status(*options: str) -> tuple[int, list[str]]:
    code, said = run("data", "status", "dataset", *FOLDERS, *options)
    return code, said.splitlines()


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_dataset_that_was_just_built_is_up_to_date(build: Run) -> None:
    build()
    assert status() == (0, ["up to date: dataset"])


def test_a_comment_makes_nothing_stale(build: Run, place: Path) -> None:
    build()
    edit(place / "kb/fan.yaml", "\nprior:", "\n# Still true.\nprior:")
    assert status()[0] == 0


def test_a_changed_entry_is_named(build: Run, place: Path) -> None:
    build()
    edit(
        place / "kb/fan.yaml", "  motion:\n    statement: ", "  motion:\n    statement: In short, "
    )
    code, lines = status()
    assert code == 1
    assert lines[0] == "fan: its entry has changed"
    assert len(lines) == 2


def test_a_further_entry_s_references_have_to_be_looked_for(build: Run, place: Path) -> None:
    build()
    shutil.copy(kb_folder() / "gear.yaml", place / "kb")
    assert status()[1][0] == "all: the references of other entries have changed"


def test_an_entry_that_is_gone_is_named(build: Run, place: Path) -> None:
    build()
    (place / "kb/fan.yaml").unlink()
    assert "fan: the knowledge base no longer holds it" in status("--videos", "nowhere")[1]


def test_a_changed_template_concerns_all(build: Run, place: Path) -> None:
    build()
    edit(place / "templates/multi_turn.j2", "Which parts", "Which of its parts")
    assert status()[1][0] == "all: the template multi_turn has changed"


def test_a_template_that_is_gone_is_named(build: Run, place: Path) -> None:
    build()
    (place / "templates/multi_turn.j2").unlink()
    assert status()[1][0] == "all: the template multi_turn is not there"


def test_videos_that_came_went_and_changed_are_counted(build: Run, place: Path) -> None:
    build()
    videos = make_videos(SMALL)
    videos[-1] = videos[-1].model_copy(update={"sha256": "0" * 64})
    del videos[-3:-1]
    save_index(place / "index.jsonl", [*videos, make_video("fan/train/9.mp4", "fan", "normal")])
    code, lines = status()
    assert code == 1
    assert lines[0] == "fan: videos: 1 more, 2 gone, 1 changed"
    assert not any(line.startswith("clip") for line in lines)


def test_a_category_that_came_or_went_is_named(build: Run, place: Path) -> None:
    shutil.copy(kb_folder() / "gear.yaml", place / "kb")
    build()
    videos = [video for video in make_videos(SMALL) if video.category == "clip"]
    save_index(place / "index.jsonl", [*videos, make_video("gear/train/1.mp4", "gear", "normal")])
    _, lines = status()
    assert lines[:2] == [
        "fan: its videos are gone",
        "gear: 1 video, and the dataset has none of it",
    ]


def test_what_else_is_known_of_the_videos_counts_too(build: Run, place: Path) -> None:
    build()
    index = read_index(place / "index.jsonl")
    write_index(Index(**{**dict(index), "ignored": {".txt": 1}}), place / "index.jsonl")
    assert status()[1][0].startswith("all: what else is known of the videos has changed")


def test_a_published_split_that_changed_says_how_many_videos_move(build: Run, place: Path) -> None:
    videos = read_index(place / "index.jsonl").videos
    write_split(make_split(videos, SplitOptions()), place / "split.json")
    build("--split-file", "split.json")
    assert status()[0] == 0
    write_split(make_split(videos, SplitOptions(seed=5)), place / "split.json")
    code, lines = status()
    assert code == 1
    assert any("to another split now" in line for line in lines)


def test_a_file_that_was_changed_or_lost_is_named(build: Run, place: Path) -> None:
    build()
    (place / "dataset/train/fan.jsonl").write_text("{}\n")
    (place / "dataset/README.md").unlink()
    code, lines = status()
    assert code == 1
    assert "fan: train/fan.jsonl was changed after the build" in lines
    assert "all: README.md is gone" in lines


def test_videos_that_are_not_at_hand_are_not_taken_for_gone(build: Run, place: Path) -> None:
    build()
    (place / "index.jsonl").unlink()
    result = CliRunner().invoke(app, ["data", "status", "dataset", *FOLDERS])
    assert result.exit_code == 0
    assert "not looked at: the videos, because index.jsonl is not there" in result.stderr


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--mode", "no_phys", "--seed", "3", "--variants", "2", "--balance"),
        ("--protocol", "folds", "--folds", "3", "--fold", "2", "--fractions", "0.8,0.1,0.1"),
        ("--protocol", "weak", "--k", "2"),
    ],
)
def test_the_command_that_it_names_makes_the_dataset_up_to_date_again(
    build: Run, place: Path, options: tuple[str, ...]
) -> None:
    assert build(*options)[0] == 0
    assert status()[0] == 0
    edit(
        place / "kb/fan.yaml", "  motion:\n    statement: ", "  motion:\n    statement: In short, "
    )
    code, lines = status()
    assert code == 1
    words = shlex.split(lines[-1].removeprefix("stale; this builds it anew: "))
    assert run(*words[1:])[1].count("made: fan; taken over unchanged: 1") == 1
    assert status() == (0, ["up to date: dataset"])


def test_a_folder_that_is_no_dataset_is_misuse(place: Path) -> None:
    with pytest.raises(DatasetError, match="kb: not a dataset"):
        run("data", "status", "kb")

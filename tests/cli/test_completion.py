"""What the tab key offers, asked as the shell asks it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from physprior.paths import kb_folder, recipes_folder
from physprior.project.find import VARIABLE

Offered = Callable[[str], list[str]]


@pytest.fixture
def offered(physprior: Any, monkeypatch: pytest.MonkeyPatch) -> Offered:
    """What bash is told to offer at the end of a command line."""

    def call(line: str) -> list[str]:
        monkeypatch.setenv("_PHYSPRIOR_COMPLETE", "complete_bash")
        monkeypatch.setenv("COMP_WORDS", line)
        monkeypatch.setenv("COMP_CWORD", str(len(line.split(" ")) - 1))
        outcome = physprior()
        assert outcome.err == ""
        return str(outcome.out).split()

    return call


@pytest.fixture
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def project(outside: Path) -> Path:
    """A project whose one entry is called otherwise than its file."""
    (outside / "physprior.yaml").touch()
    (outside / "kb").mkdir()
    (outside / "kb" / "first.yaml").write_text("# my first\nid: pendulum  # swings\nname: p\n")
    shutil.copy(kb_folder() / "vocabulary.yaml", outside / "kb")
    (outside / "templates").mkdir()
    for name in ("multi_turn", "my_mode", "describe"):
        (outside / "templates" / f"{name}.j2").touch()
    return outside


def test_commands_are_offered(offered: Offered, outside: Path) -> None:
    assert "predict" in offered("physprior pre")


def test_categories_of_the_shipped_kb(offered: Offered, outside: Path) -> None:
    assert offered("physprior show cli") == ["clip"]


def test_categories_of_the_project_by_their_ids(offered: Offered, project: Path) -> None:
    assert offered("physprior show ") == ["pendulum"]
    assert offered("physprior diagnose --category p") == ["pendulum"]


def test_modes_of_the_project_s_templates(offered: Offered, project: Path) -> None:
    assert offered("physprior build --mode m") == ["multi_turn", "my_mode"]


def test_shipped_recipes_and_yaml_files(offered: Offered, outside: Path) -> None:
    for name in ("mine.yaml", "notes.txt"):
        (outside / name).touch()
    (outside / "more").mkdir()
    shipped = sorted(path.stem for path in recipes_folder().glob("*.yaml"))
    assert offered("physprior train ") == sorted([*shipped, "mine.yaml", "more/"])
    (outside / "more" / "other.yaml").touch()
    assert offered("physprior train more/") == ["more/other.yaml"]


@pytest.mark.parametrize("line", ["physprior check --select S01", "physprior kb rule S01"])
def test_codes_of_rules(offered: Offered, outside: Path, line: str) -> None:
    assert {"S010", "S019"} <= set(offered(line))


@pytest.mark.parametrize("text", ["no: such\n", "\x00"])
def test_a_project_that_cannot_be_followed_offers_the_shipped_kb(
    offered: Offered, project: Path, text: str
) -> None:
    (project / "physprior.yaml").write_text(text)
    assert offered("physprior show cli") == ["clip"]


def test_an_entry_that_cannot_be_read_costs_no_other(offered: Offered, project: Path) -> None:
    (project / "kb" / "bad.yaml").write_bytes(b"\xff\xfe\x00")
    (project / "kb" / "gone.yaml").symlink_to("nowhere.yaml")
    (project / "kb" / "folder.yaml").mkdir()
    assert offered("physprior show ") == ["pendulum"]

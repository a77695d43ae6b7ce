from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from drafting import NOTES, VARIABLES, Draft, Said
from judge_server import JudgeServer

from physprior.paths import kb_folder


@pytest.fixture
def server() -> Iterator[JudgeServer]:
    with JudgeServer() as listening:
        yield listening


@pytest.fixture
def kb(tmp_path: Path) -> Path:
    """A KB of one's own with two categories."""
    folder = tmp_path / "kb"
    folder.mkdir()
    for name in ("clip.yaml", "fan.yaml", "vocabulary.yaml"):
        shutil.copyfile(kb_folder() / name, folder / name)
    return folder


@pytest.fixture
def clip(kb: Path) -> Path:
    return kb / "clip.yaml"


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    path = tmp_path / "notes.txt"
    path.write_text(NOTES, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def program() -> Any:
    """All of the command line, put together once: that takes longer than most of these tests."""
    import typer

    from physprior.cli.main import app

    return typer.main.get_command(app)


@pytest.fixture
def command(
    program: Any,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Any,
    tmp_path: Path,
    local_line: None,
) -> Iterator[Draft]:
    """``physprior``, in this process and in an empty folder, with no model in the environment."""
    from physprior.cli.main import run

    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("physprior.cli.main.app", program)

    def call(*words: object) -> Said:
        monkeypatch.setattr(sys, "argv", ["physprior", *map(str, words)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as leaving:
            run()
        said = capsys.readouterr()
        return Said(leaving.value.code, said.out, said.err)  # type: ignore[arg-type]

    hook = sys.excepthook
    yield call
    sys.excepthook = hook


@pytest.fixture
def draft(command: Draft, server: JudgeServer, kb: Path) -> Draft:
    """``physprior kb draft`` before the server."""

    def call(*words: object) -> Said:
        where = ("--kb", kb, "--base-url", server.url, "--model", "a-model", "--attempts", 1)
        return command("kb", "draft", *where, *words)

    return call

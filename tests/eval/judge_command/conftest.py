from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from judge_commands import VARIABLES, Command, Said, rows
from judge_server import JudgeServer

WriteFile = Callable[..., Path]


@pytest.fixture
def server() -> Iterator[JudgeServer]:
    with JudgeServer() as judge:
        yield judge


@pytest.fixture(scope="module")
def program() -> Any:
    """All of the command line, put together once: that takes longer than most of these tests."""
    import typer

    from physprior.cli.main import app

    return typer.main.get_command(app)


@pytest.fixture
def command(
    program: Any, monkeypatch: pytest.MonkeyPatch, capsys: Any, tmp_path: Path
) -> Iterator[Command]:
    """``physprior eval``, in this process, without a judge in the environment."""
    from physprior.cli.main import run

    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PHYSPRIOR_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("physprior.cli.main.app", program)

    def call(*words: object) -> Said:
        monkeypatch.setattr(sys, "argv", ["physprior", "eval", *map(str, words)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as leaving:
            run()
        said = capsys.readouterr()
        return Said(leaving.value.code, said.out, said.err)  # type: ignore[arg-type]

    hook = sys.excepthook
    yield call
    sys.excepthook = hook


@pytest.fixture
def judge(command: Command, server: JudgeServer) -> Command:
    """The command before the server, by options."""

    def call(file: Path, *words: object) -> Said:
        return command("judge", file, "--base-url", server.url, "--model", "the-judge", *words)

    return call


@pytest.fixture
def file(write_file: WriteFile) -> Path:
    return write_file(rows(), "test.jsonl")

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import typer

from physprior import __version__
from physprior.cli.main import app

Process = Callable[..., subprocess.CompletedProcess[str]]
HEAVY = ("torch", "transformers", "trl", "peft", "datasets", "sklearn", "scipy", "matplotlib", "av")
COUNT_HEAVY = f"""
import atexit
def say():
    found = [name for name in {HEAVY} if name in sys.modules]
    sys.stderr.write(f"loaded: {{found}}")
atexit.register(say)
"""


def commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command and group, with the words that call it."""
    yield path, group
    for name, command in getattr(group, "commands", {}).items():
        yield from commands(command, (*path, name))


ALL = dict(commands(typer.main.get_command(app)))


def test_the_daily_verbs_stand_at_the_top() -> None:
    tops = {path[0] for path in ALL if len(path) == 1}
    assert tops >= {"check", "show", "build", "train", "predict", "score", "demo", "data", "model"}


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_every_command_explains_itself(physprior: Any, path: tuple[str, ...]) -> None:
    outcome = physprior(*path, "--help")
    assert (outcome.code, outcome.err) == (0, "")
    assert " ".join(["Usage: physprior", *path]) in outcome.out
    described = ALL[path].help.split("\n")[0]
    assert described.split(".")[0] in " ".join(outcome.out.split())


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_every_option_has_a_help_text(path: tuple[str, ...]) -> None:
    for setting in ALL[path].params:
        assert setting.help, setting.name


def test_no_command_at_all_shows_the_help(physprior: Any) -> None:
    outcome = physprior()
    assert outcome.code == 2
    assert "Usage: physprior" in outcome.out + outcome.err


def test_the_version_is_one_line(physprior: Any) -> None:
    outcome = physprior("--version")
    assert (outcome.code, outcome.out) == (0, f"physprior {__version__}\n")


@pytest.mark.parametrize(
    "words", [["--help"], ["train", "--help"], ["check"], ["show", "clip"]], ids=" ".join
)
def test_what_needs_no_model_loads_no_model_library(process: Process, words: list[str]) -> None:
    done = process(*words, before=COUNT_HEAVY)
    assert done.returncode == 0
    assert done.stderr == "loaded: []"

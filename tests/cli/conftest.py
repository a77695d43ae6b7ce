from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from physprior.dialogue import Templates
from physprior.knowledge.load import KnowledgeBase


@dataclass(frozen=True)
class Outcome:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str


Command = Callable[..., Outcome]


@pytest.fixture
def physprior(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Command]:
    """The command's entry point, called in this process, so that torch is loaded only once."""
    from physprior.cli.main import run

    def call(*words: object) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["physprior", *map(str, words)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as leaving:
            run()
        said = capsys.readouterr()
        return Outcome(leaving.value.code, said.out, said.err)  # type: ignore[arg-type]

    hook = sys.excepthook
    yield call
    sys.excepthook = hook


@pytest.fixture
def refused(physprior: Command) -> Callable[..., str]:
    """Runs a command that must be refused; returns what it said of it."""

    def call(*words: object) -> str:
        outcome = physprior(*words)
        assert outcome.code == 2
        assert outcome.out == ""
        assert outcome.err.count("error: ") == 1
        assert "Traceback" not in outcome.err
        assert "\n  remedy: " in outcome.err
        return str(outcome.err)

    return call


@pytest.fixture(scope="session")
def process() -> Callable[..., subprocess.CompletedProcess[str]]:
    """The command as a process of its own; ``before`` is Python to run in it first."""

    def start(
        *words: object, before: str = "", environment: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        script = f"import sys\n{before}\nfrom physprior.cli.main import run\nrun()"
        return subprocess.run(
            [sys.executable, "-c", script, *map(str, words)],
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=120,
            env={**os.environ, **(environment or {})},
        )

    return start


@pytest.fixture(scope="session")
def dataset(
    tmp_path_factory: pytest.TempPathFactory, kb: KnowledgeBase, templates: Templates
) -> Path:
    """A dataset of twelve short videos."""
    from physprior.dataset.compile import build
    from physprior.simulate import Options, simulate

    root = tmp_path_factory.mktemp("cli")
    options = Options(categories=("clip",), count=12, instances=4, size=32, frames=8)
    simulate(root / "videos", options, workers=1, progress=lambda done, total: None)
    build(root / "videos", root / "dataset", knowledge=kb, templates=templates, mode="multi_turn")
    return root / "dataset"

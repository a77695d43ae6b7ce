"""What the tests of commands in a project share."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

Refused = Callable[..., str]
TOLD = "project: physprior.yaml\n"


def plain(text: str) -> str:
    """A text without the frame and the line breaks of a message of misuse."""
    return " ".join(text.replace("│", " ").split())


def say(project: Path, text: str) -> None:
    (project / "physprior.yaml").write_text(text)


def finished_run(project: Path, name: str = "run") -> Path:
    folder = project / "work" / name
    folder.mkdir(parents=True)
    (folder / "run.json").write_text(json.dumps({"state": "finished"}))
    return folder

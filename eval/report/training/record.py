"""What a run folder says of itself in ``run.json``, read as it stands and without torch.

An older, newer or hand-edited record still tells most of a training: a field that is missing, or is
not what it should be, is unknown and costs no other.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from physprior.errors import CheckpointError

RUN_FILE = "run.json"
KNOWN_FORMAT = 1
_IS = "a run folder is what 'physprior train' makes: run.json, recipe.yaml, log.jsonl and weights"


class RunFile:
    """The record of a run, by the way of each value: ``record.text("dataset", "folder")``."""

    def __init__(self, content: Mapping[str, Any]) -> None:
        self.content = content

    def at(self, *way: str) -> Any:
        """The value there, whatever it is; None where there is none."""
        value: Any = self.content
        for step in way:
            value = value.get(step) if isinstance(value, Mapping) else None
        return value

    def text(self, *way: str) -> str:
        """The text there; empty where there is none."""
        value = self.at(*way)
        return value if isinstance(value, str) else ""

    def number(self, *way: str) -> float | None:
        """The finite number there, None where there is none."""
        value = self.at(*way)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        try:
            return value if math.isfinite(value) else None
        except OverflowError:
            return None

    def count(self, *way: str) -> int | None:
        """The whole number there that is not negative, None where there is none."""
        value = self.number(*way)
        return int(value) if value is not None and value >= 0 and value == int(value) else None

    def table(self, *way: str) -> Mapping[str, Any]:
        """The object there; empty where there is none."""
        value = self.at(*way)
        return value if isinstance(value, Mapping) else {}

    @property
    def finished(self) -> bool:
        """Whether the weights are written."""
        return self.at("state") == "finished"

    @property
    def known(self) -> bool:
        """Whether the record is of the form that this version writes."""
        return self.at("format") == KNOWN_FORMAT


def is_run(folder: Path) -> bool:
    """Whether a folder is a run folder."""
    return (folder / RUN_FILE).is_file()


def read_run_file(folder: Path) -> RunFile:
    """The record of a run folder.

    Raises CheckpointError where there is no run, or where ``run.json`` is no JSON object.
    """
    path = folder / RUN_FILE
    if not path.is_file():
        what = "there is no run.json in it" if folder.is_dir() else "there is no such folder"
        raise CheckpointError(f"{folder} is no run folder: {what}", remedy=_IS)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        said = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise CheckpointError(
            f"{path} cannot be read: {said}", remedy="restore the file, or train again"
        ) from error
    if not isinstance(content, dict):
        raise CheckpointError(f"{path} holds no JSON object", remedy=_IS)
    return RunFile(content)

"""The log of a training as series: ``log.jsonl`` of a run folder, whatever state it is in.

A killed run leaves half a line at the end; one that went on may leave a stretch twice, of which the
later one counts. What cannot be read is left out and counted.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from physprior.dataset.names import shown
from physprior.eval.report.training.series import Series

LOG_FILE = "log.jsonl"
_NAMED = 3
_LONGEST = 200


@dataclass(frozen=True)
class Log:
    """What the log holds."""

    series: Mapping[str, Series]
    """By the log's own names, in the order in which they first come."""
    last_step: int | None
    """The last step that it speaks of."""
    missing: tuple[str, ...]
    """What could not be read, in sentences."""


def read_log(folder: Path) -> Log:
    """The log of a run folder; an empty one, and why, where it cannot be read."""
    path = folder / LOG_FILE
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return Log({}, None, (f"{path} is not there: nothing was logged, or it was removed",))
    except OSError as error:
        return Log({}, None, (f"{path} cannot be read: {error.strerror or error}",))
    # What follows the last line break is half a line of a killed process.
    whole = content[: content.rfind(b"\n") + 1]
    reading = _Reading()
    for number, line in enumerate(whole.split(b"\n")[:-1], 1):
        reading.take(number, line)
    return Log(reading.series(), reading.last_step, tuple(reading.complaints(path)))


class _Reading:
    """What the lines so far come to."""

    def __init__(self) -> None:
        self._points: dict[str, dict[int, float]] = {}
        self._bad: list[int] = []
        self._endless: dict[str, int] = {}
        self.last_step: int | None = None

    def take(self, number: int, line: bytes) -> None:
        """One line; what it says of a step takes the place of what was said of it before."""
        if not line.strip():
            return
        said = _parse(line)
        if said is None:
            self._bad.append(number)
            return
        step = said["step"]
        if self.last_step is not None and step < self.last_step:
            self._forget_from(step)
        self.last_step = step
        for name, value in said.items():
            if name != "step" and _is_number(value):
                self._put(shown(name[:_LONGEST]), step, value)

    def _put(self, name: str, step: int, value: float) -> None:
        if math.isfinite(value):
            self._points.setdefault(name, {})[step] = float(value)
        else:
            self._endless.setdefault(name, step)

    def _forget_from(self, step: int) -> None:
        """A killed stretch logged more than its checkpoint held: the run went on before that."""
        for points in self._points.values():
            for one in [one for one in points if one >= step]:
                del points[one]

    def series(self) -> dict[str, Series]:
        """What is left, each in the order of its steps."""
        return {
            name: Series(tuple(sorted(points)), tuple(points[step] for step in sorted(points)))
            for name, points in self._points.items()
            if points
        }

    def complaints(self, path: Path) -> Iterator[str]:
        """What was left out, in sentences."""
        if self._bad:
            named = ", ".join(map(str, self._bad[:_NAMED]))
            more = f" and {len(self._bad) - _NAMED} more" if len(self._bad) > _NAMED else ""
            lines = "line" if len(self._bad) == 1 else "lines"
            yield f"{path}: {lines} {named}{more} cannot be read, and {_is(self._bad)} left out"
        for name, step in self._endless.items():
            yield f"{path}: {name} is no finite number at step {step}: the training went astray"
        if self.last_step is None:
            yield f"{path} holds no step yet: there is no curve to show"


def _is(lines: list[int]) -> str:
    return "is" if len(lines) == 1 else "are"


def _parse(line: bytes) -> dict[str, Any] | None:
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict):
        return None
    step = said.get("step")
    is_step = isinstance(step, int) and not isinstance(step, bool) and 0 <= step < 2**53
    return said if is_step else None


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return isinstance(value, float) or abs(value) < 2**1000

"""One measured thing over the steps of a training."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Series:
    """One measured thing over the steps."""

    steps: tuple[int, ...]
    """Rising, each once."""
    values: tuple[float, ...]
    """One a step, all finite."""

    @property
    def last(self) -> float:
        """The last value."""
        return self.values[-1]

    def at(self, step: int | None) -> float | None:
        """The value of a step, None where it was not measured then."""
        if step is None or step not in self.steps:
            return None
        return self.values[self.steps.index(step)]

"""What a split protocol is: a rule by which the videos of a category train, validate and test."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar

from physprior.dataset.index import Video
from physprior.dataset.records import SPLITS, SplitName
from physprior.errors import DatasetError

Fractions = tuple[float, float, float]
"""The parts of train, val and test; they sum to 1."""

DEFAULT_FRACTIONS: Fractions = (0.7, 0.1, 0.2)


class Protocol(ABC):
    """A named way to split. Its options are its fields, which it checks when it is made."""

    name: ClassVar[str]
    """The name by which it is asked for."""
    options: ClassVar[tuple[str, ...]] = ()
    """The names of its own options, beside the seed and the fractions that all take."""

    @abstractmethod
    def assign(
        self, category: str, videos: Sequence[Video], seed: int, fractions: Fractions
    ) -> dict[str, SplitName]:
        """Each path of one category's videos with its split.

        No protocol sees more than a category at once, so none depends on the others. The order of
        the videos does not matter. Raises DatasetError for videos that it cannot be used with.
        """

    def meant_for(self, anomalous: bool, fractions: Fractions) -> tuple[SplitName, ...]:
        """The splits in which a normal or an anomalous class should have videos."""
        del anomalous
        return splits_with_a_part(fractions)

    def note(self, videos: Sequence[Video], assignment: Mapping[str, SplitName]) -> str:
        """What must be said along with any number that comes of this split; mostly nothing."""
        del videos, assignment
        return ""


def splits_with_a_part(fractions: Fractions) -> tuple[SplitName, ...]:
    """The splits with a fraction above zero."""
    return tuple(split for split, part in zip(SPLITS, fractions, strict=True) if part > 0)


def check_fractions(fractions: Sequence[float]) -> None:
    """Raise DatasetError for fractions that are not three parts of 1 with some of it to train."""
    sound = (
        len(fractions) == len(SPLITS)
        and all(math.isfinite(part) and part >= 0 for part in fractions)
        and math.isclose(sum(fractions), 1, abs_tol=1e-6)
        and fractions[0] > 0
    )
    if not sound:
        given = ", ".join(f"{part:g}" for part in fractions)
        raise DatasetError(
            f"the fractions {given} are not three parts of 1 with something to train on",
            remedy="give train, val and test parts that sum to 1, such as 0.7,0.1,0.2",
        )


def val_share(fractions: Fractions) -> float:
    """Val's part of what does not test, where the protocol itself says what tests."""
    return fractions[1] / (fractions[0] + fractions[1])

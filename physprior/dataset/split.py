"""Splitting videos: which train, validate and test, by a named protocol or a published file.

The paper does not say how anomalous test videos came into its training, so the split is ours to
name, to list and to publish. Copies of one file, and where it can be the videos of one object, stay
in one split; where the release's own folders decide, they are as the release has them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, field_validator, model_validator

from physprior.dataset.index import Video
from physprior.dataset.protocols import (
    DEFAULT_FRACTIONS,
    PROTOCOLS,
    Fractions,
    Protocol,
    check_fractions,
)
from physprior.dataset.records import SplitName
from physprior.dataset.split_file import apply_split, read_split
from physprior.dataset.split_model import (
    Split,
    find_grouping,
    find_missing,
    find_moved,
    join_notes,
    say_torn,
)
from physprior.errors import DatasetError

__all__ = [
    "DEFAULT_FRACTIONS",
    "PROTOCOLS",
    "Fractions",
    "Split",
    "SplitOptions",
    "make_split",
]

_OWN_OPTIONS = ("k", "folds", "fold")


class SplitOptions(BaseModel):
    """How to split. Raises DatasetError, in words, for options that do not fit together."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    protocol: str = "supervised"
    """The protocol's name."""
    seed: int = 0
    """What the videos are shuffled by."""
    fractions: Fractions = DEFAULT_FRACTIONS
    """The parts of train, val and test."""
    k: int | None = None
    """Protocol weak: how many anomalous videos of each class train, 2 to 4; None: 4."""
    folds: int | None = None
    """Protocol folds: how many folds; None: 5."""
    fold: int | None = None
    """Protocol folds: which of them tests, counted from 1; None: 1."""
    split_file: Path | None = None
    """A published split to use; what is said above must then agree with it."""
    allow_missing: bool = False
    """Leave out what is not both in the published split and among the videos."""

    @field_validator("fractions", mode="before")
    @classmethod
    def _check_fractions(cls, fractions: Any) -> Any:
        check_fractions(fractions)
        return fractions

    @model_validator(mode="after")
    def _check_protocol(self) -> SplitOptions:
        # With a published split, what is said here is held against what the file says.
        if self.split_file is None:
            self.chosen()
            if self.allow_missing:
                raise DatasetError(
                    "only what a published split names can be missing",
                    remedy="name a split file as well, or leave allow-missing out",
                )
        return self

    def chosen(self) -> Protocol:
        """The protocol with its own options. Raises DatasetError where they do not fit it."""
        kind = PROTOCOLS.get(self.protocol)
        if kind is None:
            raise DatasetError(
                f"there is no split protocol '{self.protocol}'",
                remedy=f"use one of: {', '.join(PROTOCOLS)}",
            )
        given = {
            name: getattr(self, name) for name in _OWN_OPTIONS if getattr(self, name) is not None
        }
        for name in given:
            if name not in kind.options:
                owner = next(one.name for one in PROTOCOLS.values() if name in one.options)
                raise DatasetError(
                    f"{name} is an option of protocol {owner}, and the protocol is {self.protocol}",
                    remedy=f"leave {name} out, or use the protocol {owner}",
                )
        return kind(**given)


def make_split(videos: Sequence[Video], options: SplitOptions) -> Split:
    """Split videos as the options say, or as a published split has them.

    Raises DatasetError for videos that the protocol or the published split does not fit.
    """
    if options.split_file is not None:
        return _apply_file(videos, options, options.split_file)
    protocol = options.chosen()
    by_category: dict[str, list[Video]] = defaultdict(list)
    for video in videos:
        by_category[video.category].append(video)
    assignment: dict[str, SplitName] = {}
    for category in sorted(by_category):
        own = by_category[category]
        assignment.update(protocol.assign(category, own, options.seed, options.fractions))
    return Split(
        protocol=protocol.name,
        seed=options.seed,
        fractions=options.fractions,
        **{name: getattr(protocol, name) for name in protocol.options},
        note=join_notes(protocol.note(videos, assignment), say_torn(videos, assignment)),
        moved=find_moved(videos, assignment),
        grouping=find_grouping(videos, assignment),
        missing=find_missing(videos, assignment, options.fractions, protocol),
        assignment=dict(sorted(assignment.items())),
        sha256={video.path: video.sha256 for video in sorted(videos, key=lambda one: one.path)},
    )


def _apply_file(videos: Sequence[Video], options: SplitOptions, path: Path) -> Split:
    published = read_split(path)
    for name in ("protocol", "seed", "fractions", *_OWN_OPTIONS):
        asked, said = getattr(options, name), getattr(published, name)
        if name in options.model_fields_set and asked not in (None, said):
            raise DatasetError(
                f"{path}: it was made with {name} {_shown(said)}, and {_shown(asked)} is asked for",
                remedy=f"leave {name} out: a published split brings its own",
            )
    return apply_split(published, videos, path, allow_missing=options.allow_missing)


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        return ",".join(f"{part:g}" for part in value)
    return "(none)" if value is None else str(value)

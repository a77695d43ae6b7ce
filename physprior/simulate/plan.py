"""Which videos a simulation holds: every shot, in order, and where its files lie."""

from __future__ import annotations

import difflib

from pydantic import BaseModel, ConfigDict, Field, field_validator

from physprior.errors import DatasetError
from physprior.knowledge.schema import NORMAL
from physprior.simulate.film import Shot
from physprior.simulate.twin import twins


class Options(BaseModel):
    """What to simulate; the same options give the same bytes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    categories: tuple[str, ...] = Field(default_factory=lambda: tuple(twins()), min_length=1)
    """The categories, by their ids in the KB; all that there are by default."""
    count: int = Field(default=60, ge=4)
    """Videos per category: half normal, the other half shared evenly by the anomalies."""
    instances: int = Field(default=24, ge=1)
    """Physical objects per category, spread evenly over the classes."""
    size: int = Field(default=96, ge=32, le=4096, multiple_of=2)
    """Width and height of a frame in pixels, even."""
    frames: int = Field(default=60, ge=2)
    """Frames per video."""
    fps: int = Field(default=30, ge=1)
    """Frames per second."""
    seed: int = Field(default=0, ge=0)
    """What all randomness comes from."""

    @field_validator("categories")
    @classmethod
    def _sort(cls, categories: tuple[str, ...]) -> tuple[str, ...]:
        # The order in which someone names the categories decides nothing.
        return tuple(sorted(set(categories)))


def plan(options: Options) -> list[Shot]:
    """Every shot of a simulation, category by category, training videos first.

    Raises DatasetError for a category without a twin, or a count that leaves a class empty.
    """
    return [shot for category in options.categories for shot in _plan_category(category, options)]


def path_of(shot: Shot) -> str:
    """Where a shot's video lies below the root, as a posix path; its sidecar ends in .json."""
    return f"{shot.category}/{shot.folder}/{shot.index:04d}.mp4"


def _plan_category(category: str, options: Options) -> list[Shot]:
    folders = _folders(category, options.count)
    shots = []
    for position, (folder, class_id, count) in enumerate(folders):
        # Each folder goes round the instances from another start, so that few videos a folder
        # do not all show the first few objects.
        first = position * options.instances // len(folders)
        shots += [
            Shot(
                category=category,
                class_id=class_id,
                folder=folder,
                index=index,
                instance=(first + index) % options.instances,
                seed=options.seed,
                size=options.size,
                frames=options.frames,
                fps=options.fps,
            )
            for index in range(count)
        ]
    return shots


def _folders(category: str, count: int) -> list[tuple[str, str, int]]:
    """Folder, class and number of videos, in order."""
    if category not in twins():
        close = difflib.get_close_matches(category, twins(), n=1)
        hint = f"did you mean {close[0]!r}? " if close else ""
        raise DatasetError(
            f"no simulation of the category {category!r}",
            remedy=f"{hint}there are: {', '.join(twins())}",
        )
    anomalies = tuple(twins()[category].defects)
    anomalous = count // 2
    normal = count - anomalous
    least = 2 * len(anomalies)
    if count < least:
        raise DatasetError(
            f"{count} videos of {category!r} are too few for {len(anomalies)} anomalies",
            remedy=f"ask for at least {least}: half of them are normal",
        )
    share, rest = divmod(anomalous, len(anomalies))
    return [
        ("train", NORMAL, normal - normal // 2),
        (f"test/{NORMAL}", NORMAL, normal // 2),
        *((f"test/{a}", a, share + (k < rest)) for k, a in enumerate(anomalies)),
    ]

"""Which videos a simulation holds: every shot, in order, and where its files lie."""

from __future__ import annotations

import difflib
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from physprior import phys_ad
from physprior.errors import DatasetError
from physprior.knowledge.schema import NORMAL
from physprior.simulate.film import Shot
from physprior.simulate.twin import twins

Counts = Literal["even", "phys-ad"]
Clips = Literal["equal", "phys-ad"]

MOST_SIDE, MOST_FRAMES, MOST_FPS = 4096, 100_000, 1000
"""The largest frame, the longest clip and the highest rate that are made."""
LEAST_S = 0.1
"""The shortest clip (s): in less, nothing has time to move."""

_EVEN = {"count": 60}
_MOST_INSTANCES = 24
_EQUAL = {"frames": 60, "fps": 30}
_PHYS_AD_FPS = 60


class Options(BaseModel):
    """What to simulate; the same options give the same bytes.

    Raises pydantic's ValidationError for values out of range, and for a number that ``counts`` or
    ``clips`` settles already.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    categories: tuple[str, ...] = Field(default_factory=lambda: tuple(twins()), min_length=1)
    """The categories, by their ids in the KB; all that there are by default."""
    counts: Counts = "even"
    """``even``: ``count`` and ``instances`` for every category. ``phys-ad``: the videos of each
    split and the objects of each category as in Table 3 of the Phys-AD paper."""
    count: int | None = Field(default=None, ge=4)
    """Videos per category: half normal, the other half shared evenly by the anomalies; 60."""
    instances: int | None = Field(default=None, ge=1)
    """Physical objects per category, spread evenly over the classes; 24, or a quarter of ``count``
    where that is fewer: each object is then among the training videos, and none is new in one class
    of the test videos and known in another."""
    size: int = Field(default=96, ge=32, le=MOST_SIDE, multiple_of=2)
    """Width and height of a frame in pixels, even."""
    clips: Clips = "equal"
    """``equal``: ``frames`` and ``fps`` for every category. ``phys-ad``: each category's frames
    as in Table 3, 60 to 240 of them, at 60 a second."""
    frames: int | None = Field(default=None, ge=2, le=MOST_FRAMES)
    """Frames per video; 60. A clip lasts a tenth of a second at least."""
    fps: int | None = Field(default=None, ge=1, le=MOST_FPS)
    """Frames per second; 30."""
    severity: tuple[float, float] = (0.5, 1.0)
    """The range from which each anomaly's severity is drawn: 0 is barely visible, 1 is gross."""
    seed: int = Field(default=0, ge=0)
    """What all randomness comes from."""

    @model_validator(mode="before")
    @classmethod
    def _settle(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        settled = dict(given)
        count = _EVEN["count"] if settled.get("count") is None else settled["count"]
        some = min(_MOST_INSTANCES, max(1, count // 4)) if isinstance(count, int) else None
        usual: dict[str, dict[str, int | None]] = {
            "counts": {**_EVEN, "instances": some},
            "clips": {**_EQUAL},
        }
        for choice, own in (("counts", "even"), ("clips", "equal")):
            for name, number in usual[choice].items():
                if settled.get(choice, own) == own:
                    settled[name] = number if settled.get(name) is None else settled[name]
                elif settled.get(name) is not None:
                    raise ValueError(f"{name} is settled by {choice}={settled[choice]}")
        return settled

    @model_validator(mode="after")
    def _lasts(self) -> Self:
        if self.frames is not None and self.fps is not None and self.frames < LEAST_S * self.fps:
            raise ValueError(f"a clip lasts {LEAST_S} s at least, not {self.frames / self.fps:.3g}")
        return self

    @field_validator("categories")
    @classmethod
    def _sort(cls, categories: tuple[str, ...]) -> tuple[str, ...]:
        # The order in which someone names the categories decides nothing.
        return tuple(sorted(set(categories)))

    @field_validator("severity")
    @classmethod
    def _range(cls, severity: tuple[float, float]) -> tuple[float, float]:
        low, high = severity
        if not 0 <= low <= high <= 1:
            raise ValueError(f"{low} to {high} is no range between 0 and 1")
        return severity


def plan(options: Options) -> list[Shot]:
    """Every shot of a simulation, category by category, training videos first.

    Raises DatasetError for a category without a twin, or a count that leaves a class empty.
    """
    return [shot for category in options.categories for shot in _plan_category(category, options)]


def path_of(shot: Shot) -> str:
    """Where a shot's video lies below the root, as a posix path; its sidecar ends in .json."""
    return f"{shot.category}/{shot.folder}/{shot.index:04d}.mp4"


def _plan_category(category: str, options: Options) -> list[Shot]:
    folders, instances = _folders(category, options)
    frames, fps = _length(category, options)
    shots = []
    for position, (folder, class_id, count) in enumerate(folders):
        # Each folder goes round the instances from another start, so that few videos a folder
        # do not all show the first few objects.
        first = position * instances // len(folders)
        shots += [
            Shot(
                category=category,
                class_id=class_id,
                folder=folder,
                index=index,
                instance=(first + index) % instances,
                seed=options.seed,
                size=options.size,
                frames=frames,
                fps=fps,
                severity=options.severity,
            )
            for index in range(count)
        ]
    return shots


def _length(category: str, options: Options) -> tuple[int, int]:
    """Frames, and frames a second."""
    if options.frames is None or options.fps is None:
        return _published(category).frames, _PHYS_AD_FPS
    return options.frames, options.fps


def _folders(category: str, options: Options) -> tuple[list[tuple[str, str, int]], int]:
    """Folder, class and number of videos, in order; and how many objects there are."""
    if category not in twins():
        close = difflib.get_close_matches(category, twins(), n=1)
        hint = f"did you mean {close[0]!r}? " if close else ""
        raise DatasetError(
            f"no simulation of the category {category!r}",
            remedy=f"{hint}there are: {', '.join(twins())}",
        )
    anomalies = tuple(twins()[category].defects)
    if options.count is None or options.instances is None:
        row = _published(category)
        train, normal, anomalous = row.train, row.test_normal, row.test_anomalous
        instances = row.objects
    else:
        count, instances = options.count, options.instances
        least = 2 * len(anomalies)
        if count < least:
            raise DatasetError(
                f"{count} videos of {category!r} are too few for {len(anomalies)} anomalies",
                remedy=f"ask for at least {least}: half of them are normal",
            )
        anomalous = count // 2
        normal = (count - anomalous) // 2
        train = count - anomalous - normal
    share, rest = divmod(anomalous, len(anomalies))
    folders = [
        ("train", NORMAL, train),
        (f"test/{NORMAL}", NORMAL, normal),
        *((f"test/{a}", a, share + (k < rest)) for k, a in enumerate(anomalies)),
    ]
    return folders, instances


def _published(category: str) -> phys_ad.Counts:
    if category not in phys_ad.COUNTS:
        raise DatasetError(
            f"Phys-AD has no category {category!r} to take numbers from",
            remedy="leave it out, or give the numbers yourself",
        )
    return phys_ad.COUNTS[category]

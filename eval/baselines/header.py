"""The baselines by name, and the header of a baseline's predictions: what decides its scores."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from physprior import fingerprint
from physprior.dataset.folder import Dataset
from physprior.dataset.records import SplitName
from physprior.eval.baselines import vectors
from physprior.eval.predictions import Header
from physprior.video.sample import Sampling

_VERSION = 1
"""Of how baselines are computed."""


@dataclass(frozen=True)
class Baseline:
    """How a baseline makes a vector of a video, and a score of its place among the normal ones."""

    reads: Literal["frames", "features"]
    """What it is given of a video: its prepared frames, or the vision tower's features."""
    vector: Callable[[Any], vectors.Vector]
    """Makes a vector of that."""
    distance: vectors.Distance
    """How far videos are off the normal ones."""
    parameters: Mapping[str, str | int | float]
    """What was chosen, in words and numbers; never on the videos that are scored."""


_NEAREST: Mapping[str, str | int | float] = {
    "score": "root mean square difference to the nearest normal training video of the category, in "
    "those videos' standard deviations",
    "neighbours": 1,
    "least_spread": vectors.LEAST_SPREAD,
}
BASELINES: Mapping[str, Baseline] = {
    "nearest_normal": Baseline(
        "features",
        vectors.appearance,
        vectors.nearest_normal,
        {
            "vector": "features of the frozen vision tower, mean over the patches of each frame, "
            "frames in their order",
            **_NEAREST,
        },
    ),
    "motion_energy": Baseline(
        "frames",
        vectors.motion_energy,
        vectors.deviation,
        {
            "vector": "mean absolute difference of neighbouring frames in grey levels, one number",
            "score": "|z| among the normal training videos of the category",
        },
    ),
    "motion_profile": Baseline(
        "frames",
        vectors.motion_steps,
        vectors.nearest_normal,
        {
            "vector": "mean absolute difference of neighbouring frames in grey levels, a number "
            "for each step",
            **_NEAREST,
        },
    ),
}
"""The baselines by name, in the order in which they are reported."""


def make_header(
    name: str,
    dataset: Dataset,
    split: SplitName,
    *,
    base: str,
    base_fingerprint: str,
    sampling: Sampling,
    total: int,
    provenance: Mapping[str, Any],
) -> Header:
    """The header of a baseline's predictions of one split of ``total`` videos.

    What it was measured against is not yet in it: see ``measured_against``.
    """
    parameters = dict(BASELINES[name].parameters)
    manifest = fingerprint.of_file(dataset.folder / "manifest.json")
    decisive = {
        "source": "baseline",
        "version": _VERSION,
        "name": name,
        "parameters": parameters,
        "base": base_fingerprint,
        "dataset": manifest,
        "split": split,
        "sampling": sampling.model_dump(),
    }
    return Header(
        source="baseline",
        fingerprint=fingerprint.of_json(decisive),
        model=name,
        base_fingerprint=base_fingerprint,
        run_fingerprint=None,
        dataset=str(dataset.folder),
        dataset_hash=manifest,
        split_hash=dataset.manifest.split,
        split=split,
        mode=None,
        history=None,
        sampling=sampling,
        max_new_tokens=None,
        total=total,
        provenance={**provenance, "baseline": {"base": base, "parameters": parameters}},
    )


def measured_against(
    header: Header, normals: Mapping[str, int], unusable: Mapping[str, str]
) -> Header:
    """The header with what its scores were measured against.

    ``normals``: how many normal training videos, by category; ``unusable``: those that could not be
    used, with their reasons.
    """
    said = {
        **header.provenance["baseline"],
        "normals": dict(sorted(normals.items())),
        "unusable_normals": dict(sorted(unusable.items())),
    }
    return header.model_copy(update={"provenance": {**header.provenance, "baseline": said}})

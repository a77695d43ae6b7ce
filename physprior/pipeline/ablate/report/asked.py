"""What was asked of the test split: each arm's predictions, seed by seed and averaged over seeds.

The score of a video over several seeds is the plain mean of its log-odds. Nothing is standardised
by what the test videos give, so no test video helps to rank another; a training whose log-odds
reach further weighs more, which is why the trainings' own AUROCs stand beside.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path

from physprior import fingerprint
from physprior.errors import PredictionError
from physprior.eval.predictions import Prediction, Predictions, read_predictions
from physprior.eval.scoring import Scores, common, score
from physprior.pipeline.ablate.report.layout import Layout
from physprior.pipeline.ablate.report.model import Kind


@dataclass(frozen=True)
class Asked:
    """The predictions behind one row of the main table."""

    name: str
    kind: Kind
    arm: str
    seeds: tuple[int, ...]
    """Empty for what was not trained here, whose one file then stands alone."""
    files: tuple[Predictions, ...]
    """A file a seed."""
    scores: tuple[Scores, ...]
    """Of each file."""
    averaged: Predictions
    """The videos that every seed has a score for, with the mean of their log-odds."""
    whole: Scores
    """Of the averaged predictions."""
    left: int
    """Videos that a seed lacks, skipped, or has no score for."""


def ask_all(layout: Layout) -> tuple[tuple[Asked, ...], tuple[str, ...]]:
    """The rows of a study, arms first, and what holds no prediction yet, in sentences.

    Raises PredictionError for a damaged file, and for seeds that speak of other videos or labels.
    """
    made: list[Asked | str] = []
    for arm in layout.arms:
        made += _rows(arm.name, "arm", arm.name, arm.given)
        made += _rows(f"{arm.name}, history generated", "generated", arm.name, arm.generated)
    for mode, path in layout.untuned.items():
        made += _rows(f"untuned base, {mode}", "untuned", mode, {None: path})
    for method, path in layout.baselines.items():
        made += _rows(method, "baseline", method, {None: path})
    rows = tuple(one for one in made if isinstance(one, Asked))
    if not any(one.kind in ("arm", "generated") for one in rows):
        raise PredictionError(
            f"{layout.folder} holds no prediction of any arm yet",
            remedy="run 'physprior study ablate' to its end",
        )
    return rows, tuple(one for one in made if isinstance(one, str))


def _rows(
    name: str, kind: Kind, arm: str, paths: Mapping[int, Path] | Mapping[None, Path]
) -> list[Asked | str]:
    if not paths:
        return []
    read = {seed: read_sorted(path) for seed, path in paths.items()}
    empty = [file.path for file in read.values() if not file.predictions]
    said: list[Asked | str] = [f"{path} holds no prediction yet: it is left out" for path in empty]
    files = {seed: file for seed, file in read.items() if file.predictions}
    if not files:
        return said
    averaged, left = seed_average(tuple(files.values()))
    if not averaged.predictions:
        return [*said, f"{name}: its seeds share no video with a score: it is left out"]
    asked = Asked(
        name,
        kind,
        arm,
        tuple(seed for seed in files if seed is not None),
        tuple(files.values()),
        tuple(score(file) for file in files.values()),
        averaged,
        score(averaged),
        left,
    )
    return [*said, asked]


def read_sorted(path: Path) -> Predictions:
    """A predictions file with its videos in the order of their ids, whichever was made first."""
    file = read_predictions(path)
    return replace(
        file,
        predictions=tuple(sorted(file.predictions, key=lambda line: line.id)),
        skipped=tuple(sorted(file.skipped, key=lambda line: line.id)),
    )


def seed_average(files: Sequence[Predictions]) -> tuple[Predictions, int]:
    """One file with the mean log-odds of each video that all have scored; and how many have left.

    Raises PredictionError where the files are of several splits, or give a video two labels.
    """
    first = files[0]
    scored = [{line.id for line in file.predictions if line.score is not None} for file in files]
    every = {line.id for file in files for line in (*file.predictions, *file.skipped)}
    ids = set.intersection(*scored)
    kept = [restricted(file, ids) for file in files]
    for other in kept[1:]:
        common(kept[0], other)
    if len(files) == 1:
        return kept[0], len(every) - len(ids)
    lines = zip(*(file.predictions for file in kept), strict=True)
    header = first.header.model_copy(
        update={
            "fingerprint": fingerprint.of_json([file.header.fingerprint for file in files]),
            "run_fingerprint": None,
            "total": len(ids),
        }
    )
    averaged = replace(kept[0], header=header, predictions=tuple(map(_averaged, lines)))
    return averaged, len(every) - len(ids)


def restricted(file: Predictions, ids: Set[str]) -> Predictions:
    """A file with these videos alone."""
    lines = tuple(line for line in file.predictions if line.id in ids)
    return replace(file, predictions=lines, skipped=())


def _averaged(lines: Sequence[Prediction]) -> Prediction:
    scores = [line.score for line in lines if line.score is not None]
    # The words are each seed's own: what three trainings said has no mean.
    return lines[0].model_copy(
        update={
            "score": math.fsum(scores) / len(scores),
            "log_normal": None,
            "log_anomalous": None,
            "mass": None,
            "text": None,
            "parse": None,
            "turns": (),
        }
    )

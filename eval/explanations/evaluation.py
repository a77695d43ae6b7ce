"""The explanation scores of a predictions file: what lies beside it, with all its means.

``eval sbert`` and ``eval judge`` leave their results beside the predictions. They are found there,
as controls are, and taken only where they speak of these very predictions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from physprior import verdict
from physprior.dataset.names import shown
from physprior.errors import PhyspriorError, PredictionError
from physprior.eval.explanations.content import predictions_hash
from physprior.eval.explanations.items import Item
from physprior.eval.explanations.means import Summary, earned, summarise
from physprior.eval.explanations.sbert_file import SbertResult, read_sbert, sbert_path
from physprior.eval.judge.profiles import PROFILES
from physprior.eval.judge.replies import Judged, judged_path, read_judged
from physprior.eval.predictions import Predictions
from physprior.stats.agreement import Agreement, agreement
from physprior.stats.detection import macro_estimate
from physprior.stats.estimate import Estimate
from physprior.stats.verdicts import rate_estimate

_SHOWN = 200
Reasons = tuple[tuple[str, str], ...]
"""Ids with why they are unscored, each once, in the file's order."""


@dataclass(frozen=True)
class SbertScores:
    """The SBERT score of a file."""

    path: Path
    result: SbertResult
    best: Summary
    """Cosine to the nearest reference."""
    mean: Summary
    """Mean cosine to the references."""
    earned: Summary
    """Of ``best``, with 0 where the verdict is wrong."""
    copied: Mapping[str, Estimate]
    """By category: the share of explanations that are taught ones, word for word."""
    copied_macro: Estimate
    """Mean over categories."""
    copied_pooled: Estimate
    """Of all videos together."""
    unscored: Reasons


@dataclass(frozen=True)
class JudgedTask:
    """What a judge made of one of the texts, ``explanation`` or ``description``."""

    task: str
    aspects: Mapping[str, Summary]
    """By aspect: ``score`` first, which is the mark that counts."""
    earned: Summary
    """Of ``score``, with 0 where the verdict is wrong."""
    agreement: Agreement
    """Of the judge with itself, where questions were repeated."""
    unscored: Reasons
    """What has no mark."""
    fewer: Reasons
    """What has one, though not of each repeat."""

    @property
    def score(self) -> Summary:
        """The mark that counts."""
        return self.aspects["score"]


@dataclass(frozen=True)
class JudgeScores:
    """What one judge made of a file, by one profile."""

    judged: Judged
    tasks: tuple[JudgedTask, ...]

    @property
    def profile(self) -> str:
        """``llm-score`` or ``paeval``."""
        return self.judged.header.profile

    def task(self, name: str) -> JudgedTask | None:
        """One of its tasks, if the judge was asked about it."""
        return next((one for one in self.tasks if one.task == name), None)


@dataclass(frozen=True)
class Explanations:
    """How well a file's explanations say what the references of the true class say."""

    items: tuple[Item, ...]
    """The answers, in the file's order, without their references."""
    sbert: SbertScores | None
    judged: tuple[JudgeScores, ...]
    """A judge a profile, in the order of ``PROFILES``."""
    unfit: tuple[str, ...] = ()
    """Files that lie beside the predictions, and why they are not of them."""

    def judge(self, profile: str) -> JudgeScores | None:
        """What the judge of a profile made of it, if there is such a file."""
        return next((one for one in self.judged if one.profile == profile), None)


def load_explanations(predictions: Predictions) -> Explanations | None:
    """The explanation scores that lie beside a predictions file; None where there is no file.

    A file that cannot be read, or is of other predictions, is no error, since nobody has named it:
    it stands in ``unfit`` with the reason.
    """
    sbert_file = sbert_path(predictions.path)
    judge_files = [judged_path(predictions.path, profile) for profile in PROFILES]
    if not any(path.is_file() for path in (sbert_file, *judge_files)):
        return None
    found = Explanations(answered(predictions), None, ())
    known = predictions_hash(predictions.predictions)
    for path in filter(Path.is_file, (sbert_file, *judge_files)):
        join = _join_sbert if path == sbert_file else _join_judged
        try:
            found = join(found, path, known)
        except PhyspriorError as error:
            found = replace(found, unfit=(*found.unfit, error.message))
    return found


def answered(predictions: Predictions) -> tuple[Item, ...]:
    """The answers of a file as today's grammar reads them; scored already, they need no KB."""
    return tuple(
        Item(
            line,
            None if line.text is None else verdict.parse(line.text, truncated=line.truncated),
            (),
            (),
        )
        for line in predictions.predictions
    )


def _join_sbert(found: Explanations, path: Path, known: str) -> Explanations:
    result = read_sbert(path)
    if result.predictions_hash != known:
        return _unfit(found, path, "eval sbert")
    _refuse_others(path, {*result.scores, *result.unscored}, found.items, whole=True)
    return replace(found, sbert=sbert_scores(path, result, found.items))


def _join_judged(found: Explanations, path: Path, known: str) -> Explanations:
    judged = read_judged(path)
    if judged.header.predictions_hash != known:
        return _unfit(found, path, f"eval judge --profile {judged.header.profile}")
    ids = {name for task in judged.tasks for name in judged.values(task=task)}
    _refuse_others(path, ids, found.items, whole=False)
    return replace(found, judged=(*found.judged, judge_scores(judged, found.items)))


def _refuse_others(path: Path, ids: set[str], items: Sequence[Item], *, whole: bool) -> None:
    """Raise PredictionError where a file speaks of other videos than it should: it was changed."""
    known = {item.id for item in items}
    strange = sorted(ids - known) or (sorted(known - ids) if whole else [])
    if strange:
        raise PredictionError(
            f"{path}: {'an unknown' if strange[0] in ids else 'no score for the'} video "
            f"{shown(strange[0][:_SHOWN])}: it was changed",
            remedy="remove it, and give the command again that has written it",
        )


def _unfit(found: Explanations, path: Path, command: str) -> Explanations:
    said = (
        f"{path} is of other predictions, or of these before they were changed: "
        f"run 'physprior {command}' again"
    )
    return replace(found, unfit=(*found.unfit, said))


def sbert_scores(path: Path, result: SbertResult, items: Sequence[Item]) -> SbertScores:
    """The means of an SBERT result over ``items``."""

    copies: dict[str, list[bool]] = {item.category: [] for item in items}
    for item in items:
        if item.id in result.scores:
            copies[item.category].append(result.scores[item.id].copied)
    copied = {name: rate_estimate(sum(flags), len(flags)) for name, flags in copies.items()}
    every = [flag for flags in copies.values() for flag in flags]
    return SbertScores(
        path=path,
        result=result,
        best=summarise(result.values("max"), items),
        mean=summarise(result.values("mean"), items),
        earned=summarise(earned(result.values("max"), items), items),
        copied=copied,
        copied_macro=macro_estimate(list(copied.values())),
        copied_pooled=rate_estimate(sum(every), len(every)),
        unscored=tuple(result.unscored.items()),
    )


def judge_scores(judged: Judged, items: Sequence[Item]) -> JudgeScores:
    """The means of a judge's marks over ``items``, a task each, in the profile's order.

    An item that nothing was asked about yet is in no mean, and is not unscored either. Every
    category of ``items`` has its place, whatever was asked.
    """
    profile, names = PROFILES[judged.header.profile], {item.category for item in items}
    tasks = []
    for task in (one for one in profile.tasks if one in judged.tasks):
        values = {aspect: judged.values(aspect, task) for aspect in profile.aspects}
        asked = [item for item in items if item.id in values["score"]]
        tasks.append(
            JudgedTask(
                task=task,
                aspects={
                    aspect: summarise(found, asked, categories=names)
                    for aspect, found in values.items()
                },
                earned=summarise(earned(values["score"], asked), asked, categories=names),
                agreement=agreement(list(judged.repeats("score", task).values())),
                unscored=tuple(judged.unmarked(task).items()),
                fewer=tuple(judged.fewer(task).items()),
            )
        )
    return JudgeScores(judged, tuple(tasks))

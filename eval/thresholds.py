"""Thresholds: where a score turns anomalous, chosen on validation videos and never on test ones.

They are kept in ``thresholds.json`` with the rule that chose them, the videos they were chosen on
and the model they belong to, and are refused for any other.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, FiniteFloat, ValidationError

from physprior import files, fingerprint
from physprior.errors import PredictionError
from physprior.eval.identity import Identity
from physprior.eval.predictions import Header, Prediction, Predictions
from physprior.eval.usable import refuse_unusable
from physprior.stats.thresholds import can_choose, check_rule, choose_threshold

Per = Literal["category", "global"]
"""A threshold for each category, or one for all."""
FILE_NAME = "thresholds.json"


def _known_rule(rule: str) -> str:
    return rule if rule == "fixed" else check_rule(rule)


class Part(BaseModel):
    """Base of the parts of a thresholds file."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Validation(Part):
    """The predictions that thresholds were chosen on."""

    path: str
    """The predictions file."""
    sha256: str
    """Of its content."""
    fingerprint: str
    """Its header's: hash of all that decides the predictions."""
    split_hash: str
    """Hash of the split."""
    counts: dict[str, tuple[int, int]]
    """Scored normal and anomalous videos by category: how little a threshold may rest on."""
    videos: tuple[str, ...]
    """The ids of its videos, so that none of them is scored at what it chose."""


class Thresholds(Part):
    """Where scores turn anomalous: above the threshold a video is called anomalous."""

    format: Literal[1] = 1
    """Version of the file's form."""
    rule: Annotated[str, AfterValidator(_known_rule)]
    """What chose them, as ``physprior.stats.thresholds`` names it; ``fixed`` where a person did."""
    per: Per
    """One for each category, or one for all."""
    value: FiniteFloat
    """The one for all, and for a category that the validation videos could not give one."""
    values: dict[str, FiniteFloat] = {}
    """By category; empty where one is for all."""
    borrowed: tuple[str, ...] = ()
    """Categories whose validation videos could not choose, so that they take the one for all."""
    validation: Validation | None = None
    """None where nothing was chosen."""
    identity: Identity | None = None
    """Whose scores they are; None where they are for any."""

    def of(self, category: str) -> float:
        """The threshold of a category; the one for all where it has none of its own.

        That one comes from the same rule and the same model, while 0 would be right only for a
        model whose log-odds are calibrated.
        """
        return self.values.get(category, self.value)

    def own(self, category: str) -> bool:
        """Whether the category's own validation videos chose its threshold."""
        return category in self.values

    def refuse_other(self, other: Header | Identity) -> None:
        """Raises PredictionError for predictions of another model, sampling, history or mode.

        A control of the same model is no other one: what it loses, it loses at the same threshold.
        """
        if isinstance(other, Header):
            other = Identity.of(other)
        categories = self.validation.counts if self.validation else ()
        difference = self.identity and self.identity.difference(other, categories)
        if difference:
            raise PredictionError(
                f"the thresholds do not belong to these predictions: {difference}",
                remedy="predict the val split with the same model and settings, and choose again",
            )

    def refuse_chosen_on(self, predictions: Predictions) -> None:
        """Raises PredictionError where videos that chose these thresholds would be scored at them.

        Figures at them would flatter.
        """
        chosen = set(self.validation.videos) if self.validation else set()
        same = sum(line.id in chosen for line in predictions.predictions)
        if same:
            raise PredictionError(
                f"{same} videos of {predictions.path} chose these thresholds: figures at them "
                "would flatter",
                remedy="score videos that were not used to choose, such as the test split",
            )


def fixed(value: float) -> Thresholds:
    """One threshold for all, chosen by nobody: rule ``zero`` at log-odds 0, else ``fixed``.

    Raises PredictionError for what is no finite number.
    """
    if not math.isfinite(value):
        raise PredictionError(
            f"a threshold of {value} is not a finite number", remedy="name a log-odds, such as 0"
        )
    return Thresholds(rule="fixed" if value else "zero", per="global", value=value)


def choose_thresholds(validation: Predictions, rule: str, per: Per) -> Thresholds:
    """Choose thresholds on validation predictions.

    A category whose validation videos are not of both classes (for ``fpr`` normal ones are enough)
    takes the threshold chosen on all of them together, and stands in ``borrowed``. Raises
    PredictionError for any split but ``val``, for a control, for unfinished predictions, for an
    unknown rule, and where all videos together are not enough to choose.
    """
    _refuse_unfit(validation, rule)
    scored = [line for line in validation.predictions if line.score is not None]
    lines: dict[str, list[Prediction]] = {}
    for line in sorted(scored, key=lambda line: line.category):
        lines.setdefault(line.category, []).append(line)
    found = {category: _choose(own, rule) for category, own in lines.items()}
    together = _choose(scored, rule)
    if together is None:
        raise PredictionError(
            f"{validation.path} has no scored videos of both classes to choose a threshold on",
            remedy="make a validation split that holds normal and anomalous videos (for the rule "
            "fpr=0.05 normal ones are enough), or leave the threshold at 0",
        )
    each = per == "category"
    return Thresholds(
        rule=rule,
        per=per,
        value=together,
        values={name: value for name, value in found.items() if value is not None and each},
        borrowed=tuple(name for name, value in found.items() if value is None and each),
        validation=_describe(validation, lines),
        identity=Identity.of(validation.header),
    )


def _refuse_unfit(validation: Predictions, rule: str) -> None:
    header, path = validation.header, validation.path
    try:
        check_rule(rule)
    except ValueError as error:
        raise PredictionError(str(error), remedy="name one of these rules") from error
    if header.split != "val":
        raise PredictionError(
            f"{path} predicts the split {header.split}: a threshold that is chosen on it would "
            "flatter every figure at it",
            remedy="predict the val split (--split val) and choose on that",
        )
    if header.control is not None:
        raise PredictionError(
            f"{path} is the control {header.control}: its scores are not those of the model",
            remedy="choose on predictions that were made without --control",
        )
    refuse_unusable(validation)
    if validation.missing > 0:
        raise PredictionError(
            f"{path} is not finished: {validation.missing} of {header.total} videos are missing",
            remedy="run the same 'physprior predict' again; it makes what is missing",
        )


def _choose(lines: Sequence[Prediction], rule: str) -> float | None:
    labels = [line.label for line in lines]
    if not can_choose(labels, rule):
        return None
    return choose_threshold(labels, [line.score for line in lines if line.score is not None], rule)


def _describe(validation: Predictions, lines: Mapping[str, Sequence[Prediction]]) -> Validation:
    try:
        sha256 = fingerprint.of_file(validation.path)
    except OSError as error:
        raise PredictionError(
            f"{validation.path} cannot be read: {error.strerror}",
            remedy="leave the validation predictions where they are while thresholds are chosen",
        ) from error
    return Validation(
        path=str(validation.path),
        sha256=sha256,
        fingerprint=validation.header.fingerprint,
        split_hash=validation.header.split_hash,
        counts={
            category: (len(own) - sum(line.label for line in own), sum(line.label for line in own))
            for category, own in lines.items()
        },
        videos=tuple(sorted(line.id for line in validation.predictions)),
    )


def write_thresholds(path: Path, thresholds: Thresholds) -> None:
    """Write a thresholds file, atomically. Raises OutputError where it cannot be written."""
    files.write_json(path, thresholds.model_dump(mode="json"))


def read_thresholds(path: Path) -> Thresholds:
    """Read a thresholds file. Raises PredictionError where it is missing or damaged."""
    remedy = "name a file that was written with --validation, or choose the thresholds again"
    try:
        return Thresholds.model_validate_json(path.read_bytes())
    except OSError as error:
        raise PredictionError(f"{path} cannot be read: {error.strerror}", remedy=remedy) from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(["$", *map(str, first["loc"])])
        raise PredictionError(
            f"{path}:{place}: this is no thresholds file: {first['msg']}", remedy=remedy
        ) from error


def find_thresholds(predictions: Predictions) -> tuple[Thresholds | None, str]:
    """The thresholds that lie beside a predictions file, or why those there are not taken.

    One that does not belong is no error: nobody has named it. Without a file, (None, "").
    """
    path = predictions.path.with_name(FILE_NAME)
    if not path.is_file():
        return None, ""
    try:
        found = read_thresholds(path)
        found.refuse_other(predictions.header)
        found.refuse_chosen_on(predictions)
    except PredictionError as error:
        return None, error.message if str(path) in error.message else f"{path}: {error.message}"
    return found, ""

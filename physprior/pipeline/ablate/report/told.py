"""What the words say beside the scores: does an arm collapse, or only its threshold?

A model whose words are always the same has a verdict AUROC of exactly 0.5, however well its
log-odds rank. Three figures tell this apart: the AUROC of the log-odds, that of the parsed words,
and what hard verdicts would reach at a threshold that the validation split chose.
"""

from __future__ import annotations

from collections.abc import Sequence

from physprior.errors import PredictionError
from physprior.eval.predictions import Predictions
from physprior.eval.scoring import Scores, score
from physprior.eval.scoring.answers import read_all, written
from physprior.eval.thresholds import choose_thresholds
from physprior.pipeline.ablate.report.asked import Asked, read_sorted
from physprior.pipeline.ablate.report.layout import Layout
from physprior.pipeline.ablate.report.model import Told
from physprior.pipeline.ablate.report.spread import mean_of, spread

RULE = "youden"
"""The validation's threshold is that of the best balanced accuracy, a category each."""


def tell_all(asked: Sequence[Asked], layout: Layout) -> tuple[tuple[Told, ...], tuple[str, ...]]:
    """A line for each row with texts; and why a threshold could not be chosen, in sentences."""
    made, said = [], []
    for one in asked:
        if any(found.parsing for found in one.scores):
            told, complaints = _tell(one, layout)
            made.append(told)
            said += complaints
    return tuple(made), tuple(said)


def _tell(one: Asked, layout: Layout) -> tuple[Told, list[str]]:
    answers = [answer for file in one.files for answer in written(read_all(file.predictions, None))]
    known = [answer.said for answer in answers if answer.said is not None]
    decided, complaints = _at_threshold(one, layout)
    told = Told(
        name=one.name,
        answers=len(answers),
        parsed=len(known) / len(answers),
        says_anomalous=sum(known) / len(answers),
        is_anomalous=sum(answer.label for answer in answers) / len(answers),
        constant=mean_of([float(_constant(file)) for file in one.files]),
        of=sum(part.auroc is not None for part in one.whole.categories),
        auroc=spread(one.seeds, [found.macro["auroc"] for found in one.scores]),
        verdict=spread(one.seeds, [found.macro["verdict_auroc"] for found in one.scores]),
        at_threshold=spread(one.seeds, [found.macro["balanced_accuracy"] for found in decided])
        if decided
        else None,
    )
    return told, complaints


def _constant(file: Predictions) -> int:
    """Categories with both classes in which every answer says the same, or none can be read."""
    words: dict[str, set[bool | None]] = {}
    labels: dict[str, set[int]] = {}
    for answer in written(read_all(file.predictions, None)):
        words.setdefault(answer.line.category, set()).add(answer.said)
        labels.setdefault(answer.line.category, set()).add(answer.label)
    return sum(len(words[name]) == 1 and len(labels[name]) == 2 for name in words)


def _at_threshold(one: Asked, layout: Layout) -> tuple[list[Scores], list[str]]:
    """The scores of every seed at its validation's thresholds; nothing where a seed has none."""
    if one.kind not in ("arm", "generated"):
        return [], []
    found = []
    for seed, file in zip(one.seeds, one.files, strict=True):
        path = layout.validation(one.arm, seed, generated=one.kind == "generated")
        if not path.is_file():
            return [], []
        try:
            thresholds = choose_thresholds(read_sorted(path), RULE, "category")
            found.append(score(file, thresholds=thresholds))
        except PredictionError as error:
            return [], [f"{one.name}, seed {seed}: no threshold of its own: {error.message}"]
    return found, []

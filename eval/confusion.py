"""Which class an explanation speaks of, whatever class the video shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from physprior.eval.explanations.items import sentences_of
from physprior.eval.scoring.answers import Answer, read_all
from physprior.eval.spoken import in_words, spoken_classes
from physprior.knowledge.load import KnowledgeBase
from physprior.knowledge.schema import NORMAL

if TYPE_CHECKING:
    from physprior.eval.explanations.encoder import Encoder, Progress
    from physprior.eval.report.evaluation import Evaluation


@dataclass(frozen=True)
class CategoryConfusion:
    """The classes of one category: what the videos show against what the explanations speak of."""

    category: str
    classes: tuple[str, ...]
    """Class ids in the KB's order, ``normal`` first."""
    counts: tuple[tuple[int, ...], ...]
    """Row: true class. Column: the class whose sentence the explanation is nearest to, and last
    those that are near none, empty, or whose verdict cannot be read."""
    normal: tuple[int, ...]
    """By true class: videos that are called normal, at the threshold or else by the words."""
    anomalous: tuple[int, ...]
    """By true class: videos that it calls anomalous."""


@dataclass(frozen=True)
class Confusion:
    """The confusion of a predictions file."""

    categories: tuple[CategoryConfusion, ...]
    spoken: Mapping[str, str | None]
    """Video id to the class that its explanation speaks of; None where it cannot be told."""
    by: str
    """How the class is told, in a sentence: by taught words, by which encoder, at what bound."""


def confuse(
    evaluation: Evaluation,
    knowledge: KnowledgeBase,
    encoder: Encoder | None,
    *,
    progress: Progress | None = None,
) -> Confusion | None:
    """The confusion of the evaluated predictions; None where no prediction has a text.

    A class that the KB does not have stands behind those that it has. ``progress`` is called
    with (sentences embedded, sentences). Raises CheckpointError where
    the encoder gives no finite numbers.
    """
    from physprior.eval.explanations.evaluation import answered

    scores = evaluation.scores
    if all(line.text is None for line in scores.predictions.predictions):
        return None
    spoken = spoken_classes(
        answered(scores.predictions), sentences_of(knowledge), encoder, progress=progress
    )
    lines = read_all(scores.predictions.predictions, scores.thresholds)
    return Confusion(
        tuple(
            _category(
                one.category,
                [line for line in lines if line.line.category == one.category],
                spoken,
                knowledge,
            )
            for one in scores.categories
        ),
        spoken,
        in_words(encoder),
    )


def _category(
    name: str,
    answers: Sequence[Answer],
    spoken: Mapping[str, str | None],
    knowledge: KnowledgeBase,
) -> CategoryConfusion:
    known = knowledge.categories.get(name)
    own = [class_id for class_id, _ in known.classes()] if known else [NORMAL]
    strange = sorted({one.line.class_id for one in answers} - {*own})
    classes = (*own, *strange)
    counts = {class_id: dict.fromkeys((*classes, None), 0) for class_id in classes}
    called = {class_id: {True: 0, False: 0, None: 0} for class_id in classes}
    for one in answers:
        counts[one.line.class_id][spoken.get(one.line.id)] += 1
        called[one.line.class_id][one.called] += 1
    return CategoryConfusion(
        name,
        classes,
        tuple(tuple(row.values()) for row in counts.values()),
        tuple(row[False] for row in called.values()),
        tuple(row[True] for row in called.values()),
    )

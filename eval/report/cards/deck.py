"""Making the cards: one a video, the wrong and confident ones first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from physprior.eval.explanations.evaluation import Explanations, answered, load_explanations
from physprior.eval.explanations.items import Item, sentences_of
from physprior.eval.predictions import Prediction, SkippedVideo
from physprior.eval.report.cards.card import Card, CardAnswer, Deck, Mark, Word
from physprior.eval.report.cards.marks import copies_of, marks_of
from physprior.eval.report.cards.texts import Sources, category_texts, open_sources
from physprior.eval.report.cards.trouble import NO_DECISION, confidences, trouble
from physprior.eval.report.evaluation import Evaluation
from physprior.eval.scoring import Scores
from physprior.eval.scoring.answers import Answer, deciding

_SKIPPED = -2.0
"""Where a video that the model could not see stands: behind those without a decision."""


def make_deck(
    evaluation: Evaluation,
    *,
    dataset: Path | None = None,
    knowledge: Path | None = None,
    templates: Path | None = None,
    severities: Mapping[str, float] | None = None,
) -> Deck:
    """The cards of an evaluation, and of the runs beside it.

    ``dataset`` is the folder of the dataset where the predictions' header does not name it any
    more, ``knowledge`` and ``templates`` the folders that it was built from (the shipped ones).
    What is merely missing stands in the deck's ``missing``. Raises PhyspriorError where a folder
    that is named is not what it should be.
    """
    own = evaluation.scores.predictions
    sources = open_sources(own.header, dataset, knowledge, templates)
    runs = _runs(evaluation, sources)
    lines: list[Prediction | SkippedVideo] = [*own.predictions, *own.skipped]
    texts, lacking = category_texts(own.header, sorted({line.category for line in lines}), sources)
    given = severities or {}
    cards = [_card(line, runs, given.get(line.id)) for line in lines]
    return Deck(
        runs=evaluation.all_names,
        categories=texts,
        cards=tuple(sorted(cards, key=_order)),
        missing=(*sources.missing, *lacking),
    )


def _runs(evaluation: Evaluation, sources: Sources) -> list[Mapping[str, CardAnswer]]:
    """By video id: what each run says, the report's own first."""
    sentences = sentences_of(sources.knowledge) if sources.knowledge else None
    explained = [evaluation.explanations]
    explained += [load_explanations(other.predictions) for other in evaluation.beside]
    found: list[Mapping[str, CardAnswer]] = []
    for scores, one in zip((evaluation.scores, *evaluation.beside), explained, strict=True):
        marks = marks_of(one, sentences) if one else {}
        found.append(_answers(scores, one, marks))
    return found


def _answers(
    scores: Scores, explanations: Explanations | None, marks: Mapping[str, Sequence[Mark]]
) -> dict[str, CardAnswer]:
    predictions = scores.predictions
    items = explanations.items if explanations else answered(predictions)
    copies = copies_of(explanations) if explanations else {}
    at = deciding(predictions.predictions, scores.thresholds)
    read = [(item, Answer(item.line, item.parsed, at.get(item.category))) for item in items]
    sure = confidences(
        (answer for _, answer in read), log_odds=predictions.header.source == "predict"
    )
    return {
        item.id: _answer(
            item, answer, sure.get(item.id, 0.0), copies.get(item.id), marks.get(item.id, ())
        )
        for item, answer in read
    }


def _answer(
    item: Item, answer: Answer, sure: float, copied: bool | None, marks: Iterable[Mark]
) -> CardAnswer:
    line = item.line
    return CardAnswer(
        score=line.score,
        threshold=answer.threshold,
        above=answer.above,
        words=_words(answer),
        right=answer.right,
        trouble=trouble(answer, sure),
        text=line.text,
        explanation=item.explanation,
        truncated=line.truncated,
        turns=line.turns,
        description=line.description,
        copied=copied,
        marks=tuple(marks),
    )


def _words(answer: Answer) -> Word | None:
    if answer.parsed is None:
        return None
    if answer.said is None:
        return "unparsed"
    return "anomalous" if answer.said else "normal"


def _card(
    line: Prediction | SkippedVideo,
    runs: Sequence[Mapping[str, CardAnswer]],
    severity: float | None,
) -> Card:
    return Card(
        id=line.id,
        video=line.video,
        category=line.category,
        class_id=line.class_id,
        label=line.label,
        instance=line.instance,
        severity=severity,
        skipped=line.reason if isinstance(line, SkippedVideo) else "",
        answers=tuple(run.get(line.id) for run in runs),
    )


def _order(card: Card) -> tuple[float, bool, str]:
    own = card.answers[0]
    if card.skipped:
        return -_SKIPPED, True, card.id
    # On the threshold itself, wrong goes before right.
    return (-(own.trouble if own else NO_DECISION), not (own and own.right is False), card.id)

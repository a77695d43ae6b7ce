"""The first screen: how good, how sure, where it fails, and what to edit."""

from __future__ import annotations

import base64
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from physprior.eval.report.cards.card import Card, CardAnswer, Deck
from physprior.eval.report.evaluation import Evaluation
from physprior.eval.report.explained_words import headline as explained_headline
from physprior.eval.report.facts import warnings
from physprior.eval.report.page.cells import card_link
from physprior.eval.report.report import Report
from physprior.eval.report.strips.strip import Strips
from physprior.eval.report.tables import besides, shown
from physprior.eval.report.words import estimate, scale
from physprior.stats import Estimate

_CARDS = 3
"""So many failures, and so many suggestions, are on the first screen."""
_SAID = 220
"""An answer is quoted up to so many characters."""


@dataclass(frozen=True)
class Failure:
    """A video that the model is wrong about, in short."""

    link: str
    title: str
    verdict: str
    """What it said beside what is true."""
    quote: str
    picture: str
    """Its frames as base64; empty where there are none."""
    alt: str


def summary(report: Report, absent: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """What the template is given; ``absent``: sections that are left out, and what brings them."""
    evaluation = report.evaluation
    return {
        "figures": figures(evaluation) if evaluation else [],
        "main": evaluation.scores.macro["auroc"] if evaluation else None,
        "said": list(sentences(evaluation)) if evaluation else [],
        "alarms": warnings(evaluation) if evaluation else [],
        "failures": worst(report.deck, report.strips) if report.deck else [],
        "suggestions": report.suggestions[:_CARDS],
        "more": max(0, len(report.suggestions) - _CARDS),
        "runs": report.training if evaluation is None else (),
        "missing": tuple(dict.fromkeys(report.missing)),
        "absent": absent if evaluation else (),
    }


def figures(evaluation: Evaluation) -> list[tuple[str, str]]:
    """The macro averages, each with what it is; the first is that by which models are compared."""
    scores = evaluation.scores
    main = "macro AUROC of the scores: the mean over the categories"
    found = [(estimate(scores.macro["auroc"]), main)]
    if scores.parse_rate is not None:
        found.append((estimate(scores.macro["verdict_auroc"]), "macro AUROC of the words"))
    if scores.thresholds is not None:
        accuracy = estimate(scores.macro["balanced_accuracy"])
        found.append((accuracy, "balanced accuracy at the threshold (macro)"))
    if scores.parse_rate is not None:
        found.append((f"{scores.parse_rate:.1%}", "answers with a readable verdict"))
    if evaluation.explanations is not None:
        found += explained_headline(evaluation.explanations)
    found += [
        (estimate(other.macro[shown(other)]), f"macro {head}: another run, beside")
        for head, other in besides(evaluation).items()
    ]
    return found


def sentences(evaluation: Evaluation) -> Iterator[str]:
    """How good and how sure, and where least so, in words."""
    yield _ranks(evaluation.scores.macro["auroc"])
    yield from _decided(evaluation)
    known = [one for one in evaluation.scores.categories if one.auroc is not None]
    known.sort(key=lambda one: one.auroc or 0.0)
    if len(known) > 1 and known[0].auroc != known[-1].auroc:
        low, high = known[0], known[-1]
        yield (
            f"Weakest in {low.category}, {estimate(low.measures['auroc'])}; strongest in "
            f"{high.category}, {estimate(high.measures['auroc'])}."
        )
    yield from _missed(evaluation)


def _ranks(found: Estimate) -> str:
    if found.value is None:
        return "No category has scored videos of both classes: nothing can be said of the ranking."
    said = (
        "Of a normal and an anomalous video of one category, the anomalous one scores higher "
        f"{100 * found.value:.0f} times in 100"
    )
    span = found.interval
    if span is None:
        return f"{said}; so few videos do not tell how sure that is."
    # Rounded outwards: it never looks surer than it is.
    said += f" (95 % interval: {math.floor(100 * span.low)} to {math.ceil(100 * span.high)})."
    if span.low <= 0.5 <= span.high:
        return f"{said} Guessing is 50: this may be guessing."
    return said if span.low > 0.5 else f"{said} Guessing is 50: it ranks the wrong way round."


def _decided(evaluation: Evaluation) -> Iterator[str]:
    """What comes of it where somebody has to decide: counts, for people who plan inspections."""
    at = [one for one in evaluation.scores.categories if one.threshold is not None]
    normal, anomalous = sum(one.normal for one in at), sum(one.anomalous for one in at)
    if not normal or not anomalous:
        return
    above = [
        label
        for one in at
        for label, score in zip(one.labels, one.scores, strict=True)
        if one.threshold is not None and score > one.threshold
    ]
    found = sum(above)
    yield (
        f"At the threshold it finds {found:,} of {anomalous:,} anomalous videos, and calls "
        f"{len(above) - found:,} of {normal:,} normal ones anomalous."
    )


def _missed(evaluation: Evaluation) -> Iterator[str]:
    found = [
        (share, f"{one.category} {kind.class_id}")
        for one in evaluation.scores.categories
        for kind in one.types
        for share in [_found(kind.recall, kind.verdict_recall)]
        if share.value is not None and share.value < 1
    ]
    found.sort(key=lambda pair: (pair[0].value, pair[1]))
    if found:
        listed = ", ".join(f"{name} ({share.value:.0%} found)" for share, name in found[:_CARDS])
        yield f"Most often missed: {listed}."


def _found(recall: Estimate, words: Estimate) -> Estimate:
    return recall if recall.value is not None else words


def worst(deck: Deck, strips: Strips | None) -> list[Failure]:
    """The most confident failures of the report's own run, as links to their cards."""
    found = [
        (card, answer)
        for card in deck.cards
        if card.answers and (answer := card.answers[0]) is not None and answer.right is False
    ]
    found.sort(key=lambda pair: -pair[1].trouble)
    return [_failure(card, answer, deck, strips) for card, answer in found[:_CARDS]]


def _failure(card: Card, answer: CardAnswer, deck: Deck, strips: Strips | None) -> Failure:
    texts = deck.categories.get(card.category)
    kind = texts.classes.get(card.class_id) if texts else None
    picture = strips.images.get(card.id) if strips else None
    return Failure(
        link=card_link(card.id),
        title=f"{texts.name if texts else card.category}: {kind.name if kind else card.class_id}",
        verdict=_verdict(card, answer),
        quote=_short(answer.explanation or answer.text or ""),
        picture=base64.b64encode(picture).decode("ascii") if picture else "",
        alt=f"{strips.frames if strips else 0} frames of {card.id}",
    )


def _verdict(card: Card, answer: CardAnswer) -> str:
    truth = "anomalous" if card.label else "normal"
    if answer.threshold is None:
        return f"Its words: {answer.words or 'none'}. True: {truth}."
    if answer.score is None:
        return f"It has no score, which is wrong at any threshold. True: {truth}."
    side = "above" if answer.above else "not above"
    verdict = "anomalous" if answer.above else "normal"
    return (
        f"Taken for {verdict}, is {truth}: score {scale(answer.score)}, {side} the threshold "
        f"{scale(answer.threshold)}."
    )


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SAID else f"{line[: _SAID - 1].rstrip()}…"

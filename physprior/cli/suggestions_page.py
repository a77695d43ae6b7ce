"""What ``physprior eval suggest`` prints: plain text whose places can be clicked, or JSON."""

from __future__ import annotations

import dataclasses
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from physprior.cli.console import say
from physprior.dataset.names import shown
from physprior.paths import as_typed

if TYPE_CHECKING:
    from physprior.eval.predictions import Predictions
    from physprior.eval.report.cards.card import Sentence
    from physprior.eval.report.evaluation import Evaluation
    from physprior.eval.suggest import Suggestion

FORMAT = 1
"""Version of the JSON object's form."""
_WIDTH = 98
_SAID = 3
"""So many different wrong reasons are shown; the others are counted."""
_QUOTE = 150


def print_suggestions(
    evaluation: Evaluation, found: Sequence[Suggestion], *, top: int, videos: Path | None
) -> None:
    """Print the first ``top`` suggestions, and how many more there are.

    ``videos``: the folder that the videos' paths are relative to, where it is there.
    """
    from physprior.eval.report.decided import threshold_in_words
    from physprior.eval.report.words import videos as videos_of
    from physprior.eval.suggest.failures import FEW

    scores = evaluation.scores
    _wrapped(f"{scores.predictions.path}: {videos_of(scores.n)}. {threshold_in_words(scores)}")
    say()
    if not found:
        _wrapped(_nothing(evaluation))
        return
    told: set[str] = set()
    paths = {line.id: line.video for line in scores.predictions.predictions}
    for number, one in enumerate(found[:top], 1):
        _print(number, one, told)
        say("   watch")
        for name in one.videos:
            say(f"     {shown(as_typed(videos / paths[name]) if videos else paths[name])}")
        say()
    if left := found[top:]:
        few = sum(one.failures < FEW for one in left)
        said = f" ({few} of them with fewer than {FEW} videos)" if few else ""
        say(f"{len(left)} more{said}: --top {len(found)} shows them")


def _nothing(evaluation: Evaluation) -> str:
    from physprior.eval.scoring.answers import read_all

    scores = evaluation.scores
    answers = read_all(scores.predictions.predictions, scores.thresholds)
    if all(one.right is None for one in answers):
        return (
            "Nothing to suggest: nothing is decided of these videos, which have neither text nor a "
            "threshold (--thresholds)."
        )
    return (
        "Nothing to suggest: no video is judged wrong, and no reason is known to be of another "
        "class."
    )


def _print(number: int, one: Suggestion, told: set[str]) -> None:
    auroc = "" if one.auroc is None else f"   AUROC {one.auroc:.3f}"
    _wrapped(f"{number}. {one.category} / {one.class_id}: {one.kind}{auroc}")
    _wrapped(one.summary, "   ")
    _print_instead(one)
    if one.look:
        say("   look at")
        for look in one.look:
            _print_sentence(look.sentence, "     ")
            _wrapped(f"- {look.why}", "       ", "         ")
    for own, other, cosine in one.near[:1]:
        _wrapped(
            f"nearest sentences of {one.class_id} and {one.confused_with}: cosine {cosine:.2f}",
            "   ",
        )
        _print_sentence(own, "     ")
        _print_sentence(other, "     ")
    _print_advice(one.advice, told)


def _print_advice(advice: Sequence[str], told: set[str]) -> None:
    """Print each sentence once in a page: what is true of a whole category was said above."""
    if advice:
        say("   what else the numbers say")
    for line in advice:
        if line not in told:
            _wrapped(line, "     - ", "       ")
    if told & {*advice}:
        say("     - and as above")
    told |= {*advice}


def _print_instead(one: Suggestion) -> None:
    if not one.instead:
        return
    say("   it says")
    for said in one.instead[:_SAID]:
        of = f"of {said.class_id}" if said.class_id else "of no class that can be told"
        _wrapped(f"{said.times}x {of}: {_short(said.text)}", "     ", "       ")
    shown_times = sum(said.times for said in one.instead[:_SAID])
    if len(one.instead) > _SAID:
        say(f"     and {one.failures - shown_times}x something else")


def _print_sentence(sentence: Sentence, indent: str) -> None:
    place = sentence.places[0]
    _wrapped(f"{place.path}:{place.line}  {sentence.text}", indent, " " * (len(indent) + 2))


def _short(text: str) -> str:
    return textwrap.shorten(text, _QUOTE, placeholder=" …")


def _wrapped(text: str, first: str = "", others: str | None = None) -> None:
    for line in textwrap.wrap(
        shown(text),
        _WIDTH,
        initial_indent=first,
        subsequent_indent=first if others is None else others,
        # A place that is cut in two cannot be clicked.
        break_long_words=False,
        break_on_hyphens=False,
    ):
        say(line)


def as_object(predictions: Predictions, found: Sequence[Suggestion]) -> dict[str, Any]:
    """All suggestions as one object."""
    return {
        "format": FORMAT,
        "predictions": str(predictions.path),
        "model": predictions.header.model,
        "suggestions": [dataclasses.asdict(one) for one in found],
    }

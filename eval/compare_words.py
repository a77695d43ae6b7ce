"""What a comparison of predictions says, in sentences: who ranks better, and what stays hidden."""

from __future__ import annotations

import math
import string

from physprior.dataset.names import shown
from physprior.eval.compare import Compared, ComparedRuns
from physprior.eval.compare_explanations import ComparedScore
from physprior.eval.predictions import Header, Predictions
from physprior.eval.report.words import NOT_AVAILABLE, interval, number, videos
from physprior.stats import Comparison

LEVEL = 0.05
"""A p below it is taken for a difference."""


def letter(place: int) -> str:
    """What a run is called on the page: A is the reference."""
    letters = string.ascii_uppercase
    return letters[place] if place < len(letters) else f"R{place + 1}"


def describe(file: Predictions) -> str:
    """Whose predictions they are and where they lie, in one line."""
    return f"{shown(file.header.model)} ({', '.join([*_setting(file.header), str(file.path)])})"


def _setting(header: Header) -> list[str]:
    if header.source != "predict":
        return ["imported" if header.source == "import" else "baseline"]
    said = [f"{header.mode}", f"history {header.history}"]
    return [*said, f"control {header.control}"] if header.control else said


def signed(value: float | None, digits: int = 3) -> str:
    """``+0.031``, or n/a; no sign before nothing but zeros."""
    if value is None:
        return NOT_AVAILABLE
    written = number(value, digits)
    return f"+{written}" if value > 0 and written.strip("0.") else written


def difference(ranking: Comparison) -> str:
    """``+0.031 [-0.01, 0.08]``, or n/a."""
    return f"{signed(ranking.difference)} {interval(ranking.interval)}".rstrip()


def p_value(p: float | None) -> str:
    """``0.042``, ``<0.001``, or n/a; never rounded across the 0.05 that decides."""
    if p is None:
        return NOT_AVAILABLE
    if p < 0.001:
        return "<0.001"
    return (
        f"{p:.3f}" if (p < LEVEL) == (round(p, 3) < LEVEL) else f"{math.floor(p * 1e4) / 1e4:.4f}"
    )


def remarks(one: ComparedRuns, b: str) -> list[str]:
    """How the two files belong together, and what was left out of the comparison."""
    left, pooled = one.pooled.left, one.pooled
    everything = videos(left + pooled.normal + pooled.anomalous)
    unfinished = one.reference.missing
    said = [
        _relation(one, b),
        left and f"{left} of {everything} left both rankings: A, {b} or both have no score there.",
        unfinished
        and f"{videos(unfinished)} of the split have no prediction yet: this is not the whole.",
    ]
    return [remark for remark in said if remark]


def _relation(one: ComparedRuns, b: str) -> str | None:
    own, other = one.reference.header, one.other.header
    if own == other and one.reference.predictions == one.other.predictions:
        return f"A and {b} are the same predictions."
    if one.alike:
        return f"A and {b} give each video the same score."
    return _control(own, other, b) or _setting_changed(own, other, b)


def _one_model(own: Header, other: Header) -> bool:
    return own.source == other.source == "predict" and (
        (own.base_fingerprint, own.run_fingerprint)
        == (other.base_fingerprint, other.run_fingerprint)
    )


def _control(own: Header, other: Header, b: str) -> str | None:
    named = {"A": own.control, b: other.control}
    controls = {name: control for name, control in named.items() if control}
    if not controls:
        return None
    if len(controls) == 2:
        return f"Both are controls: A is {own.control}, {b} is {other.control}."
    (name, control), rest = next(iter(controls.items())), (set(named) - set(controls)).pop()
    whose = f"{rest}'s control" if _one_model(own, other) else "the control of another model:"
    return f"{name} is {whose} {control}."


def _setting_changed(own: Header, other: Header, b: str) -> str | None:
    if not _one_model(own, other):
        return None
    changed = [
        f"{name} ({mine}, {its})"
        for name, mine, its in (
            ("mode", own.mode, other.mode),
            ("history", own.history, other.history),
            ("sampling", own.sampling, other.sampling),
        )
        if mine != its
    ]
    said = f"A and {b} are one model"
    return (
        f"{said}; they differ in {' and '.join(changed)}."
        if changed
        else f"{said}, asked alike, and yet their scores differ."
    )


def explained(one: ComparedRuns, b: str, others: int = 1) -> list[str]:
    """What may be concluded of their explanations, a sentence or two a score."""
    said = [_of_score(score, b, others) for score in one.explanations.scores]
    return [*said, *(f"{reason}." for reason in one.explanations.refused)]


def _of_score(score: ComparedScore, b: str, others: int) -> str:
    means, holm = score.macro.means, score.macro.holm
    if means.difference is None:
        return f"{score.name}: no video has one in both runs."
    found = f"{score.name}: {b} - A is {difference(means)}, p {p_value(means.p)}"
    if others > 1:
        found += f", {p_value(holm)} after Holm over {others} runs"
    if holm is None or holm >= LEVEL:
        found += ": no difference that stands"
    earned = score.earned
    if score.name.endswith("description") or earned.difference is None:
        return f"{found}."
    return (
        f"{found}. Of the anomalous videos, with 0 for a wrong verdict: {number(earned.a)} and "
        f"{number(earned.b)}, {difference(earned)}, p {p_value(earned.p)}."
    )


def conclusions(one: ComparedRuns, b: str, others: int = 1) -> list[str]:
    """What may be concluded of B beside A, in words; ``others`` runs are compared with A."""
    said = [_of_macro(one, b, others), _of_categories(one, b), _of_verdicts(one, b)]
    return [sentence for sentence in said if sentence]


def _of_macro(one: ComparedRuns, b: str, others: int) -> str:
    ranking, holm = one.macro.ranking, one.macro.holm
    if ranking.difference is None or ranking.p is None or holm is None:
        return (
            "No category has scored videos of both classes in both runs: "
            "nothing can be said of their rankings."
        )
    if one.alike or ranking.error == 0:
        return "Both rank these videos alike: exchanging the two would change no AUROC."
    found = f"{b} - A is {difference(ranking)} in macro AUROC, p {p_value(ranking.p)}"
    if holm < LEVEL:
        corrected = f", {p_value(holm)} after Holm over {others} runs" if others > 1 else ""
        return f"{_better(ranking, b)} ranks better: {found}{corrected}."
    if ranking.p < LEVEL:
        return (
            f"No difference that stands: {found}, but {p_value(holm)} after Holm's correction, "
            f"since {others} runs are compared with A."
        )
    return f"No difference could be seen: {found}. {_hidden(ranking)}"


def _better(ranking: Comparison, b: str) -> str:
    return b if (ranking.difference or 0) > 0 else "A"


def _hidden(ranking: Comparison) -> str:
    if ranking.smallest_visible is None:
        return "How small a difference would have been seen is not known; the two may well differ."
    return (
        f"One smaller than {number(ranking.smallest_visible)} would have stayed hidden more than "
        "one time in five: this does not show that they are equal."
    )


def _of_categories(one: ComparedRuns, b: str) -> str | None:
    tested = [category for category in one.categories if category.holm is not None]
    if len(tested) < 2 or one.alike:
        return None
    standing = [category for category in tested if (category.holm or 0) < LEVEL]
    if not standing:
        return f"In no category does a difference stand after Holm's correction over {len(tested)}."
    sides = [
        f"{side} ranks better in {', '.join(names)}"
        for side in (b, "A")
        if (names := _names(standing, side, b))
    ]
    return f"{'; '.join(sides)} (after Holm's correction over {len(tested)} categories)."


def _names(standing: list[Compared], side: str, b: str) -> list[str]:
    return [
        f"{category.name} ({signed(category.ranking.difference)})"
        for category in standing
        if _better(category.ranking, b) == side
    ]


def _of_verdicts(one: ComparedRuns, b: str) -> str:
    found = one.pooled.verdicts
    if found is None:
        return (
            "Hard verdicts are not compared: one of the runs has no texts, and no threshold "
            "that says where its scores turn anomalous."
        )
    counts = (
        f"by {one.verdicts_by}, A alone is right on {videos(found.only_a)} and {b} alone on "
        f"{found.only_b}, of {found.n} (McNemar, p {p_value(found.p)})"
    )
    if found.p is not None and found.p < LEVEL:
        better = b if found.only_b > found.only_a else "A"
        return f"{better} gives the right verdict more often: {counts}."
    return f"No difference of the verdicts could be seen: {counts}."

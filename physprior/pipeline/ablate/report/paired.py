"""Rows held against each other on the same videos, with seed-averaged scores."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from physprior.eval.compare import Compared, ComparedRuns, compare_runs
from physprior.eval.compare_words import LEVEL
from physprior.eval.predictions import Predictions
from physprior.pipeline.ablate.report.asked import Asked, restricted
from physprior.pipeline.ablate.report.model import MAIN, REFERENCE, Difference, Measured
from physprior.stats import auroc, holm, macro

Pairs = Iterable[tuple[Asked, Asked]]
"""Each row with the one that it is held against."""


def against_reference(rows: Sequence[Asked]) -> tuple[Difference, ...]:
    """The arms against ``no_phys``, and multi_turn against single_turn: the paper's two claims.

    Holm's correction is over all of them.
    """
    arms = {one.name: one for one in rows if one.kind == "arm"}
    reference, single = arms.get(REFERENCE), arms.get("single_turn")
    pairs = [(one, reference) for one in arms.values() if reference and one is not reference]
    if single and MAIN in arms:
        pairs.append((arms[MAIN], single))
    return _family((one, other) for one, other in pairs if other)


def generated_against_given(rows: Sequence[Asked]) -> tuple[Difference, ...]:
    """Each arm with its history generated against the same with the history given."""
    given = {one.arm: one for one in rows if one.kind == "arm"}
    generated = [one for one in rows if one.kind == "generated" and one.arm in given]
    return _family((one, given[one.arm]) for one in generated)


def against_untrained(rows: Sequence[Asked]) -> tuple[Difference, ...]:
    """The main arm against the untuned base and each training-free baseline."""
    main = main_arm(rows)
    others = [one for one in rows if one.kind in ("untuned", "baseline")]
    return _family((main, one) for one in others if main is not None)


def main_arm(rows: Sequence[Asked]) -> Asked | None:
    """multi_turn, else the first arm there is."""
    arms = [one for one in rows if one.kind == "arm"]
    return next((one for one in arms if one.name == MAIN), arms[0] if arms else None)


def other_splits(rows: Sequence[Asked]) -> tuple[str, ...]:
    """Rows of another split than the first row's, which can be held against nothing."""
    split = rows[0].averaged.header.split_hash
    return tuple(one.name for one in rows if one.averaged.header.split_hash != split)


def _family(pairs: Pairs) -> tuple[Difference, ...]:
    same = (
        (one, other)
        for one, other in pairs
        if one.averaged.header.split_hash == other.averaged.header.split_hash
    )
    found = [_difference(one, other) for one, other in same]
    corrected = holm([one.p for one in found])
    return tuple(
        one.model_copy(update={"holm": p}) for one, p in zip(found, corrected, strict=True)
    )


def _difference(one: Asked, other: Asked) -> Difference:
    compared, left = compare_common(other.averaged, one.averaged)
    ranking = compared.macro.ranking
    tested = [(part, part.holm) for part in compared.categories if part.holm is not None]
    standing = [part for part, p in tested if p < LEVEL]
    return Difference(
        name=one.name,
        against=other.name,
        macro=Measured.of(ranking.estimate),
        p=ranking.p,
        holm=None,
        method=ranking.method,
        smallest_visible=ranking.smallest_visible,
        left=left,
        seeds=_by_seed(one, other),
        better=_signed(standing, 1),
        worse=_signed(standing, -1),
        tested=len(tested),
    )


def compare_common(a: Predictions, b: Predictions) -> tuple[ComparedRuns, int]:
    """``b`` beside ``a`` on the videos that both have scored; and how many only one has."""
    ids = [{line.id for line in file.predictions if line.score is not None} for file in (a, b)]
    both = ids[0] & ids[1]
    return compare_runs(restricted(a, both), restricted(b, both)), len(ids[0] ^ ids[1])


def _signed(found: Sequence[Compared], sign: int) -> dict[str, float]:
    named = ((one.name, one.ranking.difference or 0.0) for one in found)
    return {name: value for name, value in named if value * sign > 0}


def _by_seed(one: Asked, other: Asked) -> dict[str, float | None]:
    """The difference of the trainings of the same seed; empty where they share none."""
    own, others = (dict(zip(row.seeds, row.files, strict=False)) for row in (one, other))
    shared = sorted(own.keys() & others.keys())
    return {str(seed): macro_difference(others[seed], own[seed]) for seed in shared}


def macro_difference(a: Predictions, b: Predictions) -> float | None:
    """Macro AUROC of ``b`` less that of ``a`` on the videos that both have scored."""
    second = {line.id: line.score for line in b.predictions if line.score is not None}
    found: dict[str, list[tuple[int, float, float]]] = defaultdict(list)
    for line in a.predictions:
        if line.score is not None and line.id in second:
            found[line.category].append((line.label, line.score, second[line.id]))
    areas = []
    for _, triples in sorted(found.items()):
        labels, first, then = (list(column) for column in zip(*triples, strict=True))
        areas.append((auroc(labels, first), auroc(labels, then)))
    ends = [macro([pair[place] for pair in areas]) for place in (0, 1)]
    return None if ends[0] is None or ends[1] is None else ends[1] - ends[0]

"""What must be known before the numbers are believed, and what could not be shown at all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from physprior.pipeline.ablate.report.asked import Asked
from physprior.pipeline.ablate.report.model import MAIN, PAPER, Row, Told, Trained
from physprior.pipeline.ablate.report.paired import other_splits

FEW = 10
"""Fewer test videos of a class than this make a category's interval very wide."""


def warnings(
    asked: Sequence[Asked], rows: Sequence[Row], trained: Sequence[Trained]
) -> Iterator[str]:
    """What weakens the numbers, in sentences."""
    arms = [one for one in rows if one.kind == "arm"]
    yield from _seeds(arms)
    yield from _videos(asked)
    yield from _alike(asked, trained)
    yield from _lost(rows)


def _seeds(arms: Sequence[Row]) -> Iterator[str]:
    single = [one.name for one in arms if len(one.seeds) == 1]
    if single:
        yield (
            f"One seed alone: {', '.join(single)}. How much another training of the same recipe "
            "would differ is not known."
        )
    kinds = {one.seeds for one in arms}
    if len(kinds) > 1:
        each = ", ".join(f"{one.name} {_numbers(one.seeds)}" for one in arms)
        yield (
            f"The arms were not trained with the same seeds: {each}. Of more seeds an average "
            "ranks better for that alone."
        )


def _numbers(seeds: Sequence[int]) -> str:
    return " and ".join(map(str, seeds))


def _videos(asked: Sequence[Asked]) -> Iterator[str]:
    for one in asked:
        unfinished = sum(max(0, file.missing) for file in one.files)
        if unfinished:
            yield f"{one.name} is not finished: {unfinished} predictions are missing."
    arms = [one for one in asked if one.kind in ("arm", "generated")]
    ids = [{line.id for line in one.averaged.predictions} for one in arms]
    every, both = set().union(*ids), set.intersection(*ids)
    if every != both:
        yield (
            f"The arms were not scored on the same videos: {len(both)} of {len(every)} are common "
            "to all. A row's own figures are of its own videos; two rows are compared on those "
            "that both have."
        )
    if strange := other_splits(asked):
        yield f"Of another split than {asked[0].name}, and compared with nothing: {_list(strange)}."
    few = [
        part.category
        for part in arms[0].whole.categories
        if part.auroc is not None and min(part.normal, part.anomalous) < FEW
    ]
    if few:
        yield (
            f"{len(few)} of {len(arms[0].whole.categories)} categories have fewer than {FEW} test "
            f"videos of a class ({_list(few)}): their own figures say little."
        )
    alone = [part.category for part in arms[0].whole.categories if part.auroc is None]
    if alone:
        yield f"Without test videos of both classes, and in no average: {_list(alone)}."


def _alike(asked: Sequence[Asked], trained: Sequence[Trained]) -> Iterator[str]:
    """Whether the arms differ in nothing but what their names say."""
    arms = [one for one in asked if one.kind == "arm"]
    # A run that kept whole weights is predicted with these as its base: its record knows better.
    if len({base for one in trained for base in one.bases}) > 1:
        yield "The arms were not tuned from the same base: they differ in more than the prior."
    own = arms[0].files[0].header.sampling if arms else None
    if others := [one.name for one in arms if one.files[0].header.sampling != own]:
        yield f"Other frames than {arms[0].name} saw: {', '.join(others)}."
    budgets = {one.arm: (one.steps, one.batch) for one in trained if one.steps is not None}
    if len(set(budgets.values())) > 1:
        each = ", ".join(
            f"{arm} {steps:g} steps" + (f" of {batch:g}" if batch else "")
            for arm, (steps, batch) in budgets.items()
            if steps is not None
        )
        yield f"The arms were not trained for as long: {each}."


def _lost(rows: Sequence[Row]) -> Iterator[str]:
    skipped = [f"{one.name} {one.skipped}" for one in rows if one.skipped and one.kind != "control"]
    if skipped:
        yield f"Videos that could not be used, and have no place in a ranking: {_list(skipped)}."
    for one in rows:
        if one.unparsed:
            yield (
                f"{one.name}: {one.unparsed} answers without a readable verdict, counted as "
                "undecided (one half) in the verdict AUROC."
            )


def missing(asked: Sequence[Asked], rows: Sequence[Row], told: Sequence[Told]) -> Iterator[str]:
    """What a whole study has and this one has not, in sentences."""
    arms = {one.name for one in rows if one.kind == "arm"}
    if lost := [name for name in PAPER if name not in arms]:
        yield f"Of the paper's arms there is no prediction of: {', '.join(lost)}."
    generated = {one.arm for one in asked if one.kind == "generated"}
    if "single_turn" in arms and "single_turn" not in generated:
        yield "single_turn was not asked with its history generated."
    if not any(one.kind == "untuned" for one in rows):
        yield "The untuned base was not asked."
    if not any(one.kind == "baseline" for one in rows):
        yield "No training-free baseline was computed."
    if not any(one.kind == "control" for one in rows):
        yield "No control was predicted: nothing here shows that the videos were looked at."
    worded = {one.name for one in told}
    if mute := [one.name for one in asked if one.kind == "arm" and one.name not in worded]:
        yield f"No texts, and so no parsed verdicts, of: {', '.join(mute)}."
    part = [one for one in told if one.name == MAIN or one.name in arms]
    if part and all(one.at_threshold is None for one in part):
        yield "No validation predictions: what a chosen threshold would reach is not known."


def _list(names: Sequence[str], most: int = 8) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"{', '.join(names[:most])}{more}"

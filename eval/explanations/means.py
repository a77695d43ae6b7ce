"""Means of explanation scores: by category, macro and pooled, each given the verdict too.

A fluent answer with the wrong verdict resembles its references; so beside the mean of all videos
stand those of the right verdicts, of the wrong ones, and of the anomalous videos alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from physprior.eval.explanations.items import GROUPS, Group, Item
from physprior.stats.detection import macro_estimate
from physprior.stats.estimate import Estimate
from physprior.stats.means import mean_estimate

Means = Mapping[Group, Estimate]


@dataclass(frozen=True)
class Summary:
    """The means of one score. A group without a video has value None (n/a), never 0."""

    categories: Mapping[str, Means]
    """By category, in the order of ids."""
    macro: Means
    """The mean over categories that have the group: the papers' average."""
    pooled: Means
    """Over all videos together."""
    unscored: int
    """Items without a value; they are in no mean."""


def summarise(
    values: Mapping[str, float | None],
    items: Sequence[Item],
    *,
    categories: Collection[str] = (),
) -> Summary:
    """The means of ``values``, each item's score by its id, over ``items``.

    An item whose value is None or missing is unscored. ``categories`` have their means, of nothing,
    though no item is of them. Raises ValueError for a value that is not finite or lies outside
    -1..1.
    """
    scored = [(item, value) for item in items if (value := values.get(item.id)) is not None]
    means = {
        name: _means([(item, value) for item, value in scored if item.category == name])
        for name in sorted({item.category for item in items}.union(categories))
    }
    return Summary(
        categories=means,
        macro={group: macro_estimate([own[group] for own in means.values()]) for group in GROUPS},
        pooled=_means(scored),
        unscored=len(items) - len(scored),
    )


def earned(values: Mapping[str, float | None], items: Sequence[Item]) -> dict[str, float | None]:
    """The same values, but 0 where the verdict is wrong: how an answer sounds earns it nothing.

    Of the anomalous videos, a model that calls everything normal is left with 0, however like the
    references its sentences are.
    """
    wrong = {item.id for item in items if item.right is False}
    return {
        name: 0.0 if name in wrong and value is not None else value
        for name, value in values.items()
    }


def _means(scored: Iterable[tuple[Item, float]]) -> dict[Group, Estimate]:
    found: dict[Group, tuple[list[float], list[str]]] = {group: ([], []) for group in GROUPS}
    for item, value in scored:
        for group in item.groups:
            found[group][0].append(value)
            found[group][1].append(instance(item))
    return {group: mean_estimate(*members) for group, members in found.items()}


def instance(item: Item) -> str:
    """The physical object, told apart from those of other categories; empty if unknown."""
    return item.line.instance and f"{item.category}/{item.line.instance}"

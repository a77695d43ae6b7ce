"""Assigning groups to splits so that each class comes close to its parts: seeded and greedy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from physprior import fingerprint
from physprior.dataset.grouping import Group


def assign_groups(
    groups: Sequence[Group], fractions: Sequence[float], *key: str
) -> list[tuple[Group, int]]:
    """Each group with the number of its part, in an order shuffled by ``key``.

    Group after group goes where the squared deviation from the target counts (class total times
    fraction, summed over classes and parts) is least. Then every part with a fraction above zero
    that is still empty takes the group whose move costs least, as far as there are groups.
    """
    shuffled = sorted(groups, key=lambda group: fingerprint.order(*key, group.key))
    totals = sum((group.counts() for group in groups), Counter[str]())
    parts = [
        _Part({class_id: total * fraction for class_id, total in totals.items()})
        for fraction in fractions
    ]
    wanted = [number for number, fraction in enumerate(fractions) if fraction > 0]
    chosen: list[int] = []
    for group in shuffled:
        best = min(wanted, key=lambda number: parts[number].cost_of_adding(group.counts()))
        parts[best].add(group.counts(), +1)
        chosen.append(best)
    for number in wanted:
        if number not in chosen:
            _fill(number, shuffled, chosen, parts)
    return list(zip(shuffled, chosen, strict=True))


class _Part:
    """What one part has of each class against what it should have."""

    def __init__(self, target: dict[str, float]) -> None:
        self._missing = dict(target)

    def add(self, counts: Counter[str], sign: int) -> None:
        for class_id, count in counts.items():
            self._missing[class_id] -= sign * count

    def cost_of_adding(self, counts: Counter[str]) -> float:
        """The change of the squared deviation."""
        return sum(n * (n - 2 * self._missing[class_id]) for class_id, n in counts.items())

    def cost_of_removing(self, counts: Counter[str]) -> float:
        """The change of the squared deviation."""
        return sum(n * (n + 2 * self._missing[class_id]) for class_id, n in counts.items())


def _fill(number: int, groups: Sequence[Group], chosen: list[int], parts: list[_Part]) -> None:
    movable = [at for at, part in enumerate(chosen) if chosen.count(part) > 1]
    if not movable:
        return

    def cost(at: int) -> float:
        counts = groups[at].counts()
        return parts[chosen[at]].cost_of_removing(counts) + parts[number].cost_of_adding(counts)

    moved = min(movable, key=cost)
    parts[chosen[moved]].add(groups[moved].counts(), -1)
    parts[number].add(groups[moved].counts(), +1)
    chosen[moved] = number

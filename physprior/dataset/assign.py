"""Assigning groups to splits so that each class comes close to its parts: seeded and greedy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

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
    counts = [group.counts() for group in shuffled]
    totals = total_of(counts)
    parts = [
        _Part({class_id: total * fraction for class_id, total in totals.items()})
        for fraction in fractions
    ]
    wanted = [number for number, fraction in enumerate(fractions) if fraction > 0]
    chosen: list[int] = []
    for own in counts:
        costs = [parts[number].cost_of_adding(own) for number in wanted]
        best = wanted[costs.index(min(costs))]
        parts[best].add(own, +1)
        chosen.append(best)
    for number in wanted:
        if number not in chosen:
            _fill(number, counts, chosen, parts)
    return list(zip(shuffled, chosen, strict=True))


def take_share(groups: Sequence[Group], share: float, *key: str) -> list[Group]:
    """Groups that come close to ``share`` of all videos, the first in an order shuffled by ``key``.

    Where there are two groups, at least one and never all of them; none where the share is 0. One
    video more changes few of them, since the order of the others stays.
    """
    if share <= 0 or len(groups) < 2:
        return []
    shuffled = sorted(groups, key=lambda group: fingerprint.order(*key, group.key))
    target = share * sum(len(group.videos) for group in groups)
    taken: list[Group] = []
    held = 0
    for group in shuffled:
        size = len(group.videos)
        if len(taken) < len(groups) - 1 and held + size / 2 <= target:
            taken.append(group)
            held += size
    return taken or [min(shuffled, key=lambda group: len(group.videos))]


def total_of(counts: Iterable[Counter[str]]) -> Counter[str]:
    """The sum of counts."""
    total = Counter[str]()
    for one in counts:
        total.update(one)
    return total


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


def _fill(
    number: int, counts: Sequence[Counter[str]], chosen: list[int], parts: list[_Part]
) -> None:
    held = Counter(chosen)
    movable = [at for at, part in enumerate(chosen) if held[part] > 1]
    if not movable:
        return

    def cost(at: int) -> float:
        own = counts[at]
        return parts[chosen[at]].cost_of_removing(own) + parts[number].cost_of_adding(own)

    moved = min(movable, key=cost)
    parts[chosen[moved]].add(counts[moved], -1)
    parts[number].add(counts[moved], +1)
    chosen[moved] = number

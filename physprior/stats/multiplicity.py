"""Many tests at once: the more of them, the more often one finds something by chance."""

from __future__ import annotations

from collections.abc import Sequence


def holm(ps: Sequence[float | None]) -> list[float | None]:
    """Adjusted p values of a family of tests, in their order; None, no test, stays None.

    Who rejects what is at most 5 % rejects anything falsely in at most one family of twenty,
    however the tests depend on one another (Holm, Scandinavian Journal of Statistics 1979). Raises
    ValueError, with its index, for a p that is not in 0..1.
    """
    for index, p in enumerate(ps):
        if p is not None and not 0 <= p <= 1:
            raise ValueError(f"p {index} is {p!r}, not between 0 and 1")
    known = sorted((p, index) for index, p in enumerate(ps) if p is not None)
    adjusted: list[float | None] = [None] * len(ps)
    highest = 0.0
    for rank, (p, index) in enumerate(known):
        highest = max(highest, min(1.0, (len(known) - rank) * p))
        adjusted[index] = highest
    return adjusted

"""Ways out and back that show every place alike, whether or not a stop cuts them short.

A single frame must not tell a mechanism that strikes a stop from a sound one. A sound way out to
``full`` and back is even up to an ``edge``: it rests only at places drawn evenly before it. A way
that a stop ends at ``edge * full * u ** stall``, u drawn evenly from 0 to 1, and that stands there
for the share ``stall`` of its time, is on average just as even, for any ``stall``: the places
beyond the stop are missing in as many videos as the stops before them make up for. What lies
beyond the edge only sound ways show; where it could be told from other places in one frame, they
are to pass it without a rest and in haste.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

Way = tuple[list[float], list[float]]
"""Moments (seconds from the way's beginning) and the wishes at them."""


def out_and_back(
    reach: float,
    seconds: float,
    places: tuple[float, float],
    *,
    travel_s: float,
    stall: float = 0.0,
    beyond: float = 0.0,
    outward: float = 0.5,
    edge: float = 1.0,
    haste: float = 1.0,
) -> Way:
    """From 0 to ``reach`` and back to 0 in ``seconds``, with a rest each way.

    ``places`` are the two rests as shares of the way up to its ``edge``, a share of ``reach``;
    what lies beyond it is passed ``haste`` times as fast. ``travel_s`` is spent moving, and what is
    left resting: the share ``outward`` of it on the way out. For the share ``stall`` of the time
    the wish lies past ``reach``, as far as ``beyond``: a mechanism that cannot follow stands there.
    """
    stalled = stall * seconds
    moving = min(travel_s, seconds - stalled)
    rest, last = seconds - stalled - moving, (1 - edge) / haste
    pace = moving / 2 / (edge + last)
    out, back = edge * places[0], edge * places[1]
    lengths = (
        out * pace,
        outward * rest,
        (edge - out) * pace,
        last * pace,
        stalled / 2,
        stalled / 2,
        last * pace,
        (edge - back) * pace,
        (1 - outward) * rest,
        back * pace,
    )
    moments = list(accumulate(lengths, initial=0.0))
    first, turn, second = out * reach, edge * reach, back * reach
    far = reach + beyond
    return moments, [0.0, first, first, turn, reach, far, reach, turn, second, second, 0.0]


def chained(ways: Sequence[Way], signs: Sequence[float]) -> Way:
    """One way after the other, each to the side that its sign says."""
    moments, values = [0.0], [0.0]
    for (then, wishes), sign in zip(ways, signs, strict=True):
        start = moments[-1]
        moments += [start + t for t in then[1:]]
        values += [sign * wish for wish in wishes[1:]]
    return moments, values

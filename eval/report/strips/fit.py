"""The largest strips that a budget of bytes has room for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice

from physprior.errors import PhyspriorError
from physprior.eval.report.strips.encode import Step, on_page

Draw = Callable[[str, Step], bytes]
"""Makes the strip of a card; raises PhyspriorError where its frames cannot be had."""
_SAMPLE = 48
_MARGIN = 1.05
"""A sample's mean may be so much below that of all."""
_AT_ONCE = 64


@dataclass
class Fitted:
    """Strips within a budget."""

    step: Step
    images: dict[str, bytes] = field(default_factory=dict)
    """By card id, in the order given."""
    failed: dict[str, str] = field(default_factory=dict)
    """Card id to why its frames cannot be had."""
    left_out: list[str] = field(default_factory=list)
    """Ids for which there was no room."""
    size: int = 0
    """Bytes of all of them in a page."""


def fit(
    ids: Sequence[str],
    draw: Draw,
    steps: Sequence[Step],
    *,
    budget: int,
    workers: int,
    progress: Callable[[int, int], None],
) -> Fitted:
    """The strips of ``ids`` at the first of ``steps``, from large to small, that all fit in with.

    At the last step the first ids get theirs, as far as ``budget`` (bytes in a page) reaches.
    ``progress`` is told (strips made, strips).
    """
    with ThreadPoolExecutor(max(1, workers)) as pool:
        at = _first_that_fits(pool, ids, draw, steps, budget)
        while True:
            last = at + 1 >= len(steps)
            fitted = _at_step(pool, ids, draw, steps[at], budget, last, progress)
            if fitted is not None:
                return fitted
            at += 1


def _first_that_fits(
    pool: ThreadPoolExecutor, ids: Sequence[str], draw: Draw, steps: Sequence[Step], budget: int
) -> int:
    """The first step that a sample lets expect to fit; the last one where none does."""
    stride = max(1, len(ids) // _SAMPLE)
    sample = ids[::stride]
    for at, step in enumerate(steps[:-1]):
        drawn = _drawn(pool, sample, draw, step)
        sizes = [on_page(strip) for _, strip in drawn if isinstance(strip, bytes)]
        if not sizes or sum(sizes) / len(sizes) * len(ids) * _MARGIN <= budget:
            return at
    return len(steps) - 1


def _at_step(
    pool: ThreadPoolExecutor,
    ids: Sequence[str],
    draw: Draw,
    step: Step,
    budget: int,
    last: bool,
    progress: Callable[[int, int], None],
) -> Fitted | None:
    """All strips at one step, or as many as fit where it is the last; None where all do not."""
    fitted = Fitted(step)
    for done, (name, strip) in enumerate(_drawn(pool, ids, draw, step), 1):
        if isinstance(strip, str):
            fitted.failed[name] = strip
        elif fitted.size + on_page(strip) > budget:
            if not last:
                return None
            fitted.left_out = list(ids[done - 1 :])
            break
        else:
            fitted.images[name] = strip
            fitted.size += on_page(strip)
        progress(done, len(ids))
    return fitted


def _drawn(
    pool: ThreadPoolExecutor, ids: Sequence[str], draw: Draw, step: Step
) -> Iterator[tuple[str, bytes | str]]:
    """Each id with its strip, or with why it has none, in their order."""

    def one(name: str) -> tuple[str, bytes | str]:
        try:
            return name, draw(name, step)
        except PhyspriorError as error:
            return name, error.message
        except OSError as error:
            return name, f"cannot be read: {error.strerror or error}"

    # A few at a time: whoever stops early has little made in vain.
    names = iter(ids)
    while some := list(islice(names, _AT_ONCE)):
        yield from pool.map(one, some)

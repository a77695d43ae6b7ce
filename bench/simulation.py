"""Do the intervals cover, and do the tests keep to their 5 %? Simulations with known truth.

    python bench/simulation.py [--draws 1500] [--seed 6] [--only intervals,tests,…]

Binormal scores; our own functions are called as they are on each draw, and the plain ways stand
beside them. Each rate has its own Monte-Carlo standard error behind it. Prints the tables of
docs/statistics.md as Markdown, in under five minutes on one core.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence

import binormal
import numpy as np
from binormal import Z, labels_of

from physprior.stats import (
    Comparison,
    Interval,
    accuracy_estimate,
    auroc_estimate,
    average_precision_estimate,
    balanced_accuracy_estimate,
    compare_auroc,
    compare_macro,
    f1_estimate,
    macro_estimate,
)

AREAS = (0.5, 0.7, 0.85, 0.95, 0.99)
SIZES = ((15, 45), (30, 30), (60, 180))
FEW_OF_A_CLASS = ((2, 100), (5, 100))
ALIKE = 0.95
"""Correlation of two runs that are nearly one; elsewhere it is 0.5."""
DIFFERENT = ((0.70, 0.85), (0.90, 0.97), (0.95, 0.99))
OBJECTS = ((10, 6), (20, 6), (60, 4))
SPREAD = (0.6, 0.75, 0.85, 0.9, 0.95, 0.97, 0.99)
Row = list[object]


def rate(hits: Iterable[object]) -> str:
    """How often, and the standard error of that."""
    found = np.array([bool(hit) for hit in hits])
    share = found.mean()
    return f"{share:.3f} ±{math.sqrt(share * (1 - share) / len(found)):.3f}"


def covers(interval: Interval | None, truth: float) -> bool:
    """Whether the truth is inside; no interval covers anything."""
    return interval is not None and interval.low - 1e-12 <= truth <= interval.high + 1e-12


def around(ends: np.ndarray, truth: float) -> np.ndarray:
    """The same of (2, draws) ends."""
    return (ends[0] <= truth + 1e-12) & (truth <= ends[1] + 1e-12)


def plain(pairs: np.ndarray) -> np.ndarray:
    """The mean over pairs and 1.96 of DeLong's errors to either side: (2, draws)."""
    mean, error = binormal.delong(pairs)
    return np.array([mean - Z * error, mean + Z * error])


def intervals(draws: int, generator: np.random.Generator) -> Iterator[Row]:
    """One run's AUROC."""
    yield ["AUROC", "normal/anomalous", "ours", "plain DeLong", "bootstrap", "width of ours"]
    for area in AREAS:
        for size in SIZES:
            labels = labels_of(*size)
            (scores,) = binormal.runs(generator, draws, labels, (area,))
            ours = [auroc_estimate(labels.tolist(), row).interval for row in scores.tolist()]
            pairs = binormal.wins(labels, scores)
            yield [
                area,
                f"{size[0]}/{size[1]}",
                rate(covers(one, area) for one in ours),
                rate(around(plain(pairs), area)),
                rate(around(binormal.bootstrap(generator, pairs), area)),
                f"{np.mean([one.high - one.low for one in ours if one]):.3f}",
            ]


def measures(draws: int, generator: np.random.Generator) -> Iterator[Row]:
    """The other figures of one run; verdicts are those of the best threshold."""
    yield ["AUROC", "normal/anomalous", "AP", "accuracy", "balanced accuracy", "F1"]
    for area in AREAS[1:]:
        for m, n in SIZES:
            labels = labels_of(m, n)
            (scores,) = binormal.runs(generator, draws, labels, (area,))
            right = binormal.NORMAL.cdf(binormal.shift(area) / 2)
            said = (scores > binormal.shift(area) / 2).tolist()
            truth = labels.tolist()
            precision = binormal.average_precision(area, n / (m + n))
            f1 = 2 * n * right / (n * right + m * (1 - right) + n)
            yield [
                area,
                f"{m}/{n}",
                rate(
                    covers(average_precision_estimate(truth, row).interval, precision)
                    for row in scores.tolist()
                ),
                rate(covers(accuracy_estimate(truth, row).interval, right) for row in said),
                rate(
                    covers(balanced_accuracy_estimate(truth, row).interval, right) for row in said
                ),
                rate(covers(f1_estimate(truth, row).interval, f1) for row in said),
            ]


def compared(
    labels: np.ndarray, a: np.ndarray, b: np.ndarray, clusters: list[str] | None = None
) -> list[Comparison]:
    """Each draw's comparison."""
    rows = zip(a.tolist(), b.tolist(), strict=True)
    return [compare_auroc(labels.tolist(), *row, clusters=clusters) for row in rows]


def permuted(found: Comparison) -> float | None:
    """p of the permutation test, whichever one it was compared by."""
    if found.method == "permutation" or found.exchanged is None:
        return found.p
    return found.exchanged.p()


def rejected(ps: Iterable[float | None]) -> list[bool]:
    """Which tests find a difference at 5 %."""
    return [p is not None and p <= 0.05 for p in ps]


def wald(ends: np.ndarray) -> np.ndarray:
    """Which differences the interval tells from 0, one of no width telling nothing."""
    return ~around(ends, 0.0) & (ends[1] > ends[0])


def pair_row(
    draws: int,
    generator: np.random.Generator,
    size: tuple[int, int],
    areas: tuple[float, float],
    spreads: tuple[float, float] = (1.0, 1.0),
    correlation: float = 0.5,
) -> Row:
    """Rejections of four tests and coverage of two intervals of one difference."""
    labels, truth = labels_of(*size), areas[1] - areas[0]
    a, b = binormal.runs(generator, draws, labels, areas, spreads=spreads, correlation=correlation)
    ours = compared(labels, a, b)
    gain = binormal.wins(labels, b) - binormal.wins(labels, a)
    ends = plain(gain)
    return [
        f"{size[0]}/{size[1]}",
        rate(rejected(one.p for one in ours)),
        rate(wald(ends)),
        rate(rejected(permuted(one) for one in ours)),
        rate(wald(binormal.bootstrap(generator, gain))),
        rate(covers(one.interval, truth) for one in ours),
        rate(around(ends, truth)),
    ]


PAIR = ["normal/anomalous", "ours", "paired DeLong", "permutation", "paired bootstrap",
        "our interval", "plain interval"]  # fmt: skip


def tests(draws: int, generator: np.random.Generator) -> Iterator[Row]:
    """Two runs of the same AUROC: how often each test finds a difference that is not there."""
    yield ["AUROC of both", *PAIR]
    for area in AREAS:
        for size in SIZES:
            yield [area, *pair_row(draws, generator, size, (area, area))]
    for size in FEW_OF_A_CLASS:
        yield [0.7, *pair_row(draws, generator, size, (0.7, 0.7))]
    for size in SIZES:
        row = pair_row(draws, generator, size, (0.85, 0.85), (1.0, 2.0))
        yield ["0.85, curves of other shape", *row]
    for size in SIZES:
        row = pair_row(draws, generator, size, (0.95, 0.95), correlation=ALIKE)
        yield ["0.95, much alike", *row]


def power(draws: int, generator: np.random.Generator) -> Iterator[Row]:
    """Two runs that differ: how often each test sees it, and what the intervals cover."""
    yield ["AUROCs", *PAIR]
    for areas in DIFFERENT:
        for size in SIZES:
            yield [f"{areas[0]} and {areas[1]}", *pair_row(draws, generator, size, areas)]
    for size in SIZES:
        row = pair_row(draws, generator, size, (0.95, 0.99), correlation=ALIKE)
        yield ["0.95 and 0.99, much alike", *row]


def visible(draws: int, generator: np.random.Generator) -> Iterator[Row]:
    """Runs that differ by the smallest visible difference: 0.8 are to be seen."""
    yield ["AUROC of one", "normal/anomalous", "difference", "seen"]
    for area in AREAS[:3]:
        for size in SIZES:
            labels, step = labels_of(*size), 0.1
            for _ in range(4):
                pilot = compared(
                    labels, *binormal.runs(generator, 100, labels, (area, area + step))
                )
                step = float(np.mean([one.smallest_visible or 0 for one in pilot]))
                step = min(step, 0.995 - area)
            found = compared(labels, *binormal.runs(generator, draws, labels, (area, area + step)))
            seen = rate(rejected(one.p for one in found))
            yield [area, f"{size[0]}/{size[1]}", f"{step:.3f}", seen]


def clustered(draws: int, generator: np.random.Generator) -> Iterator[Row]:
    """Videos of the same objects: half of the scores' variance is the object's own.

    Either each object is filmed both normal and anomalous, or it is one of the two for good.
    """
    yield ["AUROC", "objects × videos", "an object is", "interval, by video", "by object",
           "test, by video", "by object"]  # fmt: skip
    for area, both in ((0.85, True), (0.85, False), (0.95, False)):
        for count, videos in OBJECTS:
            yield [
                area,
                f"{count} × {videos}",
                "both" if both else "normal or anomalous",
                *object_row(draws, generator, np.repeat(np.arange(count), videos), area, both),
            ]


def object_row(
    draws: int, generator: np.random.Generator, objects: np.ndarray, area: float, both: bool
) -> Row:
    """Coverage of one run's interval and false alarms of the test, by video and by object."""
    count, moved = int(objects.max()) + 1, binormal.shift(area)
    labels = np.arange(len(objects)) % 2 if both else (objects >= count // 2).astype(int)
    effects = binormal.object_effects(generator, draws, objects, 2, 0.5)
    noise = binormal.runs(generator, draws, labels, (0.5, 0.5))
    a, b = (
        (effect + own) / math.sqrt(2) + moved * labels
        for effect, own in zip(effects, noise, strict=True)
    )
    # Of an object that is both, one pair in `count` is its own, and its effect cancels there.
    truth = (binormal.NORMAL.cdf(moved) + (count - 1) * area) / count if both else area
    names = [f"object {number}" for number in objects]
    found = [
        [auroc_estimate(labels.tolist(), row, clusters=by) for row in a.tolist()]
        for by in (None, names)
    ]
    tested = [compared(labels, a, b, by) for by in (None, names)]
    return [
        *(rate(covers(one.interval, truth) for one in some) for some in found),
        *(rate(rejected(one.p for one in some)) for some in tested),
    ]


def macro(draws: int, generator: np.random.Generator) -> Iterator[Row]:
    """Means over categories of 15 normal and 45 anomalous videos."""
    yield ["categories", "their AUROCs", "our interval", "plain DeLong", "test",
           "interval of the difference"]  # fmt: skip
    for count in (4, 21):
        for name, profile in (("0.6 to 0.99", SPREAD), ("all 0.95", (0.95,)), ("all 0.5", (0.5,))):
            areas = [profile[(k * 2) % len(profile)] for k in range(count)]
            yield [count, name, *macro_row(draws, generator, areas)]


def macro_row(draws: int, generator: np.random.Generator, areas: list[float]) -> Row:
    """Coverage of the mean and of a difference of means, and the test's false alarms."""
    labels, truth, each = labels_of(15, 45), float(np.mean(areas)), range(draws)
    made = [binormal.runs(generator, draws, labels, (area, area)) for area in areas]
    found = [binormal.delong(binormal.wins(labels, a)) for a, _ in made]
    mean = np.mean([area for area, _ in found], axis=0)
    error = np.sqrt(np.sum([own**2 for _, own in found], axis=0)) / len(areas)
    truths, rows = labels.tolist(), [(a.tolist(), b.tolist()) for a, b in made]
    ours = [macro_estimate([auroc_estimate(truths, a[k]) for a, _ in rows]) for k in each]
    tested = [compare_macro([compare_auroc(truths, a[k], b[k]) for a, b in rows]) for k in each]
    return [
        rate(covers(one.interval, truth) for one in ours),
        rate(around(np.array([mean - Z * error, mean + Z * error]), truth)),
        rate(rejected(one.p for one in tested)),
        rate(covers(one.interval, 0.0) for one in tested),
    ]


TABLES: dict[str, tuple[Callable[[int, np.random.Generator], Iterator[Row]], float]] = {
    "intervals": (intervals, 1),
    "measures": (measures, 1),
    "tests": (tests, 1),
    "power": (power, 0.5),
    "visible": (visible, 0.5),
    "clustered": (clustered, 0.5),
    "macro": (macro, 0.3),
}
"""Each table, and its share of the draws: what is slow has fewer."""


def table(name: str, draws: int, seed: int) -> str:
    """One table as Markdown; its random numbers are its own, whatever else is printed."""
    rows, share = TABLES[name]
    count = max(2, round(draws * share))
    generator = np.random.default_rng([seed, list(TABLES).index(name)])
    started = time.perf_counter()
    head, *body = [[str(cell) for cell in row] for row in rows(count, generator)]
    print(f"{name}: {time.perf_counter() - started:.0f} s", file=sys.stderr)
    what = " ".join((rows.__doc__ or "").split())
    lines = [f"| {' | '.join(line)} |" for line in (head, ["---"] * len(head), *body)]
    return "\n".join([f"`{name}`: {what} {count} draws.", "", *lines])


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=1500)
    parser.add_argument("--seed", type=int, default=6)
    parser.add_argument("--only", default=",".join(TABLES), help="tables, with commas between")
    options = parser.parse_args(arguments)
    for name in options.only.split(","):
        print(table(name, options.draws, options.seed), end="\n\n", flush=True)


if __name__ == "__main__":
    main()

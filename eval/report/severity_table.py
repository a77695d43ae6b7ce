"""The table by severity, and how it is read."""

from __future__ import annotations

import math
from collections.abc import Sequence

from physprior.eval.compare import MACRO
from physprior.eval.report.severity import FEWEST, Severity, SeverityBin
from physprior.eval.report.table import Table, rows
from physprior.eval.report.words import estimate, interval, number
from physprior.stats import Estimate, Interval, macro_estimate

_CHANCE = 0.5
_CLEARLY = 0.1
"""An interval that ends nearer to chance than this shows that there is little to find."""


def severity_table(severity: Severity) -> Table:
    """AUROC by category and range of severity, with the reading as its first notes."""
    bins = severity.bins
    categories = [
        [name, *(estimate(dict(one.categories)[name]) for one in bins)]
        for name, _ in bins[0].categories
    ]
    whole = [
        [MACRO, *(estimate(one.macro) for one in bins)],
        ["anomalous videos", *(str(one.anomalous) for one in bins)],
    ]
    if any(one.found and one.found.value is not None for one in bins):
        whole.insert(1, ["found at the threshold", *(estimate(one.found) for one in bins)])
    return Table(
        "By severity",
        ("category", *(_span(one) for one in bins)),
        rows([*categories, *whole]),
        apart=len(whole),
        notes=(*readings(severity), *_notes(severity)),
        alarms=_alarms(severity),
    )


def readings(severity: Severity) -> tuple[str, ...]:
    """How small a failure may be and still be found, and whether graver ones are found better."""
    known = [one for one in severity.bins if one.macro.interval is not None]
    if not known:
        return ()
    return (_found(known), *_graver(known))


def _span(one: SeverityBin) -> str:
    return f"{one.low:g} to {one.high:g}"


def _said(one: SeverityBin) -> str:
    return f"macro AUROC {estimate(one.macro)}"


def _above(one: SeverityBin) -> bool:
    return one.macro.interval is not None and one.macro.interval.low > _CHANCE


def _found(bins: Sequence[SeverityBin]) -> str:
    """From which severity on failures are found."""
    first = next((place for place, one in enumerate(bins) if _above(one)), None)
    if first is None:
        return f"In no range are failures surely found better than by chance: {_each(bins)}."
    below, found, rest = bins[:first], bins[first], bins[first + 1 :]
    if below:
        said = (
            f"A failure below {found.low:g} is {_not_found(below)} ({_each(below)}); from "
            f"{found.low:g} on it is found ({_said(found)})."
        )
    else:
        said = (
            f"Even the slightest failures, of {_span(found)}, are found better than by chance "
            f"({_said(found)})."
        )
    lost = [_span(one) for one in rest if not _above(one)]
    return f"{said} Not surely so again: {', '.join(lost)}." if lost else said


def _not_found(bins: Sequence[SeverityBin]) -> str:
    spans = [one.macro.interval for one in bins if one.macro.interval is not None]
    if all(span.high < _CHANCE for span in spans):
        return "ranked below sound objects"
    if all(max(span.high - _CHANCE, _CHANCE - span.low) < _CLEARLY for span in spans):
        return "found no better than by chance"
    return "not surely found better than by chance"


def _each(bins: Sequence[SeverityBin]) -> str:
    if len(bins) == 1:
        return _said(bins[0])
    return "; ".join(f"{_span(one)} {_said(one)}" for one in bins)


def _graver(bins: Sequence[SeverityBin]) -> tuple[str, ...]:
    """Whether the gravest failures are found better than the slightest."""
    if len(bins) < 2:
        return ()
    slight, grave = _shared(bins[0], bins[-1])
    if slight.value is None or grave.value is None:
        return ()
    difference, span = grave.value - slight.value, _difference(slight, grave)
    if span is None:
        return ()
    said = f"AUROC of {_span(bins[-1])} less that of {_span(bins[0])}"
    value = f"{said}: {number(difference)} {interval(span)}"
    if span.low > 0:
        return (f"Graver failures are found better. {value}.",)
    if span.high < 0:
        return (f"Graver failures are found worse. {value}.",)
    return (f"Whether graver failures are found better cannot be told. {value}.",)


def _shared(slight: SeverityBin, grave: SeverityBin) -> tuple[Estimate, Estimate]:
    """The mean of each over the categories that both have."""
    pairs = [
        (one, other)
        for (_, one), (_, other) in zip(slight.categories, grave.categories, strict=True)
        if one.value is not None and other.value is not None
    ]
    ones, others = zip(*pairs, strict=True) if pairs else ((), ())
    return macro_estimate(ones), macro_estimate(others)


def _difference(one: Estimate, other: Estimate) -> Interval | None:
    """The interval of ``other - one`` by MOVER, as if they were independent.

    Both are against the same normal videos, which makes them rise and fall together: so it is a
    little too wide, and never too sure.
    """
    if one.interval is None or other.interval is None or one.value is None or other.value is None:
        return None
    value = other.value - one.value
    below = math.hypot(other.value - other.interval.low, one.interval.high - one.value)
    above = math.hypot(other.interval.high - other.value, one.value - one.interval.low)
    return Interval(max(-1.0, value - below), min(1.0, value + above), "MOVER")


def _notes(severity: Severity) -> tuple[str, ...]:
    said = (
        "The anomalous videos of each range against all normal videos of their category. Severity "
        "is what the file beside each video says; of a simulated failure 0 is the slightest that "
        "is made, 1 the gravest. The scale is each anomaly's own: equal numbers of two anomalies "
        f"need not be equally hard. A quarter with fewer than {FEWEST} videos is joined to the "
        "next."
    )
    if not severity.without:
        return (said,)
    count = severity.without
    whose = "1 anomalous video has" if count == 1 else f"{count} anomalous videos have"
    return (said, f"{whose} no severity, and no place in this table.")


def _alarms(severity: Severity) -> tuple[str, ...]:
    members = {
        tuple(name for name, found in one.categories if found.value is not None)
        for one in severity.bins
    }
    if len(members) == 1:
        return ()
    return (
        "Not every range has videos of every category: the macro averages are of different ones.",
    )

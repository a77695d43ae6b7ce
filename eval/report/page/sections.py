"""The sections of the page in their order, and what is said of those that there is nothing for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from physprior.eval.report.page import measured, story
from physprior.eval.report.page.summary import summary
from physprior.eval.report.report import Report

Context = Mapping[str, Any]


@dataclass(frozen=True)
class Section:
    """A section that has something to show."""

    id: str
    """Its anchor, and the name of its template."""
    title: str
    nav: str
    """What it is called where room is scarce."""
    context: Context
    """What its template is given."""


@dataclass(frozen=True)
class _Kind:
    id: str
    title: str
    nav: str
    find: Callable[[Report], Context | None]
    """What there is to show; None where there is nothing."""
    bring: str
    """What would bring it, as the end of a sentence."""


_KINDS = (
    _Kind("categories", "By category", "Categories", measured.categories, "name predictions"),
    _Kind(
        "published",
        "Beside published systems",
        "Published",
        measured.published,
        "no paper gives figures for these categories",
    ),
    _Kind("compare", "Beside other runs", "Runs", measured.compare, "name a second run's too"),
    _Kind("failures", "Where it fails", "Failures", measured.failures, "needs anomalous videos"),
    _Kind("videos", "Videos", "Videos", measured.videos, "'physprior report' makes their cards"),
    _Kind(
        "explanations",
        "Explanations",
        "Explanations",
        measured.explanations,
        "'physprior eval sbert' or 'physprior eval judge' scores them",
    ),
    _Kind("curves", "Curves", "Curves", measured.curves, "needs scores of both classes"),
    _Kind("controls", "Controls", "Controls", measured.controls, "'physprior predict --control'"),
    _Kind(
        "severity",
        "By severity",
        "Severity",
        measured.severity,
        "only simulated videos say how severe a failure is",
    ),
    _Kind("decisions", "Decisions", "Decisions", measured.decisions, "needs texts or thresholds"),
    _Kind("training", "Training", "Training", story.training, "name the run's folder, too"),
    _Kind("data", "Data and commands", "Data", story.data, "name predictions"),
)


def sections(report: Report) -> list[Section]:
    """The summary, and every section that has something to show."""
    found, absent = [], []
    for kind in _KINDS:
        context = kind.find(report)
        if context is None:
            absent.append((kind.title, kind.bring))
        else:
            found.append(Section(kind.id, kind.title, kind.nav, context))
    return [Section("summary", "Summary", "Summary", summary(report, absent)), *found]

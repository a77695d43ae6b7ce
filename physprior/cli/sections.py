"""Printing a report of sections: tables, findings with their places, and a closing line."""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from physprior.cli import console

if TYPE_CHECKING:
    from physprior.dataset.doctor.findings import Finding, Report, Section, Table

SHOWN = 10
"""Places of a finding, and findings of one kind, that are listed; more are counted."""
_WIDTH = 100


def print_report(report: Report, *, everything: bool) -> None:
    """Print a report; ``everything`` cuts no list and shows the tables of details."""
    for section in report.sections:
        _print_section(section, everything)
    wrong = [f"{section.name} {section.wrong}" for section in report.sections if section.wrong]
    if wrong:
        listed = ", ".join(wrong)
        console.say(f"{report.wrong} finding{'s' if report.wrong > 1 else ''} ({listed})")
    else:
        console.say("nothing wrong")


def _print_section(section: Section, everything: bool) -> None:
    heading = f"{section.title}: {section.verdict}"
    console.say(f"{heading}\n{'=' * len(heading)}\n")
    for table in section.tables:
        if everything or not table.detail:
            _print_table(table)
    for _, alike in itertools.groupby(section.findings, key=lambda one: (one.level, one.kind)):
        findings = list(alike)
        shown = findings if everything else findings[:SHOWN]
        for finding in shown:
            _print_finding(finding, everything)
        if len(findings) > len(shown):
            console.say(f"… and {len(findings) - len(shown)} more of this kind; --all lists them\n")


def _print_table(table: Table) -> None:
    console.say(f"{table.caption}:")
    if table.figures:
        console.table(table.heads, table.rows, last_apart=table.totals)
    else:
        width = max(len(row[0]) for row in table.rows)
        for first, *others in table.rows:
            console.say(f"  {first.ljust(width)}  {'  '.join(others)}")
    console.say()


def _print_finding(finding: Finding, everything: bool) -> None:
    _print_wrapped(f"{finding.level} [{finding.kind}]: {finding.text}", "", "  ")
    _print_places(finding, everything)
    first, *more = finding.remedy.splitlines() or [""]
    if first:
        _print_wrapped(f"remedy: {first}", "  ", "    ")
    for line in more:
        console.say(f"      {line}")
    console.say()


def _print_places(finding: Finding, everything: bool) -> None:
    places: Sequence[str] = finding.places
    if len(places) == 1 and places[0] in finding.text:
        return
    if not any({"/", ":", " "} & set(place) for place in places):
        # Bare names fit on a few lines, however many they are.
        _print_wrapped(", ".join(places), "    ", "    ")
        return
    shown = places if everything else places[:SHOWN]
    for place in shown:
        console.say(f"    {place}")
    if len(places) > len(shown):
        console.say(f"    … and {len(places) - len(shown)} more; --all lists them")


def _print_wrapped(text: str, first: str, others: str) -> None:
    lines = textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=first,
        subsequent_indent=others,
        # A path that is cut in two cannot be copied.
        break_long_words=False,
        break_on_hyphens=False,
    )
    for line in lines:
        console.say(line)

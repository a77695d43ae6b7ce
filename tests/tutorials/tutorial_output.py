"""Whether commands have printed what a tutorial shows."""

from __future__ import annotations

import difflib
import re

from tutorial_page import Output, Slack

_NUMBER = re.compile(r"[-+]?\d[\d,]*(?:\.\d+)?")
_ANY = "…"


def difference(shown: Output, printed: str) -> str:
    """A diff of what the page shows and what was printed; empty where they agree."""
    if agrees(shown.text, printed, shown.slack):
        return ""
    return "\n".join(
        difflib.unified_diff(
            shown.text.splitlines(), printed.splitlines(), "on the page", "printed", lineterm=""
        )
    )


def agrees(shown: str, printed: str, slack: Slack | None) -> bool:
    """Whether ``printed`` is what the page shows."""
    lines = [line.rstrip() for line in shown.splitlines()]
    match = re.fullmatch(
        "".join(
            r"(?:[^\n]*\n)*?" if line == _ANY else _pattern(line, slack) + r" *\n" for line in lines
        ),
        printed.rstrip("\n") + "\n" if printed else "",
    )
    if match is None or slack is None:
        return match is not None
    said = [number for line in lines for number in _NUMBER.findall(line)]
    found = [value for value in match.groups() if value is not None]
    return all(
        slack.allows(_value(one), _value(other)) for one, other in zip(said, found, strict=True)
    )


def _pattern(line: str, slack: Slack | None) -> str:
    """A pattern for one line: exact, or with each number open and columns that may shift."""
    pattern = ""
    for piece in re.split(f"({_ANY})" + (f"|({_NUMBER.pattern})" if slack else ""), line):
        if not piece:
            continue
        if piece == _ANY:
            pattern += r"[^\n]*"
        elif slack and _NUMBER.fullmatch(piece):
            pattern += f"({_NUMBER.pattern})"
        elif slack:
            pattern += re.sub(r"(\\ )+", " +", re.sub(r"(\\-){2,}", "-+", re.escape(piece)))
        else:
            pattern += re.escape(piece)
    return pattern


def _value(number: str) -> float:
    return float(number.replace(",", ""))

"""The one grammar of a verdict: how it is written in training and read from an answer.

``Verdict: Normal. Reason: …`` or ``Verdict: Anomalous. Reason: …`` (paper section 3.3). The label
stands before the reason, so that it can be scored before any reason has been generated.
"""

from __future__ import annotations

import re

from physprior.verdict.parsed import ParsedVerdict, ParseStatus

__all__ = [
    "LABELS",
    "PREFIX",
    "ParseStatus",
    "ParsedVerdict",
    "label",
    "parse",
    "render",
    "scored_label",
]

LABELS = ("Normal", "Anomalous")
PREFIX = "Verdict:"
_EXACT = re.compile(r"Verdict: (Normal|Anomalous)\. Reason: (.*)\Z", re.DOTALL)


def label(anomalous: bool) -> str:
    """The label word of a verdict."""
    return LABELS[int(anomalous)]


def scored_label(anomalous: bool) -> str:
    """The whole label string that is scored after the prefix, its full stop included."""
    return f" {label(anomalous)}."


def render(anomalous: bool, reason: str) -> str:
    """The verdict sentence of the paper: label first, then the reason."""
    return f"{PREFIX}{scored_label(anomalous)} Reason: {reason}"


def parse(text: str, *, truncated: bool = False) -> ParsedVerdict:
    """Read an answer: the exact grammar, then tolerantly; the last ``Verdict:`` wins.

    ``truncated`` says that generation ran out of tokens: then an answer without a verdict is
    TRUNCATED, not MISSING. Never raises: an unreadable answer is a result with a status. Takes
    time in proportion to the answer's length.
    """
    # Most commands never read an answer: they start without what reading takes.
    from physprior.verdict.answer import marks_readable, offered, read_tolerantly
    from physprior.verdict.letters import Plain

    text = text.strip()
    start = text.rfind(PREFIX)
    exact = _EXACT.match(text, start) if start >= 0 else None
    if exact and not offered(text, start) and not marks_readable(Plain(exact[2])):
        return ParsedVerdict(ParseStatus.OK, exact[1] == LABELS[1], exact[2].strip())
    return read_tolerantly(Plain(text), truncated)

"""The one grammar of a verdict: how it is written in training and read from an answer.

``Verdict: Normal. Reason: …`` or ``Verdict: Anomalous. Reason: …`` (paper section 3.3). The label
stands before the reason, so that it can be scored before any reason has been generated.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

LABELS = ("Normal", "Anomalous")
PREFIX = "Verdict:"


class ParseStatus(StrEnum):
    """How an answer was read; everything but OK and TOLERANT leaves the verdict unknown."""

    OK = "ok"
    TOLERANT = "tolerant"
    AMBIGUOUS = "ambiguous"
    MISSING = "missing"
    EMPTY = "empty"
    REFUSED = "refused"
    TRUNCATED = "truncated"


@dataclass(frozen=True)
class ParsedVerdict:
    """What an answer says: ``anomalous`` is None where ``status`` leaves the verdict unknown."""

    status: ParseStatus
    anomalous: bool | None
    reason: str


def label(anomalous: bool) -> str:
    """The label word of a verdict."""
    return LABELS[int(anomalous)]


def scored_label(anomalous: bool) -> str:
    """The whole label string that is scored after the prefix, its full stop included."""
    return f" {label(anomalous)}."


def render(anomalous: bool, reason: str) -> str:
    """The verdict sentence of the paper: label first, then the reason."""
    return f"{PREFIX}{scored_label(anomalous)} Reason: {reason}"


_EXACT = re.compile(r"Verdict: (Normal|Anomalous)\. Reason: (.*)\Z", re.DOTALL)
_NOISE = re.compile("[*_`#>\u200b\u200c\u200d\u2060\ufeff]")
_MARK = re.compile(r"\bverdict\s*(?:is|[:=\-–—])*\s*", re.IGNORECASE)
_REASON = re.compile(r"\breason\s*[:=\-–—]\s*", re.IGNORECASE)
_REFUSAL = re.compile(
    r"\b(?:i\s+(?:cannot|can't|can not|am unable|am not able)"
    r"|i'm (?:unable|not able|sorry)|as an ai)\b",
    re.IGNORECASE,
)
_ANOMALOUS = r"(?:anomalous|anomaly|anomalies|abnormal(?:ity)?|defect(?:ive|s)?|faulty|broken)"
_NORMAL = r"(?:normal(?:ly)?|healthy|defect[- ]free|fault[- ]free)"
_DENIAL = (
    r"(?:\bno\b|\bnot\b|\bnever\b|\bwithout\b|n't\b|\bfree (?:of|from)\b)"
    r"(?:\s+(?:an?|any|signs? of|sees?|the|is|are|quite|at all|obvious|visible))*\s+"
)
_DENIED_ANOMALOUS = re.compile(_DENIAL + _ANOMALOUS + r"\b", re.IGNORECASE)
_DENIED_NORMAL = re.compile(_DENIAL + _NORMAL + r"\b", re.IGNORECASE)
_SAYS_ANOMALOUS = re.compile(rf"\b(?:{_ANOMALOUS})\b(?!-free)", re.IGNORECASE)
_SAYS_NORMAL = re.compile(rf"\b{_NORMAL}\b", re.IGNORECASE)


def parse(text: str, *, truncated: bool = False) -> ParsedVerdict:
    """Read an answer: the exact grammar, then tolerantly; the last ``Verdict:`` wins.

    ``truncated`` says that generation ran out of tokens: then an answer without a verdict is
    TRUNCATED, not MISSING. Never raises: an unreadable answer is a result with a status.
    """
    text = text.strip()
    if not text:
        return ParsedVerdict(ParseStatus.EMPTY, None, "")
    start = text.rfind(PREFIX)
    exact = _EXACT.match(text, start) if start >= 0 else None
    if exact and not _labels_again(exact[2]):
        return ParsedVerdict(ParseStatus.OK, exact[1] == LABELS[1], exact[2].strip())
    return _parse_tolerantly(_NOISE.sub("", text), truncated)


def _labels_again(reason: str) -> bool:
    return _MARK.search(reason) is not None


def _parse_tolerantly(text: str, truncated: bool) -> ParsedVerdict:
    marks = list(_MARK.finditer(text))
    answer = text[marks[-1].end() :] if marks else text
    parts = _REASON.split(answer, maxsplit=1)
    reason = parts[1].strip() if len(parts) == 2 else ""
    # What stands before "Reason:" is the verdict; the reason may well name the other word.
    said = _reading(parts[0] if parts[0].strip() else answer)
    if said is None:
        said = _reading(re.split(r"[.\n]", answer, maxsplit=1)[0])
    if isinstance(said, bool):
        return ParsedVerdict(ParseStatus.TOLERANT, said, reason)
    if said == "both":
        return ParsedVerdict(ParseStatus.AMBIGUOUS, None, reason)
    if _REFUSAL.search(text):
        return ParsedVerdict(ParseStatus.REFUSED, None, "")
    status = ParseStatus.TRUNCATED if truncated else ParseStatus.MISSING
    return ParsedVerdict(status, None, reason)


def _reading(words: str) -> bool | str | None:
    denied_anomalous = _DENIED_ANOMALOUS.search(words) is not None
    denied_normal = _DENIED_NORMAL.search(words) is not None
    rest = _DENIED_NORMAL.sub(" ", _DENIED_ANOMALOUS.sub(" ", words))
    anomalous = denied_normal or _SAYS_ANOMALOUS.search(rest) is not None
    normal = denied_anomalous or _SAYS_NORMAL.search(rest) is not None
    if anomalous and normal:
        return "both"
    return anomalous if anomalous or normal else None

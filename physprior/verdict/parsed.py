"""What reading an answer gives."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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

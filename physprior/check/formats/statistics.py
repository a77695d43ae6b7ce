"""How often each rule found something."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from physprior.check.diagnostic import Severity
from physprior.check.run import Result


@dataclass(frozen=True)
class Count:
    """The findings of one code."""

    code: str
    name: str
    severity: Severity
    findings: int
    """How many there are; at least one."""


def counts(result: Result) -> list[Count]:
    """The codes that found something: the most frequent first, those as frequent by code."""
    counted = Counter((one.code, one.name, one.severity) for one in result.diagnostics)
    found = [Count(*kind, number) for kind, number in counted.items()]
    return sorted(found, key=lambda one: (-one.findings, one.code))

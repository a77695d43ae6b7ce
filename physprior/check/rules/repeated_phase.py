"""A phase that stands twice: two phases of one id, or one phase twice under `violates`.

An anomaly names phases by id, so two of one id cannot be told apart. The second mention of a phase
under one anomaly says nothing, and another one was often meant.

Fails:

    anomalies:
      - violates: [press, press]

Passes:

    anomalies:
      - violates: [press, release]
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from physprior.check.entry import CheckedEntry
from physprior.check.rule import Finding, Rule
from physprior.knowledge.compose import DataPath
from physprior.knowledge.edits import delete_item
from physprior.knowledge.fix import Fix


def check(checked: CheckedEntry) -> Iterator[Finding]:
    """One finding for each second mention."""
    phases = [phase.id for phase in checked.category.prior.motion.phases]
    for at in _second(phases):
        yield _finding(("prior", "motion", "phases", at, "id"), f"the phase id {phases[at]!r}")
    for number, anomaly in enumerate(checked.category.anomalies):
        for at in _second(anomaly.violates):
            where = f"under 'violates' of anomalies[{anomaly.id}]"
            path = ("anomalies", number, "violates", at)
            fix = delete_item(checked.source, path, safe=True)
            yield _finding(path, f"{anomaly.violates[at]!r} {where}", fix)


def _second(ids: Sequence[str]) -> list[int]:
    return [at for at, name in enumerate(ids) if name in ids[:at]]


def _finding(path: DataPath, what: str, fix: Fix | None = None) -> Finding:
    message = f"{what} stands here a second time"
    return Finding(path, message, "keep one, or name the one meant", fix=fix)


RULE = Rule("R005", "repeated-phase", __doc__, entry=check, fixes="safe")

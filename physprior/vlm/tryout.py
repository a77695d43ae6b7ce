"""Trying out what may hang or die, in a process of its own with a time limit; and what it told."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import physprior
from physprior.dataset.doctor.findings import Finding

GB = 10**9
PATIENCE_S = 120
"""What tries something out is given so long."""


@dataclass
class Notes:
    """Rows of the section's table, and its findings, as they are gathered."""

    rows: list[tuple[str, str]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def row(self, what: str, found: str) -> None:
        """Add a row of the table."""
        self.rows.append((what, found))

    def wrong(self, kind: str, text: str, remedy: str) -> None:
        """Add what is wrong."""
        self.findings.append(Finding(kind=kind, text=text, remedy=remedy))

    def note(self, kind: str, text: str, remedy: str = "") -> None:
        """Add what is worth knowing."""
        self.findings.append(Finding(kind=kind, level="note", text=text, remedy=remedy))


def ask(module: str, *words: str, patience_s: float = PATIENCE_S) -> dict[str, Any]:
    """What a module that is run as a process prints as JSON; ``{"error": why}`` if it fails."""
    # -P: what lies in the current folder is not imported by accident.
    command = [sys.executable, "-P", "-m", module, *words]
    place = str(Path(physprior.__file__).resolve().parent.parent)
    search = os.pathsep.join(filter(None, (place, os.environ.get("PYTHONPATH"))))
    try:
        ended = subprocess.run(
            command,
            capture_output=True,
            timeout=patience_s,
            env={**os.environ, "PYTHONPATH": search},
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {"error": f"no answer after {patience_s:g} s"}
    except OSError as error:
        return {"error": f"no process can be started: {error.strerror or error}"}
    try:
        answer = json.loads(ended.stdout.splitlines()[-1])
    except (ValueError, IndexError):
        said = ended.stderr.decode(errors="replace").strip().splitlines()
        last = said[-1] if said else "it said nothing"
        return {"error": f"it ended with {ended.returncode}: {last}"}
    return answer if isinstance(answer, dict) else {"error": f"it answered {answer!r}"}

"""The one type of finding. It lives in the knowledge room, whose reader makes the first ones."""

from __future__ import annotations

from physprior.knowledge.diagnostic import START, Diagnostic, Position, Severity
from physprior.knowledge.fix import Edit, Fix

__all__ = ["START", "Diagnostic", "Edit", "Fix", "Position", "Severity"]

"""The table of every code that ``physprior check`` can report.

S codes come from the reader and the schema, in ``physprior.knowledge.codes``. All others come from
the files in ``physprior/check/rules``, one rule a file.
"""

from __future__ import annotations

from physprior.check.rules import rules
from physprior.knowledge.codes import CODES as READING_CODES
from physprior.knowledge.codes import Code

CODES: dict[str, Code] = {
    code.code: code for code in (*READING_CODES, *(rule.kind for rule in rules()))
}
"""Every kind of finding, by its code."""

__all__ = ["CODES", "Code"]

"""The rules for reading: their list, and the page of each."""

from __future__ import annotations

import difflib
import inspect
import textwrap

from physprior.check.codes import CODES
from physprior.check.rules import rules
from physprior.errors import KnowledgeError
from physprior.knowledge.codes import CODES as READING_CODES
from physprior.knowledge.codes import Code

_ALWAYS = (
    "The reader and the schema find this, before any rule is asked. An entry that has it cannot be"
    "\nused; it is not to be suppressed or ignored."
)

_WIDTH = 100
"""Columns of a page's lines."""


def listed() -> str:
    """Every code in one line: code, name, severity, for whom, and what it finds."""
    asked = {rule.code: "" if rule.drafts else "reviewed" for rule in rules()}
    width = max(len(code.name) for code in CODES.values())
    return "\n".join(
        f"{code.code}  {code.name:{width}}  {code.severity:7}  {asked.get(code.code, ''):8}  "
        f"{code.summary}"
        for code in CODES.values()
    )


def page(wanted: str) -> str:
    """The documentation of a rule, by its code or name. Raises KnowledgeError where none has it."""
    for rule in rules():
        if wanted.upper() == rule.code or wanted.lower() == rule.name:
            drafts = "drafts too" if rule.drafts else "reviewed entries alone"
            held = f"{rule.severity}, {drafts}" if rule.entry else rule.severity
            said = inspect.cleandoc(rule.page or "")
            return f"{rule.code} {rule.name} ({held})\n\n{said}\n\n{_fix_line(rule.kind)}"
    for code in READING_CODES:
        if wanted.upper() == code.code or wanted.lower() == code.name:
            return _reading_page(code)
    known = [name for code in CODES.values() for name in (code.code, code.name)]
    close = difflib.get_close_matches(wanted, known, n=1)
    meant = f"did you mean {close[0]!r}? " if close else ""
    raise KnowledgeError(
        f"no rule has the code or name {wanted!r}",
        remedy=f"{meant}'physprior kb rule' lists them",
    )


def _reading_page(code: Code) -> str:
    title = f"{code.code} {code.name} ({code.severity})"
    do = textwrap.fill(
        f"What to do: {code.advice}.", _WIDTH, break_long_words=False, break_on_hyphens=False
    )
    return "\n\n".join((title, _sentence(code.summary), do, _ALWAYS, _fix_line(code)))


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."


def _fix_line(code: Code) -> str:
    """Whether 'physprior check --fix' can mend what a rule finds."""
    return f"Fix: {code.fixes}."

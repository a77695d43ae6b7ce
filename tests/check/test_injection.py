"""Each rule finds its defect wherever an engineer may make it, and nothing where there is none.

Each form of each defect is made in every shipped entry, in a place that differs from entry to
entry, and is to be found there, at its line and column.
"""

from __future__ import annotations

import importlib
from functools import lru_cache
from pathlib import Path

import pytest
from editing import Entry, Injected
from injection import DEFECTS, Defect

from physprior.check.diagnostic import Diagnostic
from physprior.check.rules import rules
from physprior.check.run import check_bytes
from physprior.paths import kb_folder

for room in ("references", "texts", "physics", "reading"):
    importlib.import_module(f"injected_{room}")

PATHS = sorted(path for path in kb_folder().glob("*.yaml") if path.name != "vocabulary.yaml")
LEAST = 0.95
"""The share of the entries in which a defect must be found."""
MOST = 0.05
"""The share of the entries in which a rule may say something beside the point."""


@lru_cache(maxsize=1)
def entries() -> tuple[Entry, ...]:
    return tuple(Entry(path) for path in PATHS)


def findings(made: Injected) -> list[Diagnostic]:
    return check_bytes(kb_folder() / made.file, made.text.encode())


def is_hit(found: Diagnostic, defect: Defect, made: Injected) -> bool:
    return (found.code, found.line, found.column) == (defect.code, made.line, made.column)


BY_FORM = [pytest.param(defect, id=f"{defect.code}: {defect.form}") for defect in DEFECTS]


@pytest.mark.parametrize("path", [pytest.param(path, id=path.stem) for path in PATHS])
def test_nothing_is_found_in_a_sound_entry(path: Path) -> None:
    assert [found.concise() for found in check_bytes(path, path.read_bytes())] == []


@pytest.mark.parametrize("defect", BY_FORM)
def test_a_defect_is_found_at_its_place_and_nothing_else_is(defect: Defect) -> None:
    missed, beside, brought = [], [], set()
    for entry in entries():
        made = defect.inject(entry)
        found = findings(made)
        hits = [one for one in found if is_hit(one, defect, made)]
        others = [one for one in found if one not in hits]
        if len(hits) != 1:
            missed.append((entry.category.id, made.line, made.column, [o.concise() for o in found]))
        strange = [one.concise() for one in others if one.code not in defect.brings]
        beside += [strange] if strange else []
        brought |= {one.code for one in others}
    assert len(missed) <= (1 - LEAST) * len(entries()), missed
    assert len(beside) <= MOST * len(entries()), beside
    assert set(defect.brings) <= brought, "what is said to come with it does not"


def test_every_rule_about_entries_has_two_forms_of_its_defect_or_more() -> None:
    forms = [defect.code for defect in DEFECTS]
    about_entries = [rule.code for rule in rules() if rule.entry]
    assert [code for code in about_entries if forms.count(code) < 2] == []


def test_the_whole_kb_has_the_categories_that_the_shares_are_taken_of() -> None:
    assert len(entries()) == 22

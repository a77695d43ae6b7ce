"""A draft may be unfinished; what would be wrong even then is found in drafts, too."""

from __future__ import annotations

from pathlib import Path

import pytest
from broken import BROKEN, Broken

from physprior.check import check_paths
from physprior.check.rules import rules

REVIEWED_ONLY = {rule.code for rule in rules() if not rule.drafts}


def code(broken: Broken) -> str:
    return broken.finding.split()[1]


def findings_as_draft(broken: Broken, sound: str, folder: Path) -> list[str]:
    for name, category_id in broken.beside.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(sound.replace("id: pump", f"id: {category_id}"), "utf-8")
    data = broken.make(sound).replace(b"status: reviewed", b"status: draft")
    (folder / broken.file).write_bytes(data)
    return [found.code for found in check_paths([folder], cache=False).diagnostics]


def by_title(reviewed_only: bool) -> list[object]:
    chosen = [broken for broken in BROKEN if (code(broken) in REVIEWED_ONLY) is reviewed_only]
    return [pytest.param(broken, id=broken.title) for broken in chosen]


@pytest.mark.parametrize("broken", by_title(reviewed_only=True))
def test_a_draft_is_not_held_to_what_a_review_is_for(
    broken: Broken, sound: str, tmp_path: Path
) -> None:
    assert findings_as_draft(broken, sound, tmp_path) == []


@pytest.mark.parametrize("broken", by_title(reviewed_only=False))
def test_a_draft_is_held_to_all_else(broken: Broken, sound: str, tmp_path: Path) -> None:
    assert findings_as_draft(broken, sound, tmp_path) == [code(broken)]


def test_each_rule_for_reviewed_entries_has_a_draft_here() -> None:
    assert {code(broken) for broken in BROKEN} >= REVIEWED_ONLY


def test_these_rules_are_for_reviewed_entries_alone() -> None:
    assert {
        *("R002", "T003", "T004", "T005", "T006", "T007", "T009"),
        *("P002", "P003", "P004", "P005", "D001"),
    } == REVIEWED_ONLY


def test_an_entry_of_notes_is_a_clean_draft(sound: str, tmp_path: Path) -> None:
    text = sound.replace("status: reviewed", "status: draft")
    start = text.index("    explanations:\n", text.index("anomalies:"))
    end = text.index("    references:\n", start)
    notes = "".join(f"      - TODO reason {number}\n" for number in range(5))
    path = tmp_path / "pump.yaml"
    path.write_text(f"{text[:start]}    explanations:\n{notes}{text[end:]}", "utf-8")
    assert check_paths([path], cache=False).diagnostics == ()
    path.write_text(path.read_text("utf-8").replace("draft", "reviewed"), "utf-8")
    # That a note of three words is too short and names no part goes without saying.
    assert {found.code for found in check_paths([path], cache=False).diagnostics} == {
        "D001",
        "T005",
    }

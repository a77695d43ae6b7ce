"""An id that is still to be chosen: allowed in a draft, named once the entry is reviewed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from physprior.check import Diagnostic, check_paths

Find = Callable[[str], list[Diagnostic]]

OPEN = [
    ("actuator: press", "actuator: todo"),
    ("actions: [press, release]", "actions: [press, todo]"),
    ("properties: [elastic]", "properties: [TODO property]"),
    ("- id: stays_down", "- id: todo"),
    ("violates: [sink, rise]", "violates: [sink, rise, todo]"),
    ("violates: [sink, rise]", "violates: [sink, rise, todo_last]"),
]


@pytest.mark.parametrize(("whole", "left_open"), OPEN)
def test_a_draft_may_leave_it_open(whole: str, left_open: str, sound: str, find: Find) -> None:
    text = sound.replace(whole, left_open).replace("status: reviewed", "status: draft")
    assert left_open in text
    assert find(text) == []


@pytest.mark.parametrize(("whole", "left_open"), OPEN)
def test_a_reviewed_entry_may_not_and_that_is_all_that_is_said(
    whole: str, left_open: str, sound: str, find: Find
) -> None:
    found = find(sound.replace(whole, left_open))
    assert [one.code for one in found] == ["T005"]
    line = sound[: sound.index(whole)].count("\n") + 1
    assert found[0].line == line


def test_a_phase_that_is_left_open_is_named_where_it_stands(sound: str, find: Find) -> None:
    found = find(sound.replace("id: rise", "id: todo_second").replace("rise]", "todo_second]"))
    assert [(one.code, one.message) for one in found] == [
        ("T005", "'todo_second' says that this text is unfinished"),
    ] * 2


def test_an_id_that_only_sounds_like_it_is_an_id(sound: str, find: Find) -> None:
    assert find(sound.replace("stays_down", "todor_valve")) == []
    assert [one.code for one in find(sound.replace("[press, release]", "[press, todos]"))] == [
        "R006"
    ]


def test_a_check_says_how_much_of_a_draft_is_open(sound: str, tmp_path: Path) -> None:
    text = sound.replace("actuator: press", "actuator: todo").replace("hand pump\n", "TODO name\n")
    path = tmp_path / "pump.yaml"
    path.write_text(text.replace("status: reviewed", "status: draft"), encoding="utf-8")
    for _ in range(2):  # also of a record that was kept
        result = check_paths([path])
        assert (result.diagnostics, result.unwritten) == ((), ((path, 2),))


def test_of_a_reviewed_entry_it_is_a_finding_and_not_said_twice(sound: str, tmp_path: Path) -> None:
    path = tmp_path / "pump.yaml"
    path.write_text(sound.replace("actuator: press", "actuator: todo"), encoding="utf-8")
    result = check_paths([path])
    assert [found.code for found in result.diagnostics] == ["T005"]
    assert result.unwritten == ()


def test_what_is_still_to_be_written_is_not_judged_by_its_style(sound: str, find: Find) -> None:
    statement = next(line for line in sound.splitlines() if "statement: The plunger" in line)
    found = find(sound.replace(statement, "    statement: TODO say it"))
    assert [one.code for one in found] == ["T005"]

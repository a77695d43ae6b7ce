"""A first prior, in the places that are still open."""

from __future__ import annotations

from pathlib import Path

import pytest
from drafting import Draft, data, fields
from judge_server import (
    JudgeServer,
)

PRIOR = {
    "component_names": ["closer spring", "spring"],
    "component_properties": ["elastic"],
    "component_statement": "The closer has a spring, which is elastic and stores the push.",
    "subject_parts": ["door", "closer arm"],
    "subject_statement": "The door should yield to the push, and the spring should return it.",
    "motion_statement": "Therefore, the door should swing open and swing shut again slowly.",
    "motion_phases": [
        {"id": "open", "expected": "The door swings open under the push."},
        {"id": "close", "expected": "The door swings shut slowly."},
    ],
}


def test_a_first_prior_takes_the_places_of_the_todos_of_a_new_entry(
    command: Draft, draft: Draft, server: JudgeServer, kb: Path, notes: Path
) -> None:
    made = command("new", "door_closer", "--anomaly", "slams_shut", "--kb", kb)
    path = kb / "door_closer.yaml"
    if not path.is_file():
        pytest.fail(made.err)
    before = path.read_text()
    server.script = fields(PRIOR)
    said = draft("door_closer", "--notes", notes)
    assert said.code == 0, said.out + said.err
    prior = data(path)["prior"]
    assert prior["component"] == {
        "names": PRIOR["component_names"],
        "properties": PRIOR["component_properties"],
        "statement": PRIOR["component_statement"],
    }
    assert prior["subject"]["parts"] == PRIOR["subject_parts"]
    assert prior["motion"]["phases"] == PRIOR["motion_phases"]
    kept = [line for line in before.splitlines() if "TODO" not in line and "todo_" not in line]
    after = path.read_text().splitlines()
    assert [line for line in after if line in kept] == kept
    again = draft("door_closer", "--notes", notes, "--what", "prior")
    assert "nothing is missing of the prior" in again.err


def test_a_prior_that_is_missing_is_written_with_all_that_holds_it(
    draft: Draft, server: JudgeServer, kb: Path, notes: Path
) -> None:
    path = kb / "door.yaml"
    path.write_text("id: door\nname: door closer\nstatus: draft\n")
    server.script = fields({**PRIOR, "component_properties": ["elastic", "made of steel"]})
    said = draft("door", "--notes", notes)
    assert said.code == 1
    assert "R006 unknown-word" in said.out
    prior = data(path)["prior"]
    assert prior["component"]["properties"] == ["elastic"]
    assert prior["motion"] == {
        "statement": PRIOR["motion_statement"],
        "phases": PRIOR["motion_phases"],
    }


def test_a_value_that_is_there_is_neither_asked_for_nor_replaced(
    draft: Draft, server: JudgeServer, clip: Path, notes: Path
) -> None:
    whole = clip.read_text()
    start = whole.index("    statement: >-\n      Therefore")
    clip.write_text(whole[:start] + whole[whole.index("    phases:") :])
    server.script = fields({**PRIOR, "motion_statement": "Therefore, the jaws should open wide."})
    said = draft("clip", "--notes", notes)
    assert said.code == 0, said.err
    assert server.asked[0].schema is not None
    assert set(server.asked[0].schema["properties"]) == {"category", "motion_statement"}
    assert data(clip)["prior"]["component"]["names"] == ["torsion spring", "spring"]
    assert data(clip)["prior"]["motion"]["statement"] == "Therefore, the jaws should open wide."


def test_a_prior_with_failure_in_it_is_refused_by_its_rule(
    draft: Draft, server: JudgeServer, kb: Path, notes: Path
) -> None:
    (kb / "door.yaml").write_text("id: door\nname: door closer\nstatus: draft\n")
    bad = "Therefore, the door should swing shut, and a fault is seen where it fails."
    phases = [{"id": "Open it", "expected": "The door swings open."}]
    server.script = fields({**PRIOR, "motion_statement": bad, "motion_phases": phases})
    said = draft("door", "--notes", notes)
    assert said.code == 1
    assert "P001 verdict-in-prior" in said.out
    assert "S016 bad-id" in said.out
    assert "motion" not in data(kb / "door.yaml")["prior"]


def test_sentences_wait_for_the_prior(
    draft: Draft, server: JudgeServer, kb: Path, notes: Path
) -> None:
    (kb / "door.yaml").write_text("id: door\nname: door closer\nstatus: draft\n")
    said = draft("door", "--notes", notes, "--what", "explanations")
    assert (said.code, server.count) == (2, 0)
    assert "does not name its parts yet" in said.err

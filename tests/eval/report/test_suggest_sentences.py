"""From a failure to the sentence behind it: what is suggested to look at, and where to begin."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from suggest_material import line_of, own_kb, said, suggested

from physprior.eval.predictions import Predictions
from physprior.eval.suggest import Suggestion
from physprior.knowledge.load import KnowledgeBase, load_knowledge

Read = Callable[..., Predictions]
Rows = list[tuple[str, str, float | None, str | None]]
PRESS, REBOUND = "unable_to_press", "unable_to_rebound"

OWN = "After release nothing spreads the handles, because the tired torsion spring has taken a"
OWN_REST = "permanent bend and lost its force."
NEAR = "The handles do not move under the gripper because the rusted hinge between them is worn"
"""What an engineer might write of one anomaly so that it reads like the other."""


@pytest.fixture
def culprit(tmp_path: Path) -> Path:
    """A KB in which one sentence of ``unable_to_rebound`` reads like ``unable_to_press``."""
    old = f"- {OWN}\n        {OWN_REST}"
    return own_kb(tmp_path / "kb", {old: f"- {NEAR}\n        like one solid piece."})


def confusing(knowledge: KnowledgeBase, wrong: int = 12, right: int = 20) -> Rows:
    """Anomalies of which one is found, and explained as the other."""
    rows: Rows = [("clip", "normal", -1.0, said(knowledge, "normal"))] * right
    rows += [("clip", PRESS, 1.0, said(knowledge, PRESS))] * right
    rows += [("clip", REBOUND, 1.0, said(knowledge, PRESS, at=2))] * wrong
    return rows + [("clip", REBOUND, 1.0, said(knowledge, REBOUND))] * right


def missing(knowledge: KnowledgeBase, missed: int = 12, found: int = 12) -> Rows:
    """An anomaly of which so many are called normal."""
    rows: Rows = [("clip", "normal", -1.0, said(knowledge, "normal"))] * 20
    rows += [("clip", PRESS, -0.5, said(knowledge, "normal"))] * missed
    return rows + [("clip", PRESS, 1.0, said(knowledge, PRESS))] * found


def first(read: Read, rows: Rows, folder: Path | None = None, **named: Any) -> Suggestion:
    return suggested(read(rows), folder, **named)[0]


def places(one: Suggestion) -> list[int]:
    return [look.sentence.places[0].line for look in one.look]


def test_the_sentence_that_blurs_two_classes_is_named_by_file_and_line(
    read: Read, culprit: Path
) -> None:
    one = first(read, confusing(load_knowledge(culprit)), culprit)
    at = one.look[0].sentence.places[0]
    assert (one.class_id, one.kind, one.confused_with) == (REBOUND, "wrong reason", PRESS)
    assert (Path(at.path), at.line) == (culprit / "clip.yaml", line_of(culprit, NEAR))
    assert f"Begin at {at.path}:{at.line}" in one.summary


def test_the_blurred_sentence_stands_in_the_nearest_pair_with_the_one_that_it_is_near_to(
    read: Read, culprit: Path
) -> None:
    one = first(read, confusing(load_knowledge(culprit)), culprit)
    own, other, cosine = one.near[0]
    assert own.places[0].line == line_of(culprit, NEAR)
    assert other.places[0].line == line_of(
        culprit,
        "The handles do not move under the gripper because the rusted hinge between them is locked",
    )
    assert cosine > 0.8


def test_without_the_culprit_the_wording_is_said_to_be_clear(read: Read, tmp_path: Path) -> None:
    shipped = own_kb(tmp_path / "kb")
    one = first(read, confusing(load_knowledge(shipped)), shipped)
    assert "Begin at" not in one.summary
    assert any("their wording is not what is confused" in line for line in one.advice)


def test_nearest_pairs_fall_and_use_no_sentence_twice(read: Read, culprit: Path) -> None:
    one = first(read, confusing(load_knowledge(culprit)), culprit)
    cosines = [cosine for *_, cosine in one.near]
    sides = [side.places[0].line for pair in one.near for side in pair[:2]]
    assert len(cosines) == 3
    assert cosines == sorted(cosines, reverse=True)
    assert len(sides) == len({*sides})


def test_every_place_holds_the_words_that_are_shown(read: Read, culprit: Path) -> None:
    for one in suggested(read(confusing(load_knowledge(culprit))), culprit):
        sentences = [look.sentence for look in one.look]
        sentences += [side for pair in one.near for side in pair[:2]]
        assert sentences
        for sentence in sentences:
            place = sentence.places[0]
            line = Path(place.path).read_text(encoding="utf-8").splitlines()[place.line - 1]
            words = re.sub(r"^\s*(- |expected: )?", "", line)
            assert sentence.text.startswith(words)


def test_a_missed_anomaly_leads_to_the_phase_that_it_breaks_and_to_what_is_told_of_it(
    read: Read, tmp_path: Path
) -> None:
    folder = own_kb(tmp_path / "kb")
    one = first(read, missing(load_knowledge(folder)), folder)
    assert (one.kind, one.failures, one.of, one.confused_with) == ("missed", 12, 24, "normal")
    assert line_of(folder, "expected: The gripper brings the handles") in places(one)
    assert line_of(folder, "Therefore, the jaws should open") in places(one)


def test_a_false_alarm_leads_to_the_phase_that_the_claimed_anomaly_breaks(
    read: Read, tmp_path: Path
) -> None:
    folder = own_kb(tmp_path / "kb")
    knowledge = load_knowledge(folder)
    rows: Rows = [("clip", "normal", 1.0, said(knowledge, REBOUND))] * 10
    rows += [("clip", "normal", -1.0, said(knowledge, "normal"))] * 10
    rows += [("clip", REBOUND, 2.0, said(knowledge, REBOUND))] * 10
    one = first(read, rows, folder)
    assert (one.class_id, one.kind, one.confused_with) == ("normal", "false alarm", REBOUND)
    assert line_of(folder, "expected: The handles spread") in places(one)
    assert line_of(folder, "expected: The gripper brings the handles") not in places(one)


def test_a_phase_that_no_statement_tells_of_is_where_to_begin(read: Read, tmp_path: Path) -> None:
    motion = (
        "Therefore, the jaws should open as the pressed handles approach each other, and close "
        "fully\n      again when the gripper releases the handles."
    )
    folder = own_kb(
        tmp_path / "kb",
        {
            motion: "Therefore, nothing else should be seen.",
            "drive them back on release.": "act.",
            "when the gripper presses, deforming": ", deforming",
        },
    )
    # By the words alone, so that no threshold is to blame.
    file = read(missing(load_knowledge(folder)), source="import")
    one = suggested(file, folder)[0]
    assert re.search(r"Begin at .*clip\.yaml:\d+: no statement has these words", one.summary)
    assert "jaws" in one.summary


def test_the_statement_whose_words_the_wrong_reasons_repeat_is_named(
    read: Read, tmp_path: Path
) -> None:
    folder = own_kb(tmp_path / "kb")
    one = first(read, missing(load_knowledge(folder)), folder)
    # They say 'elastic', 'stored' and 'torsion spring', as the component's statement does.
    (echo,) = [look for look in one.look if "12 of 12 reasons repeat words of it" in look.why]
    assert echo.sentence.places[0].line == line_of(folder, "The clip has a torsion spring")
    assert "elastic" in echo.why


def test_what_is_said_instead_is_counted_and_traced_to_its_line(read: Read, tmp_path: Path) -> None:
    folder = own_kb(tmp_path / "kb")
    knowledge = load_knowledge(folder)
    rows = missing(knowledge, missed=9)
    rows += [("clip", PRESS, -0.5, said(knowledge, "normal", at=1))] * 3
    one = first(read, rows, folder)
    assert [(word.times, word.class_id) for word in one.instead] == [(9, "normal"), (3, "normal")]
    assert line_of(folder, "- The work of pressing is stored as elastic energy") in places(one)


def test_endless_and_ever_different_reasons_are_cut(read: Read, tmp_path: Path) -> None:
    rows: Rows = [("clip", "normal", -1.0, None)] * 5
    rows += [
        ("clip", PRESS, -1.0, f"Verdict: Normal. Reason: {'so ' * 5000} {at}.") for at in range(30)
    ]
    one = first(read, rows, own_kb(tmp_path / "kb"))
    assert len(one.instead) == 10
    assert max(len(word.text) for word in one.instead) <= 500


def test_a_phase_that_a_clause_of_a_statement_tells_is_told(read: Read, tmp_path: Path) -> None:
    folder = own_kb(tmp_path / "kb")
    one = first(read, missing(load_knowledge(folder)), folder)
    assert not any("no statement has the words" in look.why for look in one.look)


@pytest.mark.slow
def test_nearly_every_phase_of_the_shipped_kb_is_told_by_a_statement(kb: KnowledgeBase) -> None:
    from physprior.eval.explanations.encoder import load_encoder
    from physprior.eval.spoken import BOUND
    from physprior.eval.suggest.sources import Nearness, entries_of

    entries = entries_of(kb, kb.categories)
    nearness = Nearness.of(entries.values(), load_encoder(device="cpu"))
    assert nearness is not None
    told = [
        max(nearness.tells(one, phase) for one in entry.statements().values()) >= BOUND
        for entry in entries.values()
        for phase in entry.phases().values()
    ]
    assert sum(told) >= 0.9 * len(told)


def test_a_mode_without_physics_names_no_statement(read: Read, tmp_path: Path) -> None:
    folder = own_kb(tmp_path / "kb")
    file = read(missing(load_knowledge(folder)), mode="no_phys")
    one = suggested(file, folder)[0]
    assert line_of(folder, "Therefore, the jaws should open") not in places(one)
    assert any("no_phys" in line for line in one.advice)


def test_without_an_encoder_there_are_places_all_the_same(read: Read, tmp_path: Path) -> None:
    folder = own_kb(tmp_path / "kb")
    one = first(read, missing(load_knowledge(folder)), folder, encoder=None)
    assert one.near == ()
    assert line_of(folder, "Therefore, the jaws should open") in places(one)


def test_a_category_that_the_kb_does_not_know_is_counted_and_has_no_places(read: Read) -> None:
    rows: Rows = [("kettle", "cold", -1.0, "Verdict: Normal. Reason: It boils.")] * 6
    rows += [("kettle", "normal", -1.0, "Verdict: Normal. Reason: It boils.")] * 6
    (one,) = suggested(read(rows))
    assert (one.failures, one.look, one.near) == (6, (), ())


def test_scores_without_text_are_suggested_upon_by_the_phases_alone(
    read: Read, tmp_path: Path
) -> None:
    folder = own_kb(tmp_path / "kb")
    rows: Rows = [("clip", PRESS, -1.0, None)] * 6 + [("clip", "normal", -2.0, None)] * 6
    one = first(read, rows, folder)
    assert (one.instead, one.confused_with) == ((), "normal")
    assert line_of(folder, "expected: The gripper brings the handles") in places(one)


def test_the_same_file_gives_the_same_suggestions(read: Read, culprit: Path) -> None:
    file = read(confusing(load_knowledge(culprit)))
    assert suggested(file, culprit) == suggested(file, culprit)

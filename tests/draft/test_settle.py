"""A proposal answers for itself: not for what was wrong before it, nor is it excused by that."""

from __future__ import annotations

from pathlib import Path

import pytest
from drafting import GOOD

from physprior.draft.reading import Proposal
from physprior.draft.settle import Settled, settle
from physprior.knowledge.source import parse_source

EXPLANATIONS = ("anomalies", 0, "explanations")
PHASES = ("prior", "motion", "phases")


@pytest.fixture
def flawed(clip: Path) -> bytes:
    """An entry that holds a sentence that names no part, and is too short."""
    text = clip.read_text("utf-8")
    start = text.index("explanations:\n") + len("explanations:\n")
    return (text[:start] + "    - It is so.\n" + text[start:]).encode()


def settled(clip: Path, data: bytes, *texts: str) -> tuple[bytes, list[Settled]]:
    proposals = [Proposal(EXPLANATIONS, text, is_item=True) for text in texts]
    return settle(clip, data, proposals, None)


def test_what_was_wrong_before_is_no_fault_of_a_proposal(clip: Path, flawed: bytes) -> None:
    data, (one,) = settled(clip, flawed, GOOD[0])
    assert one.failed == ()
    assert GOOD[0].split(",")[0].encode() in data


def test_what_is_wrong_elsewhere_excuses_no_proposal(clip: Path, flawed: bytes) -> None:
    data, (one,) = settled(clip, flawed, "That was that.")
    assert data == flawed
    assert one.failed == settled(clip, clip.read_bytes(), "That was that.")[1][0].failed != ()


def test_an_empty_item_does_not_shift_the_phases_behind_it(clip: Path) -> None:
    text = clip.read_text("utf-8")
    start = text.index("phases:\n") + len("phases:\n")
    data = (text[:start] + "      -\n" + text[start:]).encode()
    phase = {"id": "rest", "expected": "The handles stay apart once the gripper has left them."}
    made, (one,) = settle(clip, data, [Proposal(PHASES, phase, is_item=True)], None)
    assert one.failed == ()
    known = parse_source(clip, data).data["prior"]["motion"]["phases"]
    assert parse_source(clip, made).data["prior"]["motion"]["phases"] == [*known, phase]

from __future__ import annotations

from typing import Any

import pytest

from physprior.dialogue import Templates
from physprior.knowledge.load import KnowledgeBase
from physprior.vlm.chat import write_chat


def test_raw_prints_the_exact_characters_that_are_tokenised(
    physprior: Any, kb: KnowledgeBase, templates: Templates
) -> None:
    clip = kb.category("clip")
    for mode in templates.modes():
        for number, reason in enumerate(clip.normal.explanations, 1):
            dialogue = templates.render(clip, mode, anomalous=False, reason=reason)
            outcome = physprior("show", "clip", "--mode", mode, "--explanation", number, "--raw")
            assert (outcome.code, outcome.err) == (0, "")
            assert outcome.out == write_chat(dialogue).text + "\n"


def test_a_dialogue_is_shown_turn_by_turn(
    physprior: Any, kb: KnowledgeBase, templates: Templates
) -> None:
    clip = kb.category("clip")
    shown = physprior("show", "clip").out
    for statement in (clip.prior.component, clip.prior.subject, clip.prior.motion):
        assert f"\nASSISTANT: {statement.statement}</s>\n" in shown
    assert shown.endswith(
        f"\nASSISTANT: Verdict: Normal. Reason: {clip.normal.explanations[0]}</s>\n"
    )
    assert shown.startswith("USER: <video>\n")


def test_an_anomaly_is_named_by_id_or_by_alias(physprior: Any, kb: KnowledgeBase) -> None:
    leak = kb.category("ball").anomaly("leak")
    assert leak is not None
    shown = [
        physprior("show", "ball", "--anomaly", name).out for name in ("leak", *leak.aliases, "Leak")
    ]
    assert len(set(shown)) == 1
    assert f"Verdict: Anomalous. Reason: {leak.explanations[0]}" in shown[0]


def test_no_colour_reaches_a_pipe(physprior: Any) -> None:
    assert "\x1b" not in physprior("show", "clip").out


@pytest.mark.parametrize(
    ("words", "says", "suggests"),
    [
        (["clipp"], "no category 'clipp'", "did you mean 'clip'"),
        (["ball", "--anomaly", "leek"], "ball has no anomaly 'leek'", "did you mean 'leak'"),
        (["clip", "--mode", "multi_trun"], "no template for the mode 'multi_trun'", "multi_turn"),
        (["clip", "--explanation", "99"], "none numbered 99", "--explanation 1 to"),
        (["clip", "--anomaly", "normal"], "clip has no anomaly 'normal'", "its anomalies are"),
    ],
)
def test_what_is_not_there_is_named_with_what_is(
    physprior: Any, words: list[str], says: str, suggests: str
) -> None:
    outcome = physprior("show", *words)
    assert (outcome.code, outcome.out) == (2, "")
    problem, remedy = outcome.err.splitlines()
    assert problem.startswith("error: ")
    assert says in problem
    assert remedy.startswith("  remedy: ")
    assert suggests in remedy

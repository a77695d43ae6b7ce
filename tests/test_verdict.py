from __future__ import annotations

import pytest

from physprior import verdict
from physprior.verdict import ParseStatus


@pytest.mark.parametrize("anomalous", [False, True])
def test_what_is_rendered_parses_back_exactly(anomalous: bool) -> None:
    parsed = verdict.parse(verdict.render(anomalous, "The spring is tired. It stays."))
    assert parsed.status is ParseStatus.OK
    assert parsed.anomalous is anomalous
    assert parsed.reason == "The spring is tired. It stays."


@pytest.mark.parametrize(
    ("text", "anomalous"),
    [
        ("**Verdict:** anomalous. Reason: stuck", True),
        ("verdict - Normal\nreason: all is well", False),
        ("Verdict: defective. Reason: it leaks", True),
        ("The object is not normal.", True),
        ("There is no anomaly in this video.", False),
        ("Verdict: abnormal", True),
        ("Verdict: Ano\u200bmalous. Reason: worn", True),
        ("It isn't anomalous.", False),
    ],
)
def test_a_loose_answer_is_read_tolerantly(text: str, anomalous: bool) -> None:
    parsed = verdict.parse(text)
    assert parsed.status is ParseStatus.TOLERANT
    assert parsed.anomalous is anomalous


def test_the_last_verdict_wins() -> None:
    text = "Verdict: Normal. Reason: wait. Verdict: Anomalous. Reason: it sticks"
    parsed = verdict.parse(text)
    assert parsed.anomalous is True
    assert parsed.reason == "it sticks"


def test_a_reason_may_name_the_other_label() -> None:
    parsed = verdict.parse("Verdict: Anomalous. Reason: A normal fan would turn on.")
    assert parsed.anomalous is True


@pytest.mark.parametrize(
    ("text", "truncated", "status"),
    [
        ("", False, ParseStatus.EMPTY),
        ("  \n", False, ParseStatus.EMPTY),
        ("It is either normal or anomalous.", False, ParseStatus.AMBIGUOUS),
        ("The blades turn around the hub", False, ParseStatus.MISSING),
        ("The blades turn around the", True, ParseStatus.TRUNCATED),
        ("I cannot help with this video.", False, ParseStatus.REFUSED),
    ],
)
def test_an_answer_without_a_verdict_has_a_status_and_no_verdict(
    text: str, truncated: bool, status: ParseStatus
) -> None:
    parsed = verdict.parse(text, truncated=truncated)
    assert parsed.status is status
    assert parsed.anomalous is None

"""Whatever a model may answer: it is read, in time, and disguise changes nothing."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from physprior import verdict
from physprior.verdict import ParseStatus

WORDS = (
    "Verdict: verdict Reason: Normal. Anomalous. normal anomalous not no n't isn't or and free if"
    " whether cannot determine Anomaly: yes no, 0 is the it a fan because should than"
)
MARKS = '., : ; ? ! " * ( ) - / { } \\ ’ ： 。 а é 風'
BLANKS = ["\n", "\n\n", "\t", "\u2028", "\u200b", "\u0301", "\x00", "\ud800"]
PIECES = st.sampled_from([*WORDS.split(" "), *MARKS.split(" "), *BLANKS])
ANSWERS = st.one_of(st.text(), st.lists(PIECES, max_size=40).map(" ".join))
LONG = 10_000_000
PATTERNS = [
    ("no", " ", ""),
    ("i", " ", "normal"),
    ("verdict", "\n", "normal"),
    ("", "Verdict: x ", "normal"),
    ("Verdict: Normal. Reason: ", "verdict: x ", "normal"),
    ("", "not normal ", ""),
    ("", "a\n", "normal"),
    ("normal", "\u0301\u0316", ""),
    ("", "Reason: a ", "Verdict: Normal"),
    ("", "or Verdict: normal ", ""),
    ("", "is it normal? ", ""),
    ("**Verdict**: Normal. Reason: ", "風", ""),
]


def long_answer(pattern: tuple[str, str, str], length: int) -> str:
    head, middle, tail = pattern
    return head + middle * (length // len(middle)) + tail


@given(ANSWERS, st.booleans())
@settings(max_examples=80, deadline=None)
def test_any_answer_is_read_and_its_status_says_whether_a_verdict_was(
    text: str, truncated: bool
) -> None:
    parsed = verdict.parse(text, truncated=truncated)
    readable = parsed.status in (ParseStatus.OK, ParseStatus.TOLERANT)
    assert readable is (parsed.anomalous is not None)
    assert parsed == verdict.parse(text, truncated=truncated)
    assert len(parsed.reason) <= len(text)


@given(st.booleans(), st.text().filter(lambda text: "erdict" not in text.lower()))
@settings(max_examples=50, deadline=None)
def test_whatever_the_reason_the_grammar_reads_back(anomalous: bool, reason: str) -> None:
    if verdict.parse(verdict.render(anomalous, f"{reason}.")).status is not ParseStatus.OK:
        # A reason in disguised letters may say a verdict of its own.
        assert not reason.isascii()
        return
    assert verdict.parse(verdict.render(anomalous, f"{reason}.")).anomalous is anomalous


@given(
    st.sampled_from(
        ["Verdict: Anomalous", "It is not normal.", "No anomaly is seen", "verdict - normal"]
    ),
    st.lists(st.tuples(st.integers(0, 20), st.sampled_from("\u200b\u00ad\u0301\ufeff\u2060"))),
)
@settings(max_examples=50, deadline=None)
def test_what_has_no_width_changes_no_verdict(text: str, put_in: list[tuple[int, str]]) -> None:
    disguised = text
    for place, letter in put_in:
        disguised = disguised[:place] + letter + disguised[place:]
    assert verdict.parse(disguised).anomalous is verdict.parse(text).anomalous


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_long_answer_ends(pattern: tuple[str, str, str]) -> None:
    # What took the square of the length would take minutes here.
    assert verdict.parse(long_answer(pattern, LONG // 100)).status in ParseStatus


@pytest.mark.slow
@pytest.mark.parametrize("pattern", PATTERNS)
def test_an_answer_of_ten_megabytes_ends(pattern: tuple[str, str, str]) -> None:
    assert verdict.parse(long_answer(pattern, LONG)).status in ParseStatus


@pytest.mark.slow
@given(st.lists(PIECES, max_size=400).map("".join), st.booleans())
@settings(max_examples=5000, deadline=None)
def test_any_long_answer_is_read(text: str, truncated: bool) -> None:
    parsed = verdict.parse(text, truncated=truncated)
    assert (parsed.anomalous is None) is (
        parsed.status not in (ParseStatus.OK, ParseStatus.TOLERANT)
    )

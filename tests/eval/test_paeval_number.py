"""The number in a judge's free text: what is unambiguous is read, and nothing is guessed."""

from __future__ import annotations

import contextlib
import re
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from physprior.eval.paeval.number import (
    ABOUT,
    FILLERS,
    LONGEST,
    NAMES,
    UnreadError,
    is_bare,
    read_number,
)

PAGE = Path(__file__).resolve().parents[2] / "docs" / "explanations.md"


def examples() -> list[tuple[str, bool]]:
    """What the page's table of rules says is read (True), and is not."""
    table = PAGE.read_text(encoding="utf-8").partition("| rule | read | not read |")[2]
    rows = [line.split(" | ") for line in table.partition("\n\n")[0].splitlines()[2:]]
    return [
        (example, place == 1)
        for row in rows
        for place in (1, 2)
        for example in re.findall("`([^`]+)`", row[place])
    ]


def why(reply: Any) -> str:
    """Why a reply is not read."""
    with pytest.raises(UnreadError) as caught:
        read_number(reply)
    return str(caught.value)


@pytest.mark.parametrize(("reply", "read"), examples())
def test_the_page_s_examples_are_true(reply: str, read: bool) -> None:
    if read:
        assert 0 < read_number(reply) <= 1
    else:
        assert why(reply)


def test_the_page_has_examples_of_each_rule() -> None:
    assert [read for _, read in examples()].count(True) >= 20
    assert [read for _, read in examples()].count(False) >= 20


def test_the_page_names_every_word_that_may_stand_beside_a_number() -> None:
    page = PAGE.read_text(encoding="utf-8")
    named = {word for said in re.findall(r"\*([a-z, ]+)\*", page) for word in said.split(", ")}
    # "scores" is the plural, "an" and "approx" are spellings of what is named.
    assert (NAMES | FILLERS) - {"scores", "an", "approx", "around"} <= named


@pytest.mark.parametrize(
    ("reply", "value"),
    [
        ("0.85", 0.85),
        ("1", 1.0),
        ("1.0", 1.0),
        (".8", 0.8),
        ("0", 0.0),
        ("0.85\n", 0.85),
        ("\ufeff0.85", 0.85),
        (0.85, 0.85),
        (1, 1.0),
        ("0.85 out of 1.", 0.85),
        ("**0.7**", 0.7),
        ("Score: 0.6", 0.6),
        ("SIMILARITY = 0.60.", 0.6),
        ("My final answer is **0.6**.", 0.6),
        ("85%", 0.85),
        ("29%", 0.29),
        ("7 %", 0.07),
        ("0,85", 0.85),
        ("0,850", 0.85),
        ("7/10", 0.7),
        ("0.85/1.0", 0.85),
        ("100/100", 1.0),
        ("０．８５", 0.85),
        ("٠٫٨٥", 0.85),
        ("८५%", 0.85),
        ("- 0.8", 0.8),
        ("-0.0", 0.0),
        ("+0.8", 0.8),
        ("~0.8", 0.8),
        ("1. ", 1.0),
        ("Answer: 1", 1.0),
        ("The similarity is **1**.", 1.0),
        ("Score 0.5", 0.5),
        ("\\boxed{0.85}", 0.85),
        ("$0.85$", 0.85),
        ('```json\n{\n  "max_similarity": 0.8\n}\n```', 0.8),
        ("similarity_score: 0.8", 0.8),
        ("0.85 (0.850)", 0.85),
        ("0.7\n\nThe answer names the leak.", 0.7),
        ("1\n\nThe answer names the leak.", 1.0),
        ("The two say the same.\n\nScore: 0.6", 0.6),
        ("Score: 0.6\nReason: they say the same.", 0.6),
        ("Score\n0.6", 0.6),
        ("[0, 1]: 0.4", 0.4),
        ("On a scale from 0.0 to 1.0, the similarity is 0.4", 0.4),
    ],
)
def test_what_is_unambiguous_is_read(reply: Any, value: float) -> None:
    assert read_number(reply) == value


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ("", "empty"),
        (" \n\t", "empty"),
        (None, "null and no text"),
        (True, "true or false and no text"),
        ([0.2, 0.9], "a list and no text"),
        ({"score": 1}, "an object and no text"),
        (-0.1, "outside 0 to 1: -0.1"),
        (2, "outside 0 to 1: 2"),
        (10**400, "outside 0 to 1: 1000"),
        ("1.5", "outside 0 to 1: 1.5"),
        ("-0.3", "outside 0 to 1: -0.3"),
        ("\N{MINUS SIGN}0.3", "outside 0 to 1: -0.3"),
        ("Score: –0.3", "outside 0 to 1: –0.3"),
        ("85", "outside 0 to 1: 85"),
        ("1e400", "outside 0 to 1: 1e400"),
        ("120%", "outside 0 to 1: 120%"),
        ("the first is 0.2, the highest 0.9", "a number beside other words: first"),
        ("Score: 0.2. Score: 0.9", "several numbers: 0.2, 0.9"),
        ("0.2, 0.5, 0.9, 0.4, 0.1", "several numbers: 0.2, 0.5, 0.9, 0.4, 0.1"),
        ("[0.2, 0.9]", "several numbers: 0.2, 0.9"),
        ("0.7-0.9", "several numbers: 0.7, -0.9"),
        ("0.7 – 0.9", "several numbers: 0.7, 0.9"),
        ("0.5.1", "several numbers: 0.5, .1"),
        ("0,2,0,9", "several numbers: 0,2, 0,9"),
        ("0 1", "several numbers: 0, 1"),
        ("8 5%", "several numbers: 8, 5%"),
        ("0.8x", "a number beside other words: x"),
        ("not 0.8", "a number beside other words: not"),
        ("below\n0.5", "a number beside other words: below"),
        ("below,\n0.5", "a number beside other words: below"),
        ("0.5\nor lower", "a number beside other words: or"),
        ("It matches reference 1", "a number beside other words: it"),
        ("相似度：0.85", "a number beside other words: 相似度"),
        ("<0.5", "a number beside <"),
        ("≥ 0.5", "a number beside ≥"),
        ("0.8±0.1", "a number beside ±"),
        ("0.8?", "a number beside ?"),
        ("#1", "a number beside #"),
        ("0.8\u200b5", "a number beside U+200B"),
        ("0.8/x", "a number beside other words: x"),
        ("The highest is 0.9", "a number that nothing calls a score: The highest is 0.9"),
        ("The best I could say.\nThe maximum score is 1.", "a number that nothing calls a score"),
        ("1. The leak is named.", "a number that may count something: 1."),
        ("(1) \nThe leak is named.", "a number that may count something: (1)"),
        ("**1.**\nThe leak is named.", "a number that may count something: **1.**"),
        ("Answer 1.\nThe leak is named.", "a number that may count something: Answer 1."),
        ("Answer 1", "a number that may count something: Answer 1"),
        ("0-1-0", "several numbers: 0, -1, -0"),
        ("0..1..0", "several numbers: 0, 1, 0"),
        ("[1,0]", "a comma that may part a list: 1,0"),
        ("0.8⁵", "a number that is no decimal: ⁵"),
        ("½", "a number that is no decimal: ½"),
        ("1,000", "a comma that may part thousands: 1,000"),
        ("08", "a number that begins with 0: 08"),
        ("4/5", "out of 5, and not of 1, 10, 100"),
        ("0.85%", "a fraction out of 100: 0.85%"),
        ("0.7/10", "a fraction out of 10: 0.7/10"),
        ("0.85 out of 1,000", "a number beside other words: out"),
        ("0.85 out of 1.5", "a number beside other words: out"),
        ("0-1", "no number"),
        ("N/A", "no number"),
        ("nan", "no number"),
        ("Infinity", "no number"),
        ("zero point eight", "no number"),
    ],
)
def test_what_could_be_otherwise_is_not_read(reply: Any, reason: str) -> None:
    assert why(reply).startswith(reason)


@pytest.mark.parametrize("word", sorted(ABOUT))
def test_a_number_may_be_approximate(word: str) -> None:
    assert read_number(f"{word} 0.8") == 0.8


@pytest.mark.parametrize("reply", ["0.85", " 1 ", ".8", 0.5, 1, "1.5"])
def test_a_bare_number_is_known_as_one(reply: Any) -> None:
    assert is_bare(reply)


@pytest.mark.parametrize("reply", ["0.85.", "85%", "-0.3", "", None, True, [], "٠٫٨٥", "0,85"])
def test_everything_else_is_no_bare_number(reply: Any) -> None:
    assert not is_bare(reply)


@pytest.mark.parametrize("piece", ["1", "1 ", "0.1 ", "0 to 1", "[", "<a", "a\n", "0" * 99 + "."])
def test_ten_megabytes_are_refused_in_no_time(piece: str) -> None:
    reply = piece * (10_000_000 // len(piece))
    began = time.process_time()
    assert why(reply).startswith("too long for a number")
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    "piece", ["1", "1 ", "0.1 ", "0 to ", "on a scale of ", "<a", "a\n", "\n 0"]
)
def test_the_longest_that_is_looked_at_takes_no_time(piece: str) -> None:
    reply = (piece * LONGEST)[:LONGEST]
    began = time.process_time()
    with contextlib.suppress(UnreadError):
        read_number(reply)
    assert time.process_time() - began < 1


@given(st.text() | st.text(alphabet="01.,89%/-e \n()#*<>about scoreSimilarity²٣五"))
def test_any_text_is_a_number_from_0_to_1_or_refused_in_words(text: str) -> None:
    try:
        value, reason = read_number(text), ""
    except UnreadError as unread:
        value, reason = 0.0, str(unread)
    assert 0 <= value <= 1
    assert reason.splitlines() == [reason] * bool(reason)


@given(st.integers(0, 10_000), st.sampled_from(["{}", "Score: {}", "**{}**", "{} out of 1."]))
def test_every_decimal_is_read_as_it_is_written(ten_thousandths: int, form: str) -> None:
    number = f"{ten_thousandths / 10_000:.4f}"
    assert read_number(form.format(number)) == float(number)


@given(st.integers(0, 99), st.integers(0, 99), st.sampled_from([" ", ", ", "; ", "\n", " - ", "–"]))
def test_two_unlike_numbers_are_never_one(one: int, other: int, between: str) -> None:
    if one != other:
        assert why(f"0.{one:02d}{between}0.{other:02d}")


@given(
    st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=2).filter(
        lambda word: word not in NAMES | FILLERS | {"json", "text", "boxed"}
    )
)
def test_a_word_that_is_not_known_beside_a_number_leaves_it_unread(word: str) -> None:
    assert why(f"Score: {word} 0.8")

"""Spans are replaced, and every byte outside them stays: marks, line ends, whatever the file is."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from physprior.edit.splice import splice
from physprior.knowledge.diagnostic import Position
from physprior.knowledge.fix import Edit

SIGNS = st.sampled_from(["\n", "\r\n", "\r", "\t", " ", "a", "ö", "\U0001f600", "#", '"', "\ufeff"])
PIECES = st.lists(SIGNS, max_size=8).map("".join)


def edit(line: int, column: int, end_line: int, end_column: int, text: str) -> Edit:
    return Edit(Position(line, column, end_line, end_column), text)


@st.composite
def files_and_edits(draw: st.DrawFn) -> tuple[bytes, list[Edit], bytes]:
    """A file, edits of it, and what they make of it: told from pieces that are known beforehand."""
    pieces = draw(st.lists(PIECES, min_size=1, max_size=7))
    new = draw(st.lists(st.text("xy", max_size=3), min_size=len(pieces), max_size=len(pieces)))
    # A line break that a border would cut in two is two line breaks to none of the pieces.
    pieces = [piece.lstrip("\n").rstrip("\r") for piece in pieces]
    mark = draw(st.sampled_from([b"", b"\xef\xbb\xbf"]))
    before, after, edits = "", "", []
    for number, piece in enumerate(pieces):
        start = place(before)
        before += piece
        if number % 2:
            edits.append(edit(*start, *place(before), new[number]))
            after += new[number]
        else:
            after += piece
    shuffled = draw(st.permutations(edits))
    if mark or not before.startswith("\ufeff"):
        return mark + before.encode(), list(shuffled), mark + after.encode()
    return b"", [], b""


def place(text: str) -> tuple[int, int]:
    lines = re.split("\r\n|\r|\n", text)
    return len(lines), len(lines[-1]) + 1


@settings(max_examples=60, deadline=None)
@given(files_and_edits())
def test_what_stands_between_the_spans_stays(case: tuple[bytes, list[Edit], bytes]) -> None:
    data, edits, after = case
    if len({edit.position for edit in edits}) == len(edits):
        assert splice(data, edits) == after


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
def test_inserted_line_breaks_are_the_file_s_own(line_break: str) -> None:
    data = line_break.join(["id: clip", "name: clip", ""]).encode()
    made = splice(data, [edit(2, 1, 2, 1, "# One.\n# Two.\n")])
    assert made == line_break.join(["id: clip", "# One.", "# Two.", "name: clip", ""]).encode()


def test_a_byte_order_mark_is_no_column() -> None:
    assert splice(b"\xef\xbb\xbfid: clip", [edit(1, 5, 1, 9, "fan")]) == b"\xef\xbb\xbfid: fan"


def test_a_file_may_end_without_a_line_break() -> None:
    assert splice(b"id: clip\nname: a", [edit(1, 9, 2, 8, "")]) == b"id: clip"


@pytest.mark.parametrize(
    ("edits", "message"),
    [
        ([edit(1, 1, 1, 4, ""), edit(1, 3, 1, 5, "")], "overlap"),
        ([edit(3, 1, 3, 1, "x")], "no line 3"),
        ([edit(1, 1, 1, 99, "x")], "no line 1, column 99"),
        ([edit(1, 5, 1, 2, "x")], "ends before it begins"),
    ],
)
def test_spans_that_make_no_sense_are_refused(edits: list[Edit], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        splice(b"id: clip\n", edits)


def test_what_is_inserted_where_a_span_begins_stands_before_it() -> None:
    edits = [edit(1, 2, 1, 4, "X"), edit(1, 2, 1, 2, "("), edit(1, 4, 1, 4, ")")]
    assert splice(b"abcd", edits) == b"a(X)d"
    assert splice(b"abcd", edits[::-1]) == b"a(X)d"


def test_insertions_at_one_place_keep_their_order() -> None:
    assert splice(b"ab", [edit(1, 2, 1, 2, "1"), edit(1, 2, 1, 2, "2")]) == b"a12b"

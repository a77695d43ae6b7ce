"""A mistake that YAML reports further on, or not at all, is explained where it was made."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from physprior.knowledge.diagnostic import Diagnostic
from physprior.knowledge.source import parse_source

PARSERS = [yaml.CSafeLoader, yaml.SafeLoader]
QUOTE = "put the whole text between double quotes"


def complaint(text: str, parser: type | None = None) -> Diagnostic:
    (found,) = parse_source(Path("clip.yaml"), text.encode(), parser=parser).diagnostics
    return found


@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize(
    ("text", "line", "column", "message", "remedy"),
    [
        # A missing closing quote is met at the next opening one.
        (
            'a: "The clip opens\nb: c\nd: "so: shut"\n',
            1,
            4,
            'this quotation mark is closed only on line 3, where the next " stands',
            "put the same mark at the end of the text",
        ),
        (
            "a: 'The clip opens\nb: it's\nc: d\n",
            1,
            4,
            "this quotation mark is closed only on line 2, where the next ' stands",
            "put the same mark at the end of the text",
        ),
        (
            '- "The clip opens\n- "It shuts"\n- x\n',
            1,
            3,
            'this quotation mark is closed only on line 2, where the next " stands',
            "put the same mark at the end of the text",
        ),
        # A quote within a quoted text.
        (
            'a: "The "clip" opens"\n',
            1,
            10,
            'something follows the " that ends this value',
            'quote the whole text, not a part of it; within double quotes, \\" is a quotation mark',
        ),
        (
            'a: "The clip\n  opens" wide\n',
            2,
            10,
            'something follows the " that ends this value',
            'quote the whole text, not a part of it; within double quotes, \\" is a quotation mark',
        ),
        # Colons that are none.
        (
            "a:\n  b: c\n  onset:persistent\n",
            3,
            8,
            "no space follows the colon of the key 'onset'",
            "write 'onset: ', with a colon and a space",
        ),
        (
            "onset:persistent\nb: c\n",
            1,
            6,
            "no space follows the colon of the key 'onset'",
            "write 'onset: ', with a colon and a space",
        ),
        (
            "a: b\nname：x\nc: d\n",
            2,
            5,
            "'：' stands in place of a colon after the key 'name'",
            "write 'name: ', with a colon and a space",
        ),
        (
            "name = x\nc: d\n",
            1,
            6,
            "'=' stands in place of a colon after the key 'name'",
            "write 'name: ', with a colon and a space",
        ),
        # A colon too many, in a text that goes on.
        (
            "a:\n  - The clip: opens\n    wide\n  - c\n",
            2,
            13,
            "this ': ' makes a key of 'The clip', but its text goes on on line 3",
            QUOTE,
        ),
        (
            "a: “The clip: opens”\n",
            1,
            13,
            "a second ': ' in a text without quotes reads as another key",
            f"{QUOTE}; to YAML, “ is none",
        ),
        (
            "a:\n  - see:that\n  - b: c: d\n",
            3,
            9,
            "a second ': ' in a text without quotes reads as another key",
            QUOTE,
        ),
        # Items.
        (
            "a:\n  - x\n  -y\n",
            3,
            3,
            "no space follows the '-' of this item",
            f"write '- ', a hyphen and a space; or {QUOTE}, if the hyphen belongs to it",
        ),
        (
            "a:\n  * x\n  * y\n",
            2,
            3,
            "a text cannot begin with '*'",
            f"begin the item with '- '; or {QUOTE}",
        ),
        # Indents.
        (
            "a:\n  - id: x\n   name: b\n",
            3,
            4,
            "this does not line up with what began on line 2",
            "indent it with as many spaces as the lines that it belongs to: 4 spaces, if to line 2",
        ),
        (
            "a:\n  - id: x\n  name: b\n",
            3,
            3,
            "this does not line up with what began on line 2",
            "indent it with as many spaces as the lines that it belongs to: 4 spaces, if to line 2",
        ),
        (
            "a:\n - x\n- y\n",
            3,
            1,
            "this does not line up with what began on line 1",
            "indent it with as many spaces as the lines that it belongs to: 1 space, if to line 2",
        ),
    ],
)
def test_the_true_cause_is_named_at_its_place(
    text: str, line: int, column: int, message: str, remedy: str, parser: type
) -> None:
    found = complaint(text, parser)
    assert (found.code, found.line, found.column) == ("S001", line, column)
    assert (found.message, found.remedy) == (message, remedy)


def test_a_tab_behind_the_sign_of_an_item_is_named() -> None:
    found = complaint("a:\n  -\tx\n  -\ty\n")
    assert (found.line, found.column) == (2, 4)
    assert found.message == "a tab stands where YAML wants spaces"


@pytest.mark.parametrize(
    ("text", "line", "column", "end_column"),
    [
        ("a:\n\u00a0\u00a0b: c\n", 2, 1, 3),
        ("a:\n  b: c\n \u2003d: e\n", 3, 2, 3),
        ("a:\u00a0c\nb: d\n", 1, 3, 4),
        ("a:\n  -\u00a0c\n", 2, 4, 5),
        ("ü: b\n  - id:\u3000x\n", 2, 8, 9),
    ],
)
def test_a_blank_that_is_no_plain_space_is_named_where_structure_needs_one(
    text: str, line: int, column: int, end_column: int
) -> None:
    found = complaint(text)
    assert (found.code, found.line, found.column) == ("S007", line, column)
    assert found.end_column == end_column
    assert "stands where YAML wants a plain space" in found.message
    assert "replace it by spaces" in found.remedy


def test_the_lines_with_such_blanks_are_counted_and_the_blank_has_its_name() -> None:
    found = complaint("a:\n\u00a0b: c\n\u00a0\u00a0d: e\n\u00a0f: g\n")
    assert found.message == (
        "the character U+00A0 (no-break space) stands where YAML wants a plain space, and on 2 "
        "more lines"
    )


def test_an_unbreakable_blank_within_a_text_is_text() -> None:
    source = parse_source(Path("clip.yaml"), "a: 5\u00a0mm\n".encode())
    assert (source.data, source.diagnostics) == ({"a": "5\u00a0mm"}, ())


@pytest.mark.parametrize("character", ["\u200b", "\u00ad", "\u2060", "\u202e", "\u2066"])
def test_what_cannot_be_seen_is_refused_in_a_text(character: str) -> None:
    found = complaint(f"a: The{character}clip\n")
    assert (found.code, found.column) == ("S007", 7)


@pytest.mark.parametrize("word", ["e\u0308lastisch", "می\u200cخواهم", "👩\u200d🔧", "弹簧"])
def test_marks_and_joiners_that_scripts_need_are_text(word: str) -> None:
    assert parse_source(Path("clip.yaml"), f"a: {word}\n".encode()).data == {"a": word}

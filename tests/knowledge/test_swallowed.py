"""Texts that YAML takes for less or more than was typed are errors, at what was not taken so."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from physprior.knowledge.diagnostic import Diagnostic
from physprior.knowledge.source import parse_source

PARSERS = [yaml.CSafeLoader, yaml.SafeLoader]
CUT = (
    "put the whole text between double quotes; or put the comment, if it is one, on a line of its "
    "own above"
)


def findings(text: str, parser: type | None = None) -> tuple[Diagnostic, ...]:
    return parse_source(Path("clip.yaml"), text.encode(), parser=parser).diagnostics


def places(text: str, parser: type | None = None) -> list[tuple[str, int, int, int, int]]:
    return [
        (found.code, found.line, found.column, found.end_line, found.end_column)
        for found in findings(text, parser)
    ]


def test_a_text_that_is_cut_at_a_number_sign_says_what_is_lost() -> None:
    (found,) = findings("a: The clip #3 opens\n")
    assert found.concise() == (
        "clip.yaml:1:13: S020 swallowed-text: "
        "'#3 opens' is not part of the text, for a '#' begins a comment"
    )
    assert found.remedy == CUT
    assert found.severity == "error"


@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize(
    ("text", "line", "column", "end_column"),
    [
        ("a: clip #3\n", 1, 9, 11),
        ("a: The clip opens. #3 shuts\n", 1, 20, 28),
        ("a: The clip # opens\n", 1, 13, 20),
        ("a: The clip #\n", 1, 13, 14),
        ("a:\n  - b\n  - The clip   #3  \n", 3, 16, 18),
        ("a: [x, The clip #3\n  , y]\n", 1, 17, 19),
        ("a:\n  The clip\n  opens wide # on pressing\n", 3, 14, 27),
        ('a: "The clip" #3 opens\n', 1, 15, 23),
        ("a: the ü clip ##3\n", 1, 15, 18),
    ],
)
def test_a_cut_text_is_an_error_at_the_sign(
    text: str, line: int, column: int, end_column: int, parser: type
) -> None:
    assert places(text, parser) == [("S020", line, column, line, end_column)]


@pytest.mark.parametrize(
    "text",
    [
        "a: press # what the gripper does\n",
        "a: The clip opens. # see the drawing\n",
        "a: (The clip opens.) # see the drawing\n",
        "a: The clip opens? # see the drawing\n",
        "a: # a list of two\n  - b # the first\n",
        "a: >- # folded\n  The clip\n",
        'a: "The clip" # of plastic\n',
        "a: [The clip] # of plastic\n",
        "a: The clip # physprior: ignore T003 - short on purpose\n",
        "a: The clip #physprior: ignore T003 - short on purpose\n",
        "a: press #\n",
        "a: The clip#3 opens\n",
        "a: 'The clip #3 opens'\n",
        "a: >-\n  The clip #3 opens\n",
        "# The clip #3\na: b\n  # The clip #3\n",
    ],
)
def test_a_comment_is_no_error(text: str) -> None:
    assert findings(text) == ()


@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize(
    ("text", "line", "column", "end_column"),
    [
        ("a: The clip #3 opens\n  wide\nb: c\n", 1, 13, 21),
        ("a:\n  - The clip #3 opens\n    wide\n  - c\n", 2, 14, 22),
        ("a:\n  The clip\n  #3 opens\n  wide\nb: c\n", 3, 3, 11),
        ("a: The\n  clip #3 opens\n\n  wide\nb: c\n", 2, 8, 16),
        ("a: The clip opens. # and then\n  it shuts.\n", 1, 20, 30),
        ("a: The clip #3 opens\n  wide: x\nb: c\n", 1, 13, 21),
        ("a: [The clip #3, b]\nc: d\n", 1, 14, 20),
        ("a: b\nclip #3: x\nc: d\n", 2, 6, 11),
    ],
)
def test_a_cut_that_yaml_reports_further_on_is_placed_at_the_sign(
    text: str, line: int, column: int, end_column: int, parser: type
) -> None:
    assert places(text, parser) == [("S020", line, column, line, end_column)]


def test_a_comment_in_the_middle_of_a_text_says_where_the_text_goes_on() -> None:
    (found,) = findings("a: The clip\n  # of plastic\n  opens\n")
    assert found.message == "a comment ends the text above it, which goes on on line 3"
    assert found.remedy == (
        "move the comment above the whole text; or put the whole text between double quotes, if it "
        "belongs to it"
    )


@pytest.mark.parametrize(
    "text", ["a: press # so\n  b: c\n", "a:\n  - x # so\n - y\n", "a:\n    b: c # so\n  d: e\n"]
)
def test_a_comment_is_not_blamed_for_an_indent_below_it(text: str) -> None:
    assert [code for code, *_ in places(text)] == ["S001"]


# Items


@pytest.mark.parametrize("parser", PARSERS)
def test_an_item_that_is_indented_too_far_is_placed_and_told_its_indent(parser: type) -> None:
    (found,) = findings("a:\n  - one\n    - two three \n", parser)
    assert found.concise() == (
        "clip.yaml:3:5: S021 swallowed-item: "
        "this reads as part of the text that begins on line 2, and not as an item"
    )
    assert (found.end_line, found.end_column) == (3, 16)
    assert found.remedy == "indent it with 2 spaces, like the item on line 2"


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("a:\n- one\n - two\n", "indent it with no spaces, like the item on line 2"),
        ("a:\n  -one\n  - two\n", "write a space after the '-' on line 2"),
        (
            "a: one\n  - two\n",
            "move the text above it to an item of its own, if it is one; or put the whole text "
            "between double quotes",
        ),
    ],
)
def test_the_remedy_for_an_item_depends_on_what_stands_above_it(text: str, remedy: str) -> None:
    (found,) = findings(text)
    assert (found.code, found.remedy) == ("S021", remedy)


def test_each_swallowed_item_is_found() -> None:
    found = places("a:\n  - b\n    - c\n    -\n    - d\n  - e\n")
    assert [place[:3] for place in found] == [("S021", 3, 5), ("S021", 4, 5), ("S021", 5, 5)]


@pytest.mark.parametrize(
    "text",
    ["a: one\n  -two\n", "a: >-\n  one\n  - two\n", "a: 'one\n  - two'\n", "a: one - two\n  b\n"],
)
def test_a_hyphen_that_is_meant_is_no_item(text: str) -> None:
    assert findings(text) == ()


# Curly quotes


def test_a_text_in_curly_quotes_is_told_that_they_are_letters() -> None:
    (found,) = findings("a:\n  - “The clip opens.”\n")
    assert found.concise() == (
        "clip.yaml:2:5: S022 curly-quotes: "
        "the marks “ and ” are part of the text: to YAML they are letters"
    )
    assert found.remedy == (
        'delete them; or put " in the place of both, if the text needs quotation marks'
    )


@pytest.mark.parametrize("text", ["‘x’", "„x“", "«x»"])
def test_the_marks_of_other_languages_are_known(text: str) -> None:
    assert [found.code for found in findings(f"a: {text}\n")] == ["S022"]


@pytest.mark.parametrize("text", ["“Open” is not “shut”", "the “open” state", '"“x”"', "“", "x”"])
def test_curly_quotes_within_a_text_are_text(text: str) -> None:
    assert findings(f"a: {text}\n") == ()

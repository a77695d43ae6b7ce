"""Words are found where they stand in the file, and comments are told from texts."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from physprior.knowledge.comments import Comment
from physprior.knowledge.diagnostic import Position
from physprior.knowledge.source import Source, parse_source

PARSERS = [yaml.CSafeLoader, yaml.SafeLoader]


def read(text: str, parser: type | None = None) -> Source:
    return parse_source(Path("clip.yaml"), text.encode(), parser=parser)


# Words within a value

FOLDED = """\
x: y
a: >-
  The clip
  opens wide.
b:
  - it's 'so'
  - 'it''s so'
  - "a \\"b\\" c"
"""


@pytest.mark.parametrize(
    ("path", "words", "expected"),
    [
        (("a",), "clip", Position(3, 7, 3, 11)),
        (("a",), "clip opens", Position(3, 7, 4, 8)),
        (("a",), "wide.", Position(4, 9, 4, 14)),
        (("b", 1), "it's so", Position(7, 6, 7, 14)),
        (("b", 2), 'a "b"', Position(8, 6, 8, 13)),
        (("b", 0), "'so'", Position(6, 10, 6, 14)),
    ],
)
def test_words_are_placed_as_they_are_typed(
    path: tuple[str | int, ...], words: str, expected: Position
) -> None:
    assert read(FOLDED).within(path, words) == expected


def test_a_whole_word_goes_before_a_part_of_one_that_stands_earlier() -> None:
    assert read("a: opens, open\n").within(("a",), "open") == Position(1, 11, 1, 15)
    assert read("a: opens\n").within(("a",), "open") == Position(1, 4, 1, 8)


@pytest.mark.parametrize("words", ["shut", "", "  ", "y", "(", "The.clip"])
def test_words_that_are_not_in_a_value_are_placed_at_the_whole_of_it(words: str) -> None:
    source = read(FOLDED)
    assert source.within(("a",), words) == source.value(("a",)) == Position(2, 4, 4, 14)


def test_words_in_a_value_that_is_not_there_are_looked_for_in_what_would_hold_it() -> None:
    assert read("a:\n  b: c d\n").within(("a", "x"), "d") == Position(2, 8, 2, 9)


# Comments


@pytest.mark.parametrize("parser", PARSERS)
def test_comments_are_those_of_yaml_and_no_other(parser: type) -> None:
    text = (
        "# first\n"
        "a: x#y  #  behind\n"
        "b: 'no # no' #yes\n"
        'c: "no\n'
        '  # no" # yes\n'
        "d: |  # block\n"
        "  # no\n"
        "\n"
        "  # no\n"
        "# yes\n"
        "e: >-\n"
        "  no # no\n"
        "f: [x, # in\n"
        "  y#z]\n"
        "  #   indented\n"
        "g: one\n"
        "  two#three\n"
        "h: # of a key\n"
        "  i\n"
    )
    assert read(text, parser).comments() == (
        Comment(1, 1, "first", True),
        Comment(2, 9, "behind", False),
        Comment(3, 14, "yes", False),
        Comment(5, 9, "yes", False),
        Comment(6, 7, "block", False),
        Comment(10, 1, "yes", True),
        Comment(13, 8, "in", False),
        Comment(15, 3, "indented", True),
        Comment(18, 4, "of a key", False),
    )


def test_a_file_without_the_sign_has_no_comments() -> None:
    assert read("a: b\n").comments() == ()


def test_comments_are_known_up_to_the_line_of_an_error() -> None:
    found = read("# one\na: b\n# two\nc: 'd # no\n").comments()
    assert [comment.text for comment in found] == ["one", "two"]


def test_the_comments_of_an_empty_file_are_comments() -> None:
    assert read("# only\n").comments() == (Comment(1, 1, "only", True),)


def test_comments_of_what_a_repeated_key_holds_are_found_and_its_texts_are_none() -> None:
    found = read("a: x\na:\n  - 'y # no' # yes\n").comments()
    assert [comment.text for comment in found] == ["yes"]

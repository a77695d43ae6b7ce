"""Malformed YAML is explained at the spot that has to be changed, whichever parser met it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from physprior.knowledge.diagnostic import Diagnostic
from physprior.knowledge.source import parse_source

PARSERS = [yaml.CSafeLoader, yaml.SafeLoader]


def complaint(text: str, parser: type | None = None) -> Diagnostic:
    (found,) = parse_source(Path("clip.yaml"), text.encode(), parser=parser).diagnostics
    assert found.code == "S001"
    return found


@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize(
    ("text", "line", "column", "says"),
    [
        ("a: The clip: opens\n", 1, 12, "a second ': ' in a text without quotes"),
        ("a: b\n  c: d\n", 2, 4, "'c' reads as part of the text above it"),
        ("a:\n\tb: c\n", 2, 1, "a tab stands where YAML wants spaces"),
        ("a:\n  b: c\n\td: e\n", 3, 1, "a tab stands where YAML wants spaces"),
        ("a: |\n\tb\n", 2, 1, "a tab stands where YAML wants spaces"),
        ('a: b\nc: "open\nd: e\n', 2, 4, "this quotation mark is never closed"),
        ("a: 'open\n", 1, 4, "this quotation mark is never closed"),
        ("a: 'it's'\n", 1, 8, "something follows the ' that ends this value"),
        ('- "jaws" open\n', 1, 10, 'something follows the " that ends this value'),
        ("a: [b] c\n", 1, 8, "something follows the ] that ends this value"),
        ("a: [b, c\nd: e\n", 1, 4, "'[' opens is not closed"),
        ("a: {b: c\n", 1, 4, "'{' opens is not closed"),
        ("a: @b\n", 1, 4, "a text cannot begin with '@'"),
        ("a: `b`\n", 1, 4, "a text cannot begin with '`'"),
        ("a: %b\n", 1, 4, "a text cannot begin with '%'"),
        ("%b: c\n", 1, 1, "a text cannot begin with '%'"),
        ("a: *b*\n", 1, 4, "a text cannot begin with '*'"),
        ("a: & b\n", 1, 4, "a text cannot begin with '&'"),
        ("a: !<b c\n", 1, 4, "a text cannot begin with '!'"),
        ("a: !b!c d\n", 1, 4, "a text cannot begin with '!'"),
        ("a: > 5 mm\n", 1, 4, "a text cannot begin with '>'"),
        ("a: | b\n", 1, 4, "a text cannot begin with '|'"),
        ("a: b\njust text\nc: d\n", 2, 1, "neither 'key: text' nor a list item"),
        ("a: b\nc d\ne: f\n", 2, 1, "neither 'key: text' nor a list item"),
        ("a: ? b\n", 1, 4, "a text cannot begin with '?'"),
        ("a: , b\n", 1, 4, "a text cannot begin with ','"),
        ("a:\n    b: c\n  d: e\n", 3, 3, "does not line up with what began on line 1"),
        ("a:\n  - b\n - c\n", 3, 2, "does not line up with what began on line 1"),
        ("a:\n  - b\n  c: d\n", 3, 3, "does not line up with what began on line 2"),
        ("a: - b\n", 1, 4, "a list cannot begin on the line of its key"),
        (": b\n", 1, 1, "a colon without a key before it"),
        ("[a]: b\n", 1, 1, "a key must be a word"),
        ("a: {{ b }}\n", 1, 5, "a key must be a word"),
    ],
)
def test_a_common_mistake_is_explained_at_its_place(
    text: str, line: int, column: int, says: str, parser: type
) -> None:
    found = complaint(text, parser)
    assert (found.line, found.column) == (line, column)
    assert says in found.message


@pytest.mark.parametrize("text", ["a: The clip: opens\n", "a: @b\n", "a: *b*\n", "a: > 5 mm\n"])
def test_text_that_needs_quotes_gets_quotes_as_the_remedy(text: str) -> None:
    assert "double quotes" in complaint(text).remedy


def test_a_backslash_in_double_quotes_is_explained() -> None:
    found = complaint('a: "C:\\data"\n')
    assert (found.line, found.column) == (1, 7)
    assert "backslash" in found.message


@pytest.mark.parametrize("parser", PARSERS)
def test_a_complaint_of_no_known_kind_keeps_the_parsers_words(parser: type) -> None:
    found = complaint("a: b\n...\nc\n", parser)
    assert (found.line, found.column) == (3, 1)
    assert "document start" in found.message


@pytest.mark.parametrize("parser", PARSERS)
def test_an_escape_beyond_unicode_is_a_finding_and_no_crash(parser: type) -> None:
    assert complaint('a: "\\Uffffffff"\n', parser).code == "S001"

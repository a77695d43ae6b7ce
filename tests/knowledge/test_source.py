"""KB files are read as text as typed, with the place of every key and value."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from physprior.errors import KnowledgeError
from physprior.knowledge.diagnostic import START, Position
from physprior.knowledge.source import Source, parse_source, read_source
from physprior.knowledge.text import LARGEST

FILE = Path("clip.yaml")
PARSERS = [yaml.CSafeLoader, yaml.SafeLoader]


def read(text: str, parser: type | None = None) -> Source:
    return parse_source(FILE, text.encode(), parser=parser)


def places(source: Source) -> list[tuple[str, int, int]]:
    return [(found.code, found.line, found.column) for found in source.diagnostics]


@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize(
    "typed",
    [
        "no",
        "Yes",
        "on",
        "1.10",
        "1:30",
        "0x1f",
        "2026-01-01",
        "null",
        "~",
        "1e3",
        "true",
        "=",
        "<<",
    ],
)
def test_a_value_stays_the_text_that_was_typed(typed: str, parser: type) -> None:
    assert read(f"a: {typed}\nb: [{typed}]\n", parser).data == {"a": typed, "b": [typed]}


def test_a_key_stays_the_text_that_was_typed() -> None:
    assert read("no: a\n1.10: b\n<<: c\n").data == {"no": "a", "1.10": "b", "<<": "c"}


def test_an_empty_plain_value_is_none_and_a_quoted_one_is_text() -> None:
    assert read("a:\nb: ''\nc: [x, ]\nd:\n  -\n").data == {
        "a": None,
        "b": "",
        "c": ["x"],
        "d": [None],
    }


def test_folded_and_quoted_texts_are_joined_as_yaml_says() -> None:
    text = "a: >-\n  The jaws\n  open.\nb: |\n  x\n  y\nc: 'it''s'\nd: one\n  two\n"
    assert read(text).data == {"a": "The jaws open.", "b": "x\ny\n", "c": "it's", "d": "one two"}


@pytest.mark.parametrize("parser", PARSERS)
def test_each_key_and_value_has_its_place(parser: type) -> None:
    source = read("name: clip\nlist:\n  - id: one\n    on: no\n  - id: two\n", parser)
    assert source.key(("list",)) == Position(2, 1, 2, 5)
    assert source.key(("list", 0, "on")) == Position(4, 5, 4, 7)
    assert source.value(("name",)) == Position(1, 7, 1, 11)
    assert source.value(("list", 1, "id")) == Position(5, 9, 5, 12)


@pytest.mark.parametrize("parser", PARSERS)
def test_a_collection_ends_where_its_last_part_ends(parser: type) -> None:
    source = read("a:\n  - x\n  - yy\n\n# remark\nb: [c, d]\n", parser)
    assert source.value(("a",)) == Position(2, 3, 3, 7)
    assert source.value(("b",)) == Position(6, 4, 6, 10)
    assert source.value(()) == Position(1, 1, 6, 10)


@pytest.mark.parametrize("parser", PARSERS)
def test_a_block_text_ends_with_its_last_word(parser: type) -> None:
    source = read("a: >-\n  The jaws\n  open.\n\n\nb: c\n", parser)
    assert source.value(("a",)) == Position(1, 4, 3, 8)


def test_a_path_that_is_not_there_is_placed_at_what_would_hold_it() -> None:
    source = read("a:\n  b: c\n")
    assert source.key(("a", "missing", "deeper")) == source.value(("a",))
    assert source.value(("nowhere",)) == source.value(())


@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_places_do_not_depend_on_line_ends_or_byte_order_mark(end: str, parser: type) -> None:
    text = "a: x\nb:\n  - y\n  - z\n".replace("\n", end)
    source = parse_source(FILE, b"\xef\xbb\xbf" + text.encode(), parser=parser)
    assert source.diagnostics == ()
    assert source.key(("a",)) == Position(1, 1, 1, 2)
    assert source.value(("b", 1)) == Position(4, 5, 4, 6)
    assert source.lines == ("a: x", "b:", "  - y", "  - z")


@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize("word", ["Feder", "Führung", "弹簧", "\U0001d509eder"])
def test_columns_count_characters_and_not_bytes(word: str, parser: type) -> None:
    source = read(f"a: [{word}, b]\n", parser)
    assert source.value(("a", 1)).column == len(f"a: [{word}, ") + 1


@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("a: b\nc: d\na: e\n", "S002", 3, 1),
        ("a:\n  b: c\n  b: d\n", "S002", 3, 3),
        ("- a: b\n  a: c\n", "S002", 2, 3),
        ("a: &one b\n", "S003", 1, 4),
        ("a: b\nc: *one\n", "S003", 2, 4),
        ("a: !!int 1\n", "S004", 1, 4),
        ("a:\n  - !x b\n", "S004", 2, 5),
        ("a: b\n---\nc: d\n", "S005", 2, 1),
        ('a: "x\\0"\n', "S007", 1, 4),
        ("a: b\nc: x\x07y\n", "S007", 2, 5),
        ("a: b\nc: \x00\n", "S007", 2, 4),
        ("a: b\u2028c: d\n", "S007", 1, 5),
        ("a: b\ufeff\n", "S007", 1, 5),
        ("a: " + "[" * 40 + "\n", "S009", 1, 35),
        ("", "S010", 1, 1),
        ("# only a remark\n", "S010", 1, 1),
        ("---\n", "S010", 1, 1),
        ("# a list\n- a\n- b\n", "S011", 2, 1),
        ("just text\n", "S011", 1, 1),
    ],
)
def test_what_no_entry_may_hold_is_refused_at_its_place(
    text: str, code: str, line: int, column: int, parser: type
) -> None:
    assert (code, line, column) in places(read(text, parser))


def test_a_repeated_key_says_where_the_first_stands_and_the_first_counts() -> None:
    source = read("a: b\nc: d\na: e\n")
    assert "line 1" in source.diagnostics[0].message
    assert source.data == {"a": "b", "c": "d"}


def test_what_a_repeated_key_holds_is_read_through_but_thrown_away() -> None:
    source = read("a: x\nb: y\na:\n  b: [1, {b: 2}]\n  b: 3\nc: z\n")
    assert places(source) == [("S002", 3, 1), ("S002", 5, 3)]
    assert source.data == {"a": "x", "b": "y", "c": "z"}
    assert source.value(("b",)) == Position(2, 4, 2, 5)


def test_every_reference_tag_and_repeated_key_is_found_in_one_go() -> None:
    source = read("a: &x b\nc: *x\nd: !t e\nd: f\n")
    assert places(source) == [("S003", 1, 4), ("S003", 2, 4), ("S004", 3, 4), ("S002", 4, 1)]


@pytest.mark.parametrize("text", ["a: *x\n", "[a]: b\n", "a: {{ b }}\n", "a: 'b\n", "a: b\nc\n"])
def test_data_that_is_not_what_the_file_says_is_withheld(text: str) -> None:
    assert read(text).data is None


def test_nesting_as_deep_as_is_allowed_is_read() -> None:
    assert read("a: " + "[" * 31 + "]" * 31 + "\n").diagnostics == ()


def test_nesting_stops_the_reading_at_once() -> None:
    source = read("a: " + "[" * 200_000)
    assert places(source) == [("S009", 1, 35)]


def test_a_byte_that_is_not_utf8_is_named_at_its_place() -> None:
    source = parse_source(FILE, b"a: b\nname: F\xfchrung\n")
    assert places(source) == [("S006", 2, 8)]
    assert "0xfc" in source.diagnostics[0].message
    assert "'ü'" in source.diagnostics[0].message


def test_places_of_bad_bytes_count_characters_too() -> None:
    assert places(parse_source(FILE, "a: ü".encode() + b"\xff")) == [("S006", 1, 5)]


def test_a_utf16_file_is_called_one() -> None:
    source = parse_source(FILE, "id: clip\n".encode("utf-16"))
    assert places(source) == [("S006", 1, 1)]
    assert "UTF-16" in source.diagnostics[0].message


def test_further_invisible_characters_are_counted_not_listed() -> None:
    source = read("a: \x01\x02\x03\n")
    assert len(source.diagnostics) == 1
    assert "and 2 more" in source.diagnostics[0].message


def test_a_file_as_large_as_is_allowed_is_read() -> None:
    head = b"a: b\n#"
    assert parse_source(FILE, head + b"x" * (LARGEST - len(head))).data == {"a": "b"}


def test_a_file_over_the_largest_size_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "clip.yaml"
    path.write_bytes(b"a: b\n" + b"#" * LARGEST)
    assert places(read_source(path)) == [("S008", START.line, START.column)]


def test_a_file_that_cannot_be_opened_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match=r"absent\.yaml"):
        read_source(tmp_path / "absent.yaml")


def test_reading_twice_gives_the_same(entry_text: str) -> None:
    assert read(entry_text) == read(entry_text)

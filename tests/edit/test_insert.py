"""What is put into a person's file is read back exactly, and every other byte stays."""

from __future__ import annotations

import codecs
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from physprior.edit.insert import Uninsertable, insert
from physprior.knowledge.compose import DataPath
from physprior.knowledge.source import parse_source
from physprior.knowledge.text import unwanted
from physprior.paths import kb_folder

NAMED = Path("clip.yaml")
CLIP = (kb_folder() / "clip.yaml").read_bytes()
NOTE = "draft: review me"

SHORT = b"""\
id: lid   # of a box
name:   'box lid'

prior:
  motion: # how it moves
    statement:
    phases:

normal:
  descriptions:
  - It opens.   # seen
  - >-
    It closes
    again.


  # what follows is why
  explanations:
    -   "It is light."
    -   "It is very light."
anomalies:
  - id: jam
    name: jammed"""
"""An entry that is not finished, in several manners, without a line break at its end."""

PLACES: list[DataPath] = [
    ("status",),
    ("aliases", 0),
    ("prior", "component", "statement"),
    ("prior", "motion", "statement"),
    ("normal", "descriptions", 2),
    ("normal", "explanations", 2),
    ("normal", "references", 0),
    ("anomalies", 0, "descriptions", 0),
    ("anomalies", 0, "onset"),
]

WORDS = st.text("ab Ä漢é,.-", min_size=1, max_size=12)
YAML_SYNTAX = st.sampled_from(
    [
        *(
            "# no comment",
            " # ",
            ": ",
            "key: value",
            "- item",
            "? ",
            "| ",
            ">-",
            "&a ",
            "*a",
            "!tag ",
        ),
        *("---", "...", "%YAML", "@", "`", "{{ x }}", "{% set a %}", "[INST]", "<video>", "</s>"),
        *('"', "'", "\\", "\\n", "''", '\\"', "“", "”", "«", "\n", "\n\n  - x", "\t", "\r\n", "\r"),
        *("no", "~", "null", "1.10", "=", "<<", "\xa0", "  ", "\u200a", "🙂", "}", "]", ",", "#"),
        *("\u202e", "\u200b", "\x1b[31m", "\ufeff", "\x00", "\u2028", "\x85", "\ud800"),
    ]
)
TEXTS = st.lists(st.one_of(WORDS, YAML_SYNTAX), min_size=1, max_size=30).map("".join)
"""Texts such as a model may send: of words, of syntax, of characters that nobody sees."""


def read(data: bytes) -> Any:
    source = parse_source(NAMED, data)
    assert source.diagnostics == ()
    return source.data


def at_path(data: Any, path: DataPath) -> Any:
    for step in path:
        data = data[step]
    return data


def is_kept(before: bytes, after: bytes, path: DataPath) -> bool:
    """Whether one stretch was put in, or a comment and a text behind its key."""
    if path == ("prior", "motion", "statement"):
        line, behind = before.split(b"    statement:")
        noted = after[len(line) :].lstrip(b" ").startswith((b"#", b"statement: "))
        return after.startswith(line) and after.endswith(behind) and noted
    same = next((n for n, (a, b) in enumerate(zip(before, after)) if a != b), len(before))  # noqa: B905
    return after.endswith(before[same:])


def written(break_: bytes, mark: bytes, text: bytes = SHORT) -> bytes:
    return mark + text.replace(b"\n", break_)


@settings(max_examples=60, deadline=None)
@given(
    text=TEXTS,
    path=st.sampled_from(PLACES),
    break_=st.sampled_from([b"\n", b"\r\n", b"\r"]),
    mark=st.sampled_from([b"", codecs.BOM_UTF8]),
    note=st.sampled_from(["", NOTE]),
)
def test_any_text_is_read_back_exactly_with_every_other_byte_kept_or_is_refused_by_name(
    text: str, path: DataPath, break_: bytes, mark: bytes, note: str
) -> None:
    before = written(break_, mark)
    if unwanted(text) or not text.strip():
        with pytest.raises(Uninsertable, match=r"invisible character U\+|is empty"):
            insert(NAMED, before, path, text, note=note)
        return
    after = insert(NAMED, before, path, text, note=note)
    assert at_path(read(after), path) == text
    assert is_kept(before, after, path)
    assert after.count(b"# draft: review me" + break_) == bool(note)


@settings(max_examples=40, deadline=None)
@given(text=TEXTS.filter(lambda text: not unwanted(text) and text.strip() != ""))
def test_any_other_reader_of_yaml_reads_the_same_text(text: str) -> None:
    after = insert(NAMED, CLIP, ("normal", "explanations", 6), text, note=NOTE)
    assert yaml.safe_load(after)["normal"]["explanations"][6] == text


@settings(max_examples=30, deadline=None)
@given(texts=st.lists(TEXTS, max_size=4), path=st.sampled_from(PLACES[4:8]))
def test_several_texts_stand_in_their_order_and_all_others_stay_as_they_were(
    texts: list[str], path: DataPath
) -> None:
    data, kept = CLIP, []
    count = len(read(CLIP)["normal"]["descriptions"])
    for text in texts:
        try:
            data = insert(
                NAMED, data, ("normal", "descriptions", count + len(kept)), text, note=NOTE
            )
        except Uninsertable:
            continue
        kept.append(text)
    found, expected = read(data), read(CLIP)
    expected["normal"]["descriptions"] += kept
    assert found == expected


def test_an_item_is_written_as_its_neighbours_are() -> None:
    sentence = "The spring yields and then it drives the handles back, as all springs do here."
    after = insert(NAMED, SHORT, ("normal", "explanations", 2), sentence, note=NOTE).decode()
    assert f'    # {NOTE}\n    -   "{sentence}"\n' in after
    after = insert(NAMED, SHORT, ("normal", "descriptions", 2), sentence).decode()
    assert f"    again.\n  - {sentence}\n\n\n  # what follows" in after


def test_a_long_sentence_is_folded_like_the_others_of_the_file() -> None:
    sentence = " ".join(["The handles come together under the gripper,"] * 4) + " at last."
    after = insert(NAMED, CLIP, ("normal", "descriptions", 3), sentence, note=NOTE).decode()
    lines = after[after.index(NOTE) :].splitlines()[1:3]
    assert lines[0].startswith("    - The handles")
    assert lines[1].startswith("      ")
    assert max(map(len, lines)) <= 100


def test_a_comment_behind_a_key_stays_behind_its_new_value() -> None:
    before = b"name:  # what a person calls it\nid: lid\n"
    after = insert(NAMED, before, ("name",), "box lid", note=NOTE)
    assert after == b'# draft: review me\nname: "box lid"  # what a person calls it\nid: lid\n'


def test_a_missing_key_goes_where_the_schema_has_it_with_what_holds_it() -> None:
    after = insert(NAMED, SHORT, ("prior", "component", "names"), ["lid", "no"], note=NOTE)
    assert read(after)["prior"]["component"] == {"names": ["lid", "no"]}
    onset = insert(NAMED, CLIP.replace(b"    onset: persistent\n", b"", 1), PLACES[8], "persistent")
    assert onset == CLIP


def test_a_list_of_keys_is_laid_out_key_by_key() -> None:
    phases = [
        {"id": "open", "expected": "It opens: wide."},
        {"id": "shut", "expected": "It shuts."},
    ]
    after = insert(NAMED, CLIP, ("prior", "motion", "phases", 2), phases[0], note=NOTE)
    assert (
        b"        expected: The handles spread as the gripper retreats, and the jaws close fully.\n"
        b"      # draft: review me\n"
        b"      - id: open\n"
        b'        expected: "It opens: wide."\n'
    ) in after
    whole = re.sub(rb"    phases:\n(?:      .*\n)+", b"", CLIP)
    after = insert(NAMED, whole, ("prior", "motion", "phases"), phases, note=NOTE)
    assert read(after)["prior"]["motion"]["phases"] == phases


def test_a_placeholder_gives_way_and_no_other_text_does() -> None:
    before = SHORT.replace(b"It opens.", b'"[what is seen]"').replace(
        b"statement:", b"statement: TODO"
    )
    after = insert(
        NAMED, before, ("normal", "descriptions", 0), "It opens.", instead_of="[what is seen]"
    )
    assert after == before.replace(b'"[what is seen]"', b'"It opens."')
    after = insert(
        NAMED, after, ("prior", "motion", "statement"), "It shuts.", note=NOTE, instead_of="TODO"
    )
    assert b"    # draft: review me\n    statement: It shuts.\n    phases:\n" in after
    with pytest.raises(Uninsertable, match="is there already"):
        insert(
            NAMED, after, ("normal", "descriptions", 0), "It shuts.", instead_of="[what is seen]"
        )


def test_blank_lines_that_a_block_text_keeps_stay_its_own() -> None:
    before = b"normal:\n  descriptions:\n    - |+\n      It opens.\n\n\n  explanations:\n"
    after = insert(NAMED, before, ("normal", "descriptions", 1), "It shuts.")
    assert read(after)["normal"]["descriptions"] == ["It opens.\n\n\n", "It shuts."]


@pytest.mark.parametrize(
    ("before", "path", "reason"),
    [
        (b"id: lid\n", ("id",), "id is there already"),
        (b"id: lid\n", ("id", "x"), "id is a text, and has no place for more"),
        (b"normal: {}\n", ("normal", "descriptions", 0), "between braces"),
        (b"aliases: [lid, cover]\n", ("aliases", 2), "between brackets"),
        (b"aliases: []\n", ("aliases", 0), "between brackets"),
        (b"aliases:\n  - lid\n", ("aliases", 2), "nothing goes behind a gap"),
        (b"aliases:\n  - lid\n", ("aliases", "x"), "has a list"),
        (b"id: lid\nid: box\n", ("name",), "has to be mended first"),
        (b"id: 'lid\n", ("name",), "has to be mended first"),
        (b"id: &a lid\n", ("name",), "has to be mended first"),
        (b"", ("name",), "has to be mended first"),
        (b"\xff\xfe", ("name",), "has to be mended first"),
        (b"aliases:\n  -\n", ("aliases", 0), "is an empty item"),
        (b"id: lid\n" + b"#" * 249_980 + b"\n", ("name",), "more than 250,000 bytes"),
    ],
)
def test_what_has_no_place_is_refused_with_the_reason(
    before: bytes, path: DataPath, reason: str
) -> None:
    with pytest.raises(Uninsertable) as refused:
        insert(NAMED, before, path, "A lid of a box that opens.")
    assert reason in refused.value.reason
    assert "\n" not in refused.value.reason


@pytest.mark.parametrize("character", ["\u202e", "\u200b", "\x1b", "\ufeff", "\x85", "\ud800"])
def test_an_invisible_character_is_refused_by_its_number(character: str) -> None:
    with pytest.raises(Uninsertable, match=f"U\\+{ord(character):04X}"):
        insert(NAMED, CLIP, ("normal", "descriptions", 3), f"The jaws {character}open wide.")

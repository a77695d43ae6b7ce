from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from labelled import UNKNOWN, Read, five, labels

from physprior.dataset.label_file import read_labels
from physprior.errors import DatasetError
from physprior.knowledge.load import KnowledgeBase

# Names that the KB does not know


REASONS = {
    "$.clip.explanation_label.unable_to_pres": ("no class of clip; did you mean unable_to_press?"),
    "$.clip.explanation_label.banana": "no class of clip",
    "$.fann": "no category of the KB; did you mean fan?",
    '$["spoon\'s end"]': "no category of the KB",
}


def test_names_that_cannot_be_placed_end_the_reading_all_at_once(read: Read) -> None:
    with pytest.raises(DatasetError, match="4 names that the KB does not know") as caught:
        read(UNKNOWN)
    _, *lines = caught.value.message.splitlines()
    assert lines == [f"  {path}: {reason}" for path, reason in REASONS.items()]
    assert "--skip-unknown" in caught.value.remedy


def test_names_that_cannot_be_placed_are_listed_where_that_is_allowed(read: Read) -> None:
    references = read(UNKNOWN, skip_unknown=True)
    assert {one.path: one.reason for one in references.unplaced} == REASONS
    assert references.categories == read(labels()).categories


def test_a_file_of_unknown_names_alone_is_no_references(read: Read) -> None:
    with pytest.raises(DatasetError, match="no sentence of a category that the KB knows"):
        read({"labels": labels()}, skip_unknown=True)


# What is no label file


@pytest.mark.parametrize(
    ("content", "path", "said"),
    [
        ([labels()], "$", "a list where an object of categories belongs"),
        ({"clip": None}, "$.clip", "null where an object of description_label and"),
        ({"clip": {"explanation_label": []}}, "$.clip.explanation_label", "a list where an object"),
        (
            labels(unable_press="1. One text."),
            "$.clip.explanation_label.unable_press",
            "a text where a list of texts belongs",
        ),
        (
            labels(unable_press={"0": "1. One text."}),
            "$.clip.explanation_label.unable_press",
            "an object where a list of texts belongs",
        ),
        (
            labels(unable_press=[*five("rust")[:2], 3]),
            "$.clip.explanation_label.unable_press[2]",
            "a number where a text belongs",
        ),
        (
            labels(unable_press=[["1. One text."], True]),
            "$.clip.explanation_label.unable_press[1]",
            "true or false where a text belongs",
        ),
        (
            labels(unable_to_press=five("rust")),
            "$.clip.explanation_label.unable_to_press",
            "means unable_to_press, and so does $.clip.explanation_label.unable_press",
        ),
    ],
)
def test_what_is_no_label_is_named_by_file_and_place(
    read: Read, content: Any, path: str, said: str
) -> None:
    with pytest.raises(
        DatasetError, match=r"label\.json: \d places? that cannot be read"
    ) as caught:
        read(content, skip_unknown=True)
    assert f"\n  {path}: {said}" in caught.value.message


def test_all_faults_are_named_together(read: Read) -> None:
    with pytest.raises(DatasetError, match="3 places that cannot be read"):
        read({**labels(unable_press=[1, "2. A text.", None]), "fan": "a text"})


def test_a_key_that_stands_twice_is_named(read: Read) -> None:
    text = json.dumps(labels()).replace('"unable_rebound"', '"unable_press"')
    with pytest.raises(DatasetError, match="2 places that cannot be read") as caught:
        read(text)
    assert "$.clip.explanation_label.unable_press: stands twice" in caught.value.message


def test_half_a_character_is_named(read: Read) -> None:
    text = json.dumps(labels()).replace("1. The first", "1. The \\ud83d first", 1)
    with pytest.raises(DatasetError, match="half a character") as caught:
        read(text)
    assert "$.clip.description_label.anomaly_free[0]" in caught.value.message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "label.json:1:1: not JSON"),
        ('{"clip": {\n  "explanation_label": oops', "label.json:2:24: not JSON"),
        ("[" * 100_000, "label.json: not a label file: maximum recursion depth"),
        ("9" * 10_000, "label.json: not a label file: Exceeds the limit"),
    ],
)
def test_what_is_not_json_is_named_with_its_place(read: Read, text: str, said: str) -> None:
    with pytest.raises(DatasetError) as caught:
        read(text)
    assert said in caught.value.message


def test_what_is_not_text_is_named(tmp_path: Path, kb: KnowledgeBase) -> None:
    path = tmp_path / "label.json"
    path.write_bytes(b'{"clip": "\xff\xfe"}')
    with pytest.raises(DatasetError, match="not text: invalid start byte at byte 10"):
        read_labels(path, kb)


def test_a_huge_file_is_refused_unread(tmp_path: Path, kb: KnowledgeBase) -> None:
    path = tmp_path / "label.json"
    with path.open("wb") as stream:
        stream.truncate(4 * 2**30)
    with pytest.raises(DatasetError, match="4,294,967,296 bytes"):
        read_labels(path, kb)


def test_a_hundred_thousand_faults_are_counted_and_not_all_listed(read: Read) -> None:
    with pytest.raises(DatasetError, match="100000 places") as caught:
        read(labels(unable_press=[0] * 100_000))
    assert caught.value.message.endswith("… and 99900 more")


def test_thousands_of_unknown_names_are_counted_and_not_all_listed(read: Read) -> None:
    with pytest.raises(DatasetError, match="20000 names") as caught:
        read({**labels(), **{f"thing {at}": {} for at in range(20_000)}})
    assert caught.value.message.endswith("… and 19900 more")


def test_guesses_are_made_for_the_first_hundred_names(read: Read) -> None:
    # Each takes a millisecond, and a file of other things may hold a million names.
    content = {**labels(), **{f"fan {at}": {} for at in range(101)}}
    *guessed, last = read(content, skip_unknown=True).unplaced
    assert {one.reason for one in guessed} == {"no category of the KB; did you mean fan?"}
    assert last.reason == "no category of the KB"


@pytest.mark.parametrize("name", ["", "missing.json"])
def test_a_folder_or_a_missing_file_is_named(tmp_path: Path, kb: KnowledgeBase, name: str) -> None:
    with pytest.raises(DatasetError, match="cannot be read"):
        read_labels(tmp_path / name, kb)

from __future__ import annotations

import pytest
from labelled import OFFICIAL, Read, Write, five, labels, plain_five, remarks

from physprior import fingerprint
from physprior.dataset.label_file import read_labels
from physprior.dataset.references import (
    ClassReferences,
)
from physprior.knowledge.load import KnowledgeBase

# A file as it should be


def test_sentences_stand_by_the_kb_s_ids_and_without_their_numbers(read: Read) -> None:
    references = read(labels())
    assert list(references.categories) == ["clip"]
    assert list(references.categories["clip"]) == [
        *("normal", "unable_to_press", "unable_to_rebound")
    ]
    assert references.of("clip", "unable_to_press") == ClassReferences(
        descriptions=plain_five("seeing unable_press"),
        explanations=plain_five("unable_press itself"),
    )
    assert not references.remarks
    assert not references.unplaced
    assert not references.taught


def test_every_name_of_the_official_file_is_placed_by_the_shipped_kb(
    read: Read, kb: KnowledgeBase
) -> None:
    content = {
        category: {
            task: {name: five(f"{category} {name} {task}") for name in names.split()}
            for task in ("description_label", "explanation_label")
        }
        for category, names in OFFICIAL.items()
    }
    references = read(content)
    assert not references.remarks
    placed = {
        category: list(classes) for category, classes in sorted(references.categories.items())
    }
    assert placed == {
        name: [class_id for class_id, _ in category.classes()]
        for name, category in kb.categories.items()
    }


def test_names_may_drift_as_folder_names_do(read: Read) -> None:
    content = labels()
    sentences = {"Norm": five("a band"), "crack": five("a cracked band")}
    content["Rubber Band"] = {"description_label": sentences, "explanation_label": sentences}
    assert list(read(content).categories["rubber_band"]) == ["normal", "crack"]


def test_the_file_says_what_made_it(write: Write, kb: KnowledgeBase) -> None:
    path = write(labels())
    references = read_labels(path, kb)
    assert (references.source, references.source_sha256) == (
        "label.json",
        fingerprint.of_file(path),
    )
    assert references.knowledge == {"clip": kb.fingerprint("clip")}


def test_the_hash_is_of_the_sentences_alone(read: Read) -> None:
    once = read(labels())
    assert read({**labels(), "spoon": {}}, skip_unknown=True).hash == once.hash
    assert read(labels(unable_press=five("other words"))).hash != once.hash


def test_a_class_without_references_has_none(read: Read) -> None:
    assert read(labels()).of("fan", "stuck") == ClassReferences()


# Untidy, and taken


@pytest.mark.parametrize(
    ("written", "taken"),
    [
        ("1. Rust locks it.", "Rust locks it."),
        ("1.Rust locks it.", "Rust locks it."),
        ("1) Rust locks it.", "Rust locks it."),
        ("(1) Rust locks it.", "Rust locks it."),
        ("[1] Rust locks it.", "Rust locks it."),
        ("1 . Rust locks it.", "Rust locks it."),
        ("1.) Rust locks it.", "Rust locks it."),
        ("1: Rust locks it.", "Rust locks it."),
        ("1 - Rust locks it.", "Rust locks it."),
        ("1、Rust locks it.", "Rust locks it."),
        ("  1.\tRust  locks\nit. ", "Rust locks it."),
        ("1. 2 N are too little.", "2 N are too little."),
        ("1. 3.5 N are too little.", "3.5 N are too little."),
    ],
)
def test_a_number_is_taken_off_in_whatever_form(read: Read, written: str, taken: str) -> None:
    references = read(labels(unable_press=[written, *five("rust")[1:]]))
    assert references.of("clip", "unable_to_press").explanations[0] == taken
    assert not references.remarks


@pytest.mark.parametrize(
    "sentence", ["3.5 N are too little.", "2 N are too little.", "4-fold friction holds it."]
)
def test_a_number_that_belongs_to_the_sentence_stays(read: Read, sentence: str) -> None:
    references = read(labels(unable_press=[sentence, *five("rust")[1:]]))
    assert references.of("clip", "unable_to_press").explanations[0] == sentence
    assert remarks(references) == {
        "$.clip.explanation_label.unable_press[0]": "has no number; taken as it is"
    }


def test_a_list_without_any_number_is_remarked_once(read: Read) -> None:
    references = read(labels(unable_press=list(plain_five("rust"))))
    assert references.of("clip", "unable_to_press").explanations == plain_five("rust")
    assert remarks(references) == {
        "$.clip.explanation_label.unable_press": "its sentences have no numbers; taken as they are"
    }


def test_a_number_out_of_order_is_remarked(read: Read) -> None:
    first, second, *rest = five("rust")
    references = read(labels(unable_press=[second, first, *rest]))
    assert remarks(references) == {
        "$.clip.explanation_label.unable_press[0]": "numbered 2 at place 1",
        "$.clip.explanation_label.unable_press[1]": "numbered 1 at place 2",
    }


@pytest.mark.parametrize(("count", "said"), [(1, "1 sentence"), (7, "7 sentences")])
def test_fewer_or_more_than_five_are_taken_and_remarked(read: Read, count: int, said: str) -> None:
    references = read(labels(unable_press=five("rust", count=count)))
    assert len(references.of("clip", "unable_to_press").explanations) == count
    assert remarks(references) == {
        "$.clip.explanation_label.unable_press": f"{said} where 5 are usual"
    }


def test_blank_and_repeated_sentences_are_kept_out(read: Read) -> None:
    first, second, *_ = five("rust")
    references = read(labels(unable_press=[first, second, "3. ", f"4. {first[3:].upper()}", "5."]))
    assert references.of("clip", "unable_to_press").explanations == plain_five("rust")[:2]
    assert remarks(references) == {
        "$.clip.explanation_label.unable_press[2]": "blank; left out",
        "$.clip.explanation_label.unable_press[3]": (
            "the same as $.clip.explanation_label.unable_press[0]; kept once"
        ),
        "$.clip.explanation_label.unable_press[4]": "blank; left out",
    }


def test_a_sentence_of_two_classes_is_remarked(read: Read) -> None:
    references = read(labels(unable_rebound=five("unable_press itself")))
    said = remarks(references)
    assert len(said) == 5
    assert said["$.clip.explanation_label.unable_rebound[2]"] == (
        "the same as $.clip.explanation_label.unable_press[2], which is of unable_to_press"
    )


def test_missing_lists_and_keys_that_mean_nothing_are_remarked(read: Read) -> None:
    content = labels()
    del content["clip"]["explanation_label"]["unable_press"]
    content["clip"]["source"] = "a station"
    content["fan"] = {"description_label": {"stuck": five("a still rotor")}}
    references = read(content)
    assert remarks(references) == {
        "$.clip.source": "not read: neither description_label nor explanation_label",
        "$.fan": "has no explanation_label",
        "$.clip.description_label.unable_press": (
            "clip/unable_to_press has descriptions and no explanations"
        ),
    }
    assert references.of("fan", "stuck").descriptions == plain_five("a still rotor")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_byte_order_marks_and_other_unicode_are_read(read: Read, encoding: str) -> None:
    references = read(labels(unable_press=five("Druck, 压力")), encoding=encoding)
    assert references.of("clip", "unable_to_press").explanations == plain_five("Druck, 压力")

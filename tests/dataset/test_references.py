from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from physprior import fingerprint
from physprior.cli.data_references import references_command
from physprior.dataset.label_file import read_labels
from physprior.dataset.references import (
    ClassReferences,
    References,
    read_references,
    write_references,
)
from physprior.errors import DatasetError, OutputError, PhyspriorError
from physprior.knowledge.load import KnowledgeBase
from physprior.paths import kb_folder

# The class keys of the official label file. Its sentences are not ours to copy: those below are
# written for these tests.
OFFICIAL = {
    "ball": "anomaly_free leak unfull",
    "button": "anomaly_free no_light Unpress Unrebound_light Unrebound_nolight",
    "car": "anomaly_free all_wheel back_wheel front_wheel",
    "caster_wheel": "anomaly_free axis_stuck1 axis_stuck2",
    "clip": "anomaly_free unable_press unable_rebound",
    "clock": "anomaly_free stuck vibrate",
    "fan": "anomaly_free stuck uneven vibrate",
    "gear": "anomaly_free double single stuck triple",
    "hinge": "anomaly_free angle_limited falloff",
    "liquid": "anomaly_free foreign_obj leak",
    "lock": "anomaly_free jam structure_detache",
    "magnet": "anomaly_free degaussing drop",
    "rolling_bearing": "anomaly_free ball_stuck",
    "rubber_band": "anomaly_free crack",
    "screw": "anomaly_free stripped unable_goin",
    "servo": "anomaly_free angle_limited centered_anomaly vibrate",
    "slide": "anomaly_free ball_drop derailment jam",
    "spherical_bearing": "anomaly_free jam",
    "sticky_roller": "anomaly_free falloff stuck",
    "toothpaste": "anomaly_free leak",
    "usb": "anomaly_free jam",
    "zipper": "anomaly_free stuck unable_close",
}
WORDS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh")

Write = Callable[..., Path]


def five(about: str, *, count: int = 5) -> list[str]:
    return [f"{at + 1}. The {WORDS[at]} sentence on {about}." for at in range(count)]


def plain_five(about: str) -> tuple[str, ...]:
    return tuple(f"The {word} sentence on {about}." for word in WORDS[:5])


def labels(**changes: Any) -> dict[str, Any]:
    """A sound label file of one category, with some lists of its explanations changed."""
    names = ("anomaly_free", "unable_press", "unable_rebound")
    return {
        "clip": {
            "description_label": {name: five(f"seeing {name}") for name in names},
            "explanation_label": {name: five(f"{name} itself") for name in names} | changes,
        }
    }


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(content: Any, *, encoding: str = "utf-8") -> Path:
        text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
        path = tmp_path / "label.json"
        path.write_bytes(text.encode(encoding))
        return path

    return write


@pytest.fixture
def read(write: Write, kb: KnowledgeBase) -> Callable[..., References]:
    def read(content: Any, *, encoding: str = "utf-8", **options: Any) -> References:
        return read_labels(write(content, encoding=encoding), kb, **options)

    return read


Read = Callable[..., References]


def remarks(references: References) -> dict[str, str]:
    return {remark.path: remark.said for remark in references.remarks}


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


# Names that the KB does not know


UNKNOWN = {
    **labels(unable_to_pres=five("a slip of the pen"), banana=five("fruit")),
    "fann": {"explanation_label": {}},
    "spoon's end": {},
}
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


# A sentence is taught or tested


def test_a_sentence_that_the_kb_teaches_is_listed(read: Read, kb: KnowledgeBase) -> None:
    clip = kb.category("clip")
    taught = clip.anomalies[0].explanations[2]
    motion = kb.category("fan").prior.motion.statement
    references = read(labels(unable_press=[f"1. {taught.upper().rstrip('.')}", f"2. {motion}"]))
    found = [(one.path, one.category, one.where) for one in references.taught]
    assert found == [
        (
            "$.clip.explanation_label.unable_press[0]",
            "clip",
            "anomalies[unable_to_press].explanations[3]",
        ),
        ("$.clip.explanation_label.unable_press[1]", "fan", "prior.motion.statement"),
    ]


def test_a_sentence_that_the_kb_keeps_for_scoring_is_not(read: Read, kb: KnowledgeBase) -> None:
    kept = kb.category("clip").anomalies[0].references[0]
    assert not read(labels(unable_press=[f"1. {kept}"])).taught


@pytest.fixture
def own_kb(tmp_path: Path) -> Path:
    return Path(shutil.copytree(kb_folder(), tmp_path / "knowledge"))


@pytest.mark.parametrize("place", ["refs.json", "below/refs.json", "clip.yaml"])
def test_references_are_never_written_into_a_kb(
    read: Read, own_kb: Path, tmp_path: Path, place: str
) -> None:
    before = sorted(own_kb.rglob("*"))
    (tmp_path / "link").symlink_to(own_kb)
    (own_kb / "vocabulary.yaml").unlink()
    for out in (own_kb / place, tmp_path / "link" / place):
        with pytest.raises(OutputError, match="whose sentences may be taught"):
            write_references(
                read(labels()), out, source=tmp_path / "label.json", kb_folders=[own_kb]
            )
    assert {*before} - {*own_kb.rglob("*")} == {own_kb / "vocabulary.yaml"}


def test_a_kb_is_known_by_its_vocabulary_too(read: Read, own_kb: Path, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="whose sentences may be taught"):
        write_references(
            read(labels()), own_kb / "r.json", source=tmp_path / "label.json", kb_folders=[]
        )


# The references file


def test_what_is_written_is_read_again(read: Read, tmp_path: Path) -> None:
    references = read(UNKNOWN, skip_unknown=True)
    out = tmp_path / "new" / "references.json"
    write_references(references, out, source=tmp_path / "label.json", kb_folders=[])
    assert read_references(out) == references
    first = out.read_bytes()
    write_references(references, out, source=tmp_path / "label.json", kb_folders=[])
    assert out.read_bytes() == first


@pytest.mark.parametrize("text", ["", "{}", '{"format": "physprior-dataset"}'])
def test_something_else_is_neither_read_nor_replaced(read: Read, tmp_path: Path, text: str) -> None:
    out = tmp_path / "notes.json"
    out.write_text(text)
    with pytest.raises(DatasetError, match="not a references file of this version"):
        read_references(out)
    with pytest.raises(OutputError, match="no references file"):
        write_references(read(labels()), out, source=tmp_path / "label.json", kb_folders=[])
    assert out.read_text() == text


def test_a_fault_in_a_references_file_is_named_by_its_path(read: Read, tmp_path: Path) -> None:
    out = tmp_path / "references.json"
    write_references(read(labels()), out, source=tmp_path / "label.json", kb_folders=[])
    out.write_text(out.read_text().replace('"The first sentence on unable_press itself."', "5"))
    with pytest.raises(DatasetError) as caught:
        read_references(out)
    assert "$.categories.clip.unable_to_press.explanations.0: " in caught.value.message


def test_the_label_file_is_not_written_over(write: Write, kb: KnowledgeBase) -> None:
    path = write(labels())
    with pytest.raises(OutputError, match="is the label file itself"):
        write_references(read_labels(path, kb), path, source=path, kb_folders=[])


# The command


APP = typer.Typer()
APP.command()(references_command)


def run(*words: object) -> Any:
    result = CliRunner().invoke(APP, [str(word) for word in words])
    if isinstance(result.exception, PhyspriorError):
        raise result.exception
    return result


def test_the_command_counts_what_it_read(write: Write, tmp_path: Path) -> None:
    out = tmp_path / "references.json"
    result = run(write(labels()), "-o", out)
    lines = result.stdout.splitlines()
    assert lines[2].split() == ["clip", "3", "of", "3", "15", "15"]
    assert lines[-1] == f"references: {out} ({read_references(out).hash[:12]}, of label.json)"
    assert result.stderr == ""


def test_the_command_says_what_is_untidy_unknown_or_taught(
    write: Write, tmp_path: Path, kb: KnowledgeBase
) -> None:
    taught = kb.category("clip").anomalies[0].explanations[2]
    path = write(labels(unable_press=[f"1. {taught}"], banana=[]))
    with pytest.raises(DatasetError, match="1 name that the KB does not know"):
        run(path, "-o", tmp_path / "references.json")
    assert not (tmp_path / "references.json").exists()
    result = run(path, "-o", tmp_path / "references.json", "--skip-unknown")
    at = "label.json: $.clip.explanation_label"
    assert result.stderr.splitlines() == [
        f"{at}.unable_press: 1 sentence where 5 are usual",
        f"{at}.banana: left out: no class of clip",
        f"warning: {at}.unable_press[0]: the KB teaches this sentence"
        f" (clip, anomalies[unable_to_press].explanations[3]): “{taught}”",
    ]


def test_the_command_places_names_by_a_kb_of_one_s_own(
    write: Write, tmp_path: Path, own_kb: Path
) -> None:
    entry = own_kb / "clip.yaml"
    entry.write_text(entry.read_text().replace("      - unable_press\n", "      - squeezed\n"))
    path = write(json.dumps(labels()).replace('"unable_press"', '"squeezed"'))
    run(path, "-o", tmp_path / "references.json", "--kb", own_kb)
    assert read_references(tmp_path / "references.json").of("clip", "unable_to_press").explanations
    with pytest.raises(OutputError, match="whose sentences may be taught"):
        run(path, "-o", own_kb / "references.json", "--kb", own_kb)

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import typer
from labelled import UNKNOWN, Read, Write, labels
from typer.testing import CliRunner

from physprior.cli.data_references import references_command
from physprior.dataset.label_file import read_labels
from physprior.dataset.references import (
    read_references,
    write_references,
)
from physprior.errors import DatasetError, OutputError, PhyspriorError
from physprior.knowledge.load import KnowledgeBase
from physprior.paths import kb_folder

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

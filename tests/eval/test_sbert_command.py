"""``physprior eval sbert`` as a person starts it, with the packaged encoder."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from physprior import __version__
from physprior.cli.main import app
from physprior.dataset.references import References
from physprior.errors import CheckpointError, OutputError, PhyspriorError, PredictionError
from physprior.eval.explanations.sbert import read_sbert, sbert_path
from physprior.eval.published import read_table
from physprior.knowledge.load import KnowledgeBase
from physprior.verdict import render

WriteFile = Callable[..., Path]
Rows = list[tuple[str, str, float | None, str | None]]

CLASSES = (("ball", "leak"), ("clip", "unable_to_press"))


def honest(kb: KnowledgeBase) -> Rows:
    """A model that says what is so, in the words of its training."""
    rows: Rows = []
    for category, anomaly in CLASSES:
        classes = dict(kb.category(category).classes())
        for name in ("normal", anomaly):
            rows += [
                (category, name, 0.0, render(name != "normal", text))
                for text in classes[name].explanations[:2]
            ]
    return rows


def degenerate(kb: KnowledgeBase) -> Rows:
    """A model that says that all is well, in the words of its training, whatever it sees."""
    return [
        (category, name, 0.0, render(False, kb.category(category).normal.explanations[at % 2]))
        for at, (category, name, _, _) in enumerate(honest(kb))
    ]


@pytest.fixture
def file(write_file: WriteFile, kb: KnowledgeBase) -> Path:
    return write_file(honest(kb), "test.jsonl")


def sbert(*words: object) -> Result:
    return CliRunner().invoke(app, ["eval", "sbert", *map(str, words)])


def scored(*words: object) -> Result:
    outcome = sbert(*words)
    assert outcome.exit_code == 0, outcome.output
    return outcome


def in_json(*words: object) -> Any:
    return json.loads(scored(*words, "--json").stdout)


def refused(*words: object) -> PhyspriorError:
    error = sbert(*words).exception
    assert isinstance(error, PhyspriorError), error
    return error


def test_the_table_has_a_row_a_category_and_the_two_averages(file: Path) -> None:
    lines = scored(file).stdout.splitlines()
    heads = ["category", "videos", "SBERT", "right", "wrong", "anomalous", "earned", "copied"]
    assert lines[0].split() == heads
    names = [line.split("  ")[0] for line in lines[2:7]]
    assert names == ["ball", "clip", lines[1].split("  ")[0], "macro average", "pooled"]
    assert re.search(r"ball +4  0\.\d{3} \[0\.\d+, [01]\.\d+\]", lines[2])
    assert all(len(line) <= 98 for line in lines[:-1])


def test_what_is_printed_is_what_the_file_holds(file: Path) -> None:
    said = in_json(file)
    result = read_sbert(Path(said["file"]))
    assert Path(said["file"]) == sbert_path(file)
    best = [score.max for score in result.scores.values()]
    assert len(best) == 8
    assert said["max"]["pooled"]["all"]["value"] == pytest.approx(sum(best) / 8)
    assert said["encoder"]["hash"] == result.encoder_hash
    assert said["copied"]["pooled"]["value"] == 1.0
    assert said["copied_of_true_class"] == 8


def test_a_model_that_says_that_all_is_well_is_seen_at_a_glance(
    write_file: WriteFile, kb: KnowledgeBase
) -> None:
    good = in_json(write_file(honest(kb), "good.jsonl"))
    bad = in_json(write_file(degenerate(kb), "bad.jsonl"))
    assert bad["max"]["macro"]["anomalous"] == bad["max"]["macro"]["wrong"]
    assert bad["earned"]["macro"]["anomalous"]["value"] == 0.0
    assert good["earned"]["macro"]["anomalous"]["value"] > 0.4
    assert "says Normal to all 8 videos, 4 of them wrongly" in " ".join(bad["readings"])


def test_given_again_nothing_is_embedded_and_the_file_stays(file: Path) -> None:
    first = scored(file)
    content = sbert_path(file).read_bytes()
    again = scored(file)
    assert "embed: " in first.stderr
    assert "embed: " not in again.stderr
    assert again.stdout == first.stdout.replace(".sbert.json\n", ".sbert.json, as it was\n")
    assert sbert_path(file).read_bytes() == content


def test_a_file_that_lacks_a_video_is_made_anew(file: Path) -> None:
    scored(file)
    content = sbert_path(file).read_bytes()
    said = json.loads(content)
    said["scores"].popitem()
    sbert_path(file).write_text(json.dumps(said), encoding="utf-8")
    scored(file)
    assert sbert_path(file).read_bytes() == content


def test_the_published_averages_stand_below_marked_so(file: Path) -> None:
    below = " ".join(scored(file).stdout.split("pooled")[1].split())
    table = read_table("icassp-2")
    ours = dict(zip(table.columns, table.averages, strict=True))["Ours SBERT"]
    assert "published" in below
    assert ours in below
    assert "a sentence encoder that the paper does not name" in below


@pytest.fixture
def references(tmp_path: Path, kb: KnowledgeBase) -> Path:
    """References of the clip alone; one of them is what the KB teaches."""
    taught = kb.category("clip").normal.explanations[0]
    made = References.model_validate(
        {
            "physprior_version": __version__,
            "source": "labels.json",
            "source_sha256": "0" * 64,
            "knowledge": {},
            "categories": {
                "clip": {
                    "normal": {"explanations": ("The clip closes.", taught.upper())},
                    "unable_to_press": {"explanations": ("It is blocked.",)},
                }
            },
        }
    )
    (tmp_path / "references.json").write_text(made.model_dump_json())
    return tmp_path / "references.json"


def test_references_of_a_label_file_take_the_place_of_the_kb_s(
    file: Path, references: Path
) -> None:
    outcome = scored(file, "--references", references)
    result = read_sbert(sbert_path(file))
    assert result.references_source == "labels.json"
    assert set(result.unscored.values()) == {"no reference"}
    assert {video.partition("/")[0] for video in result.unscored} == {"ball"}
    assert "unscored (4):\n  ball/test/normal/0000: no reference\n" in outcome.stderr
    assert re.search(r"^ball +0 +n/a +n/a +n/a +n/a", outcome.stdout, re.M)
    assert re.search(r"^macro average +4 ", outcome.stdout, re.M)


def test_references_that_the_kb_teaches_are_counted_and_listed(
    file: Path, references: Path, kb: KnowledgeBase
) -> None:
    told = scored(file, "--references", references).stderr
    assert "references that the KB teaches in the same words" in told
    assert kb.category("clip").normal.explanations[0].upper() in told
    assert " (1):" in told


def test_unscored_and_empty_answers_are_told_apart(write_file: WriteFile) -> None:
    file = write_file([("clip", "normal", 0.0, text) for text in ("It closes.", "", None)])
    said = in_json(file)
    assert said["max"]["pooled"]["all"]["n"] == 2
    assert said["empty"] == 1
    assert [one["reason"] for one in said["unscored"]] == ["no text"]


def test_an_answer_of_ten_million_letters_is_scored_and_said_to_be_cut(
    write_file: WriteFile,
) -> None:
    text = render(False, "It closes and opens again. " * 400_000)
    file = write_file([("clip", "normal", 0.0, text)])
    outcome = scored(file)
    assert "longer than the encoder reads: 1 of 1" in outcome.stdout


def test_predictions_that_are_not_finished_are_remarked(write_file: WriteFile) -> None:
    file = write_file([("clip", "normal", 0.0, "It closes.")], total=3)
    assert "2 videos have no prediction yet" in scored(file).stderr


# Misuse


def test_without_a_text_there_is_nothing_to_score(write_file: WriteFile) -> None:
    error = refused(write_file([("clip", "normal", 0.0, None)]))
    assert isinstance(error, PredictionError)


def test_without_any_reference_no_file_is_written(write_file: WriteFile, references: Path) -> None:
    file = write_file([("ball", "normal", 0.0, "It rolls.")])
    error = refused(file, "--references", references)
    assert "has a reference in labels.json" in error.message
    assert not sbert_path(file).exists()


def test_a_class_that_the_kb_does_not_know_is_named(write_file: WriteFile) -> None:
    assert "clip/bent" in refused(write_file([("clip", "bent", 0.0, "It is bent.")])).message


def test_the_predictions_are_not_written_over(file: Path) -> None:
    content = file.read_bytes()
    assert isinstance(refused(file, "-o", file), OutputError)
    assert file.read_bytes() == content


def test_a_place_that_cannot_be_written_is_refused_before_anything_is_embedded(file: Path) -> None:
    outcome = sbert(file, "-o", file / "below.json")
    assert isinstance(outcome.exception, OutputError)
    assert "embed" not in outcome.stderr


@pytest.mark.parametrize(
    "words", [("--encoder", "./nowhere"), ("--encoder", "no/encoder"), ("--device", "abacus")]
)
def test_an_encoder_or_device_that_is_not_there_is_refused(
    words: tuple[str, str], file: Path
) -> None:
    assert isinstance(refused(file, *words), CheckpointError)
    assert not sbert_path(file).exists()


@pytest.mark.parametrize("words", [("--batch-size", "0"), ("--encoder",), ("--top", "3")])
def test_misuse_exits_with_two(words: tuple[str, ...], file: Path) -> None:
    assert sbert(file, *words).exit_code == 2


@pytest.mark.slow
def test_a_shell_sees_words_and_the_exit_code_two(file: Path) -> None:
    command = [sys.executable, "-m", "physprior", "eval", "sbert", file, "--encoder", "./nowhere"]
    ended = subprocess.run(
        list(map(str, command)), capture_output=True, text=True, check=False, env=dict(os.environ)
    )
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert "no sentence encoder at './nowhere'" in ended.stderr
    assert "Traceback" not in ended.stderr

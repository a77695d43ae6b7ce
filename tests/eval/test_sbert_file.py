"""The file of SBERT scores: written whole, read back alike, and never something else."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from physprior.errors import OutputError, PredictionError
from physprior.eval.explanations.sbert import (
    SbertResult,
    SbertScore,
    read_sbert,
    sbert_path,
    write_sbert,
)

Change = Callable[[dict[str, Any]], Any]


def score(value: float, **fields: Any) -> SbertScore:
    whole = {"mean": value / 3, "nearest": 2, "copied": False, "copied_own": False, "cut": False}
    return SbertScore(max=value, **{**whole, **fields})


@pytest.fixture
def result() -> SbertResult:
    return SbertResult(
        predictions_hash="p" * 64,
        references_source="kb",
        references_hash="r" * 64,
        taught_hash="t" * 64,
        encoder_name="all-MiniLM-L6-v2",
        encoder_hash="e" * 64,
        encoder_max_tokens=256,
        libraries={"torch": "2"},
        provenance={"versions": {"physprior": "0"}},
        scores={"b": score(1 / 3), "a": score(-0.1, copied=True)},
        unscored={"Größe 弹簧": "no text"},
    )


@pytest.fixture
def path(tmp_path: Path, result: SbertResult) -> Path:
    write_sbert(tmp_path / "test.sbert.json", result)
    return tmp_path / "test.sbert.json"


def test_scores_lie_beside_their_predictions() -> None:
    assert sbert_path(Path("results/clip.v2.jsonl")) == Path("results/clip.v2.sbert.json")


def test_what_was_written_is_read_back_to_the_last_digit(path: Path, result: SbertResult) -> None:
    assert read_sbert(path) == result


def test_the_same_scores_in_another_order_are_the_same_bytes(
    path: Path, result: SbertResult, tmp_path: Path
) -> None:
    turned = result.model_copy(update={"scores": dict(reversed(result.scores.items()))})
    write_sbert(tmp_path / "other.json", turned)
    assert (tmp_path / "other.json").read_bytes() == path.read_bytes()


def drop(name: str) -> Change:
    return lambda said: said.pop(name)


def put(name: str, value: Any) -> Change:
    return lambda said: said.update({name: value})


def put_score(**fields: Any) -> Change:
    return lambda said: said["scores"]["a"].update(fields)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (drop("format"), "holds no SBERT scores"),
        (put("format", "physprior-references"), "holds no SBERT scores"),
        (put("format_version", 2), "of another version"),
        (drop("predictions_hash"), r"\$\.predictions_hash: Field required"),
        (put("extra", 1), r"\$\.extra: "),
        (put_score(max="0.5"), r"\$\.scores\.a\.max: "),
        (put("scores", []), r"\$\.scores: "),
        (put_score(max=1.5), r"\$\.scores\.a\.max: "),
        (put_score(max=float("nan")), r"\$\.scores\.a\.max: "),
        (put_score(mean=-float("inf")), r"\$\.scores\.a\.mean: "),
        (put_score(nearest=-1), r"\$\.scores\.a\.nearest: "),
        (put_score(copied="yes"), r"\$\.scores\.a\.copied: "),
        (put("unscored", {"a": "no text"}), "a is scored and unscored"),
    ],
)
def test_a_damaged_file_is_named_with_the_place(change: Change, said: str, path: Path) -> None:
    whole = json.loads(path.read_text())
    change(whole)
    path.write_text(json.dumps(whole))
    with pytest.raises(PredictionError, match=f"{path.name}.*{said}") as caught:
        read_sbert(path)
    assert "eval sbert" in caught.value.remedy


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 200_000, b'{"format": 1}']
)
def test_what_is_no_result_is_refused_in_words(content: bytes, path: Path) -> None:
    path.write_bytes(content)
    with pytest.raises(PredictionError):
        read_sbert(path)


def test_half_a_file_is_refused(path: Path) -> None:
    content = path.read_bytes()
    for size in range(0, len(content) - 1, 97):
        path.write_bytes(content[:size])
        with pytest.raises(PredictionError):
            read_sbert(path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(PredictionError, match=r"nothing\.json cannot be read"):
        read_sbert(tmp_path / "nothing.json")


@pytest.mark.parametrize("content", ['{"kind": "header"}\n', "precious", "[1]"])
def test_another_file_is_not_written_over(
    content: str, tmp_path: Path, result: SbertResult
) -> None:
    place = tmp_path / "test.jsonl"
    place.write_text(content)
    with pytest.raises(OutputError, match="holds no SBERT scores"):
        write_sbert(place, result)
    assert place.read_text() == content


def test_a_folder_is_not_written_over(tmp_path: Path, result: SbertResult) -> None:
    with pytest.raises(OutputError, match="a folder is in the way"):
        write_sbert(tmp_path, result)


def test_scores_of_an_older_version_are_written_over(path: Path, result: SbertResult) -> None:
    path.write_text('{"format": "physprior-sbert", "format_version": 0}')
    write_sbert(path, result)
    assert read_sbert(path) == result

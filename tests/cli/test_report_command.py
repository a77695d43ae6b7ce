"""``physprior report`` as a person types it: what it takes, what it writes, what it says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from physprior.cli.main import app
from physprior.errors import PhyspriorError
from physprior.eval.predictions import Header, Prediction
from physprior.verdict import render

FILES = {"report.html", "report.md", "scores.json", "csv", "tables"}


def report(*words: object) -> Result:
    return CliRunner().invoke(app, ["report", *map(str, words)])


def made(*words: object) -> Result:
    outcome = report(*words)
    assert outcome.exit_code == 0, outcome.stderr or outcome.exception
    return outcome


def refused(*words: object) -> str:
    outcome = report(*words)
    if isinstance(outcome.exception, PhyspriorError):
        return str(outcome.exception)
    assert outcome.exit_code == 2
    return " ".join(outcome.stderr.replace("│", " ").split())


def write(path: Path, split: str = "test", **header: Any) -> Path:
    """Predictions of eight clips: each class four times, one of each wrong."""
    fields = {
        "fingerprint": "f",
        "model": "gone/run",
        "base_fingerprint": "b",
        "run_fingerprint": "r",
        "dataset": "gone/dataset",
        "dataset_hash": "d",
        "split_hash": split,
        "split": split,
        "mode": "multi_turn",
        "sampling": {},
        "max_new_tokens": 64,
        "total": 8,
        "provenance": {},
        **header,
    }
    lines = [Header.model_validate(fields).model_dump_json()]
    for number in range(8):
        anomalous = number % 2 == 1
        said = anomalous != (number in (3, 4))
        class_id = "unable_to_press" if anomalous else "normal"
        name = f"clip/{split}/{class_id}/{number:04d}"
        lines.append(
            Prediction(
                id=name,
                video=f"{name}.mp4",
                category="clip",
                class_id=class_id,
                label=int(anomalous),
                instance="",
                score=(2.0 if said else -2.0) + number / 10,
                text=render(said, "The spring is stiff." if said else "The jaws close."),
                history="given",
            ).model_dump_json()
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write(tmp_path / "results" / "test.jsonl")


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    """A report of two runs whose dataset and run folder are gone, made once: it takes seconds."""
    folder = tmp_path_factory.mktemp("once") / "results"
    files = [
        write(folder / "test.jsonl"),
        write(folder / "other.jsonl", model="gone/other", run_fingerprint="o"),
    ]
    validation = write(folder / "val.jsonl", split="val")
    return folder, made(*files, "--validation", validation)


def test_it_writes_the_page_and_the_files_for_other_programs(once: tuple[Path, Result]) -> None:
    folder, outcome = once
    assert f"report: {folder / 'report.html'}\n" in outcome.stdout
    predictions = {"test.jsonl", "other.jsonl", "val.jsonl"}
    assert {path.name for path in folder.iterdir()} == {*FILES, *predictions, "thresholds.json"}


def test_what_is_gone_is_named_and_the_rest_is_shown(once: tuple[Path, Result]) -> None:
    folder, outcome = once
    assert "not in the report:\n" in outcome.stderr
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "What is missing" in page
    for gone in ("gone/dataset", "gone/run"):
        assert gone in outcome.stderr
        assert gone in page


@pytest.mark.slow
def test_what_lies_there_and_does_not_belong_is_told_here_and_on_the_page(tmp_path: Path) -> None:
    file = write(tmp_path / "test.jsonl", total=10)
    (tmp_path / "thresholds.json").write_text("{}")
    (tmp_path / "test.control-blank.jsonl").write_text("damaged")
    outcome = made(file, "--no-frames")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    for said in (
        "2 videos of 10: not predicted",
        "thresholds.json:$.rule",
        "control-blank.jsonl:1",
    ):
        assert said in outcome.stderr
        assert said in page


@pytest.mark.slow
def test_where_a_file_of_it_cannot_be_written_the_earlier_report_stays_whole(file: Path) -> None:
    for name in ("report.html", "report.md", "scores.json", "tables"):
        (file.parent / name).write_text("earlier")
    assert "table1.tex" in refused(file, "--no-frames")
    assert {path.name for path in file.parent.iterdir()} == {
        *("test.jsonl", "report.html", "report.md", "scores.json", "csv", "tables")
    }
    assert (file.parent / "report.html").read_text() == "earlier"
    assert not list((file.parent / "csv").iterdir())


def test_a_further_run_is_tested_against_the_first(once: tuple[Path, Result]) -> None:
    found = json.loads((once[0] / "scores.json").read_text(encoding="utf-8"))
    assert [run["name"] for run in found["beside"]] == ["other"]
    assert len(found["comparisons"]) == 1
    assert found["thresholds"]["rule"] == "youden"


@pytest.mark.slow
def test_another_folder_is_made_where_it_is_asked_for(file: Path, tmp_path: Path) -> None:
    made(file, "-o", tmp_path / "there" / "deep")
    assert {path.name for path in (tmp_path / "there" / "deep").iterdir()} == FILES
    assert [path.name for path in file.parent.iterdir()] == ["test.jsonl"]


@pytest.mark.slow
def test_the_same_material_gives_the_same_files(file: Path) -> None:
    def contents(folder: Path) -> dict[str, bytes]:
        found = (path for path in folder.rglob("*") if path.is_file() and path != file)
        return {str(path.relative_to(folder)): path.read_bytes() for path in found}

    made(file)
    first = contents(file.parent)
    made(file)
    assert contents(file.parent) == first


@pytest.mark.slow
def test_thresholds_that_were_kept_are_taken_the_next_time(file: Path, tmp_path: Path) -> None:
    validation = write(tmp_path / "results" / "val.jsonl", split="val")
    assert "thresholds: " in made(file, "--validation", validation).stdout
    chosen = (file.parent / "scores.json").read_text(encoding="utf-8")
    assert "thresholds: " not in made(file).stdout
    assert (file.parent / "scores.json").read_text(encoding="utf-8") == chosen


def test_runs_on_other_videos_are_refused(file: Path, tmp_path: Path) -> None:
    other = write(tmp_path / "results" / "val.jsonl", split="val")
    assert "do not predict the same videos" in refused(file, other)
    assert not (file.parent / "report.html").exists()


def test_a_folder_of_predictions_is_refused_with_the_files_in_it(file: Path) -> None:
    said = refused(file.parent)
    assert "is no run folder" in said
    assert str(file) in said


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    assert "is no run folder" in refused(tmp_path)


@pytest.mark.parametrize("option", ["--validation", "--thresholds", "--control"])
def test_options_about_predictions_need_predictions(
    file: Path, tmp_path: Path, option: str
) -> None:
    run = tmp_path / "run"
    run.mkdir()
    (run / "run.json").write_text("{}")
    assert refused(run, option, file)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert str(tmp_path / "none.jsonl") in refused(tmp_path / "none.jsonl")


@pytest.mark.slow
def test_a_place_that_cannot_be_written_is_an_error(file: Path, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    assert str(tmp_path / "taken") in refused(file, "-o", tmp_path / "taken")

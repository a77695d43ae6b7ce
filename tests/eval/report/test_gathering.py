"""What a report takes in by itself: predictions in a run folder, the training behind a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from data_material import ROWS, small_kb
from run_folders import RUN, run_folder

from physprior.errors import CheckpointError, PredictionError
from physprior.eval.predictions import Predictions
from physprior.eval.report.gather import ReportOptions, gather
from physprior.eval.report.named import predictions_of
from physprior.eval.report.report import Report
from physprior.verdict import render

Read = Callable[..., Predictions]


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the run ``runs/mine``, as it is typed here."""
    monkeypatch.chdir(tmp_path)
    return run_folder(Path("runs") / "mine")


@pytest.fixture
def gathered(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Report]:
    """Gathers a report of a small KB, without frames and without the encoder: both take seconds."""
    monkeypatch.setattr("physprior.eval.explanations.encoder.load_encoder", lambda: None)
    monkeypatch.setattr("physprior.eval.report.gather.kb_folder", lambda: tmp_path / "kb")
    for module in ("cards.texts", "origin"):
        monkeypatch.setattr(f"physprior.eval.report.{module}.kb_folder", lambda: tmp_path / "kb")
    small_kb(tmp_path / "kb")

    def call(files: list[Predictions], runs: list[Path] | None = None, **options: Any) -> Report:
        return gather(files, runs or [], ReportOptions(frames=False, **options))

    return call


def made(read: Read, name: str, **header: Any) -> Predictions:
    return read(ROWS, name, model="runs/mine", **{"run_fingerprint": RUN, **header})


def test_a_run_brings_its_own_predictions_of_the_test_split_alone(read: Read, mine: Path) -> None:
    own = made(read, "runs/mine/test.jsonl")
    made(read, "runs/mine/val.jsonl", split="val")
    made(read, "runs/mine/test.control-blank.jsonl", control="blank")
    made(read, "runs/mine/old.jsonl", run_fingerprint="0" * 64)
    (mine / "notes.jsonl").write_text("no predictions\n")
    assert [one.path.name for one in predictions_of(mine)] == [own.path.name]


def test_a_run_without_predictions_brings_none(mine: Path) -> None:
    assert predictions_of(mine) == []


def test_of_several_predictions_in_a_run_one_must_be_named(read: Read, mine: Path) -> None:
    for name in ("a.jsonl", "b.jsonl"):
        made(read, f"runs/mine/{name}")
    with pytest.raises(PredictionError, match=r"several predictions of the test split: .*a\.jsonl"):
        predictions_of(mine)


def test_a_folder_that_is_no_run_names_the_models_own_predictions_in_it(
    read: Read, tmp_path: Path
) -> None:
    own = made(read, "test.jsonl")
    made(read, "test.control-blank.jsonl", control="blank")
    with pytest.raises(PredictionError) as told:
        predictions_of(own.path.parent)
    assert str(own.path) in str(told.value.remedy)
    assert "control" not in str(told.value.remedy)


def test_the_run_behind_the_predictions_brings_its_training_once(
    read: Read, mine: Path, gathered: Callable[..., Report]
) -> None:
    file = made(read, "test.jsonl")
    assert [run.folder for run in gathered([file]).training] == [mine]
    assert [run.folder for run in gathered([file], [mine.absolute()]).training] == [mine.absolute()]


def test_a_run_that_is_gone_is_missed_unless_another_training_is_shown(
    read: Read, mine: Path, gathered: Callable[..., Report]
) -> None:
    gone = made(read, "test.jsonl", run_fingerprint="0" * 64)
    assert "Training: the run runs/mine is not here" in " ".join(gathered([gone]).missing)
    assert "Training:" not in " ".join(gathered([gone], [mine]).missing)


def test_a_training_that_cannot_be_read_costs_no_more_than_itself(
    read: Read, mine: Path, gathered: Callable[..., Report], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = made(read, "test.jsonl")

    def damaged(folder: Path) -> Any:
        raise PredictionError(f"{folder} is damaged", remedy="mend it")

    monkeypatch.setattr("physprior.eval.report.gather.read_training", damaged)
    found = gathered([file])
    assert found.evaluation is not None
    assert "Training: runs/mine is damaged." in found.missing


def test_a_damaged_kb_is_missed_and_the_numbers_are_shown(
    read: Read, mine: Path, gathered: Callable[..., Report], tmp_path: Path
) -> None:
    (tmp_path / "kb" / "clip.yaml").write_text("no: entry\n")
    found = gathered([made(read, "test.jsonl")])
    assert found.evaluation is not None
    assert (found.confusion, found.suggestions) == (None, ())
    assert any(one.startswith("Confusion and suggestions: ") for one in found.missing)


def test_an_encoder_that_cannot_be_loaded_is_missed_and_the_rest_is_shown(
    read: Read, gathered: Callable[..., Report], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise CheckpointError("the packaged encoder is not installed")

    monkeypatch.setattr("physprior.eval.explanations.encoder.load_encoder", broken)
    rows = [(*row[:3], render(row[2] > 0, "It moves otherwise.")) for row in ROWS]
    found = gathered([read(rows, "test.jsonl")])
    assert any("the packaged encoder is not installed" in one for one in found.missing)
    assert found.confusion is not None
    assert set(found.confusion.spoken.values()) == {None}


def test_sidecars_that_say_no_severity_are_counted_with_the_first(
    read: Read, mine: Path, gathered: Callable[..., Report], tmp_path: Path
) -> None:
    file = made(read, "test.jsonl")
    for line in file.predictions:
        sidecar = (tmp_path / "videos" / line.video).with_suffix(".json")
        sidecar.parent.mkdir(parents=True, exist_ok=True)
        sidecar.write_text('{"severity": 7}')
    found = gathered([file], videos=tmp_path / "videos")
    (said,) = [one for one in found.missing if one.startswith("Severity")]
    assert said.startswith("Severity: 2 sidecars were left out, the first: ball/test/leak/0001: ")


def test_without_predictions_only_the_trainings_are_shown(mine: Path) -> None:
    found = gather([], [mine])
    assert (found.evaluation, found.deck) == (None, None)
    assert [run.folder for run in found.training] == [mine]
    assert found.commands[-1] == "physprior report runs/mine"

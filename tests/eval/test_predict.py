"""Predicting a split: what is recorded, what is gone on with, what is refused."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch

from physprior.dataset.compile import build
from physprior.dataset.folder import Dataset
from physprior.dialogue import Templates
from physprior.errors import CheckpointError, DatasetError, OutputError, PredictionError
from physprior.eval.predict import PredictOptions, predict
from physprior.eval.predict.batches import batches
from physprior.eval.predictions import Predictions, read_predictions
from physprior.knowledge.load import KnowledgeBase, load_knowledge
from physprior.video.sample import Sampling
from physprior.vlm.load import load_model
from physprior.vlm.processes import from_all, from_main, join_processes, on_main
from physprior.vlm.run_folder import read_run


@pytest.fixture
def options(frames_cache: Path) -> PredictOptions:
    """Short answers, one video at a time: the least that a batch can change."""
    return PredictOptions(max_new_tokens=3, batch_size=1, cache=frames_cache, workers=1)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "predictions" / "test.jsonl"


@pytest.fixture(scope="module")
def undisturbed(
    tmp_path_factory: pytest.TempPathFactory, run: Path, dataset: Path, frames_cache: Path
) -> Path:
    """The predictions of the run with ``options``, made in one go."""
    made = tmp_path_factory.mktemp("undisturbed") / "test.jsonl"
    asked = PredictOptions(max_new_tokens=3, batch_size=1, cache=frames_cache, workers=1)
    predict(str(run), dataset, made, asked)
    return made


def untimed(path: Path) -> list[dict[str, Any]]:
    """The lines of a file without the time that they took."""
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [{name: value for name, value in line.items() if name != "seconds"} for line in lines]


def scores(predictions: Predictions) -> dict[str, float]:
    return {line.id: line.score for line in predictions.predictions}


def test_every_video_of_the_split_has_a_line_that_says_what_it_is(
    undisturbed: Path, dataset: Path
) -> None:
    found = read_predictions(undisturbed)
    records = {record.id: record for record in Dataset.open(dataset).records("test")}
    assert {line.id for line in found.predictions} == records.keys()
    for line in found.predictions:
        record = records[line.id]
        assert (line.video, line.category, line.class_id, line.label, line.instance) == (
            record.video,
            record.category,
            record.class_id,
            record.label,
            record.instance,
        )
        assert line.score == pytest.approx(line.log_anomalous - line.log_normal)
        assert 0 < line.mass <= 1
        assert line.text is not None
    assert len({line.score for line in found.predictions}) == len(records)


def test_the_header_says_what_made_the_predictions(
    undisturbed: Path, run: Path, dataset: Path
) -> None:
    header = read_predictions(undisturbed).header
    record, opened = read_run(run), Dataset.open(dataset)
    assert (header.model, header.run_fingerprint) == (str(run), record.fingerprint)
    assert header.base_fingerprint == record.base_fingerprint
    assert (header.split, header.split_hash) == ("test", opened.manifest.split)
    assert (header.mode, header.history) == ("multi_turn", "given")
    assert (header.sampling, header.max_new_tokens) == (record.sampling, 3)
    assert header.total == len(opened.records("test"))
    assert header.accepted_changed_prior == ()
    assert header.provenance["versions"]["torch"]


def test_the_same_command_again_finds_its_work_done(
    undisturbed: Path, run: Path, dataset: Path, options: PredictOptions
) -> None:
    before = undisturbed.read_bytes()
    report = predict(str(run), dataset, undisturbed, options)
    assert (report.made, report.found) == (0, read_predictions(undisturbed).header.total)
    assert undisturbed.read_bytes() == before


@pytest.mark.parametrize("kept", [0.5, 0.8])
def test_a_file_that_was_cut_is_finished_as_if_undisturbed(
    undisturbed: Path, run: Path, dataset: Path, out: Path, options: PredictOptions, kept: float
) -> None:
    whole = undisturbed.read_bytes()
    cut = whole[: int(len(whole) * kept)]
    assert not cut.endswith(b"\n")
    assert cut.count(b"\n") > 1
    out.parent.mkdir()
    out.write_bytes(cut)
    report = predict(str(run), dataset, out, options)
    assert report.found == cut.count(b"\n") - 1
    assert report.made == whole.count(b"\n") - cut.count(b"\n")
    assert untimed(out) == untimed(undisturbed)


@pytest.mark.parametrize("kept", [0.3, 0.6])
def test_a_batch_that_was_cut_ends_in_the_same_bits(
    run: Path, dataset: Path, out: Path, options: PredictOptions, kept: float, tmp_path: Path
) -> None:
    asked = replace(options, batch_size=3, score_only=True)
    whole = tmp_path / "whole.jsonl"
    predict(str(run), dataset, whole, asked)
    out.parent.mkdir()
    out.write_bytes(whole.read_bytes()[: int(whole.stat().st_size * kept)])
    predict(str(run), dataset, out, asked)
    assert untimed(out) == untimed(whole)


def test_batches_change_no_score(
    undisturbed: Path, run: Path, dataset: Path, out: Path, options: PredictOptions
) -> None:
    predict(str(run), dataset, out, replace(options, batch_size=8))
    together = scores(read_predictions(out))
    assert together == pytest.approx(scores(read_predictions(undisturbed)), abs=1e-4)


def test_score_only_leaves_the_text_out_and_scores_alike(
    undisturbed: Path, run: Path, dataset: Path, out: Path, options: PredictOptions
) -> None:
    predict(str(run), dataset, out, replace(options, score_only=True))
    found = read_predictions(out)
    assert {line.text for line in found.predictions} == {None}
    assert found.header.max_new_tokens is None
    assert scores(found) == scores(read_predictions(undisturbed))


def test_a_bare_checkpoint_predicts_with_the_frames_it_is_told(
    tiny_base: Path, dataset: Path, tmp_path: Path, options: PredictOptions
) -> None:
    asked = replace(options, score_only=True, batch_size=8)
    found = {}
    for frames in (4, 8):
        path = tmp_path / f"{frames}.jsonl"
        predict(str(tiny_base), dataset, path, replace(asked, sampling=Sampling(frames=frames)))
        found[frames] = read_predictions(path)
        assert found[frames].header.sampling.frames == frames
        assert found[frames].header.run_fingerprint is None
    assert scores(found[4]) != pytest.approx(scores(found[8]), abs=1e-3)


def test_a_run_keeps_to_the_frames_it_was_trained_on(
    run: Path, dataset: Path, out: Path, options: PredictOptions
) -> None:
    with pytest.raises(PredictionError, match="trained on other frames"):
        predict(str(run), dataset, out, replace(options, sampling=Sampling(frames=4)))
    assert not out.exists()


def test_its_own_frames_may_be_named_to_a_run(
    undisturbed: Path, run: Path, dataset: Path, options: PredictOptions
) -> None:
    same = replace(options, sampling=read_run(run).sampling)
    assert predict(str(run), dataset, undisturbed, same).made == 0


@pytest.mark.parametrize("change", ["model", "max_new_tokens", "split"])
def test_the_file_of_another_prediction_is_refused_and_left_alone(
    undisturbed: Path,
    run: Path,
    tiny_base: Path,
    dataset: Path,
    out: Path,
    options: PredictOptions,
    change: str,
) -> None:
    out.parent.mkdir()
    shutil.copy(undisturbed, out)
    changed: dict[str, Any] = {"max_new_tokens": {"max_new_tokens": 4}, "split": {"split": "val"}}
    source = tiny_base if change == "model" else run
    with pytest.raises(PredictionError, match="another model, dataset or setting"):
        predict(str(source), dataset, out, replace(options, **changed.get(change, {})))
    assert out.read_bytes() == undisturbed.read_bytes()


# What stands before the verdict has changed since training


@pytest.fixture
def changed_dataset(tmp_path: Path, videos: Path, kb: KnowledgeBase, templates: Templates) -> Path:
    """The dataset as it would be built after an edit of the clip's entry."""
    folder = tmp_path / "kb"
    folder.mkdir()
    for path in kb.sources.values():
        shutil.copy(path, folder)
    entry = folder / "clip.yaml"
    text = entry.read_text(encoding="utf-8")
    statement = kb.category("clip").name
    assert f"name: {statement}\n" in text
    entry.write_text(text.replace(f"name: {statement}\n", "name: sprung clip\n", 1), "utf-8")
    out = tmp_path / "changed"
    build(videos, out, knowledge=load_knowledge(folder), templates=templates, mode="multi_turn")
    return out


def test_changed_prompts_are_refused_with_their_categories(
    run: Path, changed_dataset: Path, out: Path, options: PredictOptions
) -> None:
    with pytest.raises(PredictionError, match="clip in mode multi_turn differ") as caught:
        predict(str(run), changed_dataset, out, options)
    assert "--accept-changed-prior" in caught.value.remedy
    assert not out.exists()


def test_changed_prompts_are_accepted_on_demand_and_recorded(
    run: Path, changed_dataset: Path, out: Path, options: PredictOptions
) -> None:
    asked = replace(options, accept_changed_prior=True, score_only=True, batch_size=8)
    predict(str(run), changed_dataset, out, asked)
    found = read_predictions(out)
    assert found.header.accepted_changed_prior == ("clip",)
    assert found.missing == 0


def test_a_bare_checkpoint_takes_any_prompt(
    tiny_base: Path, changed_dataset: Path, out: Path, options: PredictOptions
) -> None:
    asked = replace(options, score_only=True, batch_size=8)
    assert predict(str(tiny_base), changed_dataset, out, asked).made > 0


def test_another_mode_than_the_run_s_is_refused_with_the_run_s(
    run: Path,
    videos: Path,
    kb: KnowledgeBase,
    templates: Templates,
    tmp_path: Path,
    out: Path,
    options: PredictOptions,
) -> None:
    build(videos, tmp_path / "other", knowledge=kb, templates=templates, mode="no_phys")
    with pytest.raises(PredictionError, match=r"ball, clip in mode no_phys .*in mode multi_turn"):
        predict(str(run), tmp_path / "other", out, options)


# Videos that cannot be used


@pytest.fixture
def broken(tmp_path: Path, videos: Path, dataset: Path) -> tuple[Path, str]:
    """A copy of the videos in which one of the test split is broken, and its path."""
    root = Path(shutil.copytree(videos, tmp_path / "videos"))
    record = Dataset.open(dataset).records("test")[1]
    (root / record.video).write_bytes(b"no video")
    return root, record.video


def test_a_broken_video_is_skipped_and_keeps_its_place(
    run: Path,
    dataset: Path,
    out: Path,
    options: PredictOptions,
    broken: tuple[Path, str],
    tmp_path: Path,
) -> None:
    root, name = broken
    asked = replace(options, videos=root, cache=tmp_path / "own", score_only=True, batch_size=8)
    report = predict(str(run), dataset, out, asked)
    (skip,) = report.skipped
    assert skip.video == name
    assert "not a video file" in skip.reason
    found = read_predictions(out)
    assert found.skipped == report.skipped
    assert (found.missing, report.made) == (0, found.header.total - 1)


def test_a_video_that_was_mended_is_predicted_by_the_same_command(
    run: Path,
    videos: Path,
    dataset: Path,
    out: Path,
    options: PredictOptions,
    broken: tuple[Path, str],
    tmp_path: Path,
) -> None:
    root, name = broken
    asked = replace(options, videos=root, cache=tmp_path / "own", score_only=True, batch_size=8)
    predict(str(run), dataset, out, asked)
    before = out.read_bytes()
    again = predict(str(run), dataset, out, asked)
    assert (again.made, [skip.video for skip in again.skipped]) == (0, [name])
    assert out.read_bytes() == before
    shutil.copy(videos / name, root / name)
    mended = predict(str(run), dataset, out, asked)
    assert (mended.made, mended.skipped) == (1, ())
    found = read_predictions(out)
    assert (found.skipped, found.missing) == ((), 0)
    assert found.predictions[-1].video == name


def test_strict_makes_a_broken_video_an_error(
    run: Path,
    dataset: Path,
    out: Path,
    options: PredictOptions,
    broken: tuple[Path, str],
    tmp_path: Path,
) -> None:
    root, name = broken
    asked = replace(options, videos=root, cache=tmp_path / "own", strict=True)
    with pytest.raises(DatasetError, match="1 videos cannot be used") as caught:
        predict(str(run), dataset, out, asked)
    assert name in caught.value.message


# What cannot be predicted at all


def test_a_score_that_is_no_number_ends_the_prediction_and_is_not_written(
    tiny_base: Path, dataset: Path, out: Path, options: PredictOptions
) -> None:
    model = load_model(tiny_base)
    with torch.no_grad():
        model.checkpoint.model.lm_head.weight.fill_(float("nan"))
    record = batches(Dataset.open(dataset).records("test"), 1)[0][0]
    with pytest.raises(PredictionError, match=f"the score of {record.id} is nan"):
        predict(str(tiny_base), dataset, out, options, model=model)
    assert read_predictions(out).predictions == ()


def test_each_process_s_error_is_raised_and_nothing_else_is_caught() -> None:
    alone = join_processes()

    def fail(error: Exception) -> list[int]:
        raise error

    for share in (on_main, from_main, from_all):
        assert share(alone, lambda: [1, 2]) == [1, 2]
        with pytest.raises(OutputError, match="full"):
            share(alone, partial(fail, OutputError("full")))
        with pytest.raises(ZeroDivisionError):
            share(alone, partial(fail, ZeroDivisionError()))


def test_an_empty_split_is_named(
    run: Path,
    videos: Path,
    kb: KnowledgeBase,
    templates: Templates,
    tmp_path: Path,
    out: Path,
    options: PredictOptions,
) -> None:
    build(
        videos,
        tmp_path / "no-val",
        knowledge=kb,
        templates=templates,
        mode="multi_turn",
        fractions=(0.8, 0.0, 0.2),
    )
    with pytest.raises(DatasetError, match=r"the split val of .* is empty"):
        predict(str(run), tmp_path / "no-val", out, replace(options, split="val"))


def test_a_dataset_or_model_that_is_none_is_refused(
    run: Path, dataset: Path, out: Path, options: PredictOptions, tmp_path: Path
) -> None:
    with pytest.raises(DatasetError, match="not a dataset"):
        predict(str(run), tmp_path, out, options)
    with pytest.raises(CheckpointError, match="there is no model at"):
        predict(str(tmp_path / "none"), dataset, out, options)


def test_a_place_that_cannot_be_written_is_refused(
    run: Path, dataset: Path, options: PredictOptions, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot write"):
        predict(str(run), dataset, tmp_path / "file" / "test.jsonl", options)


def test_progress_is_told_step_by_step(
    run: Path, dataset: Path, out: Path, options: PredictOptions
) -> None:
    told: list[tuple[str, int, int]] = []
    asked = replace(options, score_only=True)
    predict(str(run), dataset, out, asked, progress=lambda *words: told.append(words))
    total = json.loads(out.read_text().splitlines()[0])["total"]
    assert [done for what, done, _ in told if what == "predict"] == list(range(total + 1))
    assert {what for what, _, _ in told} == {"decode", "predict"}

"""Baselines of a real split: what their files say, what is made again, what is refused."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from physprior.cli.main import app
from physprior.dataset.folder import Dataset
from physprior.dataset.records import Record
from physprior.errors import CheckpointError, DatasetError, PredictionError
from physprior.eval.baselines import BASELINES, predict_baselines
from physprior.eval.compare import compare_runs
from physprior.eval.compare_words import describe, remarks
from physprior.eval.predict import PredictOptions, predict
from physprior.eval.predictions import Predictions, read_predictions
from physprior.eval.scoring import score
from physprior.eval.thresholds import choose_thresholds
from physprior.video.sample import Sampling
from physprior.vlm.array_file import write_array
from physprior.vlm.checkpoint import load_checkpoint
from physprior.vlm.features import FeatureStore
from physprior.vlm.frames import Clip, FrameStore

Make = Callable[..., dict[str, Predictions]]


@pytest.fixture
def make(dataset: Path, tiny_base: Path, frames_cache: Path, tmp_path: Path) -> Make:
    """Scores a split with all baselines; the predictions by name."""

    def call(out: Path = tmp_path / "made", **asked: Any) -> dict[str, Predictions]:
        given = {"base": tiny_base, "cache": frames_cache, "workers": 1, **asked}
        paths = predict_baselines(given.pop("dataset", dataset), out, **given)
        assert [path.name for path in paths] == [f"{name}.jsonl" for name in BASELINES]
        return {path.stem: read_predictions(path) for path in paths}

    return call


@pytest.fixture
def test_records(dataset: Path) -> list[Record]:
    return Dataset.open(dataset).records("test")


def normals_of(dataset: Path, category: str) -> list[Record]:
    """The normal training videos of a category, each once."""
    records = Dataset.open(dataset).records("train")
    chosen = [one for one in records if (one.category, one.class_id) == (category, "normal")]
    return [*{record.sha256: record for record in chosen}.values()]


def scores(file: Predictions) -> dict[str, float | None]:
    return {line.id: line.score for line in file.predictions}


# What is written


def test_every_video_of_the_split_has_a_score_of_each_baseline(
    make: Make, test_records: list[Record]
) -> None:
    for file in make().values():
        assert [line.id for line in file.predictions] == [record.id for record in test_records]
        assert all(line.score is not None and line.score >= 0 for line in file.predictions)
        assert len(set(scores(file).values())) == len(test_records)
        assert {(line.text, line.log_normal, line.history) for line in file.predictions} == {
            (None, None, None)
        }


def test_the_header_says_that_it_is_a_baseline_and_which(
    make: Make, dataset: Path, tiny_base: Path
) -> None:
    made = make()
    for name, file in made.items():
        header, told = file.header, file.header.provenance["baseline"]
        assert (header.source, header.model, header.split) == ("baseline", name, "test")
        assert (header.mode, header.history, header.run_fingerprint) == (None, None, None)
        assert header.base_fingerprint == load_checkpoint(tiny_base).fingerprint
        assert header.sampling == Sampling()
        assert header.split_hash == Dataset.open(dataset).manifest.split
        assert told["base"] == str(tiny_base)
        assert told["parameters"] == BASELINES[name].parameters
        assert told["normals"] == {
            category: len(normals_of(dataset, category)) for category in ("ball", "clip")
        }
        assert told["unusable_normals"] == {}
    assert made["nearest_normal"].header.provenance["baseline"]["parameters"]["neighbours"] == 1
    assert len({file.header.fingerprint for file in made.values()}) == len(made)


def test_motion_energy_is_the_z_of_the_frames_that_the_model_sees(
    make: Make, dataset: Path, tiny_base: Path, frames_cache: Path, test_records: list[Record]
) -> None:
    found = scores(make(frames=4)["motion_energy"])
    store = FrameStore(frames_cache, load_checkpoint(tiny_base).image_processor, Sampling(frames=4))
    root = Dataset.open(dataset).videos_root

    def energy(record: Record) -> float:
        frames = store.load(Clip(root / record.video, record.sha256)).astype(float)
        return float(np.mean([abs(b - a).mean() for a, b in pairwise(frames)]))

    for category in ("ball", "clip"):
        normal = [energy(record) for record in normals_of(dataset, category)]
        for record in test_records:
            if record.category == category:
                z = abs(energy(record) - np.mean(normal)) / np.std(normal)
                assert found[record.id] == pytest.approx(z, rel=1e-9)


def test_the_nearest_normal_video_is_found_in_the_cached_features(
    make: Make, dataset: Path, tiny_base: Path, tmp_path: Path, test_records: list[Record]
) -> None:
    cache = tmp_path / "cache"
    checkpoint = load_checkpoint(tiny_base)
    frames = FrameStore(cache, checkpoint.image_processor, Sampling(frames=2))
    features = FeatureStore(cache / "features", checkpoint, frames)

    def plant(record: Record, value: float) -> None:
        planted = np.full(features.shape, value, dtype=np.float16)
        planted[:, 0] = 1000  # CLS, which is not looked at.
        write_array(features.path(Clip(Path(record.video), record.sha256)), planted)

    # The normal videos lie at 0, 2, 4, … in every dimension, and those of the test at odd places.
    normals = normals_of(dataset, "ball")
    places = 2.0 * np.arange(len(normals))
    for record, place in zip(normals, places, strict=True):
        plant(record, place)
    asked = [record for record in test_records if record.category == "ball"]
    beyond = {record.id: 0.5 * number for number, record in enumerate(asked)}
    for record in asked:
        plant(record, places[-1] + beyond[record.id])
    found = scores(make(cache=cache, frames=2)["nearest_normal"])
    for video, distance in beyond.items():
        assert found[video] == pytest.approx(distance / np.std(places), abs=1e-12)


def test_a_training_video_in_the_test_split_scores_0(
    make: Make, dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = normals_of(dataset, "clip")[0]
    own = Dataset.records
    monkeypatch.setattr(
        Dataset,
        "records",
        lambda self, split: own(self, split) + [known] * (split == "test"),
    )
    made = make()
    assert scores(made["nearest_normal"])[known.id] == 0
    assert scores(made["motion_profile"])[known.id] == 0


def test_a_test_video_less_in_another_order_changes_no_other_score(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = make()
    own = Dataset.records

    def changed(self: Dataset, split: Any) -> list[Record]:
        records = own(self, split)[::-1]
        return records[:-1] if split == "test" else records

    monkeypatch.setattr(Dataset, "records", changed)
    less = make(tmp_path / "less")
    for name, file in less.items():
        kept = scores(whole[name])
        assert len(file.predictions) == len(kept) - 1
        assert scores(file) == {video: kept[video] for video in scores(file)}


# What reads it


def test_they_are_scored_and_compared_as_any_predictions(
    make: Make, dataset: Path, tiny_base: Path, frames_cache: Path, tmp_path: Path
) -> None:
    made = make()
    own = score(made["nearest_normal"])
    assert 0 <= own.macro_auroc <= 1
    assert (own.unscored, own.thresholds, own.pooled_calibration) == (0, None, None)
    out = tmp_path / "base.jsonl"
    predict(str(tiny_base), dataset, out, PredictOptions(score_only=True, cache=frames_cache))
    found = compare_runs(made["nearest_normal"], read_predictions(out))
    assert found.macro.ranking.difference is not None
    assert found.pooled.left == 0
    assert describe(made["nearest_normal"]).startswith("nearest_normal (baseline, ")
    assert not remarks(found, "B")


def test_thresholds_are_those_of_one_baseline(make: Make, tmp_path: Path) -> None:
    made, val = make(), make(tmp_path / "val", split="val")
    chosen = choose_thresholds(val["motion_energy"], "youden", "category")
    assert score(made["motion_energy"], thresholds=chosen).macro["accuracy"].value is not None
    with pytest.raises(PredictionError, match="they are of motion_energy, not of motion_profile"):
        score(made["motion_profile"], thresholds=chosen)


# What is made again


def test_what_is_finished_is_not_made_again(make: Make, tmp_path: Path) -> None:
    made = make()
    before = {name: file.path.stat() for name, file in made.items()}
    asked: list[str] = []
    again = make(progress=lambda what, done, total: asked.append(what))
    assert asked == []
    assert {name: file.path.stat() for name, file in again.items()} == before


def test_what_is_missing_is_made_and_nothing_else(make: Make) -> None:
    made = make()
    before = made["nearest_normal"].path.stat()
    content = made["motion_energy"].path.read_bytes()
    made["motion_energy"].path.unlink()
    again = make()
    assert again["motion_energy"].path.read_bytes() == content
    assert again["nearest_normal"].path.stat() == before


def test_videos_that_cannot_be_used_are_said_and_tried_again(
    make: Make, dataset: Path, videos: Path, tmp_path: Path, test_records: list[Record]
) -> None:
    root = tmp_path / "videos"
    shutil.copytree(videos, root)
    broken = [record.video for record in normals_of(dataset, "clip")]
    (ball, *_) = [record.video for record in test_records if record.category == "ball"]
    for video in (*broken, ball):
        (root / video).write_bytes(b"")
    asked = {"videos": root, "cache": tmp_path / "cache"}
    for file in make(**asked).values():
        assert [(line.video, line.reason) for line in file.skipped] == [(ball, "empty file")]
        assert file.missing == 0
        told = file.header.provenance["baseline"]
        assert told["unusable_normals"] == dict.fromkeys(broken, "empty file")
        assert told["normals"] == {"ball": len(normals_of(dataset, "ball")), "clip": 0}
        for line in file.predictions:
            assert (line.score is None) == (line.category == "clip")
        measured = score(file)
        assert measured.unscored == sum(one.category == "clip" for one in test_records)
        assert measured.category("clip").auroc is None
        assert measured.macro_auroc == measured.category("ball").auroc
    shutil.copy(videos / ball, root / ball)
    assert not any(file.skipped for file in make(**asked).values())
    for video in broken:
        shutil.copy(videos / video, root / video)
    for name, file in make(**asked).items():
        assert file.header.provenance["baseline"]["unusable_normals"] == {}
        assert scores(file) == scores(make(tmp_path / "whole", cache=tmp_path / "cache")[name])


# What is refused


def test_predictions_of_something_else_are_not_replaced(
    make: Make, dataset: Path, tiny_base: Path, tmp_path: Path
) -> None:
    made = make()
    content = {name: file.path.read_bytes() for name, file in made.items()}
    other = tmp_path / "other"
    shutil.copytree(dataset, other / "dataset")
    manifest = other / "dataset" / "manifest.json"
    manifest.write_text(manifest.read_text() + "\n", encoding="utf-8")
    shutil.copytree(tiny_base, other / "base")
    config = other / "base" / "config.json"
    config.write_text(config.read_text() + "\n", encoding="utf-8")
    for what, asked in {
        "dataset": {"dataset": other / "dataset"},
        "model": {"base": other / "base"},
        "split": {"split": "val"},
        "sampling": {"frames": 4},
    }.items():
        with pytest.raises(PredictionError, match=rf"differs in: {what}\)") as caught:
            make(**asked)
        assert "name another -o" in caught.value.remedy
    assert {name: file.path.read_bytes() for name, file in made.items()} == content


def test_a_file_that_is_none_of_predictions_is_not_replaced(make: Make, tmp_path: Path) -> None:
    out = tmp_path / "notes"
    out.mkdir()
    (out / "motion_energy.jsonl").write_text("my notes\n", encoding="utf-8")
    with pytest.raises(PredictionError, match="there is no header"):
        make(out)
    assert [path.name for path in out.iterdir()] == ["motion_energy.jsonl"]


def test_the_split_that_they_are_measured_against_is_refused(make: Make) -> None:
    with pytest.raises(PredictionError, match="by heart"):
        make(split="train")


def test_a_single_frame_is_refused(make: Make) -> None:
    with pytest.raises(PredictionError, match=r"1 frame\(s\) have no motion"):
        make(frames=1)


def test_a_run_is_no_base(make: Make, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "run.json").write_text("{}", encoding="utf-8")
    with pytest.raises(PredictionError, match="is a run: a baseline reads the base"):
        make(base=tmp_path / "run")


def test_a_base_that_is_not_there_and_a_dataset_that_is_none_are_refused(
    make: Make, tmp_path: Path
) -> None:
    with pytest.raises(CheckpointError, match="there is no model at"):
        make(base=tmp_path / "nothing")
    with pytest.raises(DatasetError):
        make(dataset=tmp_path)


# The command


def test_the_command_makes_files_that_the_other_commands_take(
    dataset: Path, tiny_base: Path, frames_cache: Path, tmp_path: Path
) -> None:
    words = ["eval", "baselines", str(dataset), "-o", str(tmp_path), "--base", str(tiny_base)]
    outcome = CliRunner().invoke(app, [*words, "--cache", str(frames_cache), "--workers", "1"])
    assert outcome.exit_code == 0, outcome.output
    total = len(Dataset.open(dataset).records("test"))
    nearest, energy = (tmp_path / f"{name}.jsonl" for name in ("nearest_normal", "motion_energy"))
    assert f"nearest_normal: scored {total} of {total} videos: {nearest}\n" in outcome.stdout
    assert outcome.stdout.count("\n") == len(BASELINES)
    scored = CliRunner().invoke(app, ["score", str(nearest), "--beside", str(energy), "--json"])
    assert scored.exit_code == 0, scored.output
    assert json.loads(scored.stdout)["macro"]["auroc"]["value"] is not None
    compared = CliRunner().invoke(app, ["eval", "compare", str(energy), str(nearest)])
    assert compared.exit_code == 0, compared.output
    assert "nearest_normal (baseline, " in compared.stdout


def test_a_report_says_what_it_is_of(make: Make, videos: Path, tmp_path: Path) -> None:
    made = make()
    words = ["report", str(made["nearest_normal"].path), str(made["motion_energy"].path)]
    out = tmp_path / "report"
    outcome = CliRunner().invoke(app, [*words, "--videos", str(videos), "-o", str(out)])
    assert outcome.exit_code == 0, outcome.output
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "root mean square difference to the nearest normal training video" in page
    assert "the predictions are a baseline" in page
    # One command makes both.
    assert page.count("physprior eval baselines ") == 1


def test_the_command_lists_what_has_no_score(
    dataset: Path, videos: Path, tiny_base: Path, tmp_path: Path
) -> None:
    root = tmp_path / "videos"
    shutil.copytree(videos, root)
    broken = [record.video for record in normals_of(dataset, "clip")]
    for video in broken:
        (root / video).write_bytes(b"")
    words = ["eval", "baselines", str(dataset), "-o", str(tmp_path / "out"), "--videos", str(root)]
    words += ["--base", str(tiny_base), "--cache", str(tmp_path / "cache"), "--workers", "1"]
    outcome = CliRunner().invoke(app, words)
    assert outcome.exit_code == 0, outcome.output
    clips = sum(one.category == "clip" for one in Dataset.open(dataset).records("test"))
    assert f"without {len(broken)} normal training videos" in outcome.stderr
    assert f"  {broken[0]}: empty file\n" in outcome.stderr
    assert f"no score for {clips} videos of clip" in outcome.stderr

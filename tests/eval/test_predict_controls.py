"""Controls take away what they say, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from physprior.cli.main import app
from physprior.dataset.compile import build
from physprior.dataset.folder import Dataset
from physprior.dialogue import Templates
from physprior.errors import PredictionError
from physprior.eval.predict import (
    CONTROLS,
    PredictOptions,
    control_path,
    possible_controls,
    predict,
)
from physprior.eval.predict.control import change_frames, change_prior, wrong_priors
from physprior.eval.predictions import Control, read_predictions
from physprior.knowledge.load import KnowledgeBase
from physprior.video.sample import Sampling


@pytest.fixture
def options(frames_cache: Path) -> PredictOptions:
    return PredictOptions(score_only=True, batch_size=8, cache=frames_cache, workers=1)


@pytest.fixture(scope="module")
def frames() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 255, (8, 3, 4, 4), dtype=np.uint8)


def test_a_blank_video_shows_nothing(frames: np.ndarray) -> None:
    assert len(np.unique(change_frames(frames, "blank", "a"))) == 1


def test_the_first_frame_stands_for_all(frames: np.ndarray) -> None:
    changed = change_frames(frames, "first_frame", "a")
    assert changed.shape == frames.shape
    assert all((frame == frames[0]).all() for frame in changed)


def test_shuffled_frames_are_the_same_ones_in_an_order_of_the_video_s_own(
    frames: np.ndarray,
) -> None:
    changed = change_frames(frames, "shuffled", "a")
    assert not (changed == frames).all()
    assert sorted(frame.tobytes() for frame in changed) == sorted(f.tobytes() for f in frames)
    assert (changed == change_frames(frames, "shuffled", "a")).all()
    orders = {change_frames(frames, "shuffled", str(video)).tobytes() for video in range(20)}
    assert len(orders) > 15


def test_two_frames_are_always_exchanged(frames: np.ndarray) -> None:
    for video in range(20):
        assert (change_frames(frames[:2], "shuffled", str(video)) == frames[1::-1]).all()


@pytest.mark.parametrize("mode", ["multi_turn", "single_turn"])
def test_a_wrong_prior_tells_another_category_s_physics_to_the_same_questions(
    kb: KnowledgeBase, templates: Templates, mode: str
) -> None:
    clip, fan = (
        templates.render(kb.category(name), mode, anomalous=False, reason="It runs.")
        for name in ("clip", "fan")
    )
    changed = change_prior(clip, fan)
    for turn, own, other in zip(changed.turns, clip.turns, fan.turns, strict=True):
        for part, mine, theirs in zip(turn.parts, own.parts, other.parts, strict=True):
            told = part.kind in ("component", "subject", "motion")
            assert part == (theirs if told else mine)
    assert changed.prompt_hash() != clip.prompt_hash()


def test_each_category_is_asked_with_another_one_s_prior(dataset: Path) -> None:
    records = Dataset.open(dataset).records("test")
    assert wrong_priors(records) == {"ball": "clip", "clip": "ball"}
    with pytest.raises(PredictionError, match="needs a second category"):
        wrong_priors([record for record in records if record.category == "ball"])


@pytest.mark.parametrize("control", CONTROLS)
def test_a_control_is_recorded_and_scores_otherwise(
    tiny_base: Path, dataset: Path, tmp_path: Path, options: PredictOptions, control: Control
) -> None:
    plain, out = tmp_path / "test.jsonl", control_path(tmp_path / "test.jsonl", control)
    predict(str(tiny_base), dataset, plain, options)
    predict(str(tiny_base), dataset, out, options.under(control))
    made, found = read_predictions(plain), read_predictions(out)
    assert found.header.control == control
    assert found.header.fingerprint != made.header.fingerprint
    assert [line.id for line in found.predictions] == [line.id for line in made.predictions]
    pairs = zip(found.predictions, made.predictions, strict=True)
    assert all(one.score != other.score for one, other in pairs)
    assert bool(found.header.wrong_priors) == (control == "wrong_prior")


def test_blank_videos_of_a_category_score_alike_to_the_last_bit(
    tiny_base: Path, dataset: Path, tmp_path: Path, options: PredictOptions
) -> None:
    # Batches of several sizes round differently, and rounding alone would rank.
    out = tmp_path / "blank.jsonl"
    predict(str(tiny_base), dataset, out, replace(options.under("blank"), batch_size=3))
    scores = {
        name: {line.score for line in read_predictions(out).predictions if line.category == name}
        for name in ("ball", "clip")
    }
    assert {name: len(found) for name, found in scores.items()} == {"ball": 1, "clip": 1}
    assert scores["ball"] != scores["clip"]


def test_a_control_that_would_take_nothing_away_is_refused(
    tiny_base: Path,
    videos: Path,
    dataset: Path,
    kb: KnowledgeBase,
    templates: Templates,
    tmp_path: Path,
    options: PredictOptions,
) -> None:
    bare = tmp_path / "no_phys"
    build(videos, bare, knowledge=kb, templates=templates, mode="no_phys")
    out = tmp_path / "test.jsonl"
    one = replace(options.under("shuffled"), sampling=Sampling(frames=1))
    generated = replace(options.under("wrong_prior"), history="generated")
    for folder, asked, said in (
        (bare, options.under("wrong_prior"), "no physics is told in the mode no_phys"),
        (dataset, generated, "tells the physics itself"),
        (dataset, one, "neither motion nor order"),
    ):
        with pytest.raises(PredictionError, match=said):
            predict(str(tiny_base), folder, out, asked)
    assert not out.exists()
    controls, reasons = possible_controls(bare, options)
    assert controls == ["blank", "first_frame", "shuffled"]
    assert list(reasons) == ["wrong_prior"]


def test_a_senseless_control_is_refused_before_anything_is_predicted(
    dataset: Path, tmp_path: Path
) -> None:
    out = tmp_path / "test.jsonl"
    words = ["predict", "no-model", str(dataset), "-o", str(out), "--control", "blank"]
    asked = [*words, "--control", "wrong-prior", "--history", "generated"]
    # Not even the model, which is none, has been looked for.
    outcome = CliRunner().invoke(app, asked)
    assert isinstance(outcome.exception, PredictionError)
    assert "tells the physics itself" in outcome.exception.message
    assert not out.exists()

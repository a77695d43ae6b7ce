"""What commands say where a project has not what they need, and outside of any project."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from project_words import Refused, finished_run, plain, say

# What is not there


def test_a_path_to_nothing_is_told_with_its_place(refused: Refused, project: Path) -> None:
    say(project, "kb: kb\nvideos: films\n")
    said = refused("build")
    assert "error: physprior.yaml:2:9: videos is 'films', and there is no such file" in said


@pytest.mark.parametrize("key", ["kb", "templates"])
def test_a_missing_folder_is_told_by_the_check(refused: Refused, project: Path, key: str) -> None:
    say(project, f"{key}: gone\n")
    assert f"error: physprior.yaml:1:{len(key) + 3}: {key} is 'gone'" in refused("check")


def test_a_file_where_a_folder_is_needed_is_told_with_its_place(
    refused: Refused, project: Path
) -> None:
    say(project, "kb: kb/clip.yaml\n")
    assert "physprior.yaml:1:5: kb is 'kb/clip.yaml', and that is a file" in refused("check")


def test_a_folder_where_a_recipe_is_needed_is_told_with_its_place(
    refused: Refused, project: Path
) -> None:
    say(project, "recipe: kb\n")
    assert "physprior.yaml:1:9: recipe is 'kb', and that is a folder" in refused("train")


def test_a_kb_without_entries_says_how_to_begin_one(refused: Refused, project: Path) -> None:
    (project / "kb" / "clip.yaml").unlink()
    said = refused("model", "base", "tiny")
    assert "kb holds no KB entry yet" in said
    assert "'physprior new CATEGORY' begins one" in said


def test_a_split_that_does_not_fit_together_is_told_with_its_place(
    refused: Refused, with_videos: Path
) -> None:
    say(with_videos, "split:\n  protocol: supervised\n  k: 2\n")
    assert "physprior.yaml:2:3: k is an option of protocol weak" in refused("build")


@pytest.mark.parametrize("fractions", ["0.7", "a,b,c", "0.5,0.5,0.5"])
def test_odd_fractions_are_told_with_their_place(
    refused: Refused, with_videos: Path, fractions: str
) -> None:
    say(with_videos, f"split:\n  fractions: '{fractions}'\n")
    assert "error: physprior.yaml:2:" in refused("build")


def test_before_a_build_training_says_to_build(refused: Refused, project: Path) -> None:
    (project / "work" / "base").mkdir(parents=True)
    assert "'physprior build' makes it" in refused("train")


def test_without_a_base_training_says_how_to_get_one(refused: Refused, project: Path) -> None:
    said = refused("train")
    assert "base is not said, which means 'work/base'" in said
    assert "physprior model base tiny" in said


def test_a_recipe_that_is_neither_file_nor_name_is_told_with_its_place(
    refused: Refused, project: Path
) -> None:
    say(project, "recipe: recip.yaml\n")
    said = refused("train")
    assert "physprior.yaml:1:9: recipe is 'recip.yaml'" in said
    assert "video_llava_7b_lora" in said


@pytest.mark.parametrize("command", ["predict", "score", "report", "retrain"])
def test_before_any_run_the_next_step_is_to_train(
    refused: Refused, project: Path, command: str
) -> None:
    said = refused(command)
    assert "the project has no run yet: work/run is not there" in said
    assert "'physprior train' makes it" in said


def test_a_training_that_was_stopped_is_to_be_gone_on_with(refused: Refused, project: Path) -> None:
    (finished_run(project) / "run.json").write_text('{"state": "running"}')
    assert "'physprior train' goes on where it stopped" in refused("predict")


@pytest.mark.parametrize("command", ["score", "report"])
def test_before_predictions_the_next_step_is_to_predict(
    refused: Refused, project: Path, command: str
) -> None:
    finished_run(project)
    finished_run(project, "run-2")
    said = refused(command)
    assert "work/run-2 has no predictions yet: work/results/run-2/test.jsonl" in said
    assert "'physprior predict' makes them" in said


def test_one_word_is_the_video_to_diagnose(refused: Refused, with_videos: Path) -> None:
    assert "the project has no run yet" in refused("diagnose", "videos/clip/train")


@pytest.mark.parametrize("word", ["x.mp4", "videos/clip/trian"])
def test_one_word_that_leads_nowhere_is_no_model(
    physprior: Any, with_videos: Path, word: str
) -> None:
    outcome = physprior("diagnose", word)
    assert outcome.code == 2
    assert f"there is no {word}, neither video nor folder" in plain(outcome.err)


def test_a_lost_video_before_others_is_still_no_model(refused: Refused, with_videos: Path) -> None:
    assert "the project has no run yet" in refused("diagnose", "x.mp4", "videos/clip/train")


def test_the_doctor_says_that_the_project_has_no_videos_and_looks_for_its_base(
    physprior: Any, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("physprior.vlm.machine.look_at_torch", lambda notes, needs_gpu: None)
    monkeypatch.setattr("physprior.vlm.machine.look_at_decoders", lambda notes: None)
    said = plain(physprior("data", "doctor").out)
    assert "The videos: not looked at: videos, where the project has them, is not there" in said
    assert f"note [base-missing]: {project / 'work/base'} is not at hand" in said
    assert "'physprior model base tiny' makes a small one" in said
    (project / "work/base").mkdir(parents=True)
    assert "base-incomplete]: work/base: " in plain(physprior("data", "doctor").out)


def test_a_base_that_is_a_hub_id_is_not_made(refused: Refused, project: Path) -> None:
    say(project, "base: LanguageBind/Video-LLaVA-7B-hf\n")
    assert "which is no folder" in refused("model", "base", "tiny")


# Outside of any project


@pytest.mark.parametrize(
    ("words", "missing"),
    [
        (["build"], "VIDEOS"),
        (["build", "videos"], "--out"),
        (["predict"], "MODEL"),
        (["score"], "PREDICTIONS"),
        (["report"], "RUN|PREDICTIONS"),
        (["retrain"], "RUN"),
        (["data", "index", "-o", "index"], "VIDEOS"),
        (["data", "status"], "DATASET"),
        (["data", "explain", "record"], "DATASET"),
        (["data", "simulate"], "OUT"),
        (["model", "base", "tiny"], "OUT"),
        (["model", "estimate"], "RECIPE"),
    ],
    ids=" ".join,
)
def test_what_is_missing_is_named_with_both_ways_out(
    physprior: Any, outside: Path, words: list[str], missing: str
) -> None:
    outcome = physprior(*words)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith("Usage: physprior")
    assert f"name {missing}, or work in a project: 'physprior init'" in outcome.err


def test_the_shipped_kb_is_looked_at_in_silence(physprior: Any, outside: Path) -> None:
    outcome = physprior("check")
    assert (outcome.code, outcome.err) == (0, "")


def test_a_training_without_recipe_lists_the_shipped_ones(refused: Refused, outside: Path) -> None:
    assert "no recipe was named" in refused("train")


def test_a_video_alone_is_nothing_to_diagnose_with(physprior: Any, outside: Path) -> None:
    outcome = physprior("diagnose", "x.mp4")
    assert outcome.code == 2
    assert "name the model, too: x.mp4 is a video" in plain(outcome.err)


def test_a_model_alone_is_nothing_to_diagnose(physprior: Any, outside: Path) -> None:
    outcome = physprior("diagnose", "model")
    assert outcome.code == 2
    assert "name the videos, too" in outcome.err

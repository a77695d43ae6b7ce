"""Commands in a project: what is not typed, the project says; outside of one nothing changes."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from physprior.cli.in_project import begin_command
from physprior.cli.recipes import base_to_make, read_recipe_here
from physprior.paths import kb_folder, templates_folder
from physprior.project.find import VARIABLE

Refused = Callable[..., str]
TOLD = "project: physprior.yaml\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one category and no videos; the current folder."""
    folder = tmp_path / "clips"
    (folder / "kb").mkdir(parents=True)
    for name in ("clip.yaml", "vocabulary.yaml"):
        shutil.copy(kb_folder() / name, folder / "kb")
    shutil.copytree(templates_folder(), folder / "templates")
    (folder / "physprior.yaml").write_text("recipe: tiny\nsplit:\n  seed: 3\n")
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def with_videos(project: Path, dataset: Path) -> Path:
    """The project with the twelve videos of the shared dataset."""
    (project / "videos").symlink_to(dataset.parent / "videos")
    return project


@pytest.fixture
def built(with_videos: Path, physprior: Any) -> Path:
    assert physprior("build", "--workers", 1).code == 0
    return with_videos


@pytest.fixture
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def refused(physprior: Any) -> Refused:
    def call(*words: object) -> str:
        outcome = physprior(*words)
        assert (outcome.code, outcome.out) == (2, "")
        assert outcome.err.count("error: ") == 1
        assert "\n  remedy: " in outcome.err
        return str(outcome.err)

    return call


def plain(text: str) -> str:
    """A text without the frame and the line breaks of a message of misuse."""
    return " ".join(text.replace("│", " ").split())


def say(project: Path, text: str) -> None:
    (project / "physprior.yaml").write_text(text)


def finished_run(project: Path, name: str = "run") -> Path:
    folder = project / "work" / name
    folder.mkdir(parents=True)
    (folder / "run.json").write_text(json.dumps({"state": "finished"}))
    return folder


# What is not typed


def test_check_looks_at_the_project_s_kb_and_templates(physprior: Any, project: Path) -> None:
    entry = project / "kb" / "clip.yaml"
    entry.write_text(entry.read_text().replace("status: reviewed\n", ""))
    outcome = physprior("check", "--format", "concise")
    assert outcome.code == 1
    assert "kb/clip.yaml:4:1: S013 missing-key" in outcome.out
    assert outcome.err == TOLD


def test_the_kb_list_is_of_the_project(physprior: Any, project: Path) -> None:
    outcome = physprior("kb", "list")
    assert outcome.out.endswith("\n1 category, 2 anomalies\n")


def test_a_folder_below_is_in_the_project_too(
    physprior: Any, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project / "kb")
    outcome = physprior("kb", "list")
    assert "1 category, " in outcome.out
    assert outcome.err == f"project: {project / 'physprior.yaml'}\n"


def test_the_variable_names_the_project_from_elsewhere(
    physprior: Any, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("/")
    monkeypatch.setenv(VARIABLE, str(project))
    assert "1 category, " in physprior("kb", "list").out


def test_a_build_takes_videos_place_split_and_mode_from_the_project(
    physprior: Any, with_videos: Path
) -> None:
    say(with_videos, "mode: no_phys\ndataset: made\nsplit:\n  protocol: weak\n  k: 2\n  seed: 5\n")
    outcome = physprior("build", "--workers", 1)
    assert outcome.code == 0
    manifest = json.loads((with_videos / "made" / "manifest.json").read_text())
    split = json.loads((with_videos / "made" / "split.json").read_text())
    assert manifest["mode"] == "no_phys"
    assert (split["protocol"], split["k"], split["seed"]) == ("weak", 2, 5)
    assert list(manifest["categories"]) == ["clip"]


def test_the_dataset_of_the_project_has_its_status(physprior: Any, built: Path) -> None:
    outcome = physprior("data", "status")
    assert (outcome.code, outcome.out) == (0, "up to date: work/dataset\n")


def test_a_record_is_explained_by_its_name_alone(physprior: Any, built: Path) -> None:
    outcome = physprior("data", "explain", "clip/train/0000.mp4")
    assert outcome.code == 0
    assert "kb/clip.yaml:" in outcome.out


def test_a_base_is_made_where_the_project_says(project: Path) -> None:
    say(project, "base: ./bases/small\n")
    begin_command()
    assert base_to_make() == Path("bases/small")


def test_a_training_fills_in_what_the_recipe_does_not_say(project: Path) -> None:
    for name in ("base", "dataset"):
        (project / "work" / name).mkdir(parents=True)
    begin_command()
    recipe = read_recipe_here(None, ["epochs=2"])
    assert (recipe.base, recipe.dataset, recipe.out) == (
        "work/base",
        Path("work/dataset"),
        Path("work/run"),
    )
    assert (recipe.epochs, recipe.batch_size) == (2, 32)


# What is typed


def test_what_is_typed_beats_the_project(physprior: Any, project: Path) -> None:
    outcome = physprior("kb", "list", kb_folder())
    assert "1 category, " not in outcome.out
    assert outcome.err == ""


def test_nothing_is_asked_of_a_broken_project_file_where_all_is_typed(
    physprior: Any, project: Path
) -> None:
    say(project, "no: such key\n")
    assert physprior("check", kb_folder()).code == 0


def test_a_protocol_that_is_typed_leaves_another_one_s_options_behind(
    physprior: Any, with_videos: Path
) -> None:
    say(with_videos, "split:\n  protocol: weak\n  k: 2\n  seed: 5\n")
    outcome = physprior("data", "split", "-o", "split.json", "--protocol", "supervised")
    assert outcome.code == 0
    split = json.loads((with_videos / "split.json").read_text())
    assert (split["protocol"], split["seed"]) == ("supervised", 5)


def test_a_recipe_beats_the_project_and_what_is_set_beats_the_recipe(project: Path) -> None:
    (project / "recipe.yaml").write_text("base: of-the-recipe\ndataset: of-the-recipe\n")
    begin_command()
    recipe = read_recipe_here("recipe.yaml", ["dataset=set-here"])
    assert (recipe.base, recipe.dataset) == ("of-the-recipe", Path("set-here"))
    assert recipe.out == Path("work/run")


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


# The whole way


@pytest.mark.slow
def test_the_whole_way_needs_no_arguments(physprior: Any, with_videos: Path) -> None:
    work = with_videos / "work"
    (with_videos / "recipe.yaml").write_text("tune: layers\nepochs: 1\n")
    say(with_videos, "")
    for words in (["build"], ["model", "base", "tiny"]):
        assert physprior(*words).code == 0, words
    assert physprior("train", "--dry-run").out.endswith("train with: physprior train\n")
    for words in (["train"], ["predict"], ["score"], ["report", "--no-frames"]):
        assert physprior(*words).code == 0, words
    assert (work / "results" / "run" / "report.html").is_file()
    assert "nothing to do" in physprior("retrain").out

    entry = with_videos / "kb" / "clip.yaml"
    entry.write_text(entry.read_text().replace("a torsion spring", "a strong torsion spring"))
    kept = physprior("build").err
    assert "kept: work/run-dataset, which work/run was trained on" in kept
    assert "'physprior retrain' trains work/run on what has changed" in physprior("train").err
    assert physprior("retrain").code == 0
    for words in (["predict"], ["report", "--no-frames"], ["diagnose", "videos/clip/train"]):
        assert physprior(*words).code == 0, words
    assert (work / "results" / "run-2" / "report.html").is_file()
    assert "nothing to do" in physprior("retrain").out

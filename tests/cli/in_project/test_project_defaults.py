"""Commands in a project: what is not typed, the project says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from project_words import TOLD, say

from physprior.cli.in_project import begin_command
from physprior.cli.recipes import base_to_make, read_recipe_here
from physprior.paths import kb_folder
from physprior.project.find import VARIABLE

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
    assert (recipe.epochs, recipe.batch_size) == (2, 16)


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

"""Trackers: what a recipe's report_to gets of what is logged, and what is asked of it before."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from transformers import TrainerControl, TrainerState, TrainingArguments

from physprior.errors import RecipeError
from physprior.train.recipe import Recipe
from physprior.train.run import train
from physprior.train.trackers import named, require_trackers, tracker_arguments, trackers

MakeRecipe = Callable[..., Recipe]


def scalars(run: Path) -> dict[str, list[tuple[int, float]]]:
    """What tensorboard would show of a run: name to (step, value)."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(run / "logs"), size_guidance={"scalars": 0})
    events.Reload()
    return {
        name: [(event.step, event.value) for event in events.Scalars(name)]
        for name in events.Tags()["scalars"]
    }


def watch(recipe: Recipe, lines: list[dict[str, Any]], *, since: int = 0) -> None:
    """A training as its trackers see it: begun at a step, logging these lines."""
    state, control = TrainerState(global_step=since), TrainerControl()
    arguments = TrainingArguments(output_dir=str(recipe.out), use_cpu=True)
    (tracker,) = trackers(recipe)
    tracker.on_train_begin(arguments, state, control)
    for line in lines:
        state.global_step = line["step"]
        tracker.on_log(arguments, state, control, logs=line)
    tracker.on_train_end(arguments, state, control)


def test_without_report_to_nothing_is_tracked(make_recipe: MakeRecipe) -> None:
    assert trackers(make_recipe()) == []


def test_the_trainer_is_told_to_track_nothing_itself(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    arguments = tracker_arguments(make_recipe(report_to=["tensorboard"]))
    made = TrainingArguments(output_dir=str(tmp_path), use_cpu=True, **arguments)
    assert made.report_to == []
    assert made.run_name == "run"


@pytest.mark.parametrize("name", ["wandb", "trackio", "tensorboard"])
def test_a_tracker_that_is_not_installed_is_refused_with_the_line_that_installs_it(
    make_recipe: MakeRecipe, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    # An empty search path is a machine without it.
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    monkeypatch.delitem(sys.modules, name, raising=False)
    with pytest.raises(RecipeError, match=f"not installed: {name}") as caught:
        require_trackers(make_recipe(report_to=[name]))
    assert "pip install 'physprior[trackers]'" in caught.value.remedy


def test_a_folder_that_a_tracker_has_left_is_not_taken_for_it(
    make_recipe: MakeRecipe, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "wandb" / "offline-run").mkdir(parents=True)
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    monkeypatch.delitem(sys.modules, "wandb", raising=False)
    with pytest.raises(RecipeError, match="wandb"):
        require_trackers(make_recipe(report_to=["wandb"]))


def test_a_missing_tracker_ends_a_run_before_anything_is_made(
    make_recipe: MakeRecipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("physprior.train.trackers.find_spec", lambda name: None)
    recipe = make_recipe(report_to=["tensorboard"], base="nobody/nothing")
    with pytest.raises(RecipeError, match="tensorboard"):
        train(recipe)
    assert not recipe.out.exists()


def test_names_with_a_slash_are_groups_and_the_others_are_training_s() -> None:
    line = {"step": 3, "loss": 1.0, "loss/verdict": 2.0, "val/auroc/clip": 0.5, "note": "no number"}
    assert named(line) == {"train/loss": 1.0, "loss/verdict": 2.0, "val/auroc/clip": 0.5}


def test_tensorboard_gets_each_number_at_its_step(make_recipe: MakeRecipe) -> None:
    recipe = make_recipe(report_to=["tensorboard"])
    watch(recipe, [{"step": 1, "loss/verdict": 2.5}, {"step": 2, "loss/verdict": 1.5}])
    assert scalars(recipe.out) == {"loss/verdict": [(1, 2.5), (2, 1.5)]}


def test_what_a_killed_stretch_had_shown_is_void_once_the_run_goes_on(
    make_recipe: MakeRecipe,
) -> None:
    recipe = make_recipe(report_to=["tensorboard"])
    watch(recipe, [{"step": step, "loss/verdict": 9.0} for step in (1, 2, 3)])
    watch(recipe, [{"step": 3, "loss/verdict": 1.0}], since=2)
    assert scalars(recipe.out) == {"loss/verdict": [(1, 9.0), (2, 9.0), (3, 1.0)]}


def test_a_run_begun_anew_shows_nothing_of_the_one_before(make_recipe: MakeRecipe) -> None:
    recipe = make_recipe(report_to=["tensorboard"])
    watch(recipe, [{"step": 1, "loss/verdict": 9.0}])
    watch(recipe, [{"step": 1, "loss/verdict": 1.0}])
    assert scalars(recipe.out) == {"loss/verdict": [(1, 1.0)]}


def test_a_second_process_writes_nothing(make_recipe: MakeRecipe) -> None:
    recipe = make_recipe(report_to=["tensorboard"])
    (tracker,) = trackers(recipe)
    state = TrainerState(is_world_process_zero=False, global_step=1)
    tracker.on_train_begin(None, state, TrainerControl())
    tracker.on_log(None, state, TrainerControl(), logs={"loss": 1.0})
    assert not recipe.out.exists()


def test_a_run_leaves_its_log_for_tensorboard_in_its_own_folder(
    make_recipe: MakeRecipe, read_log: Callable[[Path], list[dict[str, Any]]]
) -> None:
    recipe = make_recipe(report_to=["tensorboard"], epochs=0.5)
    train(recipe)
    shown = scalars(recipe.out)
    logged = read_log(recipe.out)
    assert [step for step, _ in shown["loss/verdict"]] == [line["step"] for line in logged]
    values = [line["loss/verdict"] for line in logged]
    assert [value for _, value in shown["loss/verdict"]] == pytest.approx(values, rel=1e-6)
    assert len(shown["train/loss"]) == len(logged)

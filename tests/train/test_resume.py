"""A run that was killed goes on from its last checkpoint and ends where it would have ended."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from physprior import fingerprint
from physprior.errors import CheckpointError
from physprior.train.recipe import Recipe
from physprior.train.run import train
from physprior.vlm.load import load_model
from physprior.vlm.run_folder import read_run

MakeRecipe = Callable[..., Recipe]


class KilledError(Exception):
    """Stands for the signal that ends a training."""


def kill_at(step: int) -> Callable[[int, int, str], None]:
    def progress(done: int, total: int, said: str) -> None:
        assert total > step
        if done == step:
            raise KilledError

    return progress


def weights(run: Path) -> str:
    (path,) = [*run.glob("model/*.safetensors"), *run.glob("adapter/*.safetensors")]
    return fingerprint.of_file(path)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"tune": "layers"}, id="layers"),
        pytest.param(
            {"tune": "lora", "lora_dropout": 0.5}, id="lora with dropout", marks=pytest.mark.slow
        ),
    ],
)
def test_a_killed_run_ends_in_the_weights_of_an_undisturbed_one(
    make_recipe: MakeRecipe, tmp_path: Path, changes: dict[str, object]
) -> None:
    undisturbed, killed = (make_recipe(out=tmp_path / name, **changes) for name in ("one", "two"))
    train(undisturbed)
    with pytest.raises(KilledError):
        train(killed, progress=kill_at(5))
    steps: list[int] = []
    report = train(killed, progress=lambda done, total, said: steps.append(done))
    assert steps == [5, 6]  # the checkpoint of step 4 was the last one
    assert not report.already_done
    assert read_run(killed.out).state == "finished"
    assert weights(killed.out) == weights(undisturbed.out)


@pytest.mark.slow
def test_a_run_killed_before_its_first_checkpoint_begins_again(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    undisturbed, killed = (make_recipe(out=tmp_path / name) for name in ("one", "two"))
    train(undisturbed)
    with pytest.raises(KilledError):
        train(killed, progress=kill_at(1))
    steps: list[int] = []
    train(killed, progress=lambda done, total, said: steps.append(done))
    assert steps[0] == 1
    assert weights(killed.out) == weights(undisturbed.out)


def test_a_checkpoint_that_was_half_written_is_passed_over(make_recipe: MakeRecipe) -> None:
    recipe = make_recipe()
    with pytest.raises(KilledError):
        train(recipe, progress=kill_at(5))
    newest = recipe.out / "checkpoints" / "checkpoint-4"
    (newest / "trainer_state.json").unlink()
    steps: list[int] = []
    train(recipe, progress=lambda done, total, said: steps.append(done))
    assert steps[0] == 3


def test_a_run_that_has_not_finished_is_no_model_yet(make_recipe: MakeRecipe) -> None:
    recipe = make_recipe()
    with pytest.raises(KilledError):
        train(recipe, progress=kill_at(3))
    with pytest.raises(CheckpointError, match="has not finished") as caught:
        load_model(recipe.out)
    assert "physprior train" in caught.value.remedy

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from physprior.errors import CheckpointError, DatasetError, RecipeError, TrainingError
from physprior.train.guards import describe_trained
from physprior.train.look.dry_facts import steps_of
from physprior.train.look.dry_run import DryRun, dry_run
from physprior.train.recipe import Recipe
from physprior.train.run import train
from physprior.train.tune import tune
from physprior.vlm.checkpoint import load_checkpoint
from physprior.vlm.outline import open_outline
from physprior.vlm.trainable import assert_trainable

MakeRecipe = Callable[..., Recipe]


def fact(found: DryRun, name: str) -> str:
    return "\n".join(dict(found.facts)[name])


def test_a_dry_run_writes_nothing_but_cached_frames(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    recipe = make_recipe(cache=tmp_path / "cache", batch_size=3)
    dry_run(recipe)
    assert [path.name for path in tmp_path.iterdir()] == ["cache"]
    assert len(list((tmp_path / "cache").rglob("*.npy"))) == 3


@pytest.mark.parametrize("way", ["lora", "layers"])
def test_a_dry_run_names_what_training_would_train(make_recipe: MakeRecipe, way: str) -> None:
    recipe = make_recipe(tune=way)
    model = tune(load_checkpoint(recipe.base), recipe)
    said = describe_trained(model, assert_trainable(model, way))
    assert list(dict(dry_run(recipe).facts)["trains"]) == said


def test_an_outline_has_the_checkpoint_s_names_shapes_and_fingerprint(tiny_base: Path) -> None:
    outline, loaded = open_outline(tiny_base), load_checkpoint(tiny_base)
    shapes = {name: one.shape for name, one in outline.model.named_parameters()}
    assert shapes == {name: one.shape for name, one in loaded.model.named_parameters()}
    assert outline.fingerprint == loaded.fingerprint
    assert {one.device.type for one in outline.model.parameters()} == {"meta"}


def test_a_base_without_weights_is_refused(tiny_base: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny_base, tmp_path / "base")
    (tmp_path / "base/model.safetensors").unlink()
    with pytest.raises(CheckpointError, match="holds no weights"):
        open_outline(tmp_path / "base")


@pytest.mark.parametrize(
    "changes",
    [
        {"batch_size": 5, "gradient_accumulation": 2, "epochs": 1.5},
        {"batch_size": 4, "gradient_accumulation": 1, "epochs": 0.6},
        {"batch_size": 3, "gradient_accumulation": 4, "epochs": 1},
    ],
)
def test_the_steps_are_those_that_training_takes(
    make_recipe: MakeRecipe, changes: dict[str, Any]
) -> None:
    recipe = make_recipe(tune="lora", validate_every=0, gradient_every=0, **changes)
    results = train(recipe).results
    assert steps_of(recipe, results["videos"])[1] == results["steps"]


def test_the_tokens_that_were_learned_from_are_counted(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    usual = {"tune": "lora", "validate_every": 0, "gradient_every": 0}
    once = train(make_recipe(epochs=1, **usual)).results
    twice = train(make_recipe(epochs=2, out=tmp_path / "twice", **usual)).results
    assert twice["tokens"] == 2 * once["tokens"]
    # Eight frames of five features, and some text.
    assert 40 < once["tokens"] / once["videos"] < 1000


def test_a_run_that_has_finished_is_said_to_be_finished(make_recipe: MakeRecipe) -> None:
    recipe = make_recipe(tune="lora", epochs=0.3, validate_every=0, gradient_every=0)
    train(recipe)
    assert "nothing to train" in fact(dry_run(recipe), "run")
    with pytest.raises(RecipeError, match="another recipe"):
        dry_run(recipe.model_copy(update={"learning_rate": 0.5}))


def test_a_run_that_was_killed_is_said_to_go_on(make_recipe: MakeRecipe) -> None:
    recipe = make_recipe(tune="lora", epochs=1, save_every=1, validate_every=0, gradient_every=0)
    train(recipe)
    record = json.loads((recipe.out / "run.json").read_text())
    (recipe.out / "run.json").write_text(json.dumps({**record, "state": "running", "results": {}}))
    assert "it goes on after step " in fact(dry_run(recipe), "run")


def test_a_folder_that_is_no_run_is_refused(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run/notes.txt").write_text("mine")
    with pytest.raises(RecipeError, match="not empty"):
        dry_run(make_recipe())


@pytest.fixture
def other_videos(videos: Path, tmp_path: Path) -> Path:
    """A copy of the videos, to be harmed."""
    return Path(shutil.copytree(videos, tmp_path / "videos"))


def test_a_video_that_is_gone_is_listed_and_left_out(
    make_recipe: MakeRecipe, other_videos: Path, tmp_path: Path
) -> None:
    recipe = make_recipe(videos=other_videos, cache=tmp_path / "cache", batch_size=3)
    (number, *_), whole = (dry_run(recipe).batch.records, fact(dry_run(recipe), "dataset"))
    Path(number.video).unlink()
    shutil.rmtree(tmp_path / "cache")
    found = dry_run(recipe)
    assert [str(skip.path) for skip in found.skipped] == [number.video]
    assert number.record.id not in [row.record.id for row in found.batch.records]
    assert fact(found, "dataset") != whole
    with pytest.raises(DatasetError, match="cannot be used"):
        dry_run(recipe.model_copy(update={"strict": True}))


def test_a_video_of_the_first_batch_that_is_broken_is_listed_and_another_drawn(
    make_recipe: MakeRecipe, other_videos: Path, tmp_path: Path
) -> None:
    recipe = make_recipe(videos=other_videos, cache=tmp_path / "cache", batch_size=3)
    broken = Path(dry_run(recipe).batch.records[0].video)
    broken.write_bytes(b"no video")
    shutil.rmtree(tmp_path / "cache")
    found = dry_run(recipe)
    assert [skip.path for skip in found.skipped] == [broken]
    assert len(found.batch.records) == 3
    assert found.batch.sound


def test_a_dialogue_that_is_too_long_is_refused(
    make_recipe: MakeRecipe, tiny_base: Path, tmp_path: Path
) -> None:
    base = Path(shutil.copytree(tiny_base, tmp_path / "base"))
    config = json.loads((base / "config.json").read_text())
    config["text_config"]["max_position_embeddings"] = 64
    (base / "config.json").write_text(json.dumps(config))
    with pytest.raises(TrainingError, match="context holds 64"):
        dry_run(make_recipe(base=str(base)))


def test_a_run_to_continue_from_that_is_not_there_is_refused(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    with pytest.raises(CheckpointError, match="no run"):
        dry_run(make_recipe(continue_from=tmp_path / "nowhere"))


def test_only_the_chosen_categories_are_counted(make_recipe: MakeRecipe) -> None:
    with pytest.raises(RecipeError, match="did you mean clip"):
        dry_run(make_recipe(only=("clop",)))
    assert "only clip" in fact(dry_run(make_recipe(only=("clip",))), "dataset")

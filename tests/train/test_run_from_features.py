"""A run whose videos are features of the frozen tower, kept once: the same training, without it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from physprior import fingerprint
from physprior.train.recipe import Recipe
from physprior.train.run import train
from physprior.vlm.load import load_model

MakeRecipe = Callable[..., Recipe]
ReadLog = Callable[[Path], list[dict[str, Any]]]
TUNES = pytest.mark.parametrize("tune", ["layers", "lora"])


def weights(run: Path) -> str:
    (path,) = [*run.glob("model/*.safetensors"), *run.glob("adapter/*.safetensors")]
    return fingerprint.of_file(path)


@pytest.mark.slow
@TUNES
def test_the_losses_of_a_run_from_features_are_those_from_pixels(
    make_recipe: MakeRecipe, read_log: ReadLog, tmp_path: Path, tune: str
) -> None:
    fields = {"tune": tune, "gradient_every": 3, "cache": tmp_path / "cache"}
    pixels = make_recipe(**fields, out=tmp_path / "pixels")
    features = make_recipe(**fields, out=tmp_path / "features", cache_features=True)
    said: list[str] = []
    train(pixels)
    train(features, announce=said.append)
    one, other = ([line["loss"] for line in read_log(run.out)] for run in (pixels, features))
    assert len(one) == 6
    assert other == pytest.approx(one, abs=1e-3)
    assert load_model(features.out).run is not None
    assert any(line.startswith("features take ") for line in said)


@pytest.mark.slow
@TUNES
def test_a_killed_run_from_features_ends_in_the_weights_of_an_undisturbed_one(
    make_recipe: MakeRecipe, tmp_path: Path, tune: str
) -> None:
    fields = {"tune": tune, "cache_features": True, "lora_dropout": 0.5}
    undisturbed, killed = (make_recipe(**fields, out=tmp_path / name) for name in ("one", "two"))
    train(undisturbed)

    def kill(done: int, total: int, said: str) -> None:
        if done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(killed, progress=kill)
    steps: list[int] = []
    train(killed, progress=lambda done, total, said: steps.append(done))
    assert steps == [5, 6]
    assert weights(killed.out) == weights(undisturbed.out)


def test_the_towers_take_no_memory_while_it_trains(
    make_recipe: MakeRecipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    from physprior.train.trainer import DialogueTrainer

    names: set[str] = set()
    step = DialogueTrainer.training_step

    def look(self: DialogueTrainer, model: Any, *rest: Any) -> Any:
        names.update(name for name, _ in model.named_parameters())
        return step(self, model, *rest)

    monkeypatch.setattr(DialogueTrainer, "training_step", look)
    train(make_recipe(cache_features=True, epochs=0.3))
    assert names
    assert not any("tower" in name for name in names)

"""Validation while training, and the weights that a run ends with."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from physprior import fingerprint
from physprior.dialogue import Templates
from physprior.knowledge.load import KnowledgeBase
from physprior.train.recipe import Recipe
from physprior.train.run import train
from physprior.train.validation import Aim, Validator

MakeRecipe = Callable[..., Recipe]
AUROC = Aim("val/auroc", higher_is_better=True, unranked=())
LOSS = Aim("val/loss", higher_is_better=False, unranked=("clip",))


@pytest.fixture(scope="module")
def thirds(
    videos: Path, tmp_path_factory: pytest.TempPathFactory, kb: KnowledgeBase, templates: Templates
) -> Path:
    """The videos in three splits of a third each: something to validate on."""
    from physprior.dataset.compile import build

    out = tmp_path_factory.mktemp("thirds") / "dataset"
    fractions = (0.34, 0.33, 0.33)
    build(videos, out, knowledge=kb, templates=templates, mode="multi_turn", fractions=fractions)
    return out


def lines_of(run: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]


def validations(run: Path) -> dict[int, dict[str, Any]]:
    return {line["step"]: line for line in lines_of(run) if "val/loss" in line}


def weights(run: Path) -> str:
    (path,) = [*run.glob("model/*.safetensors"), *run.glob("adapter/*.safetensors")]
    return fingerprint.of_file(path)


@pytest.mark.parametrize("tune", ["layers", "lora"])
def test_a_validation_says_what_predicting_the_split_would_say(
    make_recipe: MakeRecipe, thirds: Path, tmp_path: Path, tune: str
) -> None:
    from physprior.eval.predict import PredictOptions, predict
    from physprior.eval.predictions import read_predictions
    from physprior.eval.scoring import score

    recipe = make_recipe(dataset=thirds, tune=tune, validate_every=1, epochs=1, keep="last")
    train(recipe)
    last = validations(recipe.out)[max(validations(recipe.out))]
    out = tmp_path / "val.jsonl"
    options = PredictOptions(split="val", score_only=True, cache=recipe.cache)
    predict(str(recipe.out), thirds, out, options)
    scores = score(read_predictions(out))
    assert last["val/auroc"] == scores.macro_auroc
    assert last["val/auroc/clip"] == scores.categories[0].auroc
    assert {"val/loss/verdict", "val/accuracy/label", "val/accuracy/motion"} <= set(last)


def test_a_run_is_validated_as_often_as_asked_and_at_its_end(
    make_recipe: MakeRecipe, thirds: Path
) -> None:
    recipe = make_recipe(dataset=thirds, validate_every=2, batch_size=3, epochs=2)
    steps = train(recipe).results["steps"]
    assert sorted(validations(recipe.out)) == sorted({*range(2, steps + 1, 2), steps})


def play(monkeypatch: pytest.MonkeyPatch, values: list[tuple[float, float]]) -> None:
    """Makes validations find these (AUROC, loss), one after the other."""
    left = iter(values)

    def run(self: Validator, model: object, processes: object) -> dict[str, float]:
        auroc, loss = next(left)
        return {"val/auroc": auroc, "val/loss": loss}

    monkeypatch.setattr(Validator, "run", run)


def test_a_run_ends_with_the_weights_of_its_best_validation(
    make_recipe: MakeRecipe, thirds: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fields = {"dataset": thirds, "batch_size": 3, "validate_every": 1}
    play(monkeypatch, [(0.5, 3), (0.9, 2), (0.7, 1), *[(0.6, 1)] * 20])
    best = make_recipe(**fields, out=tmp_path / "best")
    results = train(best).results
    assert results["kept"] == {"step": 2, "why": "best val/auroc 0.9000"}
    assert results["validation"]["val/auroc"] == 0.9
    # The same run, whose second step's weights are looked at as it passes them.
    seen: list[dict[str, torch.Tensor]] = []

    def run(self: Validator, model: torch.nn.Module, processes: object) -> dict[str, float]:
        seen.append({name: one.detach().clone() for name, one in model.state_dict().items()})
        return {"val/auroc": 0.5, "val/loss": 1.0}

    monkeypatch.setattr(Validator, "run", run)
    train(make_recipe(**fields, out=tmp_path / "last", keep="last"))
    from physprior.vlm.load import load_model

    kept = load_model(best.out).checkpoint.model.state_dict()
    assert all(torch.equal(kept[name], tensor) for name, tensor in seen[1].items())
    assert not all(torch.equal(kept[name], tensor) for name, tensor in seen[2].items())
    assert not (best.out / "best").exists()


def found(auroc: float, loss: float, error: float = 0.0) -> dict[str, float]:
    return {"val/auroc": auroc, "val/auroc_error": error, "val/loss": loss}


def test_of_two_rankings_that_are_alike_the_lower_loss_is_better() -> None:
    first = found(1.0, 2.0)
    assert AUROC.better(first, None)
    assert AUROC.better(found(1.0, 1.5), first)
    assert not AUROC.better(found(1.0, 2.0), first)
    assert not AUROC.better(found(0.9, 0.1), first)


def test_rankings_are_alike_within_the_standard_error_of_the_best() -> None:
    first = found(0.90, 2.0, error=0.03)
    assert AUROC.better(found(0.88, 1.5, error=0.03), first)
    assert not AUROC.better(found(0.88, 2.5, error=0.03), first)
    assert not AUROC.better(found(0.86, 1.5, error=0.03), first)
    assert not AUROC.better(found(0.91, 2.5, error=0.03), first)
    assert AUROC.better(found(0.94, 2.5, error=0.03), first)


def test_small_steps_down_do_not_add_up() -> None:
    best, kept = found(0.90, 2.0, error=0.03), found(0.88, 1.5, error=0.03)
    assert not AUROC.better(found(0.86, 1.0, error=0.03), kept, [best, kept])


def test_where_nothing_can_be_ranked_the_lower_loss_is_better() -> None:
    assert LOSS.better({"val/loss": 1.0}, {"val/loss": 2.0})
    assert not LOSS.better({"val/loss": 3.0}, {"val/loss": 2.0})
    assert not LOSS.better({"val/loss": float("nan")}, None)


def test_training_stops_early_when_patience_is_over(
    make_recipe: MakeRecipe, thirds: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    play(monkeypatch, [(0.5, 3), (0.9, 2), *[(0.6, 1)] * 20])
    recipe = make_recipe(dataset=thirds, batch_size=3, epochs=5, validate_every=1, patience=2)
    results = train(recipe).results
    assert results["steps"] == 4
    assert results["kept"]["step"] == 2


def test_one_class_in_validation_is_said_and_judged_by_the_loss(
    make_recipe: MakeRecipe,
    tmp_path: Path,
    videos: Path,
    kb: KnowledgeBase,
    templates: Templates,
) -> None:
    from physprior.dataset.compile import build

    dataset = tmp_path / "official"
    build(
        videos,
        dataset,
        knowledge=kb,
        templates=templates,
        mode="multi_turn",
        protocol="official",
    )
    said: list[str] = []
    recipe = make_recipe(dataset=dataset, validate_every=1, epochs=1)
    results = train(recipe, announce=said.append).results
    assert any("can only learn to say Normal" in line for line in said)
    if validations(recipe.out):
        assert any("one class in clip" in line for line in said)
        assert results["kept"]["why"].startswith("best val/loss")
        assert "val/auroc" not in results["validation"]
    else:
        assert any("no validation videos" in line for line in said)


def test_a_dataset_without_validation_keeps_the_last_weights_and_says_so(
    make_recipe: MakeRecipe,
    tmp_path: Path,
    videos: Path,
    kb: KnowledgeBase,
    templates: Templates,
) -> None:
    from physprior.dataset.compile import build

    dataset = tmp_path / "dataset"
    build(
        videos,
        dataset,
        knowledge=kb,
        templates=templates,
        mode="multi_turn",
        fractions=(0.8, 0.0, 0.2),
    )
    said: list[str] = []
    results = train(make_recipe(dataset=dataset, validate_every=1), announce=said.append).results
    assert any("no validation videos" in line for line in said)
    assert results["kept"] == {"step": results["steps"], "why": "last"}


def test_a_killed_run_keeps_its_best_weights(
    make_recipe: MakeRecipe, thirds: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fields = {"dataset": thirds, "batch_size": 3, "validate_every": 1, "save_every": 3}
    found = {1: 0.5, 2: 0.9, 3: 0.4, 4: 0.6, 5: 0.8}
    step = {"at": 0}

    def run(self: Validator, model: object, processes: object) -> dict[str, float]:
        return {"val/auroc": found.get(step["at"], 0.1), "val/loss": 1.0}

    monkeypatch.setattr(Validator, "run", run)

    def progress(kill: int) -> Callable[[int, int, str], None]:
        def note(done: int, total: int, said: str) -> None:
            step["at"] = done
            if done == kill:
                raise KeyboardInterrupt

        return note

    undisturbed, killed = (make_recipe(**fields, out=tmp_path / name) for name in ("one", "two"))
    train(undisturbed, progress=progress(0))
    with pytest.raises(KeyboardInterrupt):
        train(killed, progress=progress(5))
    results = train(killed, progress=progress(0)).results
    assert results["kept"] == {"step": 2, "why": "best val/auroc 0.9000"}
    assert weights(killed.out) == weights(undisturbed.out)
    one, two = (
        [(line["step"], sorted(line)) for line in lines_of(run.out)]
        for run in (undisturbed, killed)
    )
    assert one == two

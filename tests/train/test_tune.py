"""The model that trains, made of a checkpoint and, where one is named, of an earlier run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import pytest
import torch

from physprior.errors import CheckpointError, RecipeError
from physprior.train.recipe import Recipe
from physprior.train.run import train
from physprior.train.tune import refuse_setup, starting_run, tune
from physprior.video.sample import Sampling
from physprior.vlm.checkpoint import Checkpoint, load_checkpoint
from physprior.vlm.run_folder import ADAPTER, MODEL, RunRecord, read_run, write_run
from physprior.vlm.trainable import assert_trainable

Tune = Literal["lora", "qlora", "layers"]
MakeRun = Callable[..., Path]
LAYER = "model.language_model.layers.1.mlp.up_proj.weight"


@pytest.fixture
def checkpoint(tiny_base: Path) -> Checkpoint:
    return load_checkpoint(tiny_base)


@pytest.fixture
def make_run(tmp_path: Path, tiny_base: Path) -> MakeRun:
    """Makes a finished run whose trained weights are all moved by a little."""

    def make(how: Tune = "lora", *, state: Literal["running", "finished"] = "finished") -> Path:
        out = tmp_path / f"{how}-{state}"
        checkpoint = load_checkpoint(tiny_base, quantise=how == "qlora")
        model = tune(checkpoint, recipe(tune=how, lora_rank=4))
        with torch.no_grad():
            for parameter in model.parameters():
                if parameter.requires_grad:
                    parameter.add_(0.01)
        model.save_pretrained(out / (MODEL if how == "layers" else ADAPTER))
        write_run(
            out,
            RunRecord(
                state=state,
                fingerprint="1" * 64,
                base=str(tiny_base),
                base_fingerprint=checkpoint.fingerprint,
                tune=how,
                mode="multi_turn",
                prompts={"clip": "0"},
                sampling=Sampling(),
                dataset={},
                recipe={},
                provenance={},
            ),
        )
        return out

    return make


def recipe(**fields: Any) -> Recipe:
    return Recipe.model_validate({"base": "base", "dataset": "dataset", "out": "run", **fields})


def trained(model: Any) -> dict[str, torch.Tensor]:
    return {name: weight for name, weight in model.named_parameters() if weight.requires_grad}


@pytest.mark.parametrize("how", ["lora", "layers"])
def test_what_trains_is_float32_over_a_base_in_half_precision(
    checkpoint: Checkpoint, how: Tune
) -> None:
    checkpoint.model.to(torch.bfloat16)
    model = tune(checkpoint, recipe(tune=how))
    names = assert_trainable(model, how)
    dtypes = {name: weight.dtype for name, weight in model.named_parameters()}
    assert {dtypes.pop(name) for name in names} == {torch.float32}
    assert set(dtypes.values()) == {torch.bfloat16}


def test_a_new_adapter_changes_nothing_yet(checkpoint: Checkpoint) -> None:
    tokens = torch.arange(5, 40)[None]
    with torch.no_grad():
        before = checkpoint.model(input_ids=tokens).logits
        after = tune(checkpoint, recipe()).eval()(input_ids=tokens).logits
    assert torch.equal(before, after)


def test_lora_goes_on_from_the_adapter_of_a_run_and_trains_it(
    checkpoint: Checkpoint, make_run: MakeRun
) -> None:
    from safetensors.torch import load_file

    run = make_run("lora")
    model = tune(checkpoint, recipe(lora_rank=4, lora_dropout=0.3, continue_from=run))
    names = assert_trainable(model, "lora")
    saved = load_file(run / ADAPTER / "adapter_model.safetensors")
    now = trained(model)
    assert all(torch.equal(now[name], saved[name.replace(".default", "")]) for name in names)
    assert {
        module.p for name, module in model.named_modules() if "lora_dropout.default" in name
    } == {0.3}


def test_layers_go_on_from_the_weights_of_a_run(checkpoint: Checkpoint, make_run: MakeRun) -> None:
    base = {name: weight.clone() for name, weight in checkpoint.model.state_dict().items()}
    model = tune(checkpoint, recipe(tune="layers", continue_from=make_run("layers")))
    names = set(assert_trainable(model, "layers"))
    for name, weight in model.state_dict().items():
        assert torch.equal(weight, base[name] + 0.01 if name in names else base[name]), name


@pytest.mark.parametrize(("earlier", "now"), [("lora", "qlora"), ("qlora", "lora")])
def test_an_adapter_trained_over_4_bits_is_continued_over_the_whole_base_and_the_reverse(
    tiny_base: Path, make_run: MakeRun, earlier: Tune, now: Tune
) -> None:
    checkpoint = load_checkpoint(tiny_base, quantise=now == "qlora")
    model = tune(checkpoint, recipe(tune=now, lora_rank=4, continue_from=make_run(earlier)))
    assert_trainable(model, now)
    halves = [weight for name, weight in trained(model).items() if "lora_B" in name]
    assert all(torch.equal(half, torch.full_like(half, 0.01)) for half in halves)


def test_the_run_that_is_gone_on_from_is_told(checkpoint: Checkpoint, make_run: MakeRun) -> None:
    assert starting_run(checkpoint, recipe()) is None
    run = starting_run(checkpoint, recipe(lora_rank=4, continue_from=make_run()))
    assert run is not None
    assert run.fingerprint == "1" * 64


def refused(checkpoint: Checkpoint, **fields: Any) -> str:
    with pytest.raises((CheckpointError, RecipeError)) as caught:
        tune(checkpoint, recipe(**{"lora_rank": 4, **fields}))
    return str(caught.value)


def test_a_folder_that_is_no_run_is_refused(checkpoint: Checkpoint, tmp_path: Path) -> None:
    assert "there is no run in" in refused(checkpoint, continue_from=tmp_path)


def test_an_unfinished_run_is_refused(checkpoint: Checkpoint, make_run: MakeRun) -> None:
    run = make_run(state="running")
    assert "has not finished" in refused(checkpoint, continue_from=run)


def test_a_run_of_another_base_is_refused(checkpoint: Checkpoint, make_run: MakeRun) -> None:
    run = make_run()
    other = read_run(run).model_copy(update={"base_fingerprint": "2" * 64, "base": "another/base"})
    write_run(run, other)
    said = refused(checkpoint, continue_from=run)
    assert "is not the one that" in said
    assert "another/base" in said


@pytest.mark.parametrize(
    ("earlier", "now"), [("lora", "layers"), ("layers", "lora"), ("layers", "qlora")]
)
def test_adapters_and_layers_do_not_mix(
    checkpoint: Checkpoint, make_run: MakeRun, earlier: Tune, now: Tune
) -> None:
    said = refused(checkpoint, tune=now, continue_from=make_run(earlier))
    assert f"was trained with tune: {earlier}, the recipe says tune: {now}" in said


@pytest.mark.parametrize("field", [{"lora_rank": 8}, {"lora_alpha": 8}])
def test_another_rank_or_alpha_is_refused_with_both(
    checkpoint: Checkpoint, make_run: MakeRun, field: dict[str, int]
) -> None:
    said = refused(checkpoint, continue_from=make_run(), **field)
    assert "has rank 4 and alpha 32" in said
    assert all(f"{name}: {value}" in said for name, value in field.items())
    assert "set lora_rank=4 and lora_alpha=32" in said


def test_other_frozen_layers_are_refused_with_both(
    checkpoint: Checkpoint, make_run: MakeRun
) -> None:
    said = refused(checkpoint, tune="layers", continue_from=make_run("layers"), frozen_layers=2)
    assert "was trained with frozen_layers: 0, the recipe says frozen_layers: 2" in said
    assert "set frozen_layers=0" in said


def test_weights_that_a_run_has_lost_are_not_left_as_the_base_s(
    checkpoint: Checkpoint, make_run: MakeRun
) -> None:
    from safetensors.torch import load_file, save_file

    run = make_run("layers")
    path = run / MODEL / "model.safetensors"
    weights = load_file(path)
    del weights[next(name for name in weights if "layers.1.mlp.up_proj" in name)]
    save_file(weights, path)
    assert "lacks 1 weights, such as layers.1.mlp.up_proj.weight" in refused(
        checkpoint, tune="layers", continue_from=run
    )


def test_damaged_weights_of_a_run_are_named(checkpoint: Checkpoint, make_run: MakeRun) -> None:
    run = make_run("layers")
    path = run / MODEL / "model.safetensors"
    path.write_bytes(path.read_bytes()[:3000])
    assert "cannot be read" in refused(checkpoint, tune="layers", continue_from=run)


@pytest.mark.parametrize("field", [{"tune": "qlora"}, {"optimizer": "adamw_8bit"}])
def test_what_bitsandbytes_packs_is_not_given_to_fsdp(
    monkeypatch: pytest.MonkeyPatch, field: dict[str, str]
) -> None:
    refuse_setup(recipe(**field))
    monkeypatch.setenv("ACCELERATE_USE_FSDP", "true")
    with pytest.raises(RecipeError, match=f"FSDP cannot split {next(iter(field))}"):
        refuse_setup(recipe(**field))
    refuse_setup(recipe(tune="layers"))
    with pytest.raises(RecipeError, match="that optimizer: muon needs whole"):
        refuse_setup(recipe(optimizer="muon"))


@pytest.mark.parametrize("how", ["lora", "layers"])
def test_a_run_that_goes_on_from_another_begins_where_that_one_ended(
    make_recipe: Callable[..., Recipe],
    read_log: Callable[[Path], list[dict[str, Any]]],
    tmp_path: Path,
    how: Tune,
) -> None:
    first = make_recipe(tune=how, learning_rate=3e-3)
    second = make_recipe(tune=how, out=tmp_path / "second", continue_from=first.out, epochs=1)
    train(first)
    train(second)
    before, after = ([line["loss"] for line in read_log(run.out)] for run in (first, second))
    assert after[0] < 1.15 * before[-1] < 0.7 * before[0]
    assert read_run(second.out).continued_from == read_run(first.out).fingerprint
    assert train(second).already_done


@pytest.mark.parametrize("optimizer", ["adamw_8bit", "paged_adamw_8bit", "muon"])
def test_another_optimizer_learns_as_well(
    make_recipe: Callable[..., Recipe],
    read_log: Callable[[Path], list[dict[str, Any]]],
    optimizer: str,
) -> None:
    wanted = make_recipe(optimizer=optimizer, learning_rate=3e-3)
    train(wanted)
    losses = [line["loss"] for line in read_log(wanted.out)]
    assert losses[-1] < 0.5 * losses[0]

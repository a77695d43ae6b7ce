"""Before the first step and after the last: the right weights move; what does not fit is said."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from physprior.errors import TrainingError
from physprior.train.guards import Snapshot, checksum, describe_trained, fold_names, rehearse
from physprior.train.recipe import Recipe
from physprior.train.run import train
from physprior.train.trainer import DialogueTrainer

MakeRecipe = Callable[..., Recipe]


class Two(torch.nn.Module):
    """A weight that trains and one that does not."""

    def __init__(self) -> None:
        super().__init__()
        self.trained = torch.nn.Parameter(torch.ones(3))
        self.frozen = torch.nn.Parameter(torch.arange(4.0), requires_grad=False)


# Names


def test_names_that_differ_in_the_layer_alone_are_told_as_one() -> None:
    names = [f"model.layers.{layer}.mlp.up_proj.weight" for layer in (0, 1, 2, 5)]
    assert fold_names([*names, "head.weight"]) == [
        "model.layers.{0..2,5}.mlp.up_proj.weight",
        "head.weight",
    ]


def test_projections_and_the_halves_of_adapters_are_told_as_one() -> None:
    names = [
        f"layers.{layer}.{projection}_proj.lora_{half}.default.weight"
        for layer in range(4)
        for projection in ("self_attn.q", "self_attn.k", "mlp.gate", "mlp.up")
        for half in "AB"
    ]
    assert fold_names(names) == [
        "layers.{0..3}.self_attn.{q,k}_proj.lora_{A,B}.default.weight",
        "layers.{0..3}.mlp.{gate,up}_proj.lora_{A,B}.default.weight",
    ]


def test_a_single_layer_keeps_its_name() -> None:
    assert fold_names(["model.layers.3.mlp.up_proj.weight"]) == [
        "model.layers.3.mlp.up_proj.weight"
    ]


def test_what_trains_is_told_with_its_count() -> None:
    assert describe_trained(Two(), ["trained"]) == [
        "3 parameters train in 1 tensors (42.86% of the model):",
        "  trained",
    ]


def test_a_run_says_before_it_begins_what_trains(make_recipe: MakeRecipe) -> None:
    said: list[str] = []
    steps: list[int] = []

    def announce(line: str) -> None:
        if "parameters train" in line:
            assert not steps
        said.append(line)

    train(
        make_recipe(tune="lora", epochs=0.3),
        announce=announce,
        progress=lambda done, total, words: steps.append(done),
    )
    layers = "base_model.model.model.language_model.layers.{0..3}"
    assert f"  {layers}.self_attn.{{k,o,q,v}}_proj.lora_{{A,B}}.default.weight" in said
    assert f"  {layers}.mlp.{{down,gate,up}}_proj.lora_{{A,B}}.default.weight" in said


# Bits


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float64, torch.uint8])
def test_a_checksum_tells_one_changed_bit_and_another_order(dtype: torch.dtype) -> None:
    tensor = torch.arange(1000).to(dtype)
    same, flipped, turned = tensor.clone(), tensor.clone(), tensor.flip(0)
    width = {1: torch.uint8, 2: torch.int16, 4: torch.int32, 8: torch.int64}[tensor.element_size()]
    flipped.view(width)[500] ^= 1
    assert checksum(same) == checksum(tensor)
    assert checksum(flipped) != checksum(tensor)
    assert checksum(turned) != checksum(tensor)


def test_a_frozen_weight_that_moved_by_a_bit_ends_the_run() -> None:
    model = Two()
    before = Snapshot.of(model)
    with torch.no_grad():
        model.trained += 1
        model.frozen[2] = torch.nextafter(model.frozen[2], torch.tensor(9.0))
    with pytest.raises(TrainingError, match=r"1 weights that should be frozen .* such as frozen"):
        before.compare(model, steps=2)


def test_weights_that_never_moved_end_the_run() -> None:
    model = Two()
    with pytest.raises(TrainingError, match="none of the 1 trained weights has moved"):
        Snapshot.of(model).compare(model, steps=2)


def test_a_single_step_of_a_warm_up_may_move_nothing() -> None:
    model = Two()
    assert Snapshot.of(model).compare(model, steps=1) == (0, 1)


@pytest.mark.parametrize("tune", ["lora", "layers"])
def test_a_run_counts_what_moved(make_recipe: MakeRecipe, tune: str) -> None:
    results = train(make_recipe(tune=tune)).results
    assert results["moved_tensors"] == results["trained_tensors"] == (56 if tune == "lora" else 28)


def test_a_tower_that_trains_by_mistake_is_noticed_at_the_end(
    make_recipe: MakeRecipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = DialogueTrainer.training_step

    def damage(self: DialogueTrainer, model: torch.nn.Module, *rest: object) -> torch.Tensor:
        with torch.no_grad():
            self.model.model.video_tower.embeddings.class_embedding[0] += 1e-3
        return step(self, model, *rest)

    monkeypatch.setattr(DialogueTrainer, "training_step", damage)
    recipe = make_recipe()
    with pytest.raises(TrainingError, match=r"frozen have changed, such as .*video_tower"):
        train(recipe)
    assert not (recipe.out / "model").exists()


# The rehearsal


def test_a_rehearsal_leaves_nothing_behind() -> None:
    model = Two()
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    rehearse(lambda: (model.trained * torch.rand(3)).sum(), model, "clip/1")
    assert model.trained.grad is None
    assert torch.equal(torch.rand(1), expected)


def test_memory_that_does_not_suffice_is_said_with_the_record() -> None:
    def run() -> torch.Tensor:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.\nmore")

    with pytest.raises(TrainingError, match=r"clip/7, does not fit .*2\.00 GiB\.") as caught:
        rehearse(run, Two(), "clip/7")
    assert "qlora" in caught.value.remedy


def test_a_record_that_teaches_no_weight_is_said() -> None:
    model = Two()
    with pytest.raises(TrainingError, match="gives no weight a gradient"):
        rehearse(lambda: (model.trained * 0).sum(), model, "clip/7")


def test_out_of_memory_comes_before_the_first_step_and_on_the_longest_record(
    make_recipe: MakeRecipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    from physprior.train import trainer

    lengths: list[int] = []
    real = trainer.token_losses

    def small_card(model: object, inputs: dict[str, torch.Tensor], video: object) -> object:
        lengths.append(int(inputs["attention_mask"].sum(dim=1).max()))
        raise torch.OutOfMemoryError("CUDA out of memory.")

    monkeypatch.setattr(trainer, "token_losses", small_card)
    with pytest.raises(TrainingError, match="does not fit"):
        train(make_recipe())
    monkeypatch.setattr(trainer, "token_losses", real)
    seen: list[int] = []

    def measure(model: object, inputs: dict[str, torch.Tensor], video: object) -> object:
        seen.append(int(inputs["attention_mask"].sum(dim=1).max()))
        return real(model, inputs, video)

    monkeypatch.setattr(trainer, "token_losses", measure)
    train(make_recipe())
    assert lengths == [max(seen)]


def test_a_loss_that_is_no_number_names_its_records(
    make_recipe: MakeRecipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    from physprior.train import trainer

    real = trainer.token_losses
    recipe = make_recipe()
    calls: list[int] = []
    named: list[str] = []

    def spoil(model: object, inputs: dict[str, torch.Tensor], video: object) -> object:
        tokens = real(model, inputs, video)
        calls.append(1)
        if len(calls) == 4:  # the rehearsal, two steps, and then this one
            tokens.losses[1] = float("nan")
            named.append(str(int(inputs["sample"][1])))
        return tokens

    monkeypatch.setattr(trainer, "token_losses", spoil)
    with pytest.raises(TrainingError, match="not a number at step 3, for clip/") as caught:
        train(recipe)
    from physprior.dataset.folder import Dataset

    records = Dataset.open(recipe.dataset).records("train")
    assert caught.value.message.endswith(records[int(named[0])].id)

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from physprior.dialogue import Templates
from physprior.errors import TrainingError
from physprior.knowledge.load import KnowledgeBase
from physprior.vlm.checkpoint import load_checkpoint
from physprior.vlm.trainable import add_lora, assert_trainable, hold_in_float32, select_layers

PROJECTIONS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
LAYERS = 4


def test_layers_trains_exactly_attention_and_feed_forward_of_the_language_model(
    tiny_base: Path,
) -> None:
    model = load_checkpoint(tiny_base).model
    select_layers(model)
    names = assert_trainable(model, "layers")
    assert len(names) == LAYERS * len(PROJECTIONS)
    assert all(name.startswith("model.language_model.layers.") for name in names)
    assert {name.split(".")[-2] for name in names} == set(PROJECTIONS)


def test_lora_adapts_exactly_those_layers_and_freezes_all_else(tiny_base: Path) -> None:
    model = add_lora(load_checkpoint(tiny_base).model, rank=4, alpha=8, dropout=0.0)
    names = assert_trainable(model, "lora")
    assert len(names) == 2 * LAYERS * len(PROJECTIONS)
    assert all(".language_model.layers." in name and ".lora_" in name for name in names)
    assert not [name for name in names if "tower" in name or "projector" in name]


@pytest.mark.parametrize("tune", ["layers", "lora"])
def test_layers_from_the_input_on_can_stay_frozen(tiny_base: Path, tune: str) -> None:
    model = load_checkpoint(tiny_base).model
    if tune == "layers":
        select_layers(model, frozen_layers=3)
    else:
        model = add_lora(model, rank=4, alpha=8, dropout=0.0, frozen_layers=3)
    names = assert_trainable(model, tune, frozen_layers=3)
    assert len(names) == len(PROJECTIONS) * (1 if tune == "layers" else 2)
    assert all(".layers.3." in name for name in names)
    with pytest.raises(TrainingError, match="do not train that should"):
        assert_trainable(model, tune)


def test_that_no_layer_is_left_is_said(tiny_base: Path) -> None:
    with pytest.raises(TrainingError, match="has 4 language layers, and frozen_layers: 4 leaves"):
        select_layers(load_checkpoint(tiny_base).model, frozen_layers=4)


@pytest.mark.parametrize("tune", ["layers", "lora"])
def test_a_stray_parameter_is_named(tiny_base: Path, tune: str) -> None:
    model = load_checkpoint(tiny_base).model
    if tune == "layers":
        select_layers(model)
    else:
        model = add_lora(model, rank=4, alpha=8, dropout=0.0)
    stray = next(name for name, _ in model.named_parameters() if "multi_modal_projector" in name)
    dict(model.named_parameters())[stray].requires_grad_(True)
    with pytest.raises(TrainingError, match="multi_modal_projector"):
        assert_trainable(model, tune)


@pytest.mark.parametrize("tune", ["layers", "lora"])
def test_a_weight_that_trains_in_half_precision_is_named(tiny_base: Path, tune: str) -> None:
    model = load_checkpoint(tiny_base).model
    if tune == "layers":
        select_layers(model)
    else:
        model = add_lora(model, rank=4, alpha=8, dropout=0.0)
    name, weight = next(one for one in model.named_parameters() if one[1].requires_grad)
    weight.data = weight.data.bfloat16()
    with pytest.raises(TrainingError, match=f"1 trained weights are not float32, such as {name}"):
        assert_trainable(model, tune)
    hold_in_float32(model)
    assert_trainable(model, tune)


def test_a_layer_that_should_train_and_does_not_is_named(tiny_base: Path) -> None:
    model = load_checkpoint(tiny_base).model
    select_layers(model)
    model.model.language_model.layers[2].mlp.up_proj.weight.requires_grad_(False)
    with pytest.raises(TrainingError, match=r"layers\.2\.mlp\.up_proj"):
        assert_trainable(model, "layers")


def test_the_base_is_the_same_for_the_same_seed(
    tmp_path: Path, tiny_base: Path, kb: KnowledgeBase, templates: Templates
) -> None:
    from physprior.vlm.tiny import make_tiny

    known = kb.only(("ball", "clip", "fan", "slide"))
    again = make_tiny(tmp_path / "again", known, templates)
    other = make_tiny(tmp_path / "other", known, templates, seed=1)
    weights = [load_checkpoint(folder).model.state_dict() for folder in (tiny_base, again, other)]
    name = "model.language_model.layers.0.mlp.up_proj.weight"
    assert all(torch.equal(weights[0][key], weights[1][key]) for key in weights[0])
    assert not torch.equal(weights[0][name], weights[2][name])

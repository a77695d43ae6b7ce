"""The other ways to step that bench/gpu_train.py tries: the same step, and undone after."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from trained import trainer_of

from physprior.train.recipe import Recipe
from physprior.train.trainer import DialogueTrainer
from physprior.vlm.checkpoint import load_checkpoint

MakeRecipe = Callable[..., Recipe]
BENCH = Path(__file__).parents[2] / "bench"
HERE = ("eager", "sdpa_flash", "sdpa_math", "compiled", "trl_head")
"""What a CPU can do, too."""


@pytest.fixture
def variants(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(BENCH)
    import gpu_variants

    return gpu_variants


@pytest.fixture
def trainer(make_recipe: MakeRecipe, tiny_base: Path) -> DialogueTrainer:
    return trainer_of(make_recipe(), load_checkpoint(tiny_base))


def loss_and_gradient(trainer: DialogueTrainer) -> tuple[float, torch.Tensor]:
    batch = trainer._batch([0, 1, 2])
    count = (batch["labels"][:, 1:] >= 0).sum()
    trainer.model.zero_grad()
    loss = trainer.compute_loss(trainer.model, batch, num_items_in_batch=count)
    loss.backward()
    trained: list[Any] = [one for one in trainer.model.parameters() if one.grad is not None]
    return loss.item(), torch.cat([one.grad.flatten() for one in trained])


@pytest.mark.parametrize("name", HERE)
def test_it_is_the_same_step_taken_otherwise(
    variants: Any, trainer: DialogueTrainer, name: str
) -> None:
    loss, gradient = loss_and_gradient(trainer)
    with variants.varied(name, trainer):
        other_loss, other = loss_and_gradient(trainer)
    assert other_loss == pytest.approx(loss, rel=1e-5)
    assert torch.allclose(other, gradient, atol=1e-5 * float(gradient.abs().max()))
    again, after = loss_and_gradient(trainer)
    assert again == loss
    assert torch.equal(after, gradient)


def test_attention_is_set_and_set_back(variants: Any, trainer: DialogueTrainer) -> None:
    def set_to() -> str:
        return str(trainer.model.config.text_config._attn_implementation)

    before = set_to()
    assert before != "eager"
    with variants.varied("eager", trainer):
        assert set_to() == "eager"
    assert set_to() == before


def test_each_language_layer_is_compiled(variants: Any, trainer: DialogueTrainer) -> None:
    from torch._dynamo.utils import counters

    torch._dynamo.reset()
    counters.clear()
    layers = trainer.model.get_decoder().layers
    with variants.varied("compiled", trainer):
        loss_and_gradient(trainer)
        assert counters["stats"]["unique_graphs"] > 0
        assert not counters["graph_break"]
        assert all(layer._compiled_call_impl is not None for layer in layers)
    assert all(layer._compiled_call_impl is None for layer in layers)


@pytest.mark.skipif(torch.cuda.is_available(), reason="a card may have them")
@pytest.mark.parametrize("name", ["sdpa_cudnn", "sdpa_efficient", "flash_attention_2"])
def test_a_way_that_this_machine_has_not_is_told_as_such(
    variants: Any, trainer: DialogueTrainer, name: str
) -> None:
    with pytest.raises(variants.NotHereError), variants.varied(name, trainer):
        loss_and_gradient(trainer)
    assert trainer.model.config.text_config._attn_implementation != "flash_attention_2"


def test_a_fault_is_no_way_that_is_lacking(variants: Any, trainer: DialogueTrainer) -> None:
    with pytest.raises(RuntimeError, match="sizes"), variants.varied("sdpa_math", trainer):
        raise RuntimeError("sizes of tensors must match")

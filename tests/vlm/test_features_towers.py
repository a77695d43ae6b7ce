from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from physprior.errors import TrainingError
from physprior.vlm.checkpoint import Checkpoint, load_checkpoint
from physprior.vlm.features import release_towers
from physprior.vlm.trainable import add_lora, assert_trainable, select_layers
from physprior.vlm.video_inputs import bare, pixels, tower_features, video_inputs

Tokens = dict[str, torch.Tensor]


@pytest.fixture
def checkpoint(own_checkpoint: Checkpoint) -> Checkpoint:
    return own_checkpoint


@pytest.fixture
def features(checkpoint: Checkpoint, frames: torch.Tensor) -> torch.Tensor:
    values = pixels(checkpoint.model, checkpoint.image_processor, frames)
    return tower_features(checkpoint.model.model, values).unflatten(0, frames.shape[:2])


def tuned(checkpoint: Checkpoint, tune: str) -> Any:
    if tune == "layers":
        select_layers(checkpoint.model)
        return checkpoint.model
    return add_lora(checkpoint.model, rank=4, alpha=8, dropout=0.0)


def step(model: Any, tokens: Tokens, video: dict[str, Any]) -> None:
    model.train()
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    model(**tokens, **video, use_cache=False).loss.backward()
    torch.optim.SGD(weights, lr=0.5).step()
    model.eval()


@pytest.mark.parametrize("tune", ["lora", "layers"])
def test_what_trains_is_the_same_and_nothing_of_a_tower_is_left(
    checkpoint: Checkpoint, tune: str
) -> None:
    model = tuned(checkpoint, tune)
    trained = assert_trainable(model, tune)
    weights = {name: weight for name, weight in model.named_parameters() if "tower" in name}
    assert weights
    release_towers(model)
    assert assert_trainable(model, tune) == trained
    left = {id(one) for one in (*model.parameters(), *model.buffers())}
    assert not left & {id(weight) for weight in weights.values()}
    assert not [name for name in model.state_dict() if "tower" in name]


@pytest.mark.parametrize("tune", ["lora", "layers"])
def test_the_towers_can_be_released_before_the_model_is_tuned(
    checkpoint: Checkpoint, tune: str
) -> None:
    release_towers(checkpoint.model)
    assert assert_trainable(tuned(checkpoint, tune), tune)


@pytest.mark.parametrize("tune", ["lora", "layers"])
def test_a_model_without_towers_learns_with_gradient_checkpointing(
    checkpoint: Checkpoint, tokens: Tokens, features: torch.Tensor, tune: str
) -> None:
    model = tuned(checkpoint, tune)
    release_towers(model)
    bare(model).activation_checkpointing_enable({"use_reentrant": False})
    bare(model).enable_input_require_grads()
    video = video_inputs(model, checkpoint.image_processor, features=features)
    before = model(**tokens, **video).loss.detach()
    step(model, tokens, video)
    assert model(**tokens, **video).loss < before - 0.01


def test_an_adapter_is_saved_without_towers_and_fits_the_whole_base(
    checkpoint: Checkpoint,
    tokens: Tokens,
    features: torch.Tensor,
    tiny_base: Path,
    tmp_path: Path,
) -> None:
    from peft import PeftModel

    model = tuned(checkpoint, "lora")
    release_towers(model)
    video = video_inputs(model, checkpoint.image_processor, features=features)
    for _ in range(2):  # The first one moves lora_B alone.
        step(model, tokens, video)
    model.save_pretrained(tmp_path)
    loaded = PeftModel.from_pretrained(load_checkpoint(tiny_base).model, str(tmp_path))
    with torch.no_grad():
        saved, read = model(**tokens, **video).logits, loaded.eval()(**tokens, **video).logits
    assert torch.equal(saved, read)


def test_a_checkpoint_is_saved_whole_once_the_towers_are_back(
    checkpoint: Checkpoint,
    tokens: Tokens,
    features: torch.Tensor,
    tmp_path: Path,
) -> None:
    whole = {name: one.clone() for name, one in checkpoint.model.state_dict().items()}
    model = tuned(checkpoint, "layers")
    towers = release_towers(model)
    step(model, tokens, video_inputs(model, checkpoint.image_processor, features=features))
    with towers.restored():
        for part in (model, checkpoint.tokenizer, checkpoint.image_processor):
            part.save_pretrained(tmp_path)
        expected = {name: one.clone() for name, one in model.state_dict().items()}
    assert not [name for name in model.state_dict() if "tower" in name]
    found = load_checkpoint(tmp_path).model.state_dict()
    assert found.keys() == expected.keys() == whole.keys()
    assert all(torch.equal(found[name], expected[name]) for name in found)
    moved = [name for name in found if not torch.equal(found[name], whole[name])]
    assert moved
    assert all(".language_model.layers." in name for name in moved)


def test_weights_that_were_gathered_elsewhere_are_saved_with_the_towers_own(
    checkpoint: Checkpoint, tmp_path: Path
) -> None:
    model = checkpoint.model
    whole = {name: one.clone() for name, one in model.state_dict().items()}
    towers = release_towers(model)
    gathered = {name: one.clone() for name, one in model.state_dict().items()}
    model.save_pretrained(tmp_path, state_dict=gathered | towers.state_dict())
    for part in (checkpoint.tokenizer, checkpoint.image_processor):
        part.save_pretrained(tmp_path)
    found = load_checkpoint(tmp_path).model.state_dict()
    assert found.keys() == whole.keys()
    assert all(torch.equal(found[name], whole[name]) for name in whole)


def test_restored_towers_are_on_the_cpu_and_see_frames_again(
    checkpoint: Checkpoint, tokens: Tokens, frames: torch.Tensor
) -> None:
    model, processor = checkpoint.model, checkpoint.image_processor
    with torch.no_grad():
        before = model(**tokens, **video_inputs(model, processor, frames=frames)).logits
        towers = release_towers(model)
        towers.restore()
        after = model(**tokens, **video_inputs(model, processor, frames=frames)).logits
    assert torch.equal(before, after)
    assert {weight.device.type for weight in model.model.image_tower.parameters()} == {"cpu"}


def test_towers_are_released_once(checkpoint: Checkpoint) -> None:
    release_towers(checkpoint.model)
    with pytest.raises(TrainingError, match="taken off"):
        release_towers(checkpoint.model)

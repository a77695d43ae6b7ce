from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from physprior.errors import TrainingError
from physprior.vlm.checkpoint import Checkpoint
from physprior.vlm.features import release_towers
from physprior.vlm.frames import normalise
from physprior.vlm.trainable import add_lora, select_layers
from physprior.vlm.video_inputs import bare, pixels, tower_features, video_inputs

Tokens = dict[str, torch.Tensor]
Result = tuple[torch.Tensor, Tokens]
"""A loss, and the gradients by name."""


@pytest.fixture
def checkpoint(own_checkpoint: Checkpoint) -> Checkpoint:
    return own_checkpoint


@pytest.fixture
def plain(checkpoint: Checkpoint, frames: torch.Tensor) -> dict[str, Any]:
    """What the model is usually given."""
    return {"pixel_values_videos": normalise(frames.numpy(), checkpoint.image_processor)}


@pytest.fixture
def features(checkpoint: Checkpoint, frames: torch.Tensor) -> torch.Tensor:
    values = pixels(checkpoint.model, checkpoint.image_processor, frames)
    return tower_features(checkpoint.model.model, values).unflatten(0, frames.shape[:2])


def trained(checkpoint: Checkpoint, tune: str) -> Any:
    if tune == "layers":
        select_layers(checkpoint.model)
        return checkpoint.model.train()
    torch.manual_seed(0)
    model = add_lora(checkpoint.model, rank=4, alpha=8, dropout=0.1)
    with torch.no_grad():  # As drawn, one half of each adapter is zero, and so are gradients.
        for name, weight in model.named_parameters():
            if ".lora_B." in name:
                weight.normal_(std=0.02)
    return model.train()


def backward(model: Any, tokens: Tokens, video: dict[str, Any]) -> Result:
    model.zero_grad()
    torch.manual_seed(1)  # The adapters' dropout.
    loss = model(**tokens, **video, use_cache=False).loss
    loss.backward()
    gradients = {
        name.removeprefix("module.").replace("_fsdp_wrapped_module.", ""): weight.grad.clone()
        for name, weight in model.named_parameters()
        if weight.requires_grad
    }
    return loss.detach(), gradients


def assert_same(one: Result, other: Result) -> None:
    assert torch.equal(one[0], other[0])
    assert one[1].keys() == other[1].keys()
    assert all(torch.equal(one[1][name], other[1][name]) for name in one[1])
    assert any(gradient.any() for gradient in one[1].values())


@pytest.fixture
def process_group(tmp_path: Path) -> Iterator[None]:
    """This process as the only one of a group, as a launcher would start it."""
    import torch.distributed as dist

    store = dist.FileStore(str(tmp_path / "store"), 1)
    dist.init_process_group("gloo", store=store, rank=0, world_size=1)
    yield
    dist.destroy_process_group()


def test_loss_and_logits_are_those_of_plain_pixels_to_the_bit(
    checkpoint: Checkpoint, tokens: Tokens, frames: torch.Tensor, plain: dict[str, Any]
) -> None:
    model = checkpoint.model
    with torch.no_grad():
        expected = model(**tokens, **plain)
        video = video_inputs(model, checkpoint.image_processor, frames=frames)
        found = model(**tokens, **video)
    assert torch.equal(found.logits, expected.logits)
    assert torch.equal(found.loss, expected.loss)


def test_another_video_gives_another_loss(
    checkpoint: Checkpoint, tokens: Tokens, frames: torch.Tensor
) -> None:
    model = checkpoint.model
    with torch.no_grad():
        one, other = (
            model(**tokens, **video_inputs(model, checkpoint.image_processor, frames=given)).loss
            for given in (frames, frames.flip(0))
        )
    assert one != other


@pytest.mark.parametrize("tune", ["lora", "layers"])
def test_gradients_are_those_of_plain_pixels_to_the_bit(
    checkpoint: Checkpoint, tokens: Tokens, frames: torch.Tensor, plain: dict[str, Any], tune: str
) -> None:
    model = trained(checkpoint, tune)
    expected = backward(model, tokens, plain)
    video = video_inputs(model, checkpoint.image_processor, frames=frames)
    assert_same(backward(model, tokens, video), expected)


@pytest.mark.parametrize("tune", ["lora", "layers"])
def test_gradient_checkpointing_changes_nothing_and_reaches_no_tower(
    checkpoint: Checkpoint, tokens: Tokens, frames: torch.Tensor, plain: dict[str, Any], tune: str
) -> None:
    model = trained(checkpoint, tune)
    expected = backward(model, tokens, plain)
    bare(model).activation_checkpointing_enable({"use_reentrant": False})
    bare(model).enable_input_require_grads()
    video = video_inputs(model, checkpoint.image_processor, frames=frames)
    assert not video["mm_encoder_outputs"]["video"].pooler_output.requires_grad
    assert_same(backward(model, tokens, video), expected)


def test_generated_tokens_are_those_of_plain_pixels(
    checkpoint: Checkpoint,
    tokens: Tokens,
    frames: torch.Tensor,
    plain: dict[str, Any],
    features: torch.Tensor,
) -> None:
    model, processor = checkpoint.model, checkpoint.image_processor
    start = tokens["input_ids"][:, :60]

    def answer(video: dict[str, Any]) -> list[list[int]]:
        ids = model.generate(
            input_ids=start,
            attention_mask=torch.ones_like(start),
            max_new_tokens=12,
            do_sample=False,
            **video,
        )
        answers: list[list[int]] = ids[:, 60:].tolist()
        return answers

    expected = answer(plain)
    assert answer(video_inputs(model, processor, frames=frames)) == expected
    assert answer(video_inputs(model, processor, features=features)) == expected


def test_features_give_the_loss_of_their_frames(
    checkpoint: Checkpoint, tokens: Tokens, plain: dict[str, Any], features: torch.Tensor
) -> None:
    model = checkpoint.model
    with torch.no_grad():
        expected = model(**tokens, **plain).loss
        whole, half = (
            model(**tokens, **video_inputs(model, checkpoint.image_processor, features=given)).loss
            for given in (features, features.half())
        )
    assert torch.equal(whole, expected)
    assert abs(half - expected) < 1e-3


def test_a_model_in_bfloat16_takes_frames_and_half_precision_features(
    checkpoint: Checkpoint, tokens: Tokens, frames: torch.Tensor
) -> None:
    model, processor = checkpoint.model.bfloat16(), checkpoint.image_processor
    values = pixels(model, processor, frames)
    kept = tower_features(model.model, values).unflatten(0, frames.shape[:2]).half()
    with torch.no_grad():
        expected = model(**tokens, **video_inputs(model, processor, frames=frames)).logits
        found = model(**tokens, **video_inputs(model, processor, features=kept)).logits
    assert values.dtype is expected.dtype is torch.bfloat16
    assert torch.equal(found, expected)  # Of this size, float16 holds all that bfloat16 does.


def test_several_layers_of_the_tower_are_read_as_the_model_reads_them(
    checkpoint: Checkpoint, tokens: Tokens, frames: torch.Tensor, plain: dict[str, Any]
) -> None:
    from transformers import VideoLlavaConfig, VideoLlavaForConditionalGeneration

    settings = {**checkpoint.model.config.to_dict(), "vision_feature_layer": [-2, -1]}
    torch.manual_seed(0)
    model = VideoLlavaForConditionalGeneration(VideoLlavaConfig.from_dict(settings)).eval()
    values = pixels(model, checkpoint.image_processor, frames)
    kept = tower_features(model.model, values).unflatten(0, frames.shape[:2])
    assert kept.shape[-1] == 2 * model.config.vision_config.hidden_size
    with torch.no_grad():
        expected = model(**tokens, **plain).logits
        video = video_inputs(model, checkpoint.image_processor, features=kept)
        assert torch.equal(model(**tokens, **video).logits, expected)
        release_towers(model)
        in_the_forward = model(**tokens, pixel_values_videos=kept.unsqueeze(2)).logits
    assert torch.equal(in_the_forward, expected)


@pytest.mark.parametrize("tune", ["lora", "layers"])
@pytest.mark.usefixtures("process_group")
def test_a_model_in_ddp_gives_the_same(
    checkpoint: Checkpoint, tokens: Tokens, frames: torch.Tensor, plain: dict[str, Any], tune: str
) -> None:
    from torch.nn.parallel import DistributedDataParallel

    model = trained(checkpoint, tune)
    expected = backward(model, tokens, plain)
    wrapped = DistributedDataParallel(model)
    video = video_inputs(wrapped, checkpoint.image_processor, frames=frames)
    assert "mm_encoder_outputs" in video
    assert_same(backward(wrapped, tokens, video), expected)


def fsdp_1(model: Any) -> Any:
    from torch.distributed.fsdp import FullyShardedDataParallel
    from torch.distributed.fsdp.wrap import ModuleWrapPolicy

    layer = type(bare(model).model.language_model.layers[0])
    return FullyShardedDataParallel(
        model,
        auto_wrap_policy=ModuleWrapPolicy({layer}),
        use_orig_params=True,
        device_id=torch.device("cpu"),
    )


def fsdp_2(model: Any) -> Any:
    from torch.distributed.device_mesh import init_device_mesh
    from torch.distributed.fsdp import fully_shard

    mesh = init_device_mesh("cpu", (1,))
    for layer in bare(model).model.language_model.layers:
        fully_shard(layer, mesh=mesh)
    return fully_shard(model, mesh=mesh)


@pytest.mark.parametrize("shard", [fsdp_1, fsdp_2])
@pytest.mark.parametrize("given", ["frames", "features"])
@pytest.mark.usefixtures("process_group")
def test_a_sharded_model_is_given_its_videos_through_its_forward(
    checkpoint: Checkpoint,
    tokens: Tokens,
    frames: torch.Tensor,
    plain: dict[str, Any],
    features: torch.Tensor,
    shard: Any,
    given: str,
) -> None:
    model = trained(checkpoint, "lora")
    expected = backward(model, tokens, plain)
    if given == "features":
        release_towers(model)
    bare(model).enable_input_require_grads()
    wrapped = shard(model)
    chosen = {given: {"frames": frames, "features": features}[given]}
    video = video_inputs(wrapped, checkpoint.image_processor, **chosen)
    assert "mm_encoder_outputs" not in video
    reached = []
    bare(wrapped).model.multi_modal_projector.register_forward_hook(
        lambda module, inputs, output: reached.append(output.requires_grad)
    )
    loss, gradients = backward(wrapped, tokens, video)
    assert reached == [False]
    assert torch.equal(loss, expected[0])
    whole = {
        name: one.full_tensor()
        if hasattr(one, "full_tensor")
        else one.view(expected[1][name].shape)
        for name, one in gradients.items()
    }
    assert_same((loss, whole), expected)


@pytest.mark.usefixtures("process_group")
def test_a_sharded_model_that_holds_its_towers_refuses_features(
    checkpoint: Checkpoint, features: torch.Tensor
) -> None:
    wrapped = fsdp_2(trained(checkpoint, "layers"))
    with pytest.raises(TrainingError, match="only once its vision towers are off"):
        video_inputs(wrapped, checkpoint.image_processor, features=features)


def test_a_model_without_towers_refuses_frames(
    checkpoint: Checkpoint, frames: torch.Tensor
) -> None:
    release_towers(checkpoint.model)
    with pytest.raises(TrainingError, match="taken off this model"):
        video_inputs(checkpoint.model, checkpoint.image_processor, frames=frames)


def test_frames_and_features_exclude_each_other(
    checkpoint: Checkpoint, frames: torch.Tensor, features: torch.Tensor
) -> None:
    for given in ({}, {"frames": frames, "features": features}):
        with pytest.raises(TypeError, match="either frames or features"):
            video_inputs(checkpoint.model, checkpoint.image_processor, **given)


def test_what_holds_no_video_llava_is_refused() -> None:
    with pytest.raises(TypeError, match="no Video-LLaVA in a Linear"):
        bare(torch.nn.Linear(1, 1))

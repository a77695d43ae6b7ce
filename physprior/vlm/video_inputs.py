"""Videos as a Video-LLaVA's forward takes them: from prepared frames, or from cached features.

Vision tower and projector are frozen, so they run here, without gradients, and not in the forward:
gradient checkpointing asks for gradients of every input, and would keep activations of the tower.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from physprior.errors import TrainingError
from physprior.vlm.frames import normalise


def video_inputs(
    model: Any,
    image_processor: Any,
    *,
    frames: torch.Tensor | None = None,
    features: torch.Tensor | None = None,
) -> dict[str, Any]:
    """Keyword arguments for the forward or ``generate`` of ``model``: bare, or wrapped by PEFT, DDP
    or FSDP. Give one of ``frames`` (batch, frames, 3, side, side) uint8 and ``features`` (batch,
    frames, tokens, hidden), the video tower's output before the projector.

    What the projector makes of them goes in as ``mm_encoder_outputs``; loss and answers are those
    of ``pixel_values_videos``. Where the weights are sharded (FSDP, ZeRO-3) only the forward itself
    may gather them: it is then given ``pixel_values_videos``, for features through CachedFeatures
    in the tower's place. Raises TrainingError where the tower that is needed is not there.
    """
    if (frames is None) == (features is None):
        raise TypeError("video_inputs takes either frames or features")
    core = bare(model).model
    if frames is not None:
        return _of_frames(core, model, pixels(model, image_processor, frames))
    assert features is not None
    return _of_features(core, model, features)


def pixels(model: Any, image_processor: Any, frames: torch.Tensor) -> torch.Tensor:
    """``pixel_values_videos`` of prepared frames, on the device and in the dtype of the tower.

    Raises TrainingError where the towers were taken off the model.
    """
    tower = bare(model).model.video_tower
    if isinstance(tower, CachedFeatures):
        raise TrainingError(
            "the vision towers were taken off this model, which can only be given features",
            remedy="load the model again, or train from cached features throughout",
        )
    weight = next(tower.parameters())
    return normalise(frames.to(weight.device), image_processor).to(weight.dtype)


def bare(model: Any) -> Any:
    """The Video-LLaVA inside its wrappers: PEFT's, DDP's, FSDP's, torch.compile's."""
    from transformers import VideoLlavaForConditionalGeneration

    while not isinstance(model, VideoLlavaForConditionalGeneration):
        modules = getattr(model, "_modules", {})
        if wrapped := [name for name in _WRAPPED if name in modules]:
            model = modules[wrapped[0]]
        elif hasattr(model, "get_base_model"):
            model = model.get_base_model()
        else:
            raise TypeError(f"there is no Video-LLaVA in a {type(model).__name__}")
    return model


_WRAPPED = ("module", "_fsdp_wrapped_module", "_orig_mod", "_checkpoint_wrapped_module")
"""What wrappers call the module inside: DDP and DeepSpeed, FSDP, torch.compile, checkpointing."""


class CachedFeatures(torch.nn.Module):
    """Stands where a vision tower stood, has no weights, and hands on features made before.

    Features come as pixels would, (batch · frames, 1, tokens, hidden), so that the model's own
    forward puts them through the projector.
    """

    def __init__(self, layers: int | list[int]) -> None:
        super().__init__()
        self.layers = [layers] if isinstance(layers, int) else list(layers)

    def forward(self, pixel_values: torch.Tensor, **_: Any) -> Any:
        """The features as those hidden states of a tower that the model reads."""
        from transformers.modeling_outputs import BaseModelOutputWithPooling

        pieces = pixel_values.squeeze(1).chunk(len(self.layers), dim=-1)
        states: Mapping[int, torch.Tensor] = dict(zip(self.layers, pieces, strict=True))
        return BaseModelOutputWithPooling(hidden_states=states)


def tower_features(core: Any, pixel_values: torch.Tensor) -> torch.Tensor:
    """What the projector is given: (batch · frames, tokens, hidden) of (batch, frames, 3, side,
    side), with the CLS token, of the layer that ``core.config`` names. ``core``: VideoLlavaModel.
    """
    layers = core.config.vision_feature_layer
    # A frozen tower is never in training: no dropout, and nothing computed again.
    tower = core.video_tower.eval()
    with torch.no_grad():
        states = tower(
            pixel_values.flatten(0, 1), return_dict=True, output_hidden_states=layers
        ).hidden_states
    if isinstance(layers, int):
        selected: torch.Tensor = states[layers]
        return selected
    return torch.cat([states[layer] for layer in layers], dim=-1)


def _of_frames(core: Any, model: Any, pixel_values: torch.Tensor) -> dict[str, Any]:
    if _is_sharded(model, core):
        _without_gradients(core)
        return {"pixel_values_videos": pixel_values}
    return _projected(core, tower_features(core, pixel_values))


def _of_features(core: Any, model: Any, features: torch.Tensor) -> dict[str, Any]:
    weight = next(core.multi_modal_projector.parameters())
    features = features.to(weight.device, weight.dtype)
    if not _is_sharded(model, core):
        return _projected(core, features.flatten(0, 1))
    if not isinstance(core.video_tower, CachedFeatures):
        raise TrainingError(
            "a sharded model takes features only once its vision towers are off",
            remedy="release the towers before the model is sharded",
        )
    _without_gradients(core)
    return {"pixel_values_videos": features.unsqueeze(2)}


@torch.no_grad()
def _projected(core: Any, features: torch.Tensor) -> dict[str, Any]:
    from transformers.modeling_outputs import BaseModelOutputWithPooling

    projected = core.multi_modal_projector(features)
    return {"mm_encoder_outputs": {"video": BaseModelOutputWithPooling(pooler_output=projected)}}


def _without_gradients(core: Any) -> None:
    # Here the forward runs tower and projector; they are to leave nothing for the backward pass.
    if "get_video_features" not in vars(core):
        core.get_video_features = torch.no_grad()(core.get_video_features)


def _is_sharded(model: Any, core: Any) -> bool:
    if not torch.distributed.is_available():
        return False
    from torch.distributed.fsdp import FSDPModule, FullyShardedDataParallel
    from torch.distributed.tensor import DTensor

    kinds = (FSDPModule, FullyShardedDataParallel)
    if isinstance(model, kinds) or any(isinstance(module, kinds) for module in core.modules()):
        return True
    weight = next(core.multi_modal_projector.parameters(), None)
    return isinstance(weight, DTensor) or hasattr(weight, "ds_id")

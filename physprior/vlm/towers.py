"""Training without the vision towers in memory: taking them off a model, and putting them back."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import Any

import torch
import xxhash

from physprior.errors import TrainingError
from physprior.vlm.video_inputs import CachedFeatures, bare

_NAMES = ("video_tower", "image_tower")
"""The second one is never used for video, and as large as the first."""

_LABELS = ("_name_or_path", "architectures", "dtype", "torch_dtype", "transformers_version")
"""Entries of a tower's config that say where it comes from and not what it does."""


class Towers:
    """The vision towers that were taken off a model; they lie in the computer's memory."""

    def __init__(self, model: Any) -> None:
        self._core = bare(model).model
        self._towers: dict[str, torch.nn.Module] = {
            name: getattr(self._core, name).to("cpu") for name in _NAMES
        }

    def restore(self) -> None:
        """Put the towers back, on the CPU, so that the whole model can be saved."""
        for name, tower in self._towers.items():
            setattr(self._core, name, tower)

    def release(self) -> None:
        """Take them off again."""
        for name in _NAMES:
            setattr(self._core, name, CachedFeatures(self._core.config.vision_feature_layer))

    @contextlib.contextmanager
    def restored(self) -> Iterator[None]:
        """Within it the towers are back."""
        self.restore()
        try:
            yield
        finally:
            self.release()

    def state_dict(self) -> dict[str, torch.Tensor]:
        """Their weights by the names that they have in the state dict of the whole Video-LLaVA.

        For saving a model whose other weights were gathered from several processes.
        """
        return {
            f"model.{name}.{key}": weight
            for name, tower in self._towers.items()
            for key, weight in tower.state_dict().items()
        }


def release_towers(model: Any) -> Towers:
    """Take both vision towers off a Video-LLaVA, bare or in PEFT's wrapper, and return them.

    From then on the model takes features alone, and no parameter of the towers is among
    ``model.parameters()`` or on its device. To be done before DDP or FSDP get the model. Raises
    TrainingError where they were taken off before.
    """
    _refuse_released(model)
    towers = Towers(model)
    towers.release()
    return towers


def tower_fingerprint(model: Any) -> str:
    """Recognises the video tower of a model by its config and every bit of its weights.

    The dtype counts, as a tower in bfloat16 gives other features. Raises TrainingError where the
    towers were taken off.
    """
    _refuse_released(model)
    tower = bare(model).model.video_tower
    config = {key: value for key, value in tower.config.to_dict().items() if key not in _LABELS}
    digest = xxhash.xxh3_128(json.dumps(config, sort_keys=True, default=str).encode())
    for name, weight in sorted(tower.named_parameters()):
        digest.update(f"{name} {weight.dtype} {tuple(weight.shape)}".encode())
        digest.update(weight.detach().cpu().contiguous().view(-1).view(torch.uint8).numpy())
    return digest.hexdigest()


def _refuse_released(model: Any) -> None:
    if isinstance(bare(model).model.video_tower, CachedFeatures):
        raise TrainingError(
            "the vision towers were taken off this model",
            remedy="report this: the feature cache is to be opened before they are",
        )

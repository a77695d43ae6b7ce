"""What trains: the language model's attention and feed-forward weights, and nothing else.

Paper section 3.4: vision tower and projector frozen, "we only update the parameters of the LLM
(specifically, the self-attention and feed-forward layers)". Layer norms, embeddings and the head
are neither, so they stay frozen too.
"""

from __future__ import annotations

import re
from typing import Any

import torch

from physprior.errors import TrainingError

LLM_LAYERS = (
    r".*language_model\.layers\.\d+\."
    r"(self_attn\.(q|k|v|o)_proj|mlp\.(gate|up|down)_proj)"
)
"""Module names of the weights that train. Leaf names alone would hit both vision towers too."""


def select_layers(model: Any, *, frozen_layers: int = 0) -> None:
    """Freeze everything but the language layers' weights (``tune: layers``), in float32.

    ``frozen_layers``: how many of the layers, counted from the input, are frozen too. Raises
    TrainingError where none is left.
    """
    wanted = re.compile(_trained_layers(model, frozen_layers) + r"\.weight")
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(wanted.fullmatch(name) is not None)
    hold_in_float32(model)


def add_lora(model: Any, *, rank: int, alpha: int, dropout: float, frozen_layers: int = 0) -> Any:
    """A PEFT model with LoRA in float32 on the language layers' projections (``tune: lora``).

    ``frozen_layers``: how many of the layers, counted from the input, get none. Raises
    TrainingError where none is left.
    """
    from peft import LoraConfig, get_peft_model

    config = LoraConfig(
        r=rank,
        lora_alpha=alpha,
        lora_dropout=dropout,
        target_modules=_trained_layers(model, frozen_layers),
        bias="none",
        task_type="CAUSAL_LM",
    )
    return get_peft_model(model, config, autocast_adapter_dtype=True)


def hold_in_float32(model: Any) -> None:
    """Make every weight that trains float32, whatever the base's dtype.

    In bfloat16 a step of less than 1/512 of a weight is rounded away. Call it again once TRL has
    the model: it takes the adapters of a quantised base to bfloat16.
    """
    for parameter in model.parameters():
        if parameter.requires_grad and parameter.dtype != torch.float32:
            parameter.data = parameter.data.float()


def assert_trainable(model: Any, tune: str, *, frozen_layers: int = 0) -> list[str]:
    """The names of the parameters that train. Raises TrainingError unless they are exactly the
    intended ones, in float32: every targeted projection of every layer that is not to be frozen,
    and nothing else.
    """
    trained = {name: weight for name, weight in model.named_parameters() if weight.requires_grad}
    intended = _intended(model, tune, frozen_layers)
    if not intended or trained.keys() != intended:
        stray = sorted(trained.keys() ^ intended)
        raise TrainingError(
            f"{len(stray)} parameters train that should not, or do not train that should, such as "
            f"{stray[0] if stray else 'every one: no language layer was found'}",
            remedy="use a Video-LLaVA checkpoint of the Hugging Face layout",
        )
    if rough := sorted(name for name in trained if trained[name].dtype != torch.float32):
        raise TrainingError(
            f"{len(rough)} trained weights are not float32, such as {rough[0]} "
            f"({trained[rough[0]].dtype})",
            remedy="report this: small steps would be rounded away",
        )
    return sorted(trained)


def _intended(model: Any, tune: str, frozen_layers: int) -> set[str]:
    wanted = re.compile(_trained_layers(model, frozen_layers))
    targets = [name for name, _ in model.named_modules() if wanted.fullmatch(name)]
    suffixes: tuple[str, ...] = ("weight",)
    if tune in ("lora", "qlora"):
        suffixes = ("lora_A.default.weight", "lora_B.default.weight")
    return {f"{name.removesuffix('.base_layer')}.{end}" for name in targets for end in suffixes}


def _trained_layers(model: Any, frozen: int) -> str:
    """LLM_LAYERS without the first ``frozen`` layers."""
    count = int(model.config.text_config.num_hidden_layers)
    if frozen >= count:
        raise TrainingError(
            f"the base has {count} language layers, and frozen_layers: {frozen} leaves none",
            remedy=f"set frozen_layers to at most {count - 1}",
        )
    if not frozen:
        return LLM_LAYERS
    return LLM_LAYERS.replace(r"\d+", f"({'|'.join(map(str, range(frozen, count)))})")

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


def select_layers(model: Any) -> None:
    """Freeze everything but the language layers' weights (``tune: layers``), in float32."""
    wanted = re.compile(LLM_LAYERS + r"\.weight")
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(wanted.fullmatch(name) is not None)
    hold_in_float32(model)


def add_lora(model: Any, *, rank: int, alpha: int, dropout: float) -> Any:
    """A PEFT model with LoRA in float32 on the language layers' projections (``tune: lora``)."""
    from peft import LoraConfig, get_peft_model

    config = LoraConfig(
        r=rank,
        lora_alpha=alpha,
        lora_dropout=dropout,
        target_modules=LLM_LAYERS,
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


def assert_trainable(model: Any, tune: str) -> list[str]:
    """The names of the parameters that train. Raises TrainingError unless they are exactly the
    intended ones, in float32: every targeted projection of every layer, and nothing else.
    """
    trained = {name: weight for name, weight in model.named_parameters() if weight.requires_grad}
    intended = _intended(model, tune)
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


def _intended(model: Any, tune: str) -> set[str]:
    targets = [name for name, _ in model.named_modules() if re.fullmatch(LLM_LAYERS, name)]
    suffixes: tuple[str, ...] = ("weight",)
    if tune in ("lora", "qlora"):
        suffixes = ("lora_A.default.weight", "lora_B.default.weight")
    return {f"{name.removesuffix('.base_layer')}.{end}" for name in targets for end in suffixes}

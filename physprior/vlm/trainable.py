"""What trains: the language model's attention and feed-forward weights, and nothing else.

Paper section 3.4: vision tower and projector frozen, "we only update the parameters of the LLM
(specifically, the self-attention and feed-forward layers)". Layer norms, embeddings and the head
are neither, so they stay frozen too.
"""

from __future__ import annotations

import re
from typing import Any

from physprior.errors import TrainingError

LLM_LAYERS = (
    r".*language_model\.layers\.\d+\."
    r"(self_attn\.(q|k|v|o)_proj|mlp\.(gate|up|down)_proj)"
)
"""Module names of the weights that train. Leaf names alone would hit both vision towers too."""


def select_layers(model: Any) -> None:
    """Freeze everything but the language layers' weights (``tune: layers``)."""
    wanted = re.compile(LLM_LAYERS + r"\.weight")
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(wanted.fullmatch(name) is not None)


def add_lora(model: Any, *, rank: int, alpha: int, dropout: float) -> Any:
    """A PEFT model with LoRA on the language layers' projections (``tune: lora``)."""
    from peft import LoraConfig, get_peft_model

    config = LoraConfig(
        r=rank,
        lora_alpha=alpha,
        lora_dropout=dropout,
        target_modules=LLM_LAYERS,
        bias="none",
        task_type="CAUSAL_LM",
    )
    return get_peft_model(model, config)


def assert_trainable(model: Any, tune: str) -> list[str]:
    """The names of the parameters that train. Raises TrainingError unless they are exactly the
    intended ones: every targeted projection of every layer, and nothing of any other module.
    """
    targets = [name for name, _ in model.named_modules() if re.fullmatch(LLM_LAYERS, name)]
    targets = [name.removesuffix(".base_layer") for name in targets]
    suffixes = {"layers": ("weight",), "lora": ("lora_A.default.weight", "lora_B.default.weight")}
    intended = {f"{name}.{suffix}" for name in targets for suffix in suffixes[tune]}
    found = {name for name, parameter in model.named_parameters() if parameter.requires_grad}
    if not intended or found != intended:
        stray = sorted(found ^ intended)
        raise TrainingError(
            f"{len(stray)} parameters train that should not, or do not train that should, such as "
            f"{stray[0] if stray else 'every one: no language layer was found'}",
            remedy="use a Video-LLaVA checkpoint of the Hugging Face layout",
        )
    return sorted(found)

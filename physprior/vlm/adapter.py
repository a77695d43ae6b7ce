"""Putting a saved LoRA adapter on its base, complete or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

from physprior.errors import CheckpointError

WEIGHTS = "adapter_model.safetensors"


def attach_adapter(
    model: Any, adapter: Path, *, trainable: bool = False, dropout: float | None = None
) -> Any:
    """A PEFT model: ``model`` with the adapter of a folder, its weights in float32.

    ``trainable``: to be trained further, with ``dropout`` before each adapter if it is given.
    Raises CheckpointError where the adapter cannot be loaded, or its weights are not exactly those
    that this base needs.
    """
    from peft import PeftModel, get_peft_model_state_dict

    try:
        config = adapter_config(adapter)
        if dropout is not None:
            config.lora_dropout = dropout
        peft_model = PeftModel.from_pretrained(
            model, str(adapter), is_trainable=trainable, config=config, autocast_adapter_dtype=True
        )
        with safe_open(adapter / WEIGHTS, "pt") as weights:
            held = set(weights.keys())
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        raise _damaged(adapter, error) from error
    # PEFT only warns of weights that are lacking, and leaves them as they were drawn.
    wanted = get_peft_model_state_dict(peft_model, save_embedding_layers=False)
    if stray := sorted(held ^ set(wanted)):
        raise CheckpointError(
            f"the adapter {adapter} does not fit its base: {len(stray)} weights are lacking or too "
            f"many, such as {stray[0]}",
            remedy="train again; the adapter is incomplete or damaged",
        )
    return peft_model


def adapter_config(adapter: Path) -> Any:
    """The LoraConfig of an adapter's folder. Raises CheckpointError where it cannot be read."""
    from peft import LoraConfig

    try:
        config = LoraConfig.from_pretrained(str(adapter))
    except (OSError, ValueError, TypeError) as error:
        raise _damaged(adapter, error) from error
    if not isinstance(config, LoraConfig):
        raise CheckpointError(f"{adapter} holds no LoRA adapter", remedy="train again")
    return config


def _damaged(adapter: Path, error: Exception) -> CheckpointError:
    said = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return CheckpointError(
        f"the adapter {adapter} cannot be loaded: {said}",
        remedy="train again; the adapter is incomplete or damaged",
    )

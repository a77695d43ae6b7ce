"""Other ways to take the same training step, each tried beside the shipped one.

eager               attention by plain products, in the language layers
flash_attention_2   attention by its package, where that is installed
sdpa_flash          torch's attention, held to one kernel: flash,
sdpa_efficient      the memory-efficient one,
sdpa_cudnn          cuDNN's,
sdpa_math           or plain products
compiled            each language layer compiled by torch, on its own
trl_head            TRL's head, which tiles the logits of taught tokens, and its loss
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from types import MethodType
from typing import Any

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel

from physprior.vlm.video_inputs import bare

_KERNELS = {
    "sdpa_flash": SDPBackend.FLASH_ATTENTION,
    "sdpa_efficient": SDPBackend.EFFICIENT_ATTENTION,
    "sdpa_cudnn": SDPBackend.CUDNN_ATTENTION,
    "sdpa_math": SDPBackend.MATH,
}
# What torch says on a card, and on a CPU.
_NO_KERNEL = ("No available kernel", "No viable backend")


class NotHereError(Exception):
    """This way cannot be gone on this machine; the message says why."""


def varied(variant: str, trainer: Any) -> AbstractContextManager[None]:
    """Within it, ``trainer`` takes its steps in this way; raises NotHereError where it cannot."""
    return _WAYS[variant](trainer)


@contextmanager
def _attending(implementation: str, trainer: Any) -> Iterator[None]:
    core = bare(trainer.model)
    before = core.config.text_config._attn_implementation
    try:
        core.set_attn_implementation({"text_config": implementation})
    except ImportError as error:
        raise NotHereError(f"{implementation} is not installed ({type(error).__name__})") from None
    try:
        yield
    finally:
        core.set_attn_implementation({"text_config": before})


@contextmanager
def _kernel(backend: SDPBackend, trainer: Any) -> Iterator[None]:  # noqa: ARG001 - as the others
    try:
        with sdpa_kernel(backend):
            yield
    except RuntimeError as error:
        if not any(words in str(error) for words in _NO_KERNEL):
            raise
        raise NotHereError("torch has no such kernel for this device and shape") from None


@contextmanager
def _compiled(trainer: Any) -> Iterator[None]:
    core = bare(trainer.model)
    layers = core.get_decoder().layers
    # On a CPU the script is tried, and a C++ compiler may be lacking: traced is enough.
    backend = "inductor" if core.device.type == "cuda" else "aot_eager"
    for layer in layers:
        layer.compile(backend=backend)
    try:
        yield
    finally:
        for layer in layers:
            layer._compiled_call_impl = None
        torch._dynamo.reset()


@contextmanager
def _trl_head(trainer: Any) -> Iterator[None]:
    trainer.compute_loss = MethodType(_loss_of_trl, trainer)
    try:
        yield
    finally:
        del trainer.compute_loss


def _loss_of_trl(
    trainer: Any,
    model: Any,
    inputs: dict[str, torch.Tensor],
    return_outputs: bool = False,
    num_items_in_batch: torch.Tensor | None = None,
) -> Any:
    """The mean of the taught tokens, as TRL's own trainer asks its head for it."""
    found = model(
        input_ids=inputs["input_ids"],
        attention_mask=None,
        labels=inputs["labels"],
        fused_lm_head=True,
        use_cache=False,
        **trainer._video(model, inputs),
    )
    taught = found.label_mask.sum() if num_items_in_batch is None else num_items_in_batch
    loss = -found.log_probs.sum() / taught
    return (loss, {}) if return_outputs else loss


_WAYS: dict[str, Callable[[Any], AbstractContextManager[None]]] = {
    "eager": partial(_attending, "eager"),
    "flash_attention_2": partial(_attending, "flash_attention_2"),
    **{name: partial(_kernel, backend) for name, backend in _KERNELS.items()},
    "compiled": _compiled,
    "trl_head": _trl_head,
}
VARIANTS = tuple(_WAYS)

"""One training step that is really run on the CPU, with every allocation measured by torch's
profiler: what the estimate is held against.
"""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Callable
from typing import Any

import torch

from physprior.train.estimate.memory import Load
from physprior.train.recipe import Recipe
from physprior.vlm.tokens import IGNORE


def measure_step(config: Any, recipe: Recipe, load: Load) -> int:
    """The most bytes that the second training step of a random model takes, its weights and the
    optimizer's state included; in float32, on the CPU.

    The first step makes the optimizer's state. Each row of the batch has ``load.tokens`` tokens, of
    which the last ``load.columns`` are taught.
    """
    from physprior.train.loss import token_losses
    from physprior.vlm.video_inputs import video_inputs

    model = _model(config, recipe)
    trained = [weight for weight in model.parameters() if weight.requires_grad]
    optimizer: torch.optim.Optimizer = torch.optim.AdamW(trained, lr=1e-4)
    if recipe.optimizer == "muon":
        optimizer = torch.optim.Muon(trained, lr=1e-4)
    batch = _batch(config, recipe, load)
    processor = _processor(config)

    def step() -> None:
        for _ in range(recipe.gradient_accumulation):
            video = video_inputs(model, processor, frames=batch["frames"])
            tokens = token_losses(model, batch, video)
            torch.autograd.backward(tokens.total / tokens.taught)
            del video, tokens
        torch.nn.utils.clip_grad_norm_(trained, recipe.max_grad_norm)
        optimizer.step()
        optimizer.zero_grad()

    step()
    held = [*model.parameters(), *model.buffers(), *batch.values(), *_state(optimizer)]
    return _bytes(held) + _peak_of(step)


def measure_validation(config: Any, recipe: Recipe, load: Load) -> int:
    """The most bytes that validating one batch takes, the model's weights included, but neither
    gradients nor an optimizer's state; in float32, on the CPU.
    """
    from physprior.train.loss import token_losses
    from physprior.vlm.score import score_labels
    from physprior.vlm.video_inputs import video_inputs

    model = _model(config, recipe).eval()
    batch = _batch(config, recipe, load)
    prefixes = batch["input_ids"].tolist()

    @torch.no_grad()
    def validate() -> None:
        video = video_inputs(model, _processor(config), frames=batch["frames"])
        token_losses(model, batch, video)
        score_labels(model, prefixes, ([5, 6], [5, 6, 7]), video)

    held = [*model.parameters(), *model.buffers(), *batch.values()]
    return _bytes(held) + _peak_of(validate)


def _state(optimizer: torch.optim.Optimizer) -> list[torch.Tensor]:
    return [
        value
        for state in optimizer.state.values()
        for value in state.values()
        if isinstance(value, torch.Tensor)
    ]


def _bytes(tensors: list[torch.Tensor]) -> int:
    storages = {tensor.untyped_storage().data_ptr(): tensor for tensor in tensors}
    return sum(tensor.untyped_storage().nbytes() for tensor in storages.values())


def _peak_of(work: Callable[[], None]) -> int:
    """The most that is allocated while something runs, beyond what was held before it."""
    # What earlier work left in cycles would be freed meanwhile, and counted as memory given back.
    gc.collect()
    with torch.profiler.profile(
        activities=[torch.profiler.ProfilerActivity.CPU], profile_memory=True
    ) as profiler:
        work()
    assert profiler.profiler is not None
    assert profiler.profiler.kineto_results is not None
    events = profiler.profiler.kineto_results.events()
    changes = [(event.start_ns(), event.nbytes()) for event in events if event.name() == "[memory]"]
    held = peak = 0
    for _, change in sorted(changes, key=lambda event: event[0]):
        held += change
        peak = max(peak, held)
    return peak


def _model(config: Any, recipe: Recipe) -> Any:
    from transformers import VideoLlavaForConditionalGeneration

    from physprior.vlm.trainable import add_lora, select_layers

    with contextlib.ExitStack() as stack:
        stack.enter_context(torch.random.fork_rng())
        torch.manual_seed(0)
        core = VideoLlavaForConditionalGeneration(config)
        if recipe.gradient_checkpointing:
            core.gradient_checkpointing_enable({"use_reentrant": False})
        if recipe.tune == "layers":
            select_layers(core, frozen_layers=recipe.frozen_layers)
            return core.train()
        model = add_lora(
            core,
            rank=recipe.lora_rank,
            alpha=recipe.lora_alpha,
            dropout=recipe.lora_dropout,
            frozen_layers=recipe.frozen_layers,
        )
    if recipe.gradient_checkpointing:
        model.enable_input_require_grads()
    return model.train()


def _batch(config: Any, recipe: Recipe, load: Load) -> dict[str, torch.Tensor]:
    from physprior.vlm.checkpoint import tokens_per_frame

    rows, side = recipe.batch_size, config.vision_config.image_size
    video = recipe.frames * tokens_per_frame(config)
    ids = torch.full((rows, load.tokens), 5)
    ids[:, 2 : 2 + video] = config.video_token_index
    attention = torch.ones_like(ids)
    labels = torch.full_like(ids, IGNORE)
    labels[:, -load.columns :] = 5
    if load.padded and rows > 1:
        attention[0, -1], labels[0, -1] = 0, IGNORE
    taught = labels != IGNORE
    return {
        "frames": torch.zeros(rows, recipe.frames, 3, side, side, dtype=torch.uint8),
        "input_ids": ids,
        "attention_mask": attention,
        "labels": labels,
        "weights": taught.float(),
        "kinds": taught.to(torch.uint8),
        "in_label": taught.clone(),
    }


def _processor(config: Any) -> Any:
    from transformers import VideoLlavaImageProcessor

    side = config.vision_config.image_size
    return VideoLlavaImageProcessor(
        size={"shortest_edge": side}, crop_size={"height": side, "width": side}
    )

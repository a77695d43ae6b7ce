"""What one training step's tensors take beside the weights, counted rather than guessed.

A step is run on three layers of the base's true shape, tuned as the recipe says, with tensors that
have a shape and no memory (FakeTensorMode), and on two. What the third layer adds, each further one
adds too; the first one is another, since nobody asks for its input's gradient. Takes about a second
and no memory, whatever the base's size.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

import torch
from torch._subclasses.fake_tensor import FakeTensorMode

from physprior.train.estimate.tally import Tally
from physprior.vlm.growing import growing_cache
from physprior.vlm.trainable import add_lora, hold_in_float32, select_layers


@dataclass(frozen=True)
class Step:
    """What is run: one batch of one recipe."""

    tune: str
    rank: int
    dropout: float
    batch: int
    """Videos of the batch."""
    tokens: int
    """Tokens of a dialogue, the video's included; all are padded to the longest."""
    columns: int
    """Columns of the batch in which a token is taught: where the head runs."""
    frames: int
    tokens_per_frame: int
    padded: bool
    """Whether dialogues differ in length, so that attention needs a mask."""
    checkpointing: bool
    accumulates: bool
    """Whether gradients of an earlier batch are there already."""
    from_features: bool
    """Whether the vision tower is left out."""
    on_card: bool
    """An accelerator, in bfloat16 under autocast; else the CPU, in float32."""
    validation_batch: int
    """Videos that are validated at once; 0 where nothing is."""


@dataclass(frozen=True)
class Counted:
    """Bytes that a step takes beside weights, optimizer state and earlier gradients."""

    vision: int
    """The most while tower and projector run."""
    forward: int
    """The most in the forward pass."""
    loss: int
    """The most from the forward's end until the first layer's gradient is computed."""
    kept: int
    """What is kept for the backward pass when it begins."""
    backward: int
    """The most in the backward pass; gradients that are new in it are counted."""
    validation: int
    """The most while the loss of a batch of the validation split is computed."""
    scoring: int
    """The most while such a batch is read for its scores, with keys and values of every layer."""


def count_step(config: Any, step: Step) -> Counted:
    """Count a step of a model with this VideoLlavaConfig."""
    text, vision = config.text_config, config.vision_config
    if text.num_hidden_layers <= 3:
        return count_every_layer(config, step)
    two, three = _run(_shallow(config, 2), step), _run(_shallow(config, 3), step)
    return two.beyond(three, text.num_hidden_layers - 3, vision.num_hidden_layers - 3)


def count_every_layer(config: Any, step: Step) -> Counted:
    """The same with all layers run: slower, and what ``count_step`` is held against."""
    marks = _run(config, step)
    return marks.beyond(marks, 0, 0)


@dataclass(frozen=True)
class _Marks(Counted):
    gradients: int

    def beyond(self, three: _Marks, layers: int, towers: int) -> Counted:
        """What this is of two layers and ``three`` of three, of ``layers`` more than three, and of
        a tower of ``towers`` more than three.
        """

        def more(name: str) -> int:
            return int(getattr(three, name) - getattr(self, name))

        # The last layer finds all activations and no gradients, the first one it the other way.
        slopes = {
            "vision": towers * more("vision"),
            "forward": layers * more("forward"),
            "loss": layers * more("kept"),
            "kept": layers * more("kept"),
            "backward": layers * max(more("kept"), more("gradients")),
            "validation": layers * more("validation"),
            "scoring": layers * more("scoring"),
        }
        return Counted(**{name: getattr(three, name) + slope for name, slope in slopes.items()})


def _shallow(config: Any, layers: int) -> Any:
    config = copy.deepcopy(config)
    config.text_config.num_hidden_layers = config.vision_config.num_hidden_layers = layers
    # The config may name the layer by a number that so short a tower does not have.
    features = config.vision_feature_layer
    config.vision_feature_layer = -1 if isinstance(features, int) else [-1] * len(features)
    return config


def _run(config: Any, step: Step) -> _Marks:
    with torch.device("meta"):
        model, core = _build(config, step)
    with FakeTensorMode(allow_non_fake_inputs=True):
        _give_shape_alone(model, with_gradients=step.accumulates)
        vision = _vision(core, step)
        forward, loss, kept, backward, gradients = _train(model, core, step)
        validation, scoring = _validate(model, core, step), _score(model, core, step)
    return _Marks(vision, forward, loss, kept, backward, validation, scoring, gradients)


def _build(config: Any, step: Step) -> tuple[Any, Any]:
    from transformers import VideoLlavaForConditionalGeneration

    usual = torch.get_default_dtype()
    torch.set_default_dtype(torch.bfloat16 if step.on_card else torch.float32)
    try:
        core = VideoLlavaForConditionalGeneration(config)
    finally:
        torch.set_default_dtype(usual)
    model = core
    if step.tune == "layers":
        select_layers(core)
    else:
        model = add_lora(core, rank=step.rank, alpha=step.rank, dropout=step.dropout)
    hold_in_float32(model)
    if not _needs_mask(step):
        for layer in core.model.language_model.layers:
            layer.self_attn.register_forward_pre_hook(_without_mask, with_kwargs=True)
    if step.on_card:
        _drop_out_as_a_card(model)
    if step.checkpointing:
        # The random state is a few kilobytes, and cannot be read under FakeTensorMode.
        settings = {"use_reentrant": False, "preserve_rng_state": False}
        core.gradient_checkpointing_enable(settings)
    return model, core


def _give_shape_alone(model: Any, *, with_gradients: bool) -> None:
    # Tensors on the meta device know no autocast; fake ones do.
    for module in model.modules():
        for name, weight in module._parameters.items():
            if weight is not None:
                fake = torch.nn.Parameter(_like(weight), requires_grad=weight.requires_grad)
                fake.grad = _like(weight) if with_gradients and weight.requires_grad else None
                module._parameters[name] = fake
        for name, buffer in module._buffers.items():
            if buffer is not None:
                module._buffers[name] = _like(buffer)


def _like(tensor: torch.Tensor) -> torch.Tensor:
    return torch.empty(tensor.shape, dtype=tensor.dtype, device="cpu")


class _CardDropout(torch.nn.Module):
    """A card's dropout keeps a mask of one byte an element; the CPU's keeps the factors."""

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """Drop out as a card does."""
        if not self.training:
            return values
        dropped: torch.Tensor = torch.native_dropout(values, self.share, True)[0]
        return dropped


def _drop_out_as_a_card(model: Any) -> None:
    for module in model.modules():
        for name, child in module.named_children():
            if isinstance(child, torch.nn.Dropout):
                setattr(module, name, _CardDropout(child.p))


def _autocast(step: Step) -> torch.autocast:
    # As the trainer has it: copies of weights are not kept where activations are not either.
    kept = not step.checkpointing
    return torch.autocast("cpu", torch.bfloat16, enabled=step.on_card, cache_enabled=kept)


@torch.no_grad()
def _vision(core: Any, step: Step) -> int:
    from physprior.vlm.video_inputs import tower_features

    config, dtype = core.config.vision_config, core.dtype
    with Tally() as tally:
        if step.from_features:
            shape = (step.batch * step.frames, step.tokens_per_frame, config.hidden_size)
            features = torch.empty(shape, dtype=dtype)
        else:
            side = config.image_size
            pixels = torch.empty(step.batch, step.frames, 3, side, side, dtype=dtype)
            features = tower_features(core.model, pixels)
        core.model.multi_modal_projector(features)
    return tally.peak


def _train(model: Any, core: Any, step: Step) -> tuple[int, int, int, int, int]:
    """(forward, loss, kept, backward, gradients), as _Marks names them."""
    model.train()
    core.model.video_tower.eval()
    with Tally() as tally:
        hidden: Any = _language(core, step, step.batch)
        last: list[int] = []
        hidden.register_hook(lambda gradient: last.append(tally.take_peak()))
        with _autocast(step):
            places = torch.empty(step.columns, dtype=torch.long)
            logits = core.lm_head(hidden[:, places])
        del hidden
        forward = tally.take_peak()
        # Accelerate hands a card's logits on in float32.
        loss = _loss(logits.float(), step.batch * step.columns)
        del logits
        kept = tally.live
        tally.peak = max(tally.peak, kept)
        torch.autograd.backward(loss)
        backward = tally.take_peak()
        del loss
        gradients = tally.live
    return forward, last[0], kept, backward, gradients


def _language(core: Any, step: Step, batch: int, cache: Any = None) -> torch.Tensor:
    """The last hidden states, of inputs that are made here and held no longer than in training."""
    width = core.config.text_config.hidden_size
    video = torch.empty(batch * step.frames, step.tokens_per_frame, width, dtype=core.dtype)
    embedded = torch.empty(batch, step.tokens, width, dtype=core.dtype)
    # TRL asks for it where adapters are trained with checkpointing.
    asks = torch.is_grad_enabled() and step.checkpointing and step.tune != "layers"
    side = step.tokens if _needs_mask(step) else 1
    mask = torch.empty(batch, 1, side, side, dtype=torch.bool)
    with _autocast(step):
        hidden: torch.Tensor = core.model.language_model(
            inputs_embeds=embedded.requires_grad_(asks),
            attention_mask=mask,
            past_key_values=cache,
            use_cache=cache is not None,
        ).last_hidden_state
    del video
    return hidden


def _needs_mask(step: Step) -> bool:
    return step.padded and step.batch > 1


def _without_mask(
    _: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    # The model would see that nothing is padded and make none; of shapes alone it cannot.
    return args, {**kwargs, "attention_mask": None}


def _loss(logits: torch.Tensor, count: int) -> torch.Tensor:
    targets = torch.empty(count, dtype=torch.long)
    losses = torch.nn.functional.cross_entropy(logits.flatten(0, 1), targets, reduction="none")
    return losses.sum()


@torch.no_grad()
def _validate(model: Any, core: Any, step: Step) -> int:
    batch = step.validation_batch
    if not batch:
        return 0
    model.eval()
    with Tally() as tally:
        hidden = _language(core, step, batch)
        with _autocast(step):
            logits = core.lm_head(hidden[:, : step.columns]).float()
        _loss(logits, batch * step.columns)
        del hidden, logits
    return tally.peak


@torch.no_grad()
def _score(model: Any, core: Any, step: Step) -> int:
    batch = step.validation_batch
    if not batch:
        return 0
    model.eval()
    with Tally() as tally:
        _language(core, step, batch, cache=growing_cache())
    return tally.peak

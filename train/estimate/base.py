"""The base model as arithmetic needs it: its config and how many parameters each group has."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from physprior.train.recipe import Recipe
from physprior.vlm.at_hand import find_base
from physprior.vlm.machine import HUB_BASE

GROUPS = (
    "language layers",
    "language norms",
    "embeddings and head",
    "projector",
    "video tower",
    "image tower",
)


@dataclass(frozen=True)
class Base:
    """A Video-LLaVA's config and sizes; its weights are not looked at."""

    name: str
    """The folder or hub id."""
    config: Any
    """VideoLlavaConfig."""
    parameters: dict[str, int]
    """Parameters by group, all of GROUPS; ``language layers`` are the projections that train."""
    projections: tuple[tuple[int, int], ...]
    """(outputs, inputs) of each projection of all language layers."""
    at_hand: bool
    """Whether this is the base's own config; else the 7B's public shape stands for it."""

    @property
    def tokens_per_frame(self) -> int:
        """Features that the video tower gives for a frame."""
        from physprior.vlm.checkpoint import tokens_per_frame

        return tokens_per_frame(self.config)

    @property
    def context(self) -> int:
        """The longest dialogue that it reads, in tokens."""
        return int(self.config.text_config.max_position_embeddings)

    def trained(self, frozen_layers: int) -> tuple[tuple[int, int], ...]:
        """The projections of the layers that train, where the first so many are frozen."""
        each = len(self.projections) // int(self.config.text_config.num_hidden_layers)
        return self.projections[each * frozen_layers :]

    def passed_back(self, recipe: Recipe) -> float:
        """The share of the language layers that the backward pass goes through.

        It ends where nothing below trains. With checkpointing transformers asks for the gradient of
        the first layer's input: then it goes through frozen layers, too.
        """
        if recipe.gradient_checkpointing:
            return 1.0
        return len(self.trained(recipe.frozen_layers)) / len(self.projections)

    @property
    def total(self) -> int:
        """All parameters."""
        return sum(self.parameters.values())


def open_base(name: str) -> Base | None:
    """The base of this name, or None where its config cannot be had or is no Video-LLaVA's.

    Nothing is fetched for the 7B on the hub, whose public shape is known; another hub id's config
    is, where there is a network.
    """
    from physprior.vlm.shapes import video_llava_7b

    found = find_base(name)
    if found.folder is None and name == HUB_BASE:
        return describe_base(name, video_llava_7b(), at_hand=False)
    config = _read(str(found.folder or name)) if found.folder or found.is_hub_id else None
    if config is None or config.model_type != "video_llava":
        return None
    return describe_base(name, config)


def describe_base(name: str, config: Any, *, at_hand: bool = True) -> Base:
    """The sizes of a base with this config, from the model itself, built without memory."""
    import torch
    from transformers import VideoLlavaForConditionalGeneration

    from physprior.vlm.trainable import LLM_LAYERS

    with torch.device("meta"):
        model = VideoLlavaForConditionalGeneration(config)
    counts = dict.fromkeys(GROUPS, 0)
    projections = []
    target = re.compile(LLM_LAYERS + r"\.weight")
    for parameter_name, parameter in model.named_parameters():
        group = "language layers" if target.fullmatch(parameter_name) else _group(parameter_name)
        counts[group] += parameter.numel()
        if group == "language layers":
            projections.append((parameter.shape[0], parameter.shape[1]))
    return Base(name, config, counts, tuple(projections), at_hand)


def _group(name: str) -> str:
    for part, group in (
        ("embed_tokens", "embeddings and head"),
        ("lm_head", "embeddings and head"),
        ("multi_modal_projector", "projector"),
        ("video_tower", "video tower"),
        ("image_tower", "image tower"),
    ):
        if part in name:
            return group
    return "language norms"


def _read(source: str) -> Any:
    from transformers import AutoConfig

    try:
        return AutoConfig.from_pretrained(source)
    except (OSError, ValueError, KeyError):
        return None

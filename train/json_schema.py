"""The JSON Schema of a training recipe, for editors that complete and check as one types."""

from __future__ import annotations

from typing import Any

from physprior.knowledge.json_form import Choices, Form
from physprior.knowledge.json_schema import schema_of
from physprior.train.recipe import Recipe

_MEANINGS = {
    "tune": {
        "lora": "Low-rank adapters on the language layers.",
        "qlora": "The same, over language layers held in 4 bits: for a small card.",
        "layers": "The language layers' own weights: much memory, no adapters.",
    },
    "sampling": {
        "uniform": "Frames spread over the whole video.",
        "window": "Frames spread over window_seconds in the middle of the video.",
        "burst": "Neighbouring frames, stride apart.",
    },
    "optimizer": {
        "adamw": "AdamW.",
        "muon": "Muon: each step turns all directions of a weight alike; no FSDP.",
        "adamw_8bit": "AdamW with its state in 8 bits; needs bitsandbytes.",
        "paged_adamw_8bit": "The same, paged to the computer's memory where the card's is full.",
    },
    "schedule": {
        "cosine": "Falls along half a cosine to zero.",
        "linear": "Falls in a straight line to zero.",
        "constant_with_warmup": "Stays where the warm-up has brought it.",
    },
    "precision": {
        "auto": "bfloat16 on a GPU, float32 on a CPU.",
        "float32": "float32 everywhere: slower, more memory.",
        "fast": "bfloat16 on a CPU, too, where that has instructions for it.",
    },
    "keep": {
        "best": "The weights of the best validation.",
        "last": "The weights of the last step.",
    },
    "report_to[]": {
        "tensorboard": "TensorBoard, which needs no account.",
        "wandb": "Weights & Biases.",
        "trackio": "Trackio.",
    },
}


def recipe_schema() -> dict[str, Any]:
    """The schema of a recipe, draft-07.

    It asks for no field: what a recipe leaves out may come from the project or from ``--set``.
    """
    choices = {path: Choices(meanings) for path, meanings in _MEANINGS.items()}
    return schema_of(Recipe, "a physprior recipe", Form(choices=choices, complete=False))

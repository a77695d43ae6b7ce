"""The model that trains: adapters, or the layers themselves, on the base or on an earlier run."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open

from physprior.errors import CheckpointError, RecipeError
from physprior.train.recipe import Recipe
from physprior.vlm.adapter import adapter_config, attach_adapter
from physprior.vlm.checkpoint import Checkpoint
from physprior.vlm.load import read_finished, refuse_other_base
from physprior.vlm.quantise import need_bitsandbytes
from physprior.vlm.run_folder import ADAPTER, MODEL, RunRecord, is_run
from physprior.vlm.trainable import add_lora, select_layers

_LAYER = re.compile(r".*language_model\..*?(layers\.\d+\..+)")


def tune(checkpoint: Checkpoint, recipe: Recipe) -> Any:
    """The model that trains, made of a checkpoint as the recipe says; what trains is float32.

    ``lora``, ``qlora``: a PEFT model, over a checkpoint that was loaded with ``quantise`` for
    ``qlora``. ``layers``: the checkpoint's own model. With ``continue_from`` its weights start
    where that run ended. Raises RecipeError and CheckpointError where that run, or how this
    process was started, does not fit.
    """
    refuse_setup(recipe)
    model, run = checkpoint.model, starting_run(checkpoint, recipe)
    if recipe.tune == "layers":
        select_layers(model, frozen_layers=recipe.frozen_layers)
        if run is not None and recipe.continue_from is not None:
            copy_layers(recipe.continue_from / MODEL, model)
        return model
    if run is not None and recipe.continue_from is not None:
        return attach_adapter(
            model, recipe.continue_from / ADAPTER, trainable=True, dropout=recipe.lora_dropout
        )
    return add_lora(
        model,
        rank=recipe.lora_rank,
        alpha=recipe.lora_alpha,
        dropout=recipe.lora_dropout,
        frozen_layers=recipe.frozen_layers,
    )


def refuse_setup(recipe: Recipe) -> None:
    """Raise where the recipe cannot be followed as this process was started.

    CheckpointError where bitsandbytes is needed and not installed; RecipeError where FSDP would
    have to split what bitsandbytes packs, or weights that Muon needs whole.
    """
    packed = []
    if recipe.tune == "qlora":
        packed.append(("tune: qlora", "set tune=lora, or start it with ddp.yaml"))
    if "8bit" in recipe.optimizer:
        packed.append((f"optimizer: {recipe.optimizer}", "set optimizer=adamw"))
    is_split = os.environ.get("ACCELERATE_USE_FSDP", "").lower() == "true"
    for what, remedy in packed:
        need_bitsandbytes(what)
        if is_split:
            raise RecipeError(f"FSDP cannot split {what}", remedy=remedy)
    if is_split and recipe.optimizer == "muon":
        raise RecipeError(
            "FSDP splits weights that optimizer: muon needs whole",
            remedy="set optimizer=adamw, or start it with ddp.yaml",
        )


def starting_run(checkpoint: Checkpoint, recipe: Recipe) -> RunRecord | None:
    """The run that ``continue_from`` names, or None where training starts from the base.

    Raises CheckpointError where there is no finished run or it tuned another base, RecipeError
    where it was tuned in another way: adapters and layers do not mix, and an adapter keeps its
    shape.
    """
    folder = recipe.continue_from
    if folder is None:
        return None
    if not is_run(folder):
        raise CheckpointError(
            f"continue_from: there is no run in {folder}", remedy="name a finished run's folder"
        )
    run = read_finished(folder)
    refuse_other_base(checkpoint, run, folder)
    if (run.tune == "layers") != (recipe.tune == "layers"):
        raise RecipeError(
            f"{folder} was trained with tune: {run.tune}, the recipe says tune: {recipe.tune}",
            remedy=f"set tune={run.tune}, or leave continue_from out",
        )
    if (frozen := run.recipe.get("frozen_layers", 0)) != recipe.frozen_layers:
        raise RecipeError(
            f"{folder} was trained with frozen_layers: {frozen}, the recipe says frozen_layers: "
            f"{recipe.frozen_layers}",
            remedy=f"set frozen_layers={frozen}, or leave continue_from out",
        )
    if run.tune != "layers":
        _refuse_other_shape(folder, recipe)
    return run


def _refuse_other_shape(folder: Path, recipe: Recipe) -> None:
    config = adapter_config(folder / ADAPTER)
    if (config.r, config.lora_alpha) != (recipe.lora_rank, recipe.lora_alpha):
        raise RecipeError(
            f"the adapter of {folder} has rank {config.r} and alpha {config.lora_alpha}, the "
            f"recipe says lora_rank: {recipe.lora_rank} and lora_alpha: {recipe.lora_alpha}",
            remedy=f"set lora_rank={config.r} and lora_alpha={config.lora_alpha}, or leave "
            "continue_from out",
        )


def copy_layers(source: Path, model: Any) -> None:
    """Copy the weights that train from a checkpoint's files into ``model``, one at a time.

    The rest of that checkpoint is the base's. Raises CheckpointError where one is lacking.
    """
    waiting = {
        match[1]: weight
        for name, weight in model.named_parameters()
        if weight.requires_grad and (match := _LAYER.fullmatch(name))
    }
    try:
        for path in sorted(source.glob("*.safetensors")):
            with safe_open(path, "pt") as saved, torch.no_grad():
                for name in saved.keys():  # noqa: SIM118 (no mapping: it has keys() alone)
                    match = _LAYER.fullmatch(name)
                    if match and match[1] in waiting:
                        waiting.pop(match[1]).copy_(saved.get_tensor(name))
    except (OSError, RuntimeError, SafetensorError) as error:
        raise CheckpointError(
            f"the weights in {source} cannot be read: {str(error).splitlines()[0]}",
            remedy="train that run again; it is incomplete or damaged",
        ) from error
    if waiting:
        raise CheckpointError(
            f"{source} lacks {len(waiting)} weights, such as {min(waiting)}",
            remedy="train that run again; it is incomplete or damaged",
        )

"""The trainer's settings: what a recipe says, in the words of transformers and TRL."""

from __future__ import annotations

from typing import Any

import torch
from trl import SFTConfig

from physprior.train.recipe import Recipe
from physprior.train.trackers import tracker_arguments
from physprior.vlm.precision import fast_bfloat16


def sft_config(recipe: Recipe, *, validates: bool) -> SFTConfig:
    """A recipe as TRL and the Trainer read it."""
    on_cpu = not torch.cuda.is_available()
    return SFTConfig(
        output_dir=str(recipe.out / "checkpoints"),
        num_train_epochs=recipe.epochs,
        per_device_train_batch_size=recipe.batch_size,
        gradient_accumulation_steps=recipe.gradient_accumulation,
        optim=_optimizer(recipe, on_cpu=on_cpu),
        learning_rate=recipe.learning_rate,
        lr_scheduler_type=recipe.schedule,
        warmup_steps=recipe.warmup,
        weight_decay=recipe.weight_decay,
        max_grad_norm=recipe.max_grad_norm,
        gradient_checkpointing=recipe.gradient_checkpointing,
        gradient_checkpointing_kwargs={"use_reentrant": False},
        seed=recipe.seed,
        data_seed=recipe.seed,
        save_strategy="steps",
        save_steps=recipe.save_every,
        save_total_limit=2,
        eval_strategy="steps" if validates else "no",
        eval_steps=recipe.validate_every or None,
        logging_steps=recipe.log_every,
        # Their filter logs an average in place of a loss that is no number.
        logging_nan_inf_filter=False,
        use_cpu=on_cpu,
        bf16=in_bfloat16(recipe),
        disable_tqdm=True,
        # The dialogues are tokenised, masked and expanded already, and never cut.
        dataset_kwargs={"skip_prepare_dataset": True},
        remove_unused_columns=False,
        max_length=None,
        assistant_only_loss=False,
        dataloader_num_workers=recipe.loader_workers,
        dataloader_pin_memory=not on_cpu,
        **tracker_arguments(recipe),
    )


def in_bfloat16(recipe: Recipe) -> bool:
    """Whether a recipe computes in bfloat16 on this machine."""
    if recipe.precision == "float32":
        return False
    return torch.cuda.is_available() or (recipe.precision == "fast" and fast_bfloat16())


def other_optimizer(recipe: Recipe) -> tuple[type[torch.optim.Optimizer], dict[str, Any]] | None:
    """An optimizer that the Trainer does not know by name, with its settings."""
    if recipe.optimizer != "muon":
        return None
    # All that trains are matrices, which is what Muon is for.
    return torch.optim.Muon, {
        "lr": recipe.learning_rate,
        "weight_decay": recipe.weight_decay,
        "adjust_lr_fn": "match_rms_adamw",
    }


def _optimizer(recipe: Recipe, *, on_cpu: bool) -> str:
    if recipe.optimizer in ("adamw", "muon"):
        # On a card the plain one makes a copy of all gradients on the way.
        return "adamw_torch" if on_cpu else "adamw_torch_fused"
    return recipe.optimizer

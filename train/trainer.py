"""TRL's SFTTrainer, set up for dialogues about videos, and what is logged while it runs."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from transformers import PreTrainedModel, PrinterCallback, ProgressCallback, TrainerCallback
from trl import SFTConfig, SFTTrainer

from physprior.errors import TrainingError
from physprior.train.collator import VideoCollator
from physprior.train.recipe import Recipe
from physprior.vlm.tokens import IGNORE

Progress = Callable[[int, int, str], None]
"""Called with (done, total, what is known so far)."""


class DialogueTrainer(SFTTrainer):
    """SFTTrainer with the head run only where an assistant speaks.

    Most of a dialogue is video and question; TRL's own loss runs the head over all of it.
    """

    def compute_loss(
        self,
        model: Any,
        inputs: dict[str, torch.Tensor],
        return_outputs: bool = False,
        num_items_in_batch: torch.Tensor | None = None,
    ) -> Any:
        """Weighted mean negative log-likelihood of the supervised tokens (paper, equation 2).

        Normalised over the whole accumulated batch (``num_items_in_batch``), not batch by batch;
        a dialogue's weights sum to the number of its supervised tokens.
        """
        inputs = dict(inputs)
        targets, weights = inputs.pop("labels")[:, 1:], inputs.pop("weights")[:, 1:]
        columns = (targets != IGNORE).any(dim=0).nonzero().squeeze(1)
        outputs = model(**inputs, logits_to_keep=columns, use_cache=False)
        targets = targets[:, columns].flatten()
        losses = torch.nn.functional.cross_entropy(
            outputs.logits.flatten(0, 1).float(), targets, ignore_index=IGNORE, reduction="none"
        )
        total = (losses * weights[:, columns].flatten()).sum()
        if num_items_in_batch is None:
            loss = total / (targets != IGNORE).sum()
        else:
            # Every process divides by the tokens of all, and gradients are averaged over them.
            loss = total / num_items_in_batch * self.accelerator.num_processes
        return (loss, outputs) if return_outputs else loss

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: Any = None) -> None:
        """Load a checkpoint's weights under the names that save_pretrained gives them in files.

        The Trainer looks for the names of memory, finds none of them in a Video-LLaVA's file, and
        goes on from the base's weights with no more than a warning.
        """
        model = self.model if model is None else model
        if self.is_fsdp_enabled or not isinstance(model, PreTrainedModel):
            super()._load_from_checkpoint(resume_from_checkpoint, model)
            return
        saved, info = type(model).from_pretrained(
            resume_from_checkpoint, dtype=model.dtype, output_loading_info=True
        )
        if missing := sorted(info["missing_keys"]):
            raise TrainingError(
                f"{resume_from_checkpoint} lacks {len(missing)} weights, such as {missing[0]}",
                remedy="remove that folder: training goes on from the checkpoint before it",
            )
        model.load_state_dict(saved.state_dict())


def make_trainer(
    model: Any,
    tokenizer: Any,
    samples: list[dict[str, Any]],
    collator: VideoCollator,
    recipe: Recipe,
    progress: Progress,
) -> DialogueTrainer:
    """The trainer of a run. Padding, masks and pixels are the collator's; TRL only trains."""
    trainer = DialogueTrainer(
        model=model,
        args=_config(recipe),
        train_dataset=Dataset.from_list(samples),
        data_collator=collator,
        processing_class=tokenizer,
        callbacks=[_Watch(recipe.out / "log.jsonl", progress)],
    )
    # Their output would land among the results; the log and the progress line say the same.
    trainer.remove_callback(PrinterCallback)
    trainer.remove_callback(ProgressCallback)
    return trainer


def _config(recipe: Recipe) -> SFTConfig:
    on_cpu = not torch.cuda.is_available()
    return SFTConfig(
        output_dir=str(recipe.out / "checkpoints"),
        num_train_epochs=recipe.epochs,
        per_device_train_batch_size=recipe.batch_size,
        gradient_accumulation_steps=recipe.gradient_accumulation,
        learning_rate=recipe.learning_rate,
        lr_scheduler_type=recipe.schedule,
        warmup_steps=recipe.warmup,
        weight_decay=recipe.weight_decay,
        max_grad_norm=recipe.max_grad_norm,
        gradient_checkpointing=recipe.gradient_checkpointing,
        seed=recipe.seed,
        data_seed=recipe.seed,
        save_strategy="steps",
        save_steps=recipe.save_every,
        save_total_limit=2,
        logging_steps=recipe.log_every,
        # Their filter logs an average in place of a loss that is no number.
        logging_nan_inf_filter=False,
        report_to="none",
        use_cpu=on_cpu,
        bf16=not on_cpu,
        disable_tqdm=True,
        # The dialogues are tokenised, masked and expanded already, and never cut.
        dataset_kwargs={"skip_prepare_dataset": True},
        remove_unused_columns=False,
        max_length=None,
        assistant_only_loss=False,
        dataloader_num_workers=0,
        dataloader_pin_memory=not on_cpu,
    )


class _Watch(TrainerCallback):
    """Writes what is logged, shows progress, and stops at a loss that is no number."""

    def __init__(self, path: Path, progress: Progress) -> None:
        self._path = path
        self._progress = progress
        self._said = ""

    def on_log(
        self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **rest: Any
    ) -> None:
        logs = dict(logs or {})
        with self._path.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps({"step": state.global_step, **logs}) + "\n")
        # train_loss comes at the end, also where no step was logged before.
        loss = logs.get("loss", logs.get("train_loss"))
        if loss is None:
            return
        if not math.isfinite(loss):
            raise TrainingError(
                f"the loss is not a number at step {state.global_step}",
                remedy="lower learning_rate, or raise warmup, in the recipe",
            )
        self._said = f"loss {loss:.3f}"

    def on_step_end(self, args: Any, state: Any, control: Any, **rest: Any) -> None:
        self._progress(state.global_step, state.max_steps, self._said)

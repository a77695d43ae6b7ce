"""TRL's SFTTrainer, set up for dialogues about videos: loss by parts, validation, guard rails."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from accelerate.utils import AutocastKwargs
from datasets import Dataset
from torch.distributed.checkpoint.state_dict import StateDictOptions, set_model_state_dict
from transformers import PreTrainedModel, PrinterCallback, ProgressCallback, TrainerCallback
from trl import SFTTrainer

from physprior.errors import RecipeError, TrainingError
from physprior.train.best import Best
from physprior.train.collator import VideoCollator
from physprior.train.gradients import choose_probe, part_gradients
from physprior.train.guards import rehearse
from physprior.train.loss import PartSums, TokenLosses, refuse_nan, token_losses
from physprior.train.recipe import Recipe
from physprior.train.settings import other_optimizer, sft_config
from physprior.train.trackers import trackers
from physprior.train.tune import copy_layers
from physprior.train.validation import Aim, Validator
from physprior.train.watch import Progress, Watch
from physprior.vlm.attention import attend_on_cpu
from physprior.vlm.tokens import DialogueEncoder
from physprior.vlm.trainable import hold_in_float32
from physprior.vlm.video_inputs import video_inputs


@dataclass(frozen=True)
class Course:
    """What a trainer trains on, and what it is watched by."""

    recipe: Recipe
    collator: VideoCollator
    """Makes batches of the training samples."""
    validating: VideoCollator | None
    """Makes batches of the validation samples; None where there are none, or none are wanted."""
    encoder: DialogueEncoder
    image_processor: Any
    progress: Progress
    is_main: bool
    """Whether this process writes the run folder."""


class DialogueTrainer(SFTTrainer):
    """SFTTrainer with a loss by parts, and a validation that ranks videos.

    TRL's own loss runs the head over the whole dialogue, and knows of no parts.
    """

    def __init__(self, course: Course, **arguments: Any) -> None:
        self.course = course
        super().__init__(**arguments)
        # Autocast keeps a bfloat16 copy of every float32 weight until the forward ends; with
        # activations computed again these are soon made anew, and memory is what is short.
        if course.recipe.gradient_checkpointing:
            self.accelerator.autocast_handler = AutocastKwargs(cache_enabled=False)
        self._sums = PartSums(self.args.device)
        self.best = Best(course.recipe.out, writes=course.is_main)
        self._validator: Validator | None = None
        if course.validating is not None:
            self._validator = Validator(
                course.validating,
                course.encoder,
                batch_size=course.recipe.batch_size,
                video_inputs=self._video,
                losses=token_losses,
            )

    def compute_loss(
        self,
        model: Any,
        inputs: dict[str, torch.Tensor],
        return_outputs: bool = False,
        num_items_in_batch: torch.Tensor | None = None,
    ) -> Any:
        """Weighted mean negative log-likelihood of the taught tokens (paper, equation 2).

        Normalised over the whole accumulated batch (``num_items_in_batch``) of all processes, not
        batch by batch; a dialogue's weights sum to the number of its taught tokens.
        """
        tokens = self._tokens(model, inputs)
        samples = self.course.collator.samples
        names = [samples[number].record.id for number in inputs["sample"].tolist()]
        refuse_nan(tokens, names, self.state.global_step + 1)
        self._sums.add(tokens)
        if num_items_in_batch is None:
            loss = tokens.total / tokens.taught
        else:
            # Every process divides by the tokens of all, and gradients are averaged over them.
            loss = tokens.total / num_items_in_batch * self.accelerator.num_processes
        return (loss, {}) if return_outputs else loss

    def _tokens(self, model: Any, inputs: dict[str, torch.Tensor]) -> TokenLosses:
        return token_losses(model, inputs, self._video(model, inputs))

    def _video(self, model: Any, inputs: Any) -> dict[str, Any]:
        return video_inputs(
            model,
            self.course.image_processor,
            frames=inputs.get("frames"),
            features=inputs.get("features"),
        )

    def _batch(self, numbers: list[int]) -> dict[str, torch.Tensor]:
        return self._prepare_inputs(self.course.collator([{"sample": one} for one in numbers]))

    def rehearse(self) -> None:
        """Run the longest records forward and backward once; see guards.rehearse."""
        samples = self.course.collator.samples
        order = sorted(range(len(samples)), key=lambda number: (-samples[number].length, number))
        longest = order[: self.course.recipe.batch_size]

        def run() -> torch.Tensor:
            tokens = self._tokens(self.model_wrapped, self._batch(longest))
            return tokens.total / tokens.taught

        self.model_wrapped.train()
        rehearse(run, self.model, samples[longest[0]].record.id)

    def measure_gradients(self) -> dict[str, float]:
        """The parts' gradients on the fixed batch; nothing where weights are sharded."""
        if self.is_fsdp_enabled or self.is_deepspeed_enabled:
            return {}
        size = self.course.recipe.batch_size
        probe = choose_probe(self.course.collator.samples, self.course.recipe.seed)
        batches = [self._batch(probe[at : at + size]) for at in range(0, len(probe), size)]
        taught = sum(int((batch["kinds"] > 0).sum()) for batch in batches)

        def part_loss(model: Any, batch: dict[str, torch.Tensor], part: str) -> torch.Tensor:
            return self._tokens(model, batch).of_part(part) / taught

        return part_gradients(self.accelerator.unwrap_model(self.model), batches, part_loss)

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        """Log, with loss and accuracy by part beside the loss."""
        if "loss" in logs:
            if self.accelerator.num_processes > 1:
                torch.distributed.all_reduce(self._sums.sums)
            logs = {**logs, **self._sums.metrics()}
            self._sums = PartSums(self.args.device)
        super().log(logs, start_time)

    def evaluate(self, *_: Any, **__: Any) -> dict[str, float]:
        """Validate: log the verdict's AUROC per category, and keep the weights if they are best."""
        assert self._validator is not None
        metrics = self._validator.run(self.accelerator.unwrap_model(self.model), self.accelerator)
        # Asked before the log has this validation, too.
        before = self.validations()
        kept = [line for line in before if line["step"] == self.state.best_global_step]
        is_better = self._validator.aim.better(metrics, kept[0] if kept else None, before)
        self.log(metrics)
        if is_better:
            self.state.best_metric = metrics[self._validator.aim.metric]
            self.state.best_global_step = self.state.global_step
            if self.course.recipe.keep == "best":
                weights = self.accelerator.get_state_dict(self.model)
                self.best.save(self.model, weights, self.state.global_step, metrics)
        control: Any = self.callback_handler.on_evaluate(
            self.args, self.state, self.control, metrics
        )
        if self._is_patience_over():
            control.should_training_stop = True
        return metrics

    def validations(self) -> list[dict[str, float]]:
        """All so far, with their steps; from the state that a checkpoint holds."""
        return [line for line in self.state.log_history if "val/loss" in line]

    @property
    def aim(self) -> Aim | None:
        """What the best weights are told by; None where nothing is validated."""
        return self._validator.aim if self._validator else None

    @torch.no_grad()
    def load_trained(self, weights: dict[str, torch.Tensor]) -> None:
        """Put weights into the parameters that train; where they are sharded, the main process's.

        Raises TrainingError where one is lacking.
        """
        trained = {name: one for name, one in self.model.named_parameters() if one.requires_grad}
        if self.course.is_main and (missing := sorted(set(trained) ^ set(weights))):
            raise TrainingError(
                f"the best weights so far lack {len(missing)} tensors, such as {missing[0]}",
                remedy="remove the run folder and train again",
            )
        if self.is_fsdp_enabled:
            options = StateDictOptions(
                full_state_dict=True, broadcast_from_rank0=True, strict=False
            )
            set_model_state_dict(self.model, dict[str, Any](weights), options=options)
            return
        for name, kept in weights.items():
            trained[name].copy_(kept)

    def _is_patience_over(self) -> bool:
        recipe = self.course.recipe
        if recipe.patience is None:
            return False
        since = self.state.global_step - (self.state.best_global_step or 0)
        return since >= recipe.patience * recipe.validate_every

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: Any = None) -> None:
        """Load a checkpoint's weights under the names that save_pretrained gives them in files.

        The Trainer looks for the names of memory, finds none of them in a Video-LLaVA's file, and
        goes on from the base's weights with no more than a warning.
        """
        model = self.model if model is None else model
        if self.is_fsdp_enabled or not isinstance(model, PreTrainedModel):
            super()._load_from_checkpoint(resume_from_checkpoint, model)
            return
        copy_layers(Path(resume_from_checkpoint), model)


class _Guide(TrainerCallback):
    """Does at its time what the trainer itself cannot be told to do by its settings."""

    trainer: DialogueTrainer

    def __init__(self, recipe: Recipe) -> None:
        self._recipe = recipe

    def on_train_begin(self, args: Any, state: Any, control: Any, **rest: Any) -> None:
        self.trainer.rehearse()

    def on_step_end(self, args: Any, state: Any, control: Any, **rest: Any) -> None:
        every, step = self._recipe.gradient_every, state.global_step
        due = every and (step == 1 or step % every == 0)
        if due and (found := self.trainer.measure_gradients()):
            logs_too = control.should_log
            self.trainer.log(found)
            # Whoever logs is taken to have logged all that was due.
            control.should_log = logs_too
        if step == state.max_steps and self.trainer.course.validating is not None:
            control.should_evaluate = True


def make_trainer(model: Any, tokenizer: Any, course: Course) -> DialogueTrainer:
    """The trainer of a run. Padding, masks and videos are the collator's; TRL only trains."""
    recipe = course.recipe
    guide = _Guide(recipe)
    settings = sft_config(recipe, validates=course.validating is not None)
    if settings.n_gpu > 1:
        raise RecipeError(
            f"one process was started, and it sees {settings.n_gpu} GPUs",
            remedy="start one process a GPU with 'accelerate launch -m physprior.train …' "
            "(docs/recipes.md), or show it one: CUDA_VISIBLE_DEVICES=0",
        )
    if settings.bf16 and settings.use_cpu:
        attend_on_cpu(model)
    trainer = DialogueTrainer(
        course,
        model=model,
        args=settings,
        train_dataset=_rows(course.collator),
        eval_dataset=_rows(course.validating) if course.validating else None,
        data_collator=course.collator,
        processing_class=tokenizer,
        optimizer_cls_and_kwargs=other_optimizer(recipe),
        callbacks=[
            Watch(recipe.out / "log.jsonl", course.progress, writes=course.is_main),
            guide,
            *trackers(recipe),
        ],
    )
    guide.trainer = trainer
    # TRL takes the adapters of a quantised base to bfloat16 without a word.
    hold_in_float32(trainer.model)
    # Their output would land among the results; the log and the progress line say the same.
    trainer.remove_callback(PrinterCallback)
    trainer.remove_callback(ProgressCallback)
    return trainer


def _rows(collator: VideoCollator) -> Dataset:
    return Dataset.from_dict({"sample": list(range(len(collator.samples)))})

"""The training itself: guard rails, steps, and the weights that a run ends with."""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
from accelerate import PartialState
from accelerate.utils import broadcast_object_list
from safetensors import SafetensorError

from physprior import files
from physprior.errors import CheckpointError, OutputError, TrainingError
from physprior.train.best import Kept
from physprior.train.guards import Snapshot, describe_trained
from physprior.train.material import Material
from physprior.train.recipe import Recipe
from physprior.train.trainer import Course, DialogueTrainer, make_trainer
from physprior.train.tune import tune
from physprior.train.watch import Progress
from physprior.vlm.checkpoint import Checkpoint
from physprior.vlm.run_folder import ADAPTER, MODEL
from physprior.vlm.trainable import assert_trainable


def fit(
    recipe: Recipe,
    checkpoint: Checkpoint,
    material: Material,
    processes: PartialState,
    progress: Progress,
    announce: Callable[[str], None],
) -> dict[str, Any]:
    """Train, and write the weights into the run folder; returns what was measured.

    Raises TrainingError where a guard rail is hit, OutputError where the disk is full.
    """
    model = tune(checkpoint, recipe)
    trained = assert_trainable(model, recipe.tune, frozen_layers=recipe.frozen_layers)
    for line in describe_trained(model, trained):
        announce(line)
    trainer = make_trainer(
        model,
        checkpoint.tokenizer,
        course_of(recipe, checkpoint, material, processes, progress),
    )
    _announce_validation(trainer, announce)
    # The trainer wraps and casts the model: what trains is looked at once more, in its hands.
    assert_trainable(trainer.model, recipe.tune, frozen_layers=recipe.frozen_layers)
    before = Snapshot.of(trainer.model)
    if torch.cuda.is_available():
        torch.cuda.reset_peak_memory_stats()
    started = time.monotonic()
    with _writing_weights(recipe.out):
        outcome = trainer.train(resume_from_checkpoint=last_checkpoint(recipe.out))
    seconds = round(time.monotonic() - started, 1)
    moved, unmoved = before.compare(trainer.model, steps=outcome.global_step)
    announce(f"{moved} of {len(trained)} trained tensors moved, 0 of {unmoved} frozen ones")
    kept = _take_best(trainer, recipe, processes)
    sizes = dict(trainer.model.named_parameters())
    _refuse_damage(sizes, trained)
    _save(trainer, checkpoint, material, recipe, processes)
    return {
        "steps": outcome.global_step,
        "seconds": seconds,
        "train_loss": outcome.training_loss,
        "videos": len(material.training),
        "tokens": round(
            sum(sample.length for sample in material.training) * (trainer.state.epoch or 0)
        ),
        "trained_tensors": len(trained),
        "moved_tensors": moved,
        "trained_parameters": sum(sizes[name].numel() for name in trained),
        "all_parameters": sum(size.numel() for size in sizes.values()),
        "processes": processes.num_processes,
        "device": _device(trainer.args.device),
        "peak_memory": _peak(),
        **kept,
    }


def course_of(
    recipe: Recipe,
    checkpoint: Checkpoint,
    material: Material,
    processes: PartialState,
    progress: Progress,
) -> Course:
    """What a trainer of this recipe trains on."""
    training, validating = (
        material.collator(samples, checkpoint, recipe.frames)
        for samples in (material.training, material.validating)
    )
    return Course(
        recipe=recipe,
        collator=training,
        validating=validating if material.validating else None,
        encoder=material.encoder,
        image_processor=checkpoint.image_processor,
        progress=progress,
        is_main=processes.is_main_process,
    )


def _announce_validation(trainer: DialogueTrainer, announce: Callable[[str], None]) -> None:
    if (aim := trainer.aim) is None:
        return
    videos = len(trainer.course.validating.samples) if trainer.course.validating else 0
    announce(f"validation on {videos} videos; the best weights are told by {aim.metric}")
    if aim.unranked:
        announce(
            f"note: the validation split has one class in {', '.join(aim.unranked)}: no AUROC there"
        )


def _take_best(trainer: DialogueTrainer, recipe: Recipe, processes: PartialState) -> dict[str, Any]:
    # The file lies where the main process is; the others may be on another machine.
    found: list[Any] = [trainer.best.read() if recipe.keep == "best" else None]
    if processes.num_processes > 1:
        broadcast_object_list(found)
    kept: Kept | None = found[0]
    if kept is None:
        return {"kept": {"step": trainer.state.global_step, "why": "last"}, "validation": {}}
    trainer.load_trained(trainer.best.weights() if processes.is_main_process else {})
    aim = trainer.aim
    assert aim is not None
    values = [line[aim.metric] for line in trainer.validations()]
    best = max(values) if aim.higher_is_better else min(values)
    own = kept.metrics[aim.metric]
    why = (
        f"best {aim.metric} {own:.4f}"
        if own == best
        else f"{aim.metric} {own:.4f}: within its error as good as the best, {best:.4f}, with a "
        "lower loss"
    )
    return {"kept": {"step": kept.step, "why": why}, "validation": kept.metrics}


@contextlib.contextmanager
def _writing_weights(out: Path) -> Iterator[None]:
    # A full disk shows as three kinds of error below the trainer; to the user it is one.
    try:
        with files.writing_to(out):
            yield
    except SafetensorError as error:
        raise _disk_error(out, error) from error
    except RuntimeError as error:
        if "PytorchStreamWriter" not in str(error):
            raise
        raise _disk_error(out, error) from error


def _disk_error(out: Path, error: Exception) -> OutputError:
    return OutputError(
        f"the weights cannot be written below {out}: {str(error).splitlines()[0]}",
        remedy="make room, and give the same command again: the last whole checkpoint is used",
    )


def last_checkpoint(out: Path) -> str | None:
    """The newest whole checkpoint of a run folder, None where there is none."""
    folders = sorted(
        (out / "checkpoints").glob("checkpoint-*"), key=lambda path: int(path.name.split("-")[1])
    )
    # trainer_state.json is what the trainer writes last; without it the folder is half-written.
    whole = [folder for folder in folders if (folder / "trainer_state.json").is_file()]
    return str(whole[-1]) if whole else None


def _refuse_damage(parameters: dict[str, Any], trained: list[str]) -> None:
    # The last step can spoil the weights after the last loss was still a number.
    spoilt = [name for name in trained if not torch.isfinite(parameters[name]).all()]
    if spoilt:
        raise TrainingError(
            f"{len(spoilt)} trained weights are not numbers, such as {spoilt[0]}",
            remedy="lower learning_rate, or raise warmup, in the recipe",
        )


def _save(
    trainer: DialogueTrainer,
    checkpoint: Checkpoint,
    material: Material,
    recipe: Recipe,
    processes: PartialState,
) -> None:
    model = trainer.accelerator.unwrap_model(trainer.model)
    state = trainer.accelerator.get_state_dict(trainer.model)
    if not processes.is_main_process:
        return
    if recipe.tune == "layers" and material.towers is not None:
        state = state | material.towers.state_dict()
    target = recipe.out / (MODEL if recipe.tune == "layers" else ADAPTER)
    part = target.with_name(target.name + ".part")
    with _writing_weights(target):
        shutil.rmtree(part, ignore_errors=True)
        model.save_pretrained(part, state_dict=state)
        if recipe.tune == "layers":
            checkpoint.tokenizer.save_pretrained(part)
            checkpoint.image_processor.save_pretrained(part)
        for weights in part.glob("*.safetensors"):
            # Written for their owner alone; who may read the run may read them.
            shutil.copymode(recipe.out / "recipe.yaml", weights)
        shutil.rmtree(target, ignore_errors=True)
        part.rename(target)
    if not any(target.glob("*.safetensors")):
        raise CheckpointError(f"{target} holds no weights", remedy="train again")
    trainer.best.remove()


def _device(device: torch.device) -> str:
    if device.type == "cuda":
        return str(torch.cuda.get_device_name(device))
    return f"{device.type}, {torch.get_num_threads()} threads"


def _peak() -> int | None:
    return torch.cuda.max_memory_allocated() if torch.cuda.is_available() else None

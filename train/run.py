"""One training run: from a recipe and a dataset to a run folder that explains itself."""

from __future__ import annotations

import contextlib
import random
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
import yaml
from safetensors import SafetensorError

from physprior import files, fingerprint, provenance
from physprior.dataset.folder import Dataset
from physprior.dataset.records import Record
from physprior.errors import (
    CheckpointError,
    DatasetError,
    OutputError,
    RecipeError,
    TrainingError,
)
from physprior.paths import cache_folder
from physprior.train.card import write_card
from physprior.train.collator import VideoCollator
from physprior.train.recipe import PartKind, Recipe
from physprior.train.trainer import Progress, make_trainer
from physprior.vlm.checkpoint import Checkpoint, load_checkpoint
from physprior.vlm.frames import Clip, FrameStore, Skipped
from physprior.vlm.run_folder import ADAPTER, MODEL, RunRecord, is_run, read_run, write_run
from physprior.vlm.tokens import Encoded
from physprior.vlm.trainable import add_lora, assert_trainable, select_layers

_WEIGHTLESS = ("out", "cache", "videos", "workers", "log_every", "save_every", "strict")
"""Fields that do not decide what the weights become."""


@dataclass(frozen=True)
class TrainReport:
    """What a training did."""

    out: Path
    """The run folder."""
    already_done: bool
    """The same run had finished before; nothing was done."""
    results: dict[str, Any]
    """What was measured: steps, seconds, loss, parameters."""
    skipped: tuple[Skipped, ...]
    """Videos that could not be used."""


def train(
    recipe: Recipe,
    *,
    decoding: Callable[[int, int], None] = lambda done, total: None,
    progress: Progress = lambda done, total, said: None,
) -> TrainReport:
    """Train as the recipe says; killed and called again, it goes on from the last checkpoint.

    ``decoding`` and ``progress`` are called as the work goes. Raises RecipeError where ``out``
    holds another run, and the errors of datasets, videos, checkpoints and training.
    """
    dataset = Dataset.open(recipe.dataset, videos_root=recipe.videos)
    records = dataset.records("train")
    if not records:
        raise DatasetError(f"{recipe.dataset} has no training videos", remedy="build it again")
    files.make_folder(recipe.out)
    _seed(recipe.seed)
    checkpoint = load_checkpoint(recipe.base)
    record = _record(recipe, dataset, records, checkpoint)
    earlier = _earlier(recipe.out, record)
    if earlier is not None and earlier.state == "finished":
        return TrainReport(recipe.out, True, earlier.results, ())
    write_run(recipe.out, record)
    files.write_text(recipe.out / "recipe.yaml", _recipe_yaml(recipe))

    store = FrameStore(
        recipe.cache or cache_folder() / "frames", checkpoint.image_processor, recipe.sample()
    )
    usable, skipped = _prepare(records, dataset, store, recipe, decoding)
    results = _fit(recipe, checkpoint, usable, dataset, store, progress)
    results["skipped"] = [f"{skip.path.name}: {skip.reason}" for skip in skipped]
    finished = record.model_copy(update={"state": "finished", "results": results})
    write_run(recipe.out, finished)
    write_card(recipe.out, finished)
    return TrainReport(recipe.out, False, results, tuple(skipped))


def _record(
    recipe: Recipe, dataset: Dataset, records: list[Record], checkpoint: Checkpoint
) -> RunRecord:
    hashes = {
        "manifest": fingerprint.of_file(dataset.folder / "manifest.json"),
        "split": dataset.manifest.split,
    }
    decisive = recipe.model_dump(mode="json", exclude={*_WEIGHTLESS, "base", "dataset"})
    return RunRecord(
        state="running",
        fingerprint=fingerprint.of_json([decisive, checkpoint.fingerprint, hashes]),
        # Absolute where it is a folder, so that the run is found from wherever it is used.
        base=str(Path(recipe.base).resolve()) if Path(recipe.base).exists() else recipe.base,
        base_fingerprint=checkpoint.fingerprint,
        tune=recipe.tune,
        mode=dataset.manifest.mode,
        prompts={record.category: record.prompt_hash for record in records},
        sampling=recipe.sample(),
        dataset={"folder": str(recipe.dataset.resolve()), **hashes},
        recipe=recipe.model_dump(mode="json"),
        provenance=provenance.describe(),
    )


def _earlier(out: Path, record: RunRecord) -> RunRecord | None:
    if is_run(out):
        earlier = read_run(out)
        if earlier.fingerprint == record.fingerprint:
            return earlier
        raise RecipeError(
            f"{out} holds a run with another recipe, base or dataset",
            remedy="name another out, or remove that folder",
        )
    if any(path for path in out.iterdir()):
        raise RecipeError(
            f"{out} is not empty and is no run folder", remedy="name a new folder as out"
        )
    return None


def _prepare(
    records: list[Record],
    dataset: Dataset,
    store: FrameStore,
    recipe: Recipe,
    decoding: Callable[[int, int], None],
) -> tuple[list[Record], list[Skipped]]:
    clips = [Clip(dataset.videos_root / record.video, record.sha256) for record in records]
    skipped = store.prepare(clips, workers=recipe.workers, progress=decoding)
    bad = {skip.path for skip in skipped}
    if bad and recipe.strict:
        listed = "\n".join(f"  {skip.path}: {skip.reason}" for skip in skipped)
        raise DatasetError(
            f"{len(bad)} videos cannot be used:\n{listed}",
            remedy="replace them, or leave strict out",
        )
    usable = [record for record, clip in zip(records, clips, strict=True) if clip.path not in bad]
    if not usable:
        raise DatasetError(
            f"none of the {len(records)} training videos can be used: {skipped[0].reason}",
            remedy="see whether the videos still lie where the dataset says, or set videos",
        )
    return usable, skipped


def _fit(
    recipe: Recipe,
    checkpoint: Checkpoint,
    records: list[Record],
    dataset: Dataset,
    store: FrameStore,
    progress: Progress,
) -> dict[str, Any]:
    model = checkpoint.model
    if recipe.tune == "lora":
        model = add_lora(
            model, rank=recipe.lora_rank, alpha=recipe.lora_alpha, dropout=recipe.lora_dropout
        )
    else:
        select_layers(model)
    trained = assert_trainable(model, recipe.tune)
    samples = _samples(recipe, checkpoint, records, dataset)
    collator = VideoCollator(
        store,
        checkpoint.image_processor,
        pad_token=checkpoint.tokenizer.pad_token_id,
        video_token=checkpoint.model.config.video_token_index,
        video_tokens=recipe.frames * checkpoint.tokens_per_frame,
    )
    trainer = make_trainer(model, checkpoint.tokenizer, samples, collator, recipe, progress)
    # The trainer wraps and casts the model: what trains is looked at once more, in its hands.
    assert_trainable(trainer.model, recipe.tune)
    started = time.monotonic()
    with _writing_weights(recipe.out):
        outcome = trainer.train(resume_from_checkpoint=_last_checkpoint(recipe.out))
    sizes = dict(trainer.model.named_parameters())
    _refuse_damage(sizes, trained)
    with _writing_weights(recipe.out):
        _save(trainer.model, checkpoint, recipe)
    return {
        "steps": outcome.global_step,
        "seconds": round(time.monotonic() - started, 1),
        "train_loss": outcome.training_loss,
        "videos": len(records),
        "trained_tensors": len(trained),
        "trained_parameters": sum(sizes[name].numel() for name in trained),
        "all_parameters": sum(size.numel() for size in sizes.values()),
    }


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


def _samples(
    recipe: Recipe, checkpoint: Checkpoint, records: list[Record], dataset: Dataset
) -> list[dict[str, Any]]:
    encoder = checkpoint.encoder(recipe.frames)
    limit = checkpoint.model.config.text_config.max_position_embeddings
    samples = []
    for record in records:
        encoded = encoder.dialogue(record.dialogue())
        if len(encoded.input_ids) > limit:
            raise TrainingError(
                f"the dialogue of {record.id} has {len(encoded.input_ids)} tokens, the model's "
                f"context holds {limit}",
                remedy="use fewer frames, or shorten the KB entry's statements",
            )
        samples.append(
            {
                "input_ids": encoded.input_ids,
                "labels": encoded.labels,
                "weights": _weights(encoded, recipe),
                "video": str(dataset.videos_root / record.video),
                "sha256": record.sha256,
            }
        )
    return samples


def _weights(encoded: Encoded, recipe: Recipe) -> list[float]:
    # They sum to the number of supervised tokens, so that no dialogue counts more than another
    # of its length, and the loss keeps its scale whatever the weights.
    weights = [
        recipe.part_weights.get(cast(PartKind, kind), 1.0)
        * (recipe.label_weight if in_label else 1.0)
        if kind
        else 0.0
        for kind, in_label in zip(encoded.kinds, encoded.in_label, strict=True)
    ]
    scale = sum(1 for kind in encoded.kinds if kind) / sum(weights)
    return [weight * scale for weight in weights]


def _last_checkpoint(out: Path) -> str | None:
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


def _save(model: Any, checkpoint: Checkpoint, recipe: Recipe) -> None:
    target = recipe.out / (ADAPTER if recipe.tune == "lora" else MODEL)
    part = target.with_name(target.name + ".part")
    with files.writing_to(target):
        shutil.rmtree(part, ignore_errors=True)
        model.save_pretrained(part)
        if recipe.tune == "layers":
            checkpoint.tokenizer.save_pretrained(part)
            checkpoint.image_processor.save_pretrained(part)
        shutil.rmtree(target, ignore_errors=True)
        part.rename(target)
    if not any(target.glob("*.safetensors")):
        raise CheckpointError(f"{target} holds no weights", remedy="train again")


def _recipe_yaml(recipe: Recipe) -> str:
    return yaml.safe_dump(recipe.model_dump(mode="json"), sort_keys=False, allow_unicode=True)


def _seed(seed: int) -> None:
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)

"""One training run: from a recipe and a dataset to a run folder that explains itself."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import yaml

from physprior import files, fingerprint, provenance
from physprior.dataset.folder import Dataset
from physprior.dataset.records import Record
from physprior.errors import DatasetError, RecipeError
from physprior.train.card import write_card
from physprior.train.estimate import refuse_small_device
from physprior.train.fit import fit
from physprior.train.material import Material, gather
from physprior.train.recipe import Recipe
from physprior.train.samples import make_samples
from physprior.train.selection import counts, remarks, select
from physprior.train.trackers import require_trackers
from physprior.train.tune import refuse_setup, starting_run
from physprior.train.watch import Progress
from physprior.vlm.checkpoint import Checkpoint, encoder_of, load_checkpoint, load_tokenizing
from physprior.vlm.frames import Skipped
from physprior.vlm.processes import join_processes
from physprior.vlm.run_folder import RunRecord, is_run, read_run, write_run

_WEIGHTLESS = (
    *("out", "cache", "videos", "workers", "log_every", "save_every", "strict"),
    *("clip_limit_s", "loader_workers", "report_to", "gradient_every"),
)
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
    announce: Callable[[str], None] = lambda line: None,
) -> TrainReport:
    """Train as the recipe says; killed and called again, it goes on from the last checkpoint.

    ``decoding`` and ``progress`` are called as the work goes, ``announce`` with what a person
    should know before it begins; all three in the main process alone. Started in several processes
    (``accelerate launch``), they train together. Raises RecipeError where ``out`` holds another
    run, and the errors of datasets, videos, checkpoints and training.
    """
    # What is not installed, or cannot be in this setup, is said before the work begins.
    require_trackers(recipe)
    refuse_setup(recipe)
    processes = join_processes()
    if not processes.is_main_process:
        decoding, progress, announce = _quiet, _quiet, _quiet
    dataset = Dataset.open(recipe.dataset, videos_root=recipe.videos)
    records = select(dataset.records("train"), recipe)
    if not records:
        raise DatasetError(f"{recipe.dataset} has no training videos", remedy="build it again")
    with processes.main_process_first():
        files.make_folder(recipe.out)
    _seed(recipe.seed)
    refuse_small_device(recipe, *_longest(recipe, records, dataset), announce=announce)
    checkpoint = load_checkpoint(recipe.base, quantise=recipe.tune == "qlora")
    record = describe_run(recipe, dataset, records, checkpoint)
    with processes.main_process_first():
        earlier = _earlier(recipe.out, record)
        if earlier is not None and earlier.state == "finished":
            return TrainReport(recipe.out, True, earlier.results, ())
        if processes.is_main_process:
            write_run(recipe.out, record)
            files.write_text(recipe.out / "recipe.yaml", _recipe_yaml(recipe))
    for line in remarks(records):
        announce(f"note: {line}")
    material = gather(recipe, checkpoint, dataset, records, processes, decoding, announce)
    results = fit(recipe, checkpoint, material, processes, progress, announce)
    if material.rebuilt:
        first = material.rebuilt[0]
        announce(
            f"note: {len(material.rebuilt)} damaged files of the cache were made again, the first "
            f"for {first.path}: {first.reason}"
        )
    if processes.is_main_process:
        _finish(recipe, record, results, material)
    processes.wait_for_everyone()
    return TrainReport(recipe.out, False, results, tuple(material.skipped))


def _longest(recipe: Recipe, records: list[Record], dataset: Dataset) -> tuple[int, int]:
    """Tokens of the longest dialogue, and the most that are taught in one; without the weights."""
    config, tokenizer, _ = load_tokenizing(recipe.base)
    samples = make_samples(
        recipe,
        encoder_of(config, tokenizer, recipe.frames),
        records,
        dataset,
        context=config.text_config.max_position_embeddings,
    )
    taught = max(sum(kind != "" for kind in sample.encoded.kinds) for sample in samples)
    return max(sample.length for sample in samples), taught


def _finish(recipe: Recipe, record: RunRecord, results: dict[str, Any], material: Material) -> None:
    results["counts"] = counts([sample.record for sample in material.training])
    results["skipped"] = [f"{skip.path.name}: {skip.reason}" for skip in material.skipped]
    finished = record.model_copy(update={"state": "finished", "results": results})
    write_run(recipe.out, finished)
    write_card(recipe.out, finished)


def describe_run(
    recipe: Recipe, dataset: Dataset, records: list[Record], checkpoint: Checkpoint
) -> RunRecord:
    """The record of a run that is about to begin."""
    hashes = {
        "manifest": fingerprint.of_file(dataset.folder / "manifest.json"),
        "split": dataset.manifest.split,
    }
    decisive = recipe.model_dump(
        mode="json", exclude={*_WEIGHTLESS, "base", "dataset", "continue_from"}
    )
    earlier = starting_run(checkpoint, recipe)
    # What an earlier run was taught, and this one is not told again, it still knows.
    prompts = dict(earlier.prompts) if earlier else {}
    prompts |= {record.category: record.prompt_hash for record in records}
    continued = earlier.fingerprint if earlier else ""
    return RunRecord(
        state="running",
        fingerprint=fingerprint.of_json([decisive, checkpoint.fingerprint, hashes, continued]),
        # Absolute where it is a folder, so that the run is found from wherever it is used.
        base=str(Path(recipe.base).resolve()) if Path(recipe.base).exists() else recipe.base,
        base_fingerprint=checkpoint.fingerprint,
        tune=recipe.tune,
        mode=dataset.manifest.mode,
        prompts=prompts,
        sampling=recipe.sample(),
        dataset={"folder": str(recipe.dataset.resolve()), **hashes},
        recipe=recipe.model_dump(mode="json"),
        provenance=provenance.describe(),
        continued_from=continued,
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


def _recipe_yaml(recipe: Recipe) -> str:
    return yaml.safe_dump(recipe.model_dump(mode="json"), sort_keys=False, allow_unicode=True)


def _seed(seed: int) -> None:
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


def _quiet(*_: Any) -> None:
    """Says nothing: only the main process speaks."""

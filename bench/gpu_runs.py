"""The runs of gpu_train.py: each tuning, source and batch size, stepped by the real trainer."""

from __future__ import annotations

import argparse
import gc
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from accelerate import PartialState
from clips import MACHINES, make_dataset
from naive_train import NaiveCollator, NaiveLoop, Step
from random_base import random_checkpoint
from transformers import TrainerCallback, VideoLlavaImageProcessor

from physprior.dataset.folder import Dataset
from physprior.dialogue.templates import Templates
from physprior.errors import CheckpointError, TrainingError
from physprior.knowledge.load import load_knowledge
from physprior.paths import kb_folder, templates_folder
from physprior.train.estimate.base import describe_base
from physprior.train.estimate.work import work_of
from physprior.train.fit import course_of
from physprior.train.material import Material, gather
from physprior.train.recipe import Recipe, read_recipe
from physprior.train.trainer import make_trainer
from physprior.train.tune import tune
from physprior.vlm.checkpoint import encoder_of, load_tokenizing, tokens_per_frame
from physprior.vlm.shapes import video_llava_7b
from physprior.vlm.tiny import make_tiny
from physprior.vlm.video_inputs import bare


@dataclass(frozen=True)
class Run:
    """What was measured of one tuning, source and batch size; times are medians, in seconds."""

    tune: str
    source: str
    batch: int
    tokens: float
    """Mean tokens of a dialogue, the video's included."""
    text_tokens: float
    """How many of them are words."""
    failed: str | None = None
    """Why there are no figures."""
    step_s: float | None = None
    steps_s: Sequence[float] = ()
    tokens_per_s: float | None = None
    videos_per_s: float | None = None
    loading_share: float | None = None
    peak_bytes: int | None = None
    """Tensors at their most; None on the CPU."""
    flops_per_step: float | None = None
    """Matrix work of a step by arithmetic, recomputation included; None for the plain loop."""
    rate_share: float | None = None


def run_all(chosen: argparse.Namespace, place: Path, rate: float) -> Iterator[Run]:
    """Every run that was asked for, one after the other; ``rate``: the card's matrix rate."""
    setup = _prepare(chosen, place)
    for number, tuning in enumerate(chosen.tune):
        recipe = _recipe(chosen, place, tuning)
        own = ("features" if recipe.cache_features else "frames",)
        sources = tuple(chosen.sources) if number == 0 else own
        # The plain loop first: gathering features takes the towers away.
        sources = tuple(sorted(sources, key=("naive", "frames", "features").index))
        failed, bench = "", None
        try:
            bench = _Bench(chosen, recipe, setup, rate)
        except torch.OutOfMemoryError:
            failed = "out of memory, as the base was loaded"
        except CheckpointError as error:
            failed = error.message
        for source in sources:
            if bench is None:
                for batch in chosen.batch:
                    yield Run(tuning, source, batch, *setup.lengths, failed=failed)
            else:
                yield from bench.runs(source)
        del bench
        _free()


@dataclass(frozen=True)
class _Setup:
    """What all runs share."""

    dataset: Dataset
    config: Any
    tokenizer: Any
    image_processor: Any
    lengths: tuple[float, float]
    """Mean tokens of a dialogue, and how many of them are words."""
    taught: float
    """Mean tokens of a dialogue that are taught."""


def _prepare(chosen: argparse.Namespace, place: Path) -> _Setup:
    knowledge = load_knowledge(kb_folder()).only(MACHINES)
    made = make_dataset(
        place, MACHINES, count=chosen.clips, height=chosen.height, workers=chosen.workers
    )
    make_tiny(place / "tiny", knowledge, Templates(templates_folder()))
    config, tokenizer, processor = load_tokenizing(place / "tiny")
    if chosen.shape == "7b":
        true = video_llava_7b()
        # The tokenizer's own numbers: which rows of the embeddings are used changes no figure.
        true.image_token_index = config.image_token_index
        true.video_token_index = config.video_token_index
        config, processor = true, VideoLlavaImageProcessor()
    dataset, frames = Dataset.open(made), 8
    encoder = encoder_of(config, tokenizer, frames)
    dialogues = [record.dialogue() for record in dataset.records("train")]
    encoded = [encoder.dialogue(dialogue) for dialogue in dialogues]
    tokens = statistics.mean(len(one.input_ids) for one in encoded)
    taught = statistics.mean(sum(map(bool, one.kinds)) for one in encoded)
    words = tokens - frames * tokens_per_frame(config)
    return _Setup(dataset, config, tokenizer, processor, (tokens, words), taught)


def _recipe(chosen: argparse.Namespace, place: Path, tuning: str) -> Recipe:
    fields = {
        "dataset": place / "dataset",
        "out": place / "runs",
        "cache": place / "cache",
        "epochs": 1,
        "gradient_accumulation": 1,
        "gradient_checkpointing": str(not chosen.no_checkpointing).lower(),
        "validate_every": 0,
        "gradient_every": 0,
        "save_every": 10**6,
        "workers": chosen.workers,
    }
    return read_recipe(f"video_llava_7b_{tuning}", [f"{name}={v}" for name, v in fields.items()])


@dataclass(frozen=True)
class _Measured:
    """What one run's steps took."""

    steps: Sequence[Step]
    peak: int | None
    flops: float | None = None
    """Matrix work of one step."""


class _Bench:
    """One tuned model, stepped with every source and batch size."""

    def __init__(
        self, chosen: argparse.Namespace, recipe: Recipe, setup: _Setup, rate: float
    ) -> None:
        self._chosen, self._recipe, self._setup, self._rate = chosen, recipe, setup, rate
        self._processes = PartialState(cpu=not torch.cuda.is_available())
        self._checkpoint = random_checkpoint(
            setup.config,
            setup.tokenizer,
            setup.image_processor,
            device=_device(chosen),
            quantise=recipe.tune == "qlora",
            attention=chosen.attention,
        )
        self._model = tune(self._checkpoint, recipe)

    def runs(self, source: str) -> Iterator[Run]:
        """Every batch size, fed in one way."""
        recipe = self._recipe.model_copy(update={"cache_features": source == "features"})
        records = self._setup.dataset.records("train")
        material = gather(
            recipe, self._checkpoint, self._setup.dataset, records, self._processes, _quiet, _quiet
        )
        for batch in self._chosen.batch:
            yield self._run(recipe.model_copy(update={"batch_size": batch}), source, material)
            _free()

    def _run(self, recipe: Recipe, source: str, material: Material) -> Run:
        batch = recipe.batch_size
        run = Run(self._recipe.tune, source, batch, *self._setup.lengths)
        # The plain loop's workers begin far ahead: what they hold at first is no steady supply.
        ahead = 2 * self._chosen.workers if source == "naive" else 0
        warm = self._chosen.warm + ahead
        own = material.training
        count = batch * (warm + self._chosen.steps)
        material = replace(material, training=[own[number % len(own)] for number in range(count)])
        if torch.cuda.is_available():
            torch.cuda.reset_peak_memory_stats()
        try:
            measured = (self._plain if source == "naive" else self._cached)(recipe, material)
        except torch.OutOfMemoryError:
            return replace(run, failed="out of memory")
        except TrainingError as error:
            if not isinstance(error.__cause__, torch.OutOfMemoryError):
                raise
            return replace(run, failed="out of memory")
        finally:
            self._model.zero_grad(set_to_none=True)
        return self._figures(run, replace(measured, steps=measured.steps[warm:]))

    def _cached(self, recipe: Recipe, material: Material) -> _Measured:
        course = course_of(recipe, self._checkpoint, material, self._processes, _quiet)
        trainer = make_trainer(self._model, self._checkpoint.tokenizer, course)
        watch = _Stopwatch()
        trainer.add_callback(watch)
        try:
            trainer.train()
            return _Measured(watch.steps, _peak(), self._flops(recipe))
        finally:
            # Each trainer puts its autocast around the forward: the next one starts afresh.
            trainer.accelerator.unwrap_model(trainer.model, keep_fp32_wrapper=False)
            trainer.accelerator.free_memory()

    def _flops(self, recipe: Recipe) -> float:
        base = describe_base("random", self._setup.config)
        tokens, _ = self._setup.lengths
        one = work_of(base, recipe, tokens, self._setup.taught)
        return recipe.batch_size * sum(one.values())

    def _plain(self, recipe: Recipe, material: Material) -> _Measured:
        if recipe.gradient_checkpointing:
            core = bare(self._model)
            core.gradient_checkpointing_enable({"use_reentrant": False})
            core.enable_input_require_grads()
        pad, processor = self._setup.tokenizer.pad_token_id, self._setup.image_processor
        loop = NaiveLoop(
            self._model,
            material.training,
            NaiveCollator(processor, recipe.sample(), pad),
            batch_size=recipe.batch_size,
            learning_rate=recipe.learning_rate,
            max_grad_norm=recipe.max_grad_norm,
            workers=self._chosen.workers,
            device=_device(self._chosen),
        )
        return _Measured(loop.epoch(), _peak())

    def _figures(self, run: Run, measured: _Measured) -> Run:
        seconds = [step.waited + step.worked for step in measured.steps]
        mean, median = statistics.mean(seconds), statistics.median(seconds)
        flops = measured.flops
        return replace(
            run,
            step_s=median,
            steps_s=[round(one, 6) for one in seconds],
            tokens_per_s=run.batch * run.tokens / mean,
            videos_per_s=run.batch / mean,
            loading_share=sum(step.waited for step in measured.steps) / sum(seconds),
            peak_bytes=measured.peak,
            flops_per_step=flops,
            rate_share=None if flops is None else flops / median / self._rate,
        )


class _Stopwatch(TrainerCallback):
    """Seconds between steps, when batches are fetched, and within them."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self._ended = self._began = 0.0

    def on_train_begin(self, *_: Any, **__: Any) -> None:
        self._ended = _now()

    def on_step_begin(self, *_: Any, **__: Any) -> None:
        self._began = _now()

    def on_step_end(self, _args: Any, _state: Any, control: Any, **_: Any) -> Any:
        now = _now()
        self.steps.append(Step(self._began - self._ended, now - self._began))
        self._ended = now
        # The trainer would save after its last step: many GB, for nothing.
        control.should_save = False
        return control


def _device(chosen: argparse.Namespace) -> torch.device:
    return torch.device("cuda", 0) if chosen.device == "cuda" else torch.device("cpu")


def _now() -> float:
    _settle()
    return time.perf_counter()


def _settle() -> None:
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def _peak() -> int | None:
    return torch.cuda.max_memory_allocated() if torch.cuda.is_available() else None


def _quiet(*_: Any) -> None:
    """Says nothing of the work as it goes."""


def _free() -> None:
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()

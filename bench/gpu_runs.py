"""The runs of gpu_train.py: each tuning, source and batch size, stepped by the real trainer."""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from accelerate import PartialState
from gpu_profile import Profile, Profiler
from gpu_results import clock, free, peak
from gpu_setup import Setup, prepare, recipe_of
from gpu_variants import NotHereError, varied
from naive_train import NaiveCollator, NaiveLoop, Step
from random_base import random_checkpoint
from transformers import TrainerCallback

from physprior.errors import CheckpointError, TrainingError
from physprior.train.estimate.base import describe_base
from physprior.train.estimate.measured import step_peak
from physprior.train.estimate.work import work_of
from physprior.train.fit import course_of
from physprior.train.material import Material, gather
from physprior.train.recipe import Recipe
from physprior.train.trainer import make_trainer
from physprior.train.tune import tune
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
    longest_tokens: int
    """Of the longest dialogue."""
    variant: str = ""
    """Another way to take the step (gpu_variants.py); ``profiled`` where kernels were recorded."""
    failed: str | None = None
    """Why there are no figures."""
    step_s: float | None = None
    steps_s: Sequence[float] = ()
    tokens_per_s: float | None = None
    videos_per_s: float | None = None
    loading_share: float | None = None
    peak_bytes: int | None = None
    """Tensors at their most; None on the CPU."""
    estimated_bytes: int | None = None
    """The same, by physprior's estimate; None for the plain loop and other ways to step."""
    flops_per_step: float | None = None
    """Matrix work of a step by arithmetic, recomputation included; None for the plain loop."""
    rate_share: float | None = None
    profile: Profile | None = None

    @property
    def estimate_error(self) -> float | None:
        """How far the estimate is off, as a share of what was measured."""
        if self.peak_bytes is None or self.estimated_bytes is None:
            return None
        return self.estimated_bytes / self.peak_bytes - 1


def run_all(chosen: argparse.Namespace, place: Path, rate: float) -> Iterator[Run]:
    """Every run that was asked for, one after the other; ``rate``: the card's matrix rate."""
    setup = prepare(chosen, place)
    for number, tuning in enumerate(chosen.tune):
        recipe = recipe_of(chosen, place, tuning)
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
                further = number == 0 and source == cached_source(chosen)
                yield from bench.runs(source, further=further)
        del bench
        free()


def cached_source(chosen: argparse.Namespace) -> str:
    """What feeds the steps that are tried otherwise or profiled; empty where none is cached."""
    return next((one for one in ("frames", "features") if one in chosen.sources), "")


@dataclass(frozen=True)
class _Measured:
    """What one run's steps took."""

    steps: Sequence[Step]
    peak: int | None
    flops: float | None = None
    """Matrix work of one step."""
    profile: Profile | None = None


class _Bench:
    """One tuned model, stepped with every source and batch size."""

    def __init__(
        self, chosen: argparse.Namespace, recipe: Recipe, setup: Setup, rate: float
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

    def runs(self, source: str, *, further: bool) -> Iterator[Run]:
        """Every batch size, fed in one way; ``further``: other ways to step, too, and a profile."""
        recipe = self._recipe.model_copy(update={"cache_features": source == "features"})
        records = self._setup.dataset.records("train")
        material = gather(
            recipe, self._checkpoint, self._setup.dataset, records, self._processes, _quiet, _quiet
        )
        ways = ["", *self._chosen.variants] if further else [""]
        best, best_share = self._chosen.batch[0], 0.0
        for way in ways:
            for batch in self._chosen.batch:
                run = self._run(recipe, source, batch, material, way)
                if not way and (run.rate_share or 0.0) > best_share:
                    best, best_share = batch, run.rate_share or 0.0
                yield run
                free()
        if further and self._chosen.profile:
            yield self._run(recipe, source, best, material, "profiled")
            free()

    def _run(
        self, recipe: Recipe, source: str, batch: int, material: Material, variant: str
    ) -> Run:
        recipe = recipe.model_copy(update={"batch_size": batch})
        run = Run(self._recipe.tune, source, batch, *self._setup.lengths, variant=variant)
        # The plain loop's workers begin far ahead: what they hold at first is no steady supply.
        ahead = 2 * self._chosen.workers if source == "naive" else 0
        warm = self._chosen.warm + ahead
        own = material.training
        count = batch * (warm + self._chosen.steps)
        material = replace(material, training=[own[number % len(own)] for number in range(count)])
        if torch.cuda.is_available():
            torch.cuda.reset_peak_memory_stats()
        try:
            if source == "naive":
                measured = self._plain(recipe, material)
            else:
                measured = self._cached(recipe, material, variant)
        except NotHereError as error:
            return replace(run, failed=str(error))
        except torch.OutOfMemoryError:
            return replace(run, failed="out of memory")
        except TrainingError as error:
            if not isinstance(error.__cause__, torch.OutOfMemoryError):
                raise
            return replace(run, failed="out of memory")
        finally:
            self._model.zero_grad(set_to_none=True)
        return self._figures(run, recipe, replace(measured, steps=measured.steps[warm:]))

    def _cached(self, recipe: Recipe, material: Material, variant: str) -> _Measured:
        course = course_of(recipe, self._checkpoint, material, self._processes, _quiet)
        trainer = make_trainer(self._model, self._checkpoint.tokenizer, course)
        watch = _Stopwatch()
        profiler = Profiler(self._chosen.warm, self._chosen.steps)
        trainer.add_callback(watch)
        if variant == "profiled":
            trainer.add_callback(profiler)
            variant = ""
        try:
            with varied(variant, trainer) if variant else nullcontext():
                trainer.train()
            return _Measured(watch.steps, peak(), self._flops(recipe), profiler.found)
        finally:
            # Each trainer puts its autocast around the forward: the next one starts afresh.
            trainer.accelerator.unwrap_model(trainer.model, keep_fp32_wrapper=False)
            trainer.accelerator.free_memory()

    def _flops(self, recipe: Recipe) -> float:
        base = describe_base("random", self._setup.config)
        tokens = self._setup.lengths[0]
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
        return _Measured(loop.epoch(), peak())

    def _estimate(self, run: Run, recipe: Recipe) -> int | None:
        if run.source == "naive" or run.variant:
            return None
        base = describe_base("random", self._setup.config)
        _, words, longest = self._setup.lengths
        on_card = torch.cuda.is_available()
        return step_peak(base, recipe, run.batch, tokens=longest, words=int(words), on_card=on_card)

    def _figures(self, run: Run, recipe: Recipe, measured: _Measured) -> Run:
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
            estimated_bytes=self._estimate(run, recipe),
            profile=measured.profile,
            flops_per_step=flops,
            rate_share=None if flops is None else flops / median / self._rate,
        )


class _Stopwatch(TrainerCallback):
    """Seconds between steps, when batches are fetched, and within them."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self._ended = self._began = 0.0

    def on_train_begin(self, *_: Any, **__: Any) -> None:
        self._ended = clock()

    def on_step_begin(self, *_: Any, **__: Any) -> None:
        self._began = clock()

    def on_step_end(self, _args: Any, _state: Any, control: Any, **_: Any) -> Any:
        now = clock()
        self.steps.append(Step(self._began - self._ended, now - self._began))
        self._ended = now
        # The trainer would save after its last step: many GB, for nothing.
        control.should_save = False
        return control


def _device(chosen: argparse.Namespace) -> torch.device:
    return torch.device("cuda", 0) if chosen.device == "cuda" else torch.device("cpu")


def _quiet(*_: Any) -> None:
    """Says nothing of the work as it goes."""

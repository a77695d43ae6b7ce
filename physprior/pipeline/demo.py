"""The whole way in one go: check, simulate, build, base, train, predict, explain, score.

Every step is the one that its own command runs, with the same arguments; what a step has done
already is not done again, so that a demo that was stopped goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from physprior.check import refuse_errors
from physprior.dialogue import Templates
from physprior.knowledge.load import load_knowledge
from physprior.paths import kb_folder, templates_folder
from physprior.pipeline.objects import objects_of

if TYPE_CHECKING:
    from physprior.eval.predict import PredictOptions
    from physprior.eval.predictions import Control

CATEGORIES = ("ball", "button", "caster_wheel", "clip", "fan", "slide")
"""What the demo simulates, so that minutes are enough: of the button and the caster the tiny model
misses some, as a report is there to show."""

_NAMED = " ".join(f"--category {name}" for name in CATEGORIES)

Progress = Callable[..., None]
"""Called with (what is done, done, total) and, while training, what is known so far."""


@dataclass(frozen=True)
class DemoPlan:
    """Where and how large the demo is. The defaults are what ``make demo`` runs."""

    out: Path
    """The demo's folder; every artefact lands in it."""
    mode: str = "multi_turn"
    """The dialogue's mode."""
    count: int = 800
    """Simulated videos a category."""
    seed: int = 0
    """Seeds videos, split and training."""
    workers: int = 2
    """Processes that simulate and decode."""
    overrides: tuple[str, ...] = ()
    """Fields of the recipe to set, as ``--set`` does."""


@dataclass(frozen=True)
class DemoResult:
    """What a demo made."""

    predictions: Path
    """The tuned model's predictions of the test split; those of its controls lie beside them."""
    validation: Path
    """Its predictions of the validation split, on which thresholds are chosen."""
    base_predictions: Path
    """The untuned base's predictions of the same videos."""


@dataclass(frozen=True)
class _Places:
    """Where the demo's artefacts lie."""

    out: Path

    @property
    def videos(self) -> Path:
        return self.out / "videos"

    @property
    def base(self) -> Path:
        return self.out / "base"

    @property
    def frames(self) -> Path:
        return self.out / "frames"

    def of_mode(self, name: str, mode: str) -> Path:
        return self.out / f"{name}-{mode}"


def run_demo(plan: DemoPlan, *, announce: Callable[[str], None], progress: Progress) -> DemoResult:
    """Run every step of the plan. ``announce`` is told the command that each step stands for.

    Raises the errors of the steps.
    """
    places = _Places(plan.out)
    _check(announce)
    _simulate(plan, places, announce, progress)
    _build(plan, places, announce, progress)
    _base(places, announce)
    _train(plan, places, announce, progress)
    result = _predict(plan, places, announce, progress)
    _explain(result, announce, progress)
    announce(
        f"physprior report {result.predictions} {result.base_predictions} "
        f"--validation {result.validation}"
    )
    return result


def _check(announce: Callable[[str], None]) -> None:
    announce("physprior check")
    refuse_errors([kb_folder(), templates_folder()])


def _simulate(
    plan: DemoPlan, places: _Places, announce: Callable[[str], None], progress: Progress
) -> None:
    from physprior.simulate import Options, simulate

    objects = objects_of(plan.count)
    announce(
        f"physprior data simulate {places.videos} {_NAMED} --count {plan.count} "
        f"--instances {objects} --seed {plan.seed}"
    )
    simulate(
        places.videos,
        Options(categories=CATEGORIES, count=plan.count, instances=objects, seed=plan.seed),
        workers=plan.workers,
        progress=partial(progress, "simulate"),
    )


def _build(
    plan: DemoPlan, places: _Places, announce: Callable[[str], None], progress: Progress
) -> None:
    from physprior.dataset.compile import build

    dataset = places.of_mode("dataset", plan.mode)
    announce(f"physprior build {places.videos} -o {dataset} --mode {plan.mode} --seed {plan.seed}")
    build(
        places.videos,
        dataset,
        knowledge=load_knowledge(kb_folder()),
        templates=Templates(templates_folder()),
        mode=plan.mode,
        seed=plan.seed,
        workers=plan.workers,
        progress=partial(progress, "index"),
    )


def _base(places: _Places, announce: Callable[[str], None]) -> None:
    from physprior.vlm.pretrained import copy_pretrained

    announce(f"physprior model base tiny {places.base} --pretrained")
    if not (places.base / "config.json").is_file():
        copy_pretrained(places.base)


def _train(
    plan: DemoPlan, places: _Places, announce: Callable[[str], None], progress: Progress
) -> None:
    from physprior.train.recipe import read_recipe
    from physprior.train.run import train

    overrides = (
        f"base={places.base}",
        f"dataset={places.of_mode('dataset', plan.mode)}",
        f"out={places.of_mode('run', plan.mode)}",
        f"cache={places.frames}",
        f"seed={plan.seed}",
        f"workers={plan.workers}",
        *plan.overrides,
    )
    announce("physprior train tiny " + " ".join(f"--set {field}" for field in overrides))
    recipe = read_recipe("tiny", overrides)
    train(recipe, decoding=partial(progress, "decode"), progress=partial(progress, "train"))


def _predict(
    plan: DemoPlan, places: _Places, announce: Callable[[str], None], progress: Progress
) -> DemoResult:
    from physprior.eval.predict import PredictOptions, possible_controls

    run = places.of_mode("run", plan.mode)
    # A folder of their own: reports lie beside the predictions, and a run folder is training's.
    folder = places.of_mode("report", plan.mode)
    asked = partial(PredictOptions, batch_size=32, cache=places.frames, workers=plan.workers)
    ask = partial(_ask, plan, places, announce=announce, progress=progress)
    untuned = ask(places.base, folder / "base-test.jsonl", asked(score_only=True), ())
    # The threshold is chosen on these.
    validation = ask(run, folder / "val.jsonl", asked(split="val", score_only=True), ())
    controls, _ = possible_controls(places.of_mode("dataset", plan.mode), asked())
    tuned = ask(run, folder / "test.jsonl", asked(), controls)
    return DemoResult(tuned, validation, untuned)


def _explain(result: DemoResult, announce: Callable[[str], None], progress: Progress) -> None:
    from physprior.eval.explanations.items import sentences_of
    from physprior.eval.explanations.sbert_run import run_sbert
    from physprior.eval.predictions import read_predictions

    announce(f"physprior eval sbert {result.predictions}")
    run_sbert(
        read_predictions(result.predictions),
        sentences_of(load_knowledge(kb_folder())),
        progress=partial(progress, "embed"),
    )


def _ask(
    plan: DemoPlan,
    places: _Places,
    source: Path,
    out: Path,
    options: PredictOptions,
    controls: Sequence[Control],
    *,
    announce: Callable[[str], None],
    progress: Progress,
) -> Path:
    from physprior.eval.predict import control_path, predict
    from physprior.vlm.load import load_model

    dataset = places.of_mode("dataset", plan.mode)
    flags = " --score-only" * options.score_only + " --control all" * bool(controls)
    announce(
        f"physprior predict {source} {dataset} --split {options.split} -o {out} "
        f"--batch-size {options.batch_size} --cache {places.frames}{flags}"
    )
    model = load_model(source)
    for control in (None, *controls):
        predict(
            str(source),
            dataset,
            control_path(out, control),
            options.under(control),
            model=model,
            progress=progress,
        )
    return out

"""What one arm of gpu_tune.py does in its own process: a base, a training, a test split."""

from __future__ import annotations

import argparse
import json
import math
import os
import time
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from safetensors import safe_open
from study_results import predicted, trained

from physprior import files
from physprior.dialogue import Templates
from physprior.eval.compare import compare_all
from physprior.eval.predict import PredictOptions, predict
from physprior.eval.predictions import read_predictions
from physprior.knowledge.load import load_knowledge
from physprior.paths import kb_folder, templates_folder
from physprior.pipeline.ablate.arms import Arm
from physprior.pipeline.ablate.ask import BATCH
from physprior.pipeline.ablate.places import Places
from physprior.pipeline.ablate.plan import StudyPlan
from physprior.pipeline.ablate.report.model import Measured
from physprior.pipeline.ablate.runs import recipe_of
from physprior.pipeline.objects import objects_of
from physprior.pipeline.pretrain import SHAPE, Schedule, make_pretrained
from physprior.train.fit import last_checkpoint
from physprior.train.recipe import Recipe
from physprior.train.run import train
from physprior.vlm.run_folder import is_run, read_run

MODE = "multi_turn"

SHAPES = {
    # Weights of layers and head are drawn smaller as their width grows, so that what comes out of
    # them is as large as in the tiny base: 0.06 and 0.2, over the root of the width's ratio.
    "100m": SHAPE.model_copy(
        update={"width": 768, "heads": 12, "layers": 11, "initial": 0.025, "head": 0.08}
    ),
    "small": SHAPE.model_copy(update={"width": 64, "heads": 1, "layers": 2}),
}
"""What `--shape` names: the tiny base's pictures, patches and words, with other widths."""

_SEEN_S, _KEPT_S = 30.0, 5.0
"""Seconds between two lines of progress, and between two states of the notes."""


class Seldom:
    """Prints how far something is, now and then and at its end."""

    def __init__(self, name: str) -> None:
        self._name, self._said_at, self._ended = name, time.monotonic(), ""

    def __call__(self, what: str, done: int, total: int, said: str = "") -> None:
        """Print it, or leave it."""
        now = time.monotonic()
        ended = done >= total
        if (ended and self._ended != what) or (not ended and now - self._said_at > _SEEN_S):
            print(f"  {self._name}: {what} {done} of {total}  {said}".rstrip(), flush=True)
            self._said_at, self._ended = now, what if ended else ""


class Notes:
    """What is known of a piece of work so far, on the disk: its process may be killed any time.

    ``seconds`` are those of all starts together, but for the last few before each kill.
    """

    def __init__(self, path: Path, name: str) -> None:
        self._path, self._seldom = path, Seldom(name)
        self.known: dict[str, Any] = {"seconds": {}, "starts": 0}
        if path.is_file():
            self.known = json.loads(path.read_text(encoding="utf-8"))
        self._last = self._kept = time.monotonic()

    def note(self, **known: Any) -> None:
        """Keep something, now."""
        self.known |= known
        self._kept = time.monotonic()
        files.write_json(self._path, self.known)

    def start(self) -> None:
        """The work begins, or goes on."""
        self.note(starts=self.known["starts"] + 1)
        self.count()

    def count(self) -> None:
        """From now on time is counted: what has passed since the last call was something else."""
        self._last = time.monotonic()

    def spent(self, what: str, done: int, total: int, said: str = "") -> None:
        """What has passed since the last call went to ``what``, which is as far as that."""
        now, seconds = time.monotonic(), self.known["seconds"]
        seconds[what] = round(seconds.get(what, 0.0) + now - self._last, 3)
        self._last = now
        self._seldom(what, done, total, said)
        if done >= total or now - self._kept > _KEPT_S:
            self.note()


def plan_of(chosen: argparse.Namespace) -> StudyPlan:
    """The study whose videos, dataset and recipe all arms have; each arm is one run of it."""
    epochs = () if chosen.epochs is None else (f"epochs={chosen.epochs}",)
    return StudyPlan(
        arms=(Arm(name=MODE, mode=MODE),),
        seeds=1,
        categories=tuple(chosen.categories),
        count=chosen.count,
        instances=chosen.objects or objects_of(chosen.count),
        seed=chosen.seed,
        overrides=epochs,
    )


def run_arm(chosen: argparse.Namespace, name: str) -> dict[str, Any]:
    """Do all that is left to do of an arm; gives what is kept of it."""
    shape, device = name.split("-")
    places, plan = Places(chosen.out), plan_of(chosen)
    notes = Notes(_notes_path(places, name), name)
    pretraining, changes = None, ()
    if shape != "tiny":
        base, pretraining = _pretrained(chosen, places, device)
        changes = (*_changes(plan, places, chosen.shape), *chosen.set)
        plan = plan.model_copy(update={"base": str(base)})
    arm = Arm(name=name, mode=MODE, overrides=changes)
    notes.start()
    recipe = recipe_of(plan, places, arm, 0, chosen.workers)
    _train(recipe, notes)
    test = _test(places, arm, notes, chosen.workers)
    run = trained(recipe.out)
    run.pop("provenance")  # the file has it once for all
    return {
        "device": run["device"],
        "parameters": parameters(Path(recipe.base)),
        "pretraining": pretraining,
        "changes": list(changes),
        **notes.known,
        "tokens_per_s": _tokens_per_s(run, notes.known["from_step"]),
        "run": run,
        "test": predicted(test),
    }


def tested(chosen: argparse.Namespace, name: str) -> Path:
    """Where an arm's predictions lie."""
    return Places(chosen.out).tested(Arm(name=name, mode=MODE), 0)


def compare(reference: Path, other: Path) -> dict[str, Any]:
    """Two arms' difference of AUROC, other less reference, as `physprior eval compare` finds it."""
    (found,) = compare_all(read_predictions(reference), [read_predictions(other)])
    ranking = found.macro.ranking
    return {
        "difference": Measured.of(ranking.estimate).model_dump(),
        "p": ranking.p,
        "test": ranking.method,
        "smallest_visible": ranking.smallest_visible,
        "alike": found.alike,
        "categories": {one.name: one.ranking.difference for one in found.categories},
    }


def parameters(base: Path) -> int:
    """How many weights a checkpoint holds, by its files; both towers are counted."""
    count = 0
    for path in sorted(base.glob("*.safetensors")):
        with safe_open(path, framework="pt") as held:
            names = list(held.keys())
            count += sum(math.prod(held.get_slice(name).get_shape()) for name in names)
    return count


def _pretrained(
    chosen: argparse.Namespace, places: Places, device: str
) -> tuple[Path, dict[str, Any]]:
    """The base of the asked shape: made on this arm's device if no arm has made it before."""
    name = f"{chosen.shape}-{chosen.pretrain_steps}"
    base = places.out / "bases" / name
    notes = Notes(_notes_path(places, f"base-{name}"), name)
    if (base / "config.json").is_file():
        return base, notes.known
    schedule = Schedule(steps=chosen.pretrain_steps, rate=_for_width(Schedule().rate, chosen.shape))
    notes.start()
    notes.note(device=device, steps=schedule.steps, batch=schedule.batch, rate=schedule.rate)

    def progress(step: int, steps: int, measured: Any) -> None:
        notes.known["shown"] = asdict(measured)
        said = f"text {measured.text:.2f}, motion {measured.flow:.2f} of chance"
        notes.spent("pretrain", step, steps, said)

    make_pretrained(
        base,
        load_knowledge(kb_folder()),
        Templates(templates_folder()),
        schedule,
        shape=SHAPES[chosen.shape],
        device=device,
        # Without help a card would wait for one core to paint.
        workers=min(8, os.cpu_count() or 1) if device == "cuda" else 0,
        progress=progress,
    )
    return base, notes.known


def _changes(plan: StudyPlan, places: Places, shape: str) -> tuple[str, ...]:
    """Fields of the recipe that are of another size for another shape; gpu_tune.py says why."""
    tiny = recipe_of(plan, places, plan.arms[0], 0)
    return (
        f"learning_rate={_for_width(tiny.learning_rate, shape)}",
        f"frozen_layers={SHAPES[shape].layers // 2}",
    )


def _for_width(rate: float, shape: str) -> float:
    return float(f"{rate * math.sqrt(SHAPE.width / SHAPES[shape].width):.2g}")


def _train(recipe: Recipe, notes: Notes) -> None:
    if not (is_run(recipe.out) and read_run(recipe.out).state == "finished"):
        checkpoint = last_checkpoint(recipe.out)
        notes.note(from_step=int(checkpoint.rsplit("-", 1)[1]) if checkpoint else 0)
    train(
        recipe,
        decoding=partial(notes.spent, "prepare"),
        progress=partial(notes.spent, "train"),
        announce=_remark,
    )


def _remark(said: str) -> None:
    """Pass on the notes of what a training announces: the rest is in its run folder."""
    if said.startswith("note: "):
        print(f"  {said}", flush=True)


def _test(places: Places, arm: Arm, notes: Notes, workers: int) -> Path:
    out = places.tested(arm, 0)
    # The score is what AUROC ranks; the words would be generated one by one beside it.
    options = PredictOptions(
        batch_size=BATCH, cache=places.frames, workers=workers, score_only=True
    )
    notes.count()

    def progress(what: str, done: int, total: int) -> None:
        notes.spent("predict" if what == "predict" else "prepare", done, total)

    predict(str(places.run(arm, 0)), places.dataset(MODE), out, options, progress=progress)
    return out


def _tokens_per_s(run: dict[str, Any], from_step: int) -> float:
    """Of the last start, whose seconds the run's record has; its tokens are those of all steps."""
    share = 1 - from_step / run["steps"]
    return float(run["tokens"] * share / run["seconds"])


def _notes_path(places: Places, name: str) -> Path:
    return files.make_folder(places.out / "notes") / f"{name}.json"

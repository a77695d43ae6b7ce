"""The trainings of a study: every arm with every seed, on the same videos, for as many steps."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

import yaml

from physprior.errors import StudyError
from physprior.pipeline.ablate.arms import refuse_fields
from physprior.pipeline.ablate.places import Places
from physprior.pipeline.ablate.plan import Arm, StudyPlan
from physprior.pipeline.ablate.prepare import base_of
from physprior.pipeline.ablate.step import Step, Voices, line, pairs, tell_skipped

if TYPE_CHECKING:
    from physprior.train.recipe import Recipe

Asked = tuple[Arm, int]
"""An arm and a seed."""


def all_runs(plan: StudyPlan) -> Iterator[Asked]:
    """Every run; all arms with one seed before the next seed, so that a part of them compares."""
    for seed in range(plan.seeds):
        for arm in plan.arms:
            yield arm, seed


def train_all(plan: StudyPlan, places: Places, workers: int) -> Iterator[Step]:
    """The trainings."""
    for arm, seed in all_runs(plan):
        fields = _fields(plan, places, arm, seed, workers)
        yield Step(
            "train",
            line("train", plan.recipe, *pairs("--set", fields)),
            partial(_train, plan, fields),
            f"{arm.name}, seed {seed}",
        )


def recipe_of(plan: StudyPlan, places: Places, arm: Arm, seed: int, workers: int = 1) -> Recipe:
    """The recipe of one run. Raises RecipeError for a field or a value that is none."""
    from physprior.train.recipe import read_recipe

    return read_recipe(plan.recipe, _fields(plan, places, arm, seed, workers))


def refuse_recipes(plan: StudyPlan, places: Places) -> None:
    """Look at every arm's recipe before the work begins.

    Raises RecipeError for one that cannot be followed, StudyError for a field that the study
    decides, and for a training that may stop early: then arms would differ in their steps by luck.
    """
    refuse_fields(plan.overrides, "--set")
    for arm in plan.arms:
        recipe = recipe_of(plan, places, arm, 0)
        if recipe.patience is not None and not arm.own_budget:
            raise StudyError(
                f"with patience the runs of {arm.name} may stop early, and others not",
                remedy="leave patience out: all arms are given the same number of steps",
            )


def _fields(plan: StudyPlan, places: Places, arm: Arm, seed: int, workers: int) -> list[str]:
    own = {
        "base": base_of(plan, places),
        "dataset": str(places.dataset(arm.dataset)),
        "out": str(places.run(arm, seed)),
        "cache": str(places.frames),
    }
    said = [f"{name}={_quoted(value)}" for name, value in own.items()]
    # The towers are frozen in every arm: they look at each video once for all runs.
    said += [f"seed={seed}", f"workers={workers}", "cache_features=true"]
    return [*said, *plan.overrides, *arm.overrides]


def _quoted(value: str) -> str:
    """A text as ``--set`` reads it back."""
    try:
        plain = yaml.safe_load(value) == value
    except (ValueError, yaml.YAMLError):
        plain = False
    return value if plain else yaml.safe_dump(value, default_style='"', width=10**6).strip()


def _train(plan: StudyPlan, fields: list[str], voices: Voices) -> float:
    from physprior.train.recipe import read_recipe
    from physprior.train.run import train

    report = train(
        read_recipe(plan.recipe, fields),
        decoding=partial(voices.progress, "decode"),
        progress=partial(voices.progress, "train"),
        announce=partial(_note, voices),
    )
    tell_skipped(voices, report.results["skipped"])
    return float(report.results["seconds"])


def _note(voices: Voices, said: str) -> None:
    """Pass on the notes of what a training announces: the rest is the same for every run."""
    if said.startswith("note: "):
        voices.remark(said)


def refuse_unequal(plan: StudyPlan, places: Places) -> None:
    """Raise StudyError where runs that are to be compared had other steps or other videos.

    Arms that set a field of the budget themselves are left out of the first, and marked as such in
    the plan.
    """
    from physprior.vlm.run_folder import read_run

    results = {
        f"{arm.name}/seed-{seed}": (arm, read_run(places.run(arm, seed)).results)
        for arm, seed in all_runs(plan)
    }
    steps = {name: own["steps"] for name, (arm, own) in results.items() if not arm.own_budget}
    videos = {name: own["videos"] for name, (_, own) in results.items()}
    for what, counts in (("steps", steps), ("videos", videos)):
        if len(set(counts.values())) > 1:
            listed = ", ".join(f"{name}: {count}" for name, count in counts.items())
            raise StudyError(
                f"the runs were not trained with as many {what}: {listed}",
                remedy="see what was skipped in their run.json; mend it, remove the runs that "
                "differ, and give the same command again",
            )

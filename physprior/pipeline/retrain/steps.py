"""The steps of a retraining: the dataset of now, the training on what changed, both models asked.

Every step is the one that its own command runs; what a step has done already is not done again, so
that a retraining that was stopped goes on.
"""

from __future__ import annotations

import shlex
from collections import Counter
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from physprior.pipeline.retrain.ask import ask_both
from physprior.pipeline.retrain.changes import Changes
from physprior.pipeline.retrain.compare import Role, Sides, outcomes, pair, split_records
from physprior.pipeline.retrain.dataset import build_new
from physprior.pipeline.retrain.order import Before, Progress, RetrainOrder, Say
from physprior.pipeline.retrain.recipe import new_recipe, overrides
from physprior.pipeline.retrain.report import RetrainReport, write

if TYPE_CHECKING:
    from physprior.train.recipe import Recipe


def _silent(*_: Any) -> None:
    """Says nothing."""


def retrain(
    order: RetrainOrder,
    before: Before,
    changes: Changes,
    *,
    announce: Say,
    progress: Progress,
    remark: Say = _silent,
) -> RetrainReport:
    """Train on what ``changes`` says has changed, and compare old with new.

    ``announce`` is told the command that each step stands for, ``remark`` what a person should know
    besides. Raises RecipeError where the new run's folder holds something else, and the errors of
    the steps. There must be something to train on.
    """
    recipe = new_recipe(order, before, changes.to_train)
    build_new(order, before, changes, announce, progress)
    results = _train(order, before, changes, recipe, announce, progress, remark)
    sides = ask_both(order, before, changes, recipe.cache, announce, progress)
    report = _report(order, before, changes, recipe, results, sides)
    write(report)
    return report


def _train(
    order: RetrainOrder,
    before: Before,
    changes: Changes,
    recipe: Recipe,
    announce: Say,
    progress: Progress,
    remark: Say,
) -> dict[str, Any]:
    from physprior.train.run import train

    said = [
        word
        for field in overrides(order, before, changes.to_train)
        for word in ("--set", shlex.quote(field))
    ]
    announce(" ".join(["physprior", "train", str(order.run / "recipe.yaml"), *said]))
    report = train(
        recipe,
        decoding=partial(progress, "decode"),
        progress=partial(progress, "train"),
        announce=remark,
    )
    return report.results


def _report(
    order: RetrainOrder,
    before: Before,
    changes: Changes,
    recipe: Recipe,
    results: dict[str, Any],
    sides: Sides,
) -> RetrainReport:
    new = split_records(order.new_dataset, order.split)
    asked = Path(sides.old.header.dataset)
    on_new = asked.resolve() == order.new_dataset.resolve()
    old = new if on_new else before.dataset.records(order.split)
    pairs, alone = pair(sides, old, new, before.trained)
    trained = {name: sum(own.values()) for name, own in results["counts"].items()}
    skipped = {f"{one.video}: {one.reason}": None for one in sides.new.skipped}
    skipped |= dict.fromkeys(results["skipped"])
    return RetrainReport(
        run=order.run,
        new_run=order.new_run,
        new_dataset=order.new_dataset,
        split=order.split,
        rehearse=order.rehearse,
        epochs=recipe.epochs,
        changes=changes.categories,
        outcomes=outcomes(sides, pairs, _roles(changes, trained), trained),
        placed=placed(changes),
        pinned=changes.kept.options is None,
        alone=tuple(alone),
        skipped=tuple(skipped),
        selected=order.split == "val" and recipe.keep == "best" and recipe.validate_every > 0,
    )


def placed(changes: Changes) -> dict[str, int]:
    """Split to the number of videos of known categories that the old dataset did not have."""
    known = {
        video.path
        for video in changes.index.videos
        if changes.by_category[video.category].kind != "added"
    }
    parts = Counter(part for path, part in changes.kept.new.items() if path in known)
    return {part: parts[part] for part in ("train", "val", "test") if parts[part]}


def _roles(changes: Changes, trained: dict[str, int]) -> dict[str, Role]:
    roles: dict[str, Role] = {}
    for change in changes.categories:
        if change.kind == "added":
            roles[change.category] = "added"
        elif change.kind == "changed":
            roles[change.category] = "changed"
        elif change.kind == "unchanged":
            roles[change.category] = "rehearsed" if trained.get(change.category) else "untouched"
    return roles

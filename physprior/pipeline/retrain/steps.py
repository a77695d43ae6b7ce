"""The steps of a retraining: the dataset of now, the training on what changed, both models asked.

Every step is the one that its own command runs; what a step has done already is not done again, so
that a retraining that was stopped goes on.
"""

from __future__ import annotations

import json
import shlex
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from physprior import fingerprint
from physprior.dataset.compile import build
from physprior.dataset.manifest import MANIFEST
from physprior.dataset.split import SplitOptions
from physprior.dataset.split_file import split_text, write_split
from physprior.errors import RecipeError
from physprior.pipeline.retrain.changes import Changes
from physprior.pipeline.retrain.compare import Role, Sides, outcomes, pair, split_records
from physprior.pipeline.retrain.order import Before, RetrainOrder
from physprior.pipeline.retrain.report import RetrainReport, write

if TYPE_CHECKING:
    from physprior.eval.predictions import Predictions
    from physprior.train.recipe import Recipe

Progress = Callable[..., None]
"""Called with (what is done, done, total) and, while training, what is known so far."""
Say = Callable[[str], None]

_OWN = ("base", "continue_from", "dataset", "only", "out", "rehearse", "videos")
"""Fields of the recipe that a retraining decides."""


def _silent(*_: Any) -> None:
    """Says nothing."""


def new_recipe(order: RetrainOrder, before: Before, only: tuple[str, ...]) -> Recipe:
    """The recipe of the new run: the old one's, from its weights, on what changed.

    Raises RecipeError for overrides that are no field, or that are the retraining's own to decide.
    """
    from physprior.train.recipe import read_recipe

    for override in order.overrides:
        if (key := override.partition("=")[0].strip()) in _OWN:
            raise RecipeError(
                f"--set {override}: a retraining decides {key} itself",
                remedy="leave it out; 'physprior train' with continue_from leaves all to you",
            )
    return read_recipe(str(order.run / "recipe.yaml"), _overrides(order, before, only))


def _overrides(order: RetrainOrder, before: Before, only: tuple[str, ...]) -> list[str]:
    fields: dict[str, Any] = {
        "base": before.record.base,
        "dataset": str(order.new_dataset),
        "out": str(order.new_run),
        "continue_from": str(order.run),
        "only": list(only),
        "rehearse": order.rehearse,
        "workers": order.workers,
    }
    if before.record.recipe.get("videos"):
        # The new dataset knows where its videos lie: it was made from them just now.
        fields["videos"] = None
    if order.cache is not None:
        fields["cache"] = str(order.cache)
    if order.epochs is not None:
        fields["epochs"] = order.epochs
    return [*(f"{name}={_value(value)}" for name, value in fields.items()), *order.overrides]


def _value(value: Any) -> str:
    """A value as ``--set`` reads it back: bare where that is enough."""
    if isinstance(value, list):
        return f"[{', '.join(value)}]"
    if not isinstance(value, str):
        return json.dumps(value)
    return value if yaml.safe_load(value) == value else json.dumps(value)


def chosen(changes: Changes, recipe: Recipe) -> Counter[str]:
    """Category to the number of records that the recipe trains on."""
    from physprior.train.selection import select

    return Counter(record.category for record in select(changes.records, recipe))


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
    _build(order, before, changes, announce, progress)
    results = _train(order, before, changes, recipe, announce, progress, remark)
    sides = _ask(order, before, changes, recipe.cache, announce, progress)
    report = _report(order, before, changes, recipe, results, sides)
    write(report)
    return report


def _build(
    order: RetrainOrder, before: Before, changes: Changes, announce: Say, progress: Progress
) -> None:
    manifest = before.dataset.manifest
    options = changes.kept.options
    if options is None:
        _refuse_other_split(order, changes)
        write_split(changes.kept.split, order.split_file)
        options = SplitOptions(split_file=order.split_file)
    announce(_build_command(order, before, changes, options))

    def accept(folder: Path) -> None:
        _refuse_other(order, fingerprint.of_file(folder / MANIFEST))

    report = build(
        before.place,
        order.new_dataset,
        knowledge=changes.knowledge,
        templates=changes.templates,
        mode=manifest.mode,
        options=options,
        waivers=changes.waivers,
        variants=manifest.variants,
        balance=manifest.balance,
        workers=order.workers,
        progress=partial(progress, "videos"),
        accept=accept,
    )
    made = {name: one.prompt for name, one in report.manifest.categories.items()}
    if report.manifest.split != changes.kept.split.hash or made != changes.prompts:
        raise RecipeError(
            f"{order.new_dataset}: the videos, KB or templates changed while it was built",
            remedy="give the same command again",
        )


def _refuse_other_split(order: RetrainOrder, changes: Changes) -> None:
    if order.split_file.is_file():
        held = order.split_file.read_text(encoding="utf-8")
        if held != split_text(changes.kept.split):
            _refuse_other(order, None)


def _refuse_other(order: RetrainOrder, manifest: str | None) -> None:
    """Leave a run's dataset as it is: what it was trained on must stay to be seen."""
    from physprior.vlm.run_folder import is_run, read_run

    if is_run(order.new_run) and read_run(order.new_run).dataset["manifest"] != manifest:
        raise RecipeError(
            f"{order.new_run} was retrained from another state of the KB, templates or videos",
            remedy=f"name another -o; or go on from there: physprior retrain {order.new_run}",
        )


def _build_command(
    order: RetrainOrder, before: Before, changes: Changes, options: SplitOptions
) -> str:
    manifest = before.dataset.manifest
    words = ["physprior", "build", str(before.place), "-o", str(order.new_dataset)]
    words += ["--mode", manifest.mode]
    for name, value in options.model_dump(exclude_defaults=True).items():
        flag = f"--{name.replace('_', '-')}"
        if name == "fractions":
            words += [flag, ",".join(f"{part:g}" for part in value)]
        else:
            words += [flag] if value is True else [flag, str(value)]
    for flag, folder in (("--kb", order.kb), ("--templates", order.templates)):
        words += [flag, str(folder)] if folder else []
    for waiver in changes.waivers:
        words += ["--allow-leak", f"{waiver.path}={waiver.reason}"]
    words += ["--variants", str(manifest.variants)] if manifest.variants > 1 else []
    words += ["--balance"] if manifest.balance else []
    return shlex.join(words)


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
        for field in _overrides(order, before, changes.to_train)
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


def _ask(
    order: RetrainOrder,
    before: Before,
    changes: Changes,
    cache: Path | None,
    announce: Say,
    progress: Progress,
) -> Sides:
    """Ask the new model, and the old one with the prompts that it knows.

    Where no prompt has changed those are the new dataset's own, and one pass over that will do.
    """
    trained = before.record.prompts
    ask = partial(_predict, order, cache, announce=announce, progress=progress)
    new = ask("new", order.new_run, order.new_dataset, None)
    changed = any(trained.get(name, prompt) != prompt for name, prompt in changes.prompts.items())
    if not changed:
        return Sides(new, ask("old", order.run, order.new_dataset, None), None)
    held = before.dataset.videos_root
    root = held if held.is_dir() else changes.index.root
    old = ask("old", order.run, before.dataset.folder, root)
    if not changes.of_kind("added"):
        return Sides(new, old, None)
    return Sides(new, old, ask("old-on-new", order.run, order.new_dataset, None))


def _predict(
    order: RetrainOrder,
    cache: Path | None,
    who: str,
    model: Path,
    dataset: Path,
    videos: Path | None,
    *,
    announce: Say,
    progress: Progress,
) -> Predictions:
    from physprior.eval.predict import PredictOptions, predict
    from physprior.eval.predictions import read_predictions

    out = order.predictions(who)
    words = ["physprior", "predict", str(model), str(dataset), "--split", order.split]
    words += ["-o", str(out), "--score-only", "--batch-size", str(order.batch_size)]
    words += ["--accept-changed-prior"] if who == "old-on-new" else []
    words += ["--videos", str(videos)] if videos else []
    words += ["--cache", str(cache)] if cache else []
    announce(shlex.join(words))
    options = PredictOptions(
        split=order.split,
        score_only=True,
        batch_size=order.batch_size,
        accept_changed_prior=who == "old-on-new",
        videos=videos,
        cache=cache,
        workers=order.workers,
    )
    predict(str(model), dataset, out, options, progress=progress)
    return read_predictions(out)


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

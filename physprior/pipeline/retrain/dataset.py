"""The dataset of a retraining: a build of what is there now, with the old split."""

from __future__ import annotations

import shlex
from functools import partial
from pathlib import Path

from physprior import fingerprint
from physprior.check import refuse_unfinished
from physprior.dataset.compile import build
from physprior.dataset.manifest import MANIFEST
from physprior.dataset.split import SplitOptions
from physprior.dataset.split_file import split_text, write_split
from physprior.errors import RecipeError
from physprior.pipeline.retrain.changes import Changes
from physprior.pipeline.retrain.order import Before, Progress, RetrainOrder, Say


def build_new(
    order: RetrainOrder, before: Before, changes: Changes, announce: Say, progress: Progress
) -> None:
    """Build the dataset of now beside the new run; the old one is not touched.

    Raises RecipeError where the new run was trained on another, and the errors of a build.
    """
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
        fit=refuse_unfinished,
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

"""``physprior retrain``: trains a run on what has changed in the KB since, from its weights."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from physprior.cli.console import Steps, list_skipped, quiet_libraries, remark, say, table
from physprior.cli.options import (
    DEFAULT_WORKERS,
    Kb,
    TemplatesFolder,
    Workers,
    project_kb,
    project_templates,
)
from physprior.cli.runs import retraining

if TYPE_CHECKING:
    from physprior.pipeline.retrain import Changes, RetrainOrder, RetrainReport

Run = Annotated[
    Path | None,
    typer.Argument(
        help="The finished run to start from; it stays as it is.",
        show_default="the project's newest",
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(
        "-o",
        "--out",
        help="The new run folder.",
        show_default="the project's next run, else RUN-retrained",
    ),
]
Videos = Annotated[
    Path | None,
    typer.Option(
        "--videos",
        help="Where the videos are now: a folder, a list, or an index.",
        show_default="the project's, else where the run's dataset had them",
    ),
]
OldDataset = Annotated[
    Path | None,
    typer.Option(
        "--dataset",
        help="Where the run's dataset is now.",
        show_default="the project's, else where the run had it",
    ),
]
Rehearse = Annotated[
    float,
    typer.Option(
        "--rehearse", min=0, max=1, help="Share of every other category's videos to train on too."
    ),
]
Epochs = Annotated[
    float | None,
    typer.Option(
        "--epochs", help="How often every chosen video is seen.", show_default="as in the run"
    ),
]
Overrides = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Set a field of the recipe; repeatable."),
]
Split = Annotated[
    Literal["val", "test"], typer.Option("--split", help="Which split compares old with new.")
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Say what has changed and would be trained, and stop.")
]
BatchSize = Annotated[
    int, typer.Option("--batch-size", min=1, help="Videos on the device at once, to compare.")
]
Cache = Annotated[
    Path | None,
    typer.Option("--cache", help="Where frames are kept.", show_default="as in the run"),
]


def retrain_command(
    run: Run = None,
    out: Out = None,
    kb: Kb = None,
    templates: TemplatesFolder = None,
    videos: Videos = None,
    dataset: OldDataset = None,
    rehearse: Rehearse = 0.25,
    epochs: Epochs = None,
    overrides: Overrides = None,
    split: Split = "val",
    dry_run: DryRun = False,
    batch_size: BatchSize = 16,
    cache: Cache = None,
    workers: Workers = DEFAULT_WORKERS,
) -> None:
    """Train on what changed in the KB since a run, from its weights, and compare old with new.

    The run and its dataset stay as they are. Stopped and started again, it goes on.
    """
    run, out, dataset, videos = retraining(run, out, dataset, videos)
    kb, templates = project_kb(kb), project_templates(templates)
    quiet_libraries()
    from physprior.pipeline.retrain import RetrainOrder

    order = RetrainOrder(
        run=run,
        out=out,
        kb=kb,
        templates=templates,
        videos=videos,
        dataset=dataset,
        rehearse=rehearse,
        epochs=epochs,
        overrides=tuple(overrides or ()),
        split=split,
        cache=cache,
        batch_size=batch_size,
        workers=workers,
    )
    started = time.monotonic()
    with Steps() as steps:
        _retrain(order, steps, dry_run=dry_run)
    remark(f"finished in {time.monotonic() - started:.0f} s")


def _retrain(order: RetrainOrder, steps: Steps, *, dry_run: bool) -> None:
    from functools import partial

    from physprior.pipeline.retrain import chosen, find_changes, new_recipe, read_before, retrain

    before = read_before(order)
    changes = find_changes(order, before, progress=partial(steps, "videos"))
    steps.close()
    if not changes.to_train:
        _print_changes(changes, {})
        _say_nothing_to_train(order, changes)
        return
    recipe = new_recipe(order, before, changes.to_train)
    _print_changes(changes, chosen(changes, recipe))
    if dry_run:
        say(f"would train {recipe.epochs:g} epochs from {order.run} into {order.new_run}")
        return

    def announce(command: str) -> None:
        steps.close()
        remark(f"$ {command}")

    def note(text: str) -> None:
        steps.close()
        remark(text)

    report = retrain(order, before, changes, announce=announce, progress=steps, remark=note)
    steps.close()
    _print_report(report)


def _print_changes(changes: Changes, trained: Mapping[str, int]) -> None:
    """What has become of each category, and how many of its records are trained on."""
    from physprior.pipeline.retrain.report import placed_notes
    from physprior.pipeline.retrain.steps import placed

    width = max(len(change.category) for change in changes.categories)
    for change in changes.categories:
        share = f"{trained.get(change.category, 0)} of {change.records}"
        why = f"  {'; '.join(change.why)}" if change.why else ""
        say(f"{change.category:<{width}}  {change.kind:<9}  trains on {share}{why}")
    for line in placed_notes(placed(changes), pinned=changes.kept.options is None):
        say(f"note: {line}")


def _say_nothing_to_train(order: RetrainOrder, changes: Changes) -> None:
    if all(change.kind == "unchanged" for change in changes.categories):
        say(f"nothing to do: nothing that is taught has changed since {order.run} was trained")
    else:
        say("nothing to train: no changed or added category has a training video")


def _print_report(report: RetrainReport) -> None:
    from physprior.pipeline.retrain.report import HEADS, MARKDOWN, notes, rows

    say()
    table(HEADS, rows(report), last_apart=True)
    for note in notes(report):
        say(note)
    list_skipped(report.skipped, str)
    say(f"report: {report.new_run / MARKDOWN}")
    say(f"run: {report.new_run}")

"""``physprior build``: videos, KB and templates become a dataset folder."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from physprior.cli import console
from physprior.cli.counting import Counting
from physprior.cli.in_project import AS_SAID
from physprior.cli.options import (
    DEFAULT_WORKERS,
    Kb,
    Mode,
    TemplatesFolder,
    Videos,
    Workers,
    open_kb,
    open_templates,
    project_kb,
    project_mode,
    project_templates,
    the_dataset_to_write,
    the_videos,
)
from physprior.cli.runs import keeping_dataset
from physprior.cli.splitting import (
    AllowLeak,
    AllowMissing,
    Fold,
    Folds,
    K,
    Parts,
    ProtocolName,
    Seed,
    SplitFile,
    split_options,
)

if TYPE_CHECKING:
    from physprior.dataset.compile import BuildReport
    from physprior.dataset.manifest import CategoryManifest, Manifest
    from physprior.dataset.split import SplitOptions


Out = Annotated[
    Path | None,
    typer.Option(
        "-o",
        "--out",
        help="Dataset folder to write; a dataset that is there is replaced.",
        show_default=AS_SAID,
    ),
]
Variants = Annotated[
    int,
    typer.Option("--variants", help="Records of a training video, each with another explanation."),
]
Balance = Annotated[
    bool,
    typer.Option(
        "--balance", help="Repeat training records until normal and anomalous are as many."
    ),
]
Strict = Annotated[
    bool, typer.Option("--strict", help="Refuse to build where a video cannot be used.")
]
Tokenizer = Annotated[
    str | None,
    typer.Option(
        "--tokenizer", help="A model that every dialogue must fit; its tokens are counted."
    ),
]


def build_command(
    context: typer.Context,
    videos: Videos = None,
    out: Out = None,
    mode: Mode = None,
    kb: Kb = None,
    templates: TemplatesFolder = None,
    protocol: ProtocolName = "supervised",
    seed: Seed = 0,
    fractions: Parts = "0.7,0.1,0.2",
    k: K = None,
    folds: Folds = None,
    fold: Fold = None,
    split_file: SplitFile = None,
    allow_missing: AllowMissing = False,
    allow_leak: AllowLeak = None,
    variants: Variants = 1,
    balance: Balance = False,
    strict: Strict = False,
    tokenizer: Tokenizer = None,
    workers: Workers = DEFAULT_WORKERS,
) -> None:
    """Build a dataset: place and check every video, split, render the dialogues, write it all.

    What has not changed since the dataset was last built is taken over as it is.
    """
    said = {
        "protocol": protocol,
        "seed": seed,
        "fractions": fractions,
        "k": k,
        "folds": folds,
        "fold": fold,
        "split_file": split_file,
        "allow_missing": allow_missing,
    }
    with _without_collection(), keeping_dataset(out):
        _build(
            (the_videos(videos), the_dataset_to_write(out), project_mode(mode)),
            (project_kb(kb), project_templates(templates)),
            split_options(context, said),
            allow_leak or (),
            tokenizer,
            {"variants": variants, "balance": balance, "strict": strict, "workers": workers},
        )


def _build(
    named: tuple[Path, Path, str],
    folders: tuple[Path | None, Path | None],
    options: SplitOptions,
    allowed: Sequence[str],
    tokenizer: str | None,
    settings: dict[str, Any],
) -> None:
    """Check, build, and say what was made."""
    from physprior.check import refuse_errors, refuse_unfinished
    from physprior.dataset.compile import build
    from physprior.dataset.leaks import parse_waiver
    from physprior.paths import kb_folder

    (videos, out, mode), (kb, templates) = named, folders
    waivers = [parse_waiver(text) for text in allowed]
    knowledge, folder = open_kb(kb), open_templates(templates)
    # Before any video is looked at: what the check refuses would be taught.
    checked = refuse_errors([kb or kb_folder(), folder.path(mode)])
    counting = Counting(tokenizer) if tokenizer else None
    with console.progress("videos") as progress:
        report = build(
            videos,
            out,
            knowledge=knowledge,
            templates=folder,
            mode=mode,
            options=options,
            waivers=waivers,
            progress=progress,
            fit=refuse_unfinished,
            accept=counting,
            **settings,
        )
    _print_counts(report.manifest)
    for line in _remarks(report.manifest):
        console.say(line)
    if checked.diagnostics:
        console.say(f"the check has warnings: {checked.closing()}")
    if counting:
        console.say(counting.said)
    console.say(_made(report))
    console.say(f"dataset: {out} (mode {mode}, split {report.manifest.split[:12]})")
    console.list_skipped(report.manifest.skipped, lambda skip: f"{skip.path}: {skip.reason}")


@contextlib.contextmanager
def _without_collection() -> Iterator[None]:
    """No search for circular garbage: a build makes none, and it would be a sixth of its time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _print_counts(manifest: Manifest) -> None:
    rows = [
        (f"{name}/{class_id}", *counts.values(), sum(counts.values()))
        for name, category in manifest.categories.items()
        for class_id, counts in category.counts.items()
    ]
    totals = ("all", *(sum(column) for column in zip(*(row[1:] for row in rows), strict=True)))
    heads = ("class", "train", "val", "test", "all")
    console.table(heads, [[str(cell) for cell in row] for row in (*rows, totals)], last_apart=True)


def _remarks(manifest: Manifest) -> Iterator[str]:
    if manifest.note:
        yield f"note: {manifest.note}"
    for grouping in ("instance", "video"):
        grouped = [name for name, made in manifest.categories.items() if made.grouping == grouping]
        if grouped:
            yield f"split by {grouping}: {', '.join(grouped)}"
    for category, class_id, split in manifest.missing:
        yield f"missing: {category}/{class_id} has no video in {split}"
    for same in manifest.duplicates:
        yield f"the same file: {' = '.join(same)}"
    yield from manifest.notes
    for leak in manifest.leaks.waived:
        yield f"leak, allowed: {leak.path}: {leak.reason}"
    if manifest.variants > 1 or manifest.balance:
        yield from (_more_records(name, made) for name, made in manifest.categories.items())
    if manifest.ignored:
        kinds = ", ".join(
            f"{n} {ending or '(no ending)'}" for ending, n in manifest.ignored.items()
        )
        yield f"ignored, no videos by their names: {kinds}"


def _more_records(name: str, category: CategoryManifest) -> str:
    classes = ", ".join(
        f"{class_id} {category.counts[class_id]['train']} → {records}"
        for class_id, records in category.records.items()
    )
    return f"training videos → records of {name}: {classes}"


def _made(report: BuildReport) -> str:
    names, made = list(report.manifest.categories), report.made
    if report.up_to_date:
        return "up to date: nothing has changed since this dataset was built"
    if len(made) == len(names):
        return "made: the one category" if len(names) == 1 else f"made: all {len(names)} categories"
    listed = ", ".join(made) or "no category"
    return f"made: {listed}; taken over unchanged: {len(names) - len(made)}"

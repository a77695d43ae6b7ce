"""``physprior data split``: which videos train, validate and test, as a file to publish."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from physprior.cli import console
from physprior.cli.options import DEFAULT_WORKERS, Kb, Videos, Workers, open_kb, the_videos
from physprior.cli.splitting import (
    AllowMissing,
    Fold,
    Folds,
    K,
    Parts,
    ProtocolName,
    SplitFile,
    split_options,
)

if TYPE_CHECKING:
    from physprior.dataset.index import Video
    from physprior.dataset.leaks import Leaks
    from physprior.dataset.split import Split

_SHOWN = 4
"""Paths of a class that are listed: as many as protocol weak moves at most."""


def split_command(
    context: typer.Context,
    out: Annotated[Path, typer.Option("-o", "--out", help="Split file to write.")],
    videos: Videos = None,
    protocol: ProtocolName = "supervised",
    seed: Annotated[
        int,
        typer.Option(
            "--seed",
            help="What the videos are shuffled by.",
            show_default="the project's, else 0",
        ),
    ] = 0,
    fractions: Parts = "0.7,0.1,0.2",
    k: K = None,
    folds: Folds = None,
    fold: Fold = None,
    split_file: SplitFile = None,
    allow_missing: AllowMissing = False,
    kb: Kb = None,
    workers: Workers = DEFAULT_WORKERS,
) -> None:
    """Split videos by a named protocol, and write the split as a file to read and to publish."""
    from physprior.dataset.leaks import find_leaks
    from physprior.dataset.open import open_videos
    from physprior.dataset.split import make_split
    from physprior.dataset.split_file import write_split

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
    options = split_options(context, said)
    videos, knowledge = the_videos(videos), open_kb(kb)
    with console.progress("videos") as progress:
        index = open_videos(videos, knowledge, workers=workers, progress=progress)
    split = make_split(index.videos, options)
    leaks = find_leaks(index.videos, split)
    write_split(split, out)
    _print_counts(index.videos, split)
    for line in (*_remarks(index.videos, split), *_nearness(leaks)):
        console.say(line)
    console.say(f"split: {out} (protocol {split.protocol}, hash {split.hash[:12]})")
    for shared in leaks.shared:
        console.remark(f"leak, which build will refuse: the same pictures in {shared}")
    console.list_skipped(index.skipped, lambda skip: f"{skip.path}: {skip.reason}")


def _print_counts(videos: Sequence[Video], split: Split) -> None:
    from physprior.dataset.records import SPLITS

    counts = Counter((v.category, v.class_id, split.assignment.get(v.path)) for v in videos)
    rows = []
    for category, _, class_id in sorted({(v.category, v.label, v.class_id) for v in videos}):
        row = [counts[category, class_id, name] for name in SPLITS]
        rows.append((f"{category}/{class_id}", *row, sum(row)))
    totals = ("all", *(sum(column) for column in zip(*(row[1:] for row in rows), strict=True)))
    heads = ("class", *SPLITS, "all")
    console.table(heads, [[str(cell) for cell in row] for row in (*rows, totals)], last_apart=True)


def _remarks(videos: Sequence[Video], split: Split) -> Iterator[str]:
    if split.note:
        yield f"note: {split.note}"
    for grouping in ("instance", "video"):
        grouped = [name for name, kept in split.grouping.items() if kept == grouping]
        if grouped:
            yield f"split by {grouping}: {', '.join(grouped)}"
    held = Counter((video.category, video.class_id) for video in videos)
    for category, classes in split.moved.items():
        for class_id, paths in classes.items():
            listed = ", ".join(paths[:_SHOWN])
            more = f", and {len(paths) - _SHOWN} more in the file" if len(paths) > _SHOWN else ""
            of = f"{len(paths)} of {held[category, class_id]}"
            yield f"anomalous, in train: {category}/{class_id}, {of}: {listed}{more}"
    for category, class_id, name in split.missing:
        yield f"missing: {category}/{class_id} has no video in {name}"
    for path in split.absent:
        yield f"absent: {path} is in the published split alone"
    for path in split.left_out:
        yield f"left out: {path} is not in the published split"


def _nearness(leaks: Leaks) -> Iterator[str]:
    for near in leaks.nearest:
        if near.splits == ("train", "test"):
            train, test = near.paths
            yield (
                f"nearest, train to test: {near.category}: {near.distance:.1f} of 64 bits,"
                f" {train} and {test}"
            )
    if leaks.unprinted:
        listed = ", ".join(f"{name} {number}" for name, number in leaks.unprinted.items())
        yield f"not compared, since they have no prints: {listed}"

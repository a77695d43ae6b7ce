"""``physprior eval import``: another method's predictions, or a judge's raw output, taken in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

import typer

from physprior.cli.console import remark, say
from physprior.cli.eval_paeval import import_raw
from physprior.cli.options import Kb

_LISTED = 20
_SPLIT: Literal["test"] = "test"


def import_command(
    file: Annotated[
        Path,
        typer.Argument(
            help="The table: CSV with a header line, or JSON lines; video, score, text."
            " With --paeval the raw judge output (JSON)."
        ),
    ],
    dataset: Annotated[
        Path | None,
        typer.Argument(
            help="A dataset folder that 'build' has made.", show_default="required without --paeval"
        ),
    ] = None,
    name: Annotated[
        str | None,
        typer.Option(
            "--name",
            help="What tables shall call the method.",
            show_default="required; with --paeval the file's",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--out",
            help="The predictions file (JSONL); with --paeval a result file (JSON).",
            show_default="required without --paeval",
        ),
    ] = None,
    split: Annotated[
        Literal["train", "val", "test"] | None,
        typer.Option("--split", help="Which split was predicted.", show_default=_SPLIT),
    ] = None,
    videos_below: Annotated[
        str | None,
        typer.Option(
            "--videos-below",
            help="The folder below the videos root that the table's paths begin in.",
        ),
    ] = None,
    allow_missing: Annotated[
        bool,
        typer.Option("--allow-missing", help="Count videos that the table leaves out as missing."),
    ] = False,
    paeval: Annotated[
        bool,
        typer.Option("--paeval", help="FILE is the raw output of PAEval's official judge."),
    ] = False,
    skip_unknown: Annotated[
        bool,
        typer.Option(
            "--skip-unknown",
            help="With --paeval: leave names out that the KB does not know, and list them.",
        ),
    ] = False,
    kb: Kb = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="With --paeval: print all numbers, unrounded, as JSON.")
    ] = False,
) -> None:
    """Import the predictions of another method, to be scored and compared like those of a model.

    With --paeval: read the raw output of PAEval's judge and print its aggregate.
    """
    if paeval:
        table = {"DATASET": dataset, "--split": split, "--videos-below": videos_below}
        _refuse({**table, "--allow-missing": allow_missing}, "it has no meaning with --paeval")
        import_raw(file, kb=kb, name=name, skip_unknown=skip_unknown, out=out, as_json=as_json)
        return
    raw = {"--skip-unknown": skip_unknown, "--kb": kb, "--json": as_json}
    _refuse(raw, "it has a meaning with --paeval alone")
    if dataset is None:
        raise typer.BadParameter(
            "name the dataset that was predicted, or say --paeval", param_hint="DATASET"
        )
    if name is None:
        raise typer.BadParameter("say what tables shall call the method", param_hint="--name")
    if out is None:
        raise typer.BadParameter("name the predictions file to write", param_hint="-o")
    _import_table(file, dataset, name, out, split or _SPLIT, videos_below or "", allow_missing)


def _refuse(given: Mapping[str, object], why: str) -> None:
    for hint, value in given.items():
        if value:
            raise typer.BadParameter(why, param_hint=hint)


def _import_table(
    table: Path,
    dataset: Path,
    name: str,
    out: Path,
    split: Literal["train", "val", "test"],
    below: str,
    allow_missing: bool,
) -> None:
    from physprior.eval.importing import ImportOptions, import_predictions

    options = ImportOptions(name=name, split=split, below=below, allow_missing=allow_missing)
    report = import_predictions(table, dataset, out, options)
    for note in report.notes:
        remark(note)
    if report.missing:
        remark(f"missing: {len(report.missing)} videos of the split {split}:")
        for video in report.missing[:_LISTED]:
            remark(f"  {video}")
        if len(report.missing) > _LISTED:
            remark(f"  and {len(report.missing) - _LISTED} more")
    say(
        f"imported {report.imported} videos of the split {split}"
        f" ({report.scores} with a score, {report.texts} with a text): {report.path}"
    )

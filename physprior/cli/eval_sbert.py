"""``physprior eval sbert``: how near each explanation lies to the references of the true class."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from physprior.cli.console import progress, quiet_libraries, remark, say
from physprior.cli.options import Kb, open_kb
from physprior.cli.sbert_table import print_sbert, tell_sbert


def sbert_command(
    predictions: Annotated[
        Path, typer.Argument(help="A file that 'predict' or 'eval import' has written.")
    ],
    kb: Kb = None,
    references: Annotated[
        Path | None,
        typer.Option(
            "--references",
            help="References that 'data references' has made of a label file.",
            show_default="those of the KB",
        ),
    ] = None,
    encoder: Annotated[
        str | None,
        typer.Option(
            "--encoder",
            help="Another sentence encoder: a folder that sentence-transformers has saved, or a "
            "name on the hub.",
            show_default="the packaged all-MiniLM-L6-v2",
        ),
    ] = None,
    batch_size: Annotated[
        int, typer.Option("--batch-size", min=1, help="Sentences on the device at once.")
    ] = 32,
    device: Annotated[
        str | None,
        typer.Option(
            "--device",
            help="Where sentences are embedded: cpu, cuda, cuda:1.",
            show_default="the accelerator where there is one, else the CPU",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--out",
            help="The file of scores (JSON).",
            show_default="beside test.jsonl: test.sbert.json",
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object, its numbers not rounded.")
    ] = False,
) -> None:
    """Score each explanation by its nearest reference, as sentence embeddings see it.

    References are those of the true class; training never sees them.
    """
    from physprior.dataset.references import read_references
    from physprior.eval.explanations.items import sentences_of
    from physprior.eval.predictions import read_predictions

    file = read_predictions(predictions)
    if file.missing:
        remark(f"{file.missing} videos have no prediction yet: finish 'predict', then score again")
    others = read_references(references) if references else None
    sentences = sentences_of(open_kb(kb), others)
    from physprior.eval.explanations.sbert_run import SbertOptions, run_sbert
    from physprior.eval.explanations.sbert_run import as_json as in_json

    quiet_libraries()
    options = SbertOptions(encoder, batch_size, device)
    with progress("embed") as update:
        report = run_sbert(file, sentences, out=out, options=options, progress=update)
    if as_json:
        say(json.dumps(in_json(report), indent=2, ensure_ascii=False, allow_nan=False))
    else:
        print_sbert(report)
    tell_sbert(report)
    again = ", as it was" if report.was_there else ""
    (remark if as_json else say)(f"scores: {report.scores.path}{again}")

"""``physprior eval gate``: exit 1 where predictions are not good enough, or worse than before."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from physprior.cli.console import list_skipped, paragraph, remark, say
from physprior.dataset.names import shown

if TYPE_CHECKING:
    from physprior.eval.gate import Gate


def gate_command(
    predictions: Annotated[Path, typer.Argument(help="Predictions to hold the gate over.")],
    min_auroc: Annotated[
        float | None, typer.Option("--min-auroc", help="Least macro AUROC.")
    ] = None,
    min_category_auroc: Annotated[
        float | None,
        typer.Option("--min-category-auroc", help="Least AUROC of each category."),
    ] = None,
    not_worse_than: Annotated[
        Path | None,
        typer.Option(
            "--not-worse-than",
            metavar="PREDICTIONS",
            help="A baseline's predictions of the same videos: fail where a paired test sees a "
            "loss.",
        ),
    ] = None,
    margin: Annotated[
        float | None,
        typer.Option(
            "--margin",
            help="Fail unless the loss of macro AUROC is shown to be smaller than this.",
        ),
    ] = None,
    by: Annotated[
        Literal["value", "lower"],
        typer.Option(
            "--by", help="What has to reach a least AUROC: the value, or its interval's lower end."
        ),
    ] = "value",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Hold predictions against conditions: exit 0 if all hold, 1 if one fails, 2 on misuse."""
    from physprior.eval.gate import judge
    from physprior.eval.gate_conditions import Conditions
    from physprior.eval.predictions import read_predictions

    found = judge(
        read_predictions(predictions),
        Conditions(min_auroc, min_category_auroc, margin, by),
        read_predictions(not_worse_than) if not_worse_than else None,
    )
    if as_json:
        say(json.dumps(_json(found), indent=2, ensure_ascii=False, allow_nan=False))
    else:
        _print(found)
    _remark(found)
    if not found.passed:
        raise typer.Exit(1)


def _print(found: Gate) -> None:
    for finding in found.findings:
        verdict = "ok  " if finding.holds else "FAIL"
        paragraph(f"{verdict}  {finding.condition}  {finding.subject}: {finding.said}", 100)
    if found.passed:
        say(f"gate passed: {len(found.findings)} of {len(found.findings)} conditions hold")
    else:
        say(f"gate failed: {len(found.failed)} of {len(found.findings)} conditions do not hold")


def _remark(found: Gate) -> None:
    if found.not_judged:
        remark(f"not judged, since they have one class alone: {', '.join(found.not_judged)}")
    if found.same:
        remark("the baseline gives each video the same score: are they the same predictions?")
    if found.baseline and found.baseline.header.control:
        remark(f"the baseline is the control {found.baseline.header.control}: it is easily matched")
    if found.left:
        remark(f"{found.left} videos are not compared: the run or its baseline has no score there")
    list_skipped(found.predictions.skipped, lambda skip: f"{skip.video}: {shown(skip.reason)}")


def _json(found: Gate) -> dict[str, Any]:
    return {
        "format": 1,
        "passed": found.passed,
        "predictions": str(found.predictions.path),
        "model": found.predictions.header.model,
        "baseline": str(found.baseline.path) if found.baseline else None,
        "baseline_is_same": found.same,
        "conditions": [
            {
                "condition": finding.condition,
                "subject": finding.subject,
                "holds": finding.holds,
                "measured": finding.measured,
                "required": finding.required,
                "said": finding.said,
            }
            for finding in found.findings
        ],
        "not_judged": list(found.not_judged),
        "skipped": len(found.predictions.skipped),
        "not_compared": found.left,
    }

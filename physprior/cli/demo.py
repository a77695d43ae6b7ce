"""``physprior demo``: the whole way in one go, on simulated videos and a tiny model."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from physprior.cli.console import Steps, quiet_libraries, remark, say
from physprior.cli.options import DEFAULT_WORKERS, Workers


def demo_command(
    out: Annotated[Path, typer.Argument(help="Folder for everything that the demo makes.")] = Path(
        "physprior-demo"
    ),
    mode: Annotated[str, typer.Option("--mode", help="The dialogue's mode.")] = "multi_turn",
    count: Annotated[
        int, typer.Option("--count", min=40, help="Simulated videos a category.")
    ] = 1200,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seeds everything.")] = 0,
    overrides: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Set a field of the recipe; repeatable."),
    ] = None,
    workers: Workers = DEFAULT_WORKERS,
) -> None:
    """Run the whole way: check, simulate, build, base, train, predict, score, report.

    Needs no network, GPU, weights or dataset. Each step is announced as the command that would do
    it alone. Stopped and started again, it goes on.
    """
    quiet_libraries()
    from physprior.cli.score import print_scores
    from physprior.eval.predictions import read_predictions
    from physprior.eval.report import write_report
    from physprior.eval.scoring import score
    from physprior.pipeline.demo import DemoPlan, run_demo

    started = time.monotonic()
    plan = DemoPlan(
        out=out,
        mode=mode,
        count=count,
        seed=seed,
        workers=workers,
        overrides=tuple(overrides or ()),
    )
    with Steps() as steps:

        def announce(command: str) -> None:
            steps.close()
            remark(f"$ {command}")

        result = run_demo(plan, announce=announce, progress=steps)
    scores = score(read_predictions(result.predictions))
    base = score(read_predictions(result.base_predictions))
    _, html = write_report(scores, result.predictions.parent, beside=base)
    print_scores(scores, base)
    say("beside: the untuned base, whose random weights rank by accident; 0.5 is chance")
    say(f"report: {html}")
    remark(f"finished in {time.monotonic() - started:.0f} s")

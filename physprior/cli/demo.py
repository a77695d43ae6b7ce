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
    ] = 800,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seeds everything.")] = 0,
    overrides: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Set a field of the recipe; repeatable."),
    ] = None,
    workers: Workers = DEFAULT_WORKERS,
) -> None:
    """Run the whole way: check, simulate, build, base, train, predict, explain, score, report.

    Needs no network, GPU, weights or dataset. Each step is announced as the command that would do
    it alone. Stopped and started again, it goes on.
    """
    quiet_libraries()
    from physprior.cli.report import tell_report
    from physprior.cli.scores_table import print_evaluation
    from physprior.cli.threshold_options import PER, RULE
    from physprior.eval.predictions import read_predictions
    from physprior.eval.report.gather import ReportOptions, gather
    from physprior.eval.report.write import write_report
    from physprior.eval.thresholds import FILE_NAME, choose_thresholds, write_thresholds
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
        thresholds = choose_thresholds(read_predictions(result.validation), RULE, PER)
        report = gather(
            [read_predictions(result.predictions), read_predictions(result.base_predictions)],
            options=ReportOptions(thresholds=thresholds, workers=workers),
            progress=steps,
        )
    folder = result.predictions.parent
    written = write_report(report, folder)
    write_thresholds(folder / FILE_NAME, thresholds)
    if report.evaluation is not None:
        print_evaluation(report.evaluation)
    say("beside: the untuned base, which has seen shapes move and no machine; 0.5 is chance")
    tell_report(report, written)
    remark(f"finished in {time.monotonic() - started:.0f} s")

"""``physprior train``: from a recipe and a dataset to a run folder."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from physprior.cli.console import Steps, list_skipped, quiet_libraries, remark, say


def train_command(
    recipe: Annotated[
        str, typer.Argument(help="A recipe file, or the name of a shipped recipe such as tiny.")
    ],
    overrides: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Set a field of the recipe; repeatable."),
    ] = None,
) -> None:
    """Fine-tune the language layers of a Video-LLaVA as a recipe says.

    Stopped at any moment, the same command goes on from the last checkpoint.
    """
    from physprior.train.recipe import read_recipe

    asked = read_recipe(recipe, overrides or [])
    quiet_libraries()
    from physprior.train.run import train

    with Steps() as steps:
        report = train(asked, decoding=partial(steps, "decode"), progress=partial(steps, "train"))
    results = report.results
    if report.already_done:
        remark("nothing to do: this run had finished before")
    list_skipped(report.skipped, lambda skip: f"{skip.path}: {skip.reason}")
    say(
        f"trained {results['trained_parameters']:,} of {results['all_parameters']:,} parameters on "
        f"{results['videos']} videos in {results['seconds']} s; "
        f"mean loss {results['train_loss']:.3f}"
    )
    say(f"run: {report.out}")

"""``physprior train``: from a recipe and a dataset to a run folder."""

from __future__ import annotations

import json
import shlex
import textwrap
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from physprior.cli.completion import recipes
from physprior.cli.console import Steps, list_skipped, quiet_libraries, remark, say
from physprior.cli.in_project import AS_SAID
from physprior.cli.launched import is_main_process
from physprior.cli.recipes import pointing_at_retrain, read_recipe_here

if TYPE_CHECKING:
    from physprior.train.look.dry_run import DryRun
    from physprior.train.recipe import Recipe
    from physprior.train.run import TrainReport

_WIDTH = 100
_INDENT = 12
_NOT_OF_THE_BATCH = ("trains", "disk", "run")
"""Facts that the page does not repeat; the disk's are others every minute."""


def train_command(
    recipe: Annotated[
        str | None,
        typer.Argument(
            help="A recipe file, or the name of a shipped recipe such as tiny; without it, and out "
            "of a project, the shipped ones are listed.",
            show_default=AS_SAID,
            autocompletion=recipes,
        ),
    ] = None,
    overrides: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Set a field of the recipe; repeatable."),
    ] = None,
    continue_from: Annotated[
        Path | None,
        typer.Option("--continue-from", metavar="RUN", help="Start from this finished run."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Do all that comes before the first step, no more.")
    ] = False,
    show_batch: Annotated[
        bool,
        typer.Option("--show-batch", help="Show the first batch as the model sees it; a page too."),
    ] = False,
) -> None:
    """Fine-tune the language layers of a Video-LLaVA as a recipe says.

    Stopped at any moment, the same command goes on from the last checkpoint.
    """
    settings = list(overrides or [])
    if continue_from is not None:
        settings.append(f"continue_from={json.dumps(str(continue_from))}")
    asked = read_recipe_here(recipe, settings)
    quiet_libraries()
    if is_main_process() and (dry_run or show_batch):
        _look(asked, facts=dry_run, show=show_batch)
        if dry_run:
            say(f"train with: {_command(recipe, overrides or [], continue_from)}")
    if not dry_run:
        _train(asked)


def _look(recipe: Recipe, *, facts: bool, show: bool) -> None:
    """Look at what would train, before it does. Raises TrainingError for a batch that is wrong."""
    from physprior.cli.batch import print_batch
    from physprior.errors import TrainingError
    from physprior.train.look.dry_run import dry_run

    with Steps() as steps:
        found = dry_run(recipe, decoding=partial(steps, "decode"))
    if facts:
        _print_facts(found)
    if show:
        print_batch(found.batch)
        say(f"\npage: {_write_page(recipe, found)}")
    list_skipped(found.skipped, lambda skip: skip.reason)
    wrong = [check for check in found.batch.checks if not check.holds]
    if wrong:
        raise TrainingError(
            "the first batch is not what it should be: "
            + "; ".join(f"{check.what}: {check.found}" for check in wrong),
            remedy="do not train on it; --show-batch shows it; report it, with the recipe",
        )
    if facts and not show:
        say(f"{'batch':<{_INDENT}}the first one was made: {len(found.batch.checks)} checks hold")


def _print_facts(found: DryRun) -> None:
    for name, lines in found.facts:
        for number, line in enumerate(lines):
            say(
                textwrap.fill(
                    line.strip(),
                    _WIDTH,
                    initial_indent=f"{'' if number else name:<{_INDENT}}",
                    subsequent_indent=" " * (_INDENT + 2),
                    break_long_words=False,
                    break_on_hyphens=False,
                )
            )
    for note in found.notes:
        remark(f"note: {note}")


def _write_page(recipe: Recipe, found: DryRun) -> Path:
    from physprior.train.look.batch_page import write_page

    # Beside the run folder: a folder that is there and holds no run would be refused.
    path = recipe.out.with_name(f"{recipe.out.name}.batch.html")
    facts = [
        (name, line)
        for name, lines in found.facts
        if name not in _NOT_OF_THE_BATCH
        for line in lines[:1]
    ]
    write_page(found.batch, facts, path)
    return path


def _command(recipe: str | None, overrides: list[str], continue_from: Path | None) -> str:
    words = ["physprior", "train", *([] if recipe is None else [recipe])]
    for override in overrides:
        words += ["--set", override]
    if continue_from is not None:
        words += ["--continue-from", str(continue_from)]
    return shlex.join(words)


def _train(recipe: Recipe) -> None:
    from physprior.train.run import train

    with Steps() as steps:

        def announce(line: str) -> None:
            steps.close()
            remark(line)

        with pointing_at_retrain(recipe.out):
            report = train(
                recipe,
                decoding=partial(steps, "decode"),
                progress=partial(steps, "train"),
                announce=announce,
            )
    if is_main_process():
        _print_report(report)


def _print_report(report: TrainReport) -> None:
    results = report.results
    if report.already_done:
        remark("nothing to do: this run had finished before")
    list_skipped(report.skipped, lambda skip: f"{skip.path}: {skip.reason}")
    say(
        f"trained {results['trained_parameters']:,} of {results['all_parameters']:,} parameters on "
        f"{results['videos']} videos in {results['seconds']} s; "
        f"mean loss {results['train_loss']:.3f}"
    )
    _print_kept(results)
    say(f"run: {report.out}")


def _print_kept(results: dict[str, Any]) -> None:
    kept, validation = results.get("kept"), results.get("validation") or {}
    if not kept:
        return
    say(f"kept: the weights of step {kept['step']} of {results['steps']} ({kept['why']})")
    by_category = {
        name.removeprefix("val/auroc/"): value
        for name, value in validation.items()
        if name.startswith("val/auroc/")
    }
    if "val/auroc" in validation:
        listed = ", ".join(f"{name} {value:.3f}" for name, value in sorted(by_category.items()))
        say(f"validation: AUROC {validation['val/auroc']:.3f} ({listed})")
    elif "val/loss" in validation:
        say(f"validation: loss {validation['val/loss']:.3f}")

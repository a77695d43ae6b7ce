"""``physprior study report``: the table of a study, from its predictions and logs alone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from physprior.cli.console import quiet_libraries, say


def report_command(
    out: Annotated[Path, typer.Argument(help="A folder that 'study ablate' has made.")],
) -> None:
    """Make the summary, the page and the figure of a study again, and print its table."""
    quiet_libraries()
    tell_study(out)


def tell_study(out: Path) -> None:
    """Summarise a study whose test split has been asked; print the table and where the page is."""
    from physprior.pipeline.ablate.report import print_summary, summarise

    print_summary(summarise(out))
    say(f"ablation: {out / 'ablation.md'}")

"""``physprior study``: studies of several trainings that are compared."""

from __future__ import annotations

import typer

from physprior.cli.study_ablate import ablate_command
from physprior.cli.study_report import report_command

study_app = typer.Typer(no_args_is_help=True, help="Studies of several trainings, compared.")
study_app.command("ablate", short_help="Train and test the ways to tell the physics.")(
    ablate_command
)
study_app.command("report", short_help="Make the table of a study again.")(report_command)

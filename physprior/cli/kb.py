"""``physprior kb``: what is in the knowledge base, and the rules that it is checked by."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from physprior.cli.completion import rules
from physprior.cli.console import say, table
from physprior.cli.kb_draft import draft_command
from physprior.cli.kb_schema import schema_command
from physprior.cli.options import open_kb

kb_app = typer.Typer(no_args_is_help=True, help="The knowledge base and its rules.")
kb_app.command("draft", short_help="Let a model propose sentences, for you to review.")(
    draft_command
)
kb_app.command("schema", short_help="Write a JSON Schema for editors.")(schema_command)


@kb_app.command("list", short_help="List the categories of the KB.")
def list_command(
    folder: Annotated[
        Path | None,
        typer.Argument(
            help="A folder of KB entries.", show_default="the project's, else the shipped KB"
        ),
    ] = None,
) -> None:
    """List the categories: status, phases, anomalies, sentences, and the verdict's share.

    The share is that of the verdict and its reason among the words of a single-turn answer. The
    smaller it is, the more of the loss is about text that is the same for every video.
    """
    from physprior.check.entry import sentences
    from physprior.check.rules.diluted_verdict import percent, verdict_share
    from physprior.dataset.doctor.findings import counted

    categories = open_kb(folder).categories.values()
    rows = []
    for category in categories:
        found = sentences(category)
        rows.append(
            [
                category.id,
                category.status,
                str(len(category.prior.motion.phases)),
                str(len(category.anomalies)),
                str(len(found)),
                percent(verdict_share(found)),
            ]
        )
    table(["category", "status", "phases", "anomalies", "sentences", "verdict's share"], rows)
    anomalies = sum(len(category.anomalies) for category in categories)
    say(f"\n{counted(len(categories), 'category')}, {counted(anomalies, 'anomaly')}")


@kb_app.command("rule", short_help="List the rules of the check, or explain one.")
def rule_command(
    code: Annotated[
        str | None,
        typer.Argument(
            help="A rule's code or name: R001, unknown-phase.",
            show_default="all",
            autocompletion=rules,
        ),
    ] = None,
) -> None:
    """List the rules that 'physprior check' holds entries and templates to, or explain one.

    A draft is held to the rules without 'reviewed'; a reviewed entry is held to all.
    """
    from physprior.check.page import listed, page

    say(page(code) if code else listed())

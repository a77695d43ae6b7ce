"""``physprior kb schema``: the JSON Schemas by which editors complete and check as one types."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from physprior.cli.console import remark
from physprior.cli.in_project import from_project

if TYPE_CHECKING:
    from physprior.knowledge.vocabulary import Vocabulary


class Kind(StrEnum):
    """What a person writes by hand."""

    KB = "kb"
    VOCABULARY = "vocabulary"
    PROJECT = "project"
    RECIPE = "recipe"


def schema_command(
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="The file to write.", show_default="standard output"),
    ] = None,
    kind: Annotated[
        Kind,
        typer.Option(
            "--for",
            help="What it describes: KB entries, vocabulary.yaml, physprior.yaml or recipes.",
        ),
    ] = Kind.KB,
) -> None:
    """Write a JSON Schema, draft-07, for editors that complete and check as one types.

    A project has its schemas in .physprior. That of the KB holds the words of the project's own
    vocabulary.yaml, where it has one: write it anew when you have added a word there.
    """
    from physprior.files import write_over_its_like
    from physprior.knowledge.json_schema import schema_text

    text = schema_text(_schema(kind))
    if out is None:
        typer.echo(text, nl=False)
        return
    write_over_its_like(out, text)
    remark(f"wrote {out}")


def _schema(kind: Kind) -> dict[str, Any]:
    if kind is Kind.PROJECT:
        from physprior.project.json_schema import project_schema

        return project_schema()
    if kind is Kind.RECIPE:
        from physprior.train.json_schema import recipe_schema

        return recipe_schema()
    from physprior.knowledge.json_schema import kb_schema, vocabulary_schema

    return kb_schema(_own_words()) if kind is Kind.KB else vocabulary_schema()


def _own_words() -> Vocabulary | None:
    """The vocabulary beside the project's entries, or None where the shipped one goes."""
    from physprior.knowledge.vocabulary import VOCABULARY, load_vocabulary

    project = from_project()
    path = None if project is None else project.kb / VOCABULARY
    return None if path is None or not path.is_file() else load_vocabulary(path)

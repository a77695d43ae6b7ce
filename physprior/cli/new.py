"""``physprior new``: a commented KB entry, to be filled in."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from physprior.cli.console import say
from physprior.cli.in_project import need_project, project_here, typed

if TYPE_CHECKING:
    from physprior.knowledge.vocabulary import Vocabulary

Ids = list[str] | None


def new_command(
    category: Annotated[str, typer.Argument(help="The category's id, such as door_closer.")],
    name: Annotated[
        str | None,
        typer.Option("--name", help="What a person calls it.", show_default="the words of the id"),
    ] = None,
    anomaly: Annotated[
        Ids,
        typer.Option("--anomaly", help="An anomaly's id; repeatable.", show_default="one TODO"),
    ] = None,
    phase: Annotated[
        Ids,
        typer.Option(
            "--phase", help="A step of the motion, in order; repeatable.", show_default="two TODOs"
        ),
    ] = None,
    actuator: Annotated[
        str | None,
        typer.Option(
            "--actuator", help="What acts on it, a word of the vocabulary.", show_default="a TODO"
        ),
    ] = None,
    action: Annotated[
        Ids,
        typer.Option(
            "--action",
            help="What the actuator does, in order, a word of the vocabulary; repeatable.",
            show_default="a TODO",
        ),
    ] = None,
    kb: Annotated[
        Path | None,
        typer.Option("--kb", help="Folder of KB entries.", show_default="the project's"),
    ] = None,
) -> None:
    """Write a KB entry for a new category, with a comment on every field, and TODOs to fill in.

    It is a draft, which passes the check. When no TODO is left, set 'status: reviewed' in it.
    """
    from physprior.files import write_text
    from physprior.paths import as_typed
    from physprior.project.new_entry import NewEntry, count_open, refuse_bad_words, render_entry
    from physprior.project.taken import place_for

    wanted = NewEntry(
        id=category,
        name=" ".join((name or "").split()),
        anomalies=tuple(anomaly or ()),
        phases=tuple(phase or ()),
        actuator=actuator or "",
        actions=tuple(action or ()),
    )
    refuse_bad_words(wanted)
    folder = _folder(kb)
    path = place_for(wanted.id, folder)
    project = project_here()
    text = render_entry(
        wanted,
        _vocabulary(folder),
        schema=_schema(folder),
        videos=project.file.videos if project else "videos",
    )
    _refuse_findings(path, text)
    write_text(path, text)
    shown = as_typed(path)
    say(f"wrote {shown}, a draft with {count_open(text)} TODOs")
    say("next: replace each TODO, set 'status: reviewed', and run")
    say(f"  physprior check {shown}")


def _folder(kb: Path | None) -> Path:
    """The folder for the entry. Raises KnowledgeError, or ProjectError outside of any project."""
    if kb is None:
        return typed(need_project("--kb").existing("kb"))
    if not kb.is_dir():
        from physprior.errors import KnowledgeError

        raise KnowledgeError(f"{kb} is not a folder", remedy="name a folder of KB entries")
    return kb


def _vocabulary(folder: Path) -> Vocabulary:
    """The words that go for entries in a folder: its own, or the shipped ones."""
    from physprior.knowledge.load import VOCABULARY
    from physprior.knowledge.vocabulary import load_vocabulary
    from physprior.paths import kb_folder

    own = folder / VOCABULARY
    return load_vocabulary(own if own.is_file() else kb_folder() / VOCABULARY)


def _schema(folder: Path) -> str:
    """Where the project keeps the JSON Schema, as seen from the folder; empty where it has none."""
    from physprior.project.init import KB_SCHEMA

    project = project_here()
    if project is None or not (project.folder / KB_SCHEMA).is_file():
        return ""
    return Path(os.path.relpath(project.folder / KB_SCHEMA, folder.resolve())).as_posix()


def _refuse_findings(path: Path, text: str) -> None:
    """Raise KnowledgeError where what was asked for would not pass the check."""
    from physprior.check.run import check_bytes
    from physprior.errors import KnowledgeError

    found = check_bytes(path, text.encode("utf-8"))
    if found:
        raise KnowledgeError(f"{path} would not pass: {found[0].message}", remedy=found[0].remedy)

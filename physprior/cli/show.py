"""``physprior show``: the dialogues of a category, and where each sentence comes from."""

from __future__ import annotations

import functools
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from physprior.cli.completion import categories, modes
from physprior.cli.console import say
from physprior.cli.options import DEFAULT_MODE, Kb, TemplatesFolder, open_templates, project_kb

if TYPE_CHECKING:
    from physprior.dialogue import Templates
    from physprior.knowledge.load import Entry
    from physprior.knowledge.schema import Category, Normal

_COLOURS = {
    "title": "\x1b[1m",
    "turn": "\x1b[1m",
    "component": "\x1b[36m",
    "subject": "\x1b[35m",
    "motion": "\x1b[33m",
    "verdict": "\x1b[32m",
    "origin": "\x1b[2m",
}
_RESET = "\x1b[0m"


def show_command(
    category: Annotated[
        str, typer.Argument(help="The category's id, such as clip.", autocompletion=categories)
    ],
    mode: Annotated[
        str | None,
        typer.Option(
            "--mode",
            help="The template to use.",
            show_default="all; with --raw, multi_turn",
            autocompletion=modes,
        ),
    ] = None,
    anomaly: Annotated[
        str | None,
        typer.Option("--anomaly", help="The anomaly's id or alias.", show_default="a normal video"),
    ] = None,
    explanation: Annotated[
        int, typer.Option("--explanation", min=1, help="Which of the explanations is taught.")
    ] = 1,
    raw: Annotated[
        bool,
        typer.Option("--raw", help="Print the very characters that a model reads, and no more."),
    ] = False,
    html: Annotated[
        bool,
        typer.Option("--html", help="Open a page that follows the entry as it is saved."),
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Write the page as one file; nothing is served."),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            "--port",
            min=0,
            max=65535,
            help="The page's port; 0 takes one that is free.",
            show_default="8765, or one of the nine after it",
        ),
    ] = None,
    no_open: Annotated[
        bool, typer.Option("--no-open", help="Serve the page and open no browser.")
    ] = False,
    videos: Annotated[
        Path | None,
        typer.Option(
            "--videos",
            help="The page's sample videos: a folder in Phys-AD's layout, a list, or an index.",
            show_default="the project's, else none",
        ),
    ] = None,
    kb: Kb = None,
    templates: TemplatesFolder = None,
) -> None:
    """Print a category's dialogue in each mode, each sentence with the lines it comes from.

    With --html, open a page of the entry, its dialogues and sample videos instead: it follows the
    entry as it is saved, until Ctrl-C.
    """
    page = html or out is not None
    _refuse_mixed(raw=raw, page=page, out=out, port=port, no_open=no_open, videos=videos)
    places = _kb_folder(kb), open_templates(templates)
    wanted = _Wanted(category, mode, anomaly, explanation)
    if page:
        _show_page(wanted, *places, videos, out, port, open_browser=not no_open)
    else:
        _show_text(wanted, *places, raw=raw)


@dataclass(frozen=True)
class _Wanted:
    """What is to be shown."""

    category: str
    mode: str | None
    anomaly: str | None
    explanation: int


def _refuse_mixed(
    *,
    raw: bool,
    page: bool,
    out: Path | None,
    port: int | None,
    no_open: bool,
    videos: Path | None,
) -> None:
    served = (("--port", port is not None), ("--no-open", no_open))
    for name, given in (*served, ("--videos", videos is not None)):
        if given and not page:
            raise typer.BadParameter("goes with --html", param_hint=name)
    for name, given in served:
        if given and out is not None:
            raise typer.BadParameter("--out serves nothing", param_hint=name)
    if raw and page:
        raise typer.BadParameter("goes without --html and --out", param_hint="--raw")


def _show_text(wanted: _Wanted, kb: Path, templates: Templates, *, raw: bool) -> None:
    from physprior.knowledge.load import load_entry
    from physprior.preview.entry_file import find_file

    entry = load_entry(find_file(kb, wanted.category))
    class_id, texts = _class(entry.category, wanted.anomaly)
    _check_number(entry.category, class_id, texts, wanted.explanation)
    if raw:
        mode = wanted.mode or DEFAULT_MODE
        _print_raw(entry.category, templates, mode, class_id, wanted.explanation - 1)
        return
    # An unknown mode is an error, and not one dialogue fewer.
    one = () if wanted.mode is None else (templates.path(wanted.mode).stem,)
    _print(entry, templates, one or templates.modes(), class_id, wanted.explanation - 1)


def _print_raw(
    category: Category, templates: Templates, mode: str, class_id: str, index: int
) -> None:
    from physprior.knowledge.schema import NORMAL
    from physprior.vlm.chat import write_chat

    reason = dict(category.classes())[class_id].explanations[index]
    dialogue = templates.render(category, mode, anomalous=class_id != NORMAL, reason=reason)
    sys.stdout.write(write_chat(dialogue).text + "\n")


def _print(
    entry: Entry, templates: Templates, modes: Sequence[str], class_id: str, index: int
) -> None:
    from physprior.cli.colour import colours
    from physprior.dialogue.source_map import source_map
    from physprior.preview.text import WIDTH, rows

    count = len(dict(entry.category.classes())[class_id].explanations)
    coloured = colours(sys.stdout)
    for number, mode in enumerate(modes):
        made = source_map(templates, entry, mode, class_id, index)
        title = f"{mode}: {entry.category.id}, {class_id}, explanation {index + 1} of {count}"
        if number:
            say(f"\n{'=' * WIDTH}\n")
        for row in rows(made, entry.source, title):
            colour = _COLOURS.get(row.style) if coloured and row.text else None
            say(f"{colour}{row.text}{_RESET}" if colour else row.text)


def _show_page(
    wanted: _Wanted,
    kb: Path,
    templates: Templates,
    videos: Path | None,
    out: Path | None,
    port: int | None,
    *,
    open_browser: bool,
) -> None:
    from physprior.cli.show_page import find_place, find_samples, serve, write
    from physprior.preview.entry_file import find_file
    from physprior.preview.page import Start
    from physprior.preview.view import Folders

    path = find_file(kb, wanted.category)
    start = Start("", _class_of_page(path, wanted), wanted.explanation - 1)
    if wanted.mode is not None:
        start = replace(start, mode=templates.path(wanted.mode).stem)
    samples = functools.partial(find_samples, find_place(videos), kb)
    folders = Folders(kb, path, templates.folder, samples)
    if out is not None:
        write(folders, start, out)
    else:
        serve(folders, start, port=port, open_browser=open_browser)


def _class_of_page(path: Path, wanted: _Wanted) -> str:
    """The class that a page begins with; while the entry is broken it is taken as typed."""
    from physprior.knowledge.load import examine

    entry, _ = examine(path)
    if entry is None:
        return wanted.anomaly or ""
    class_id, texts = _class(entry.category, wanted.anomaly)
    _check_number(entry.category, class_id, texts, wanted.explanation)
    return class_id


def _kb_folder(named: Path | None) -> Path:
    from physprior.paths import kb_folder

    return project_kb(named) or kb_folder()


def _check_number(category: Category, class_id: str, texts: Normal, number: int) -> None:
    from physprior.errors import KnowledgeError

    if number > len(texts.explanations):
        raise KnowledgeError(
            f"{category.id}/{class_id} has {len(texts.explanations)} explanations, none numbered "
            f"{number}",
            remedy=f"use --explanation 1 to {len(texts.explanations)}",
        )


def _class(entry: Category, anomaly: str | None) -> tuple[str, Normal]:
    from physprior.knowledge import place_class
    from physprior.knowledge.schema import NORMAL

    if anomaly is None:
        return NORMAL, entry.normal
    class_id = place_class(entry, anomaly)
    found = entry.anomaly(class_id) if class_id else None
    if found is None:
        import difflib

        from physprior.errors import KnowledgeError

        known = [known.id for known in entry.anomalies]
        close = difflib.get_close_matches(anomaly, known, n=1)
        hint = f"did you mean '{close[0]}'? " if close else ""
        raise KnowledgeError(
            f"{entry.id} has no anomaly '{anomaly}'",
            remedy=f"{hint}its anomalies are {', '.join(known)}",
        )
    return found.id, found

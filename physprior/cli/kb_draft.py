"""``physprior kb draft``: a model proposes sentences or a prior, and a person reviews them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from physprior.cli.completion import categories
from physprior.cli.console import remark, say, until_stopped
from physprior.cli.draft_endpoint import BaseUrl, Key, Model, find_drafter
from physprior.cli.judge_endpoint import endpoint_of
from physprior.cli.judge_options import Attempts, Structured, Timeout
from physprior.cli.options import Kb, TemplatesFolder
from physprior.errors import JudgeError

if TYPE_CHECKING:
    from physprior.draft.order import Drafted, Order

_NOTHING = "nothing was sent, nothing was written"

WhatOption = Annotated[
    Literal["descriptions", "explanations", "prior"] | None,
    typer.Option(
        "--what",
        help="What is to be proposed.",
        show_default="the prior while it is unfinished, else descriptions and explanations",
    ),
]


def draft_command(
    category: Annotated[
        str, typer.Argument(help="The category, by its id.", autocompletion=categories)
    ],
    notes: Annotated[
        Path | None,
        typer.Option("--notes", help="What you know of it: a text file, in any language."),
    ] = None,
    from_videos: Annotated[
        Path | None,
        typer.Option(
            "--from-videos",
            help="Folder of videos in which nothing is wrong: their motion is proposed.",
        ),
    ] = None,
    what: WhatOption = None,
    classes: Annotated[
        list[str] | None,
        typer.Option(
            "--class",
            help="A class to propose sentences for; repeatable.",
            show_default="all",
        ),
    ] = None,
    count: Annotated[
        int | None,
        typer.Option(
            "--count",
            min=1,
            max=20,
            help="Sentences of each kind for each class.",
            show_default="as many as are missing, else 3",
        ),
    ] = None,
    videos: Annotated[
        int, typer.Option("--videos", min=1, max=16, help="Videos of --from-videos that are shown.")
    ] = 3,
    frames: Annotated[
        int, typer.Option("--frames", min=2, max=32, help="Frames that are shown of each.")
    ] = 8,
    base_url: BaseUrl = None,
    model: Model = None,
    key: Key = None,
    kb: Kb = None,
    templates: TemplatesFolder = None,
    timeout: Timeout = 120.0,
    attempts: Attempts = 3,
    structured: Structured = "auto",
    max_tokens: Annotated[
        int, typer.Option("--max-tokens", min=1, help="Most tokens of a reply.")
    ] = 4096,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", help="Say what would be sent, and where; send and write nothing."
        ),
    ] = False,
) -> None:
    """Let a model propose sentences for an entry, from your notes or from videos.

    Each proposal is held to the rules. What passes goes into the file, below a comment that asks
    for your review; what is there is never replaced. Exits with 1 where something does not pass.
    """
    if notes is None and from_videos is None:
        raise typer.BadParameter("name your notes, or videos", param_hint="--notes")
    if from_videos is not None and (what or classes or count):
        raise typer.BadParameter(
            "videos show the normal motion, and nothing else is proposed from them",
            param_hint="--from-videos",
        )
    if what == "prior" and (classes or count):
        raise typer.BadParameter(
            "a prior is asked for whole; --class and --count are for sentences", param_hint="--what"
        )
    from physprior.draft.order import draft, make_order

    order = make_order(
        _kb_folder(kb),
        _templates_folder(templates),
        category,
        notes=notes,
        from_videos=from_videos,
        what=what,
        classes=tuple(classes or ()),
        count=count,
        videos=videos,
        frames=frames,
    )
    try:
        asked = find_drafter(base_url, model, key)
    except JudgeError as unnamed:
        if not dry_run:
            raise
        _say_unnamed(unnamed)
        _say_order(order, say)
        say(_NOTHING)
        return
    endpoint = endpoint_of(
        asked,
        timeout=timeout,
        attempts=attempts,
        connections=4,
        structured=structured,
        max_tokens=max_tokens,
        role="drafter",
        kept=False,
    )
    tell = say if dry_run else remark
    tell(_plain(f"drafter: {endpoint.model} at {endpoint.base_url} ({asked.told})"))
    for line in asked.remarks:
        tell(line)
    _say_order(order, tell)
    if dry_run:
        say(_NOTHING)
        return
    with until_stopped("stopped; the file is as it was"):
        drafted = draft(order, endpoint, lambda said: remark(_plain(said)))
    _show(drafted)


def _say_unnamed(unnamed: JudgeError) -> None:
    """That the notes would go nowhere yet, and what is missing for that."""
    missing = unnamed.message.partition(": ")[2]
    say(f"no drafter is named yet: {missing}; {unnamed.remedy}")


def _say_order(order: Order, tell: Callable[[str], None]) -> None:
    """How much goes to the model: before it does."""
    for line in order.told():
        tell(_plain(line))


def _show(drafted: Drafted) -> None:
    """Print what came of it. Raises Exit with 1 where something was not put in."""
    entry = drafted.order.entry
    inserted = [one for one in drafted.settled if one.line]
    failed = [one for one in drafted.settled if not one.line]
    for one in inserted:
        say(_plain(f"{entry.path}:{one.line}: {drafted.place(one)}: {one.proposal.text}"))
    for one in failed:
        say(_plain(f"not inserted, {drafted.place(one)}: {one.proposal.text}"))
        for reason in one.failed:
            say(_plain(f"  {reason}"))
    for line in drafted.remarks:
        remark(_plain(line))
    if drafted.error is not None:
        if drafted.settled:
            say(f"nothing was written to {entry.path}")
        raise drafted.error
    review = f"; review each, and delete the comment above it: {entry.path}" if inserted else ""
    counted = f"{_count(len(inserted), 'proposal')} inserted"
    also = f", {len(failed)} not inserted" if failed else ""
    say(f"{counted}{also}{review}")
    if failed:
        raise typer.Exit(1)


def _kb_folder(folder: Path | None) -> Path:
    """The KB that is written to. Raises KnowledgeError for the one that was installed."""
    import physprior
    from physprior.cli.options import project_kb
    from physprior.errors import KnowledgeError
    from physprior.paths import kb_folder

    found = project_kb(folder)
    if found is None:
        found = kb_folder()
        if Path(physprior.__file__).resolve().parent in found.parents:
            raise KnowledgeError(
                "the KB that was installed with physprior is not one to write in",
                remedy="name your own with --kb, or work in a project: 'physprior init' begins one",
            )
    return found


def _templates_folder(folder: Path | None) -> Path:
    """The templates, where they have a drafter's; else the shipped ones, which have."""
    from physprior.cli.options import project_templates
    from physprior.paths import DRAFTS, templates_folder

    found = project_templates(folder)
    if found is not None and (folder is not None or (found / DRAFTS).is_dir()):
        return found
    return templates_folder()


def _plain(text: str) -> str:
    """A model's words on one line, fit for a terminal."""
    return "".join(
        sign if sign.isprintable() else f"\\u{ord(sign):04x}" for sign in text.replace("\n", " ")
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"

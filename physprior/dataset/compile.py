"""Building a dataset: videos, KB and templates become split, labelled, rendered records.

What depends on an unchanged entry, template and part of the split is taken over from the dataset
that is there; what the same request has built is not built again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from physprior.dataset.examine import Progress, no_progress
from physprior.dataset.index_file import is_index
from physprior.dataset.leaks import Waiver
from physprior.dataset.manifest import MANIFEST, Manifest
from physprior.dataset.open import open_videos
from physprior.dataset.replace import (
    CARD,
    FIGURE,
    SPLIT_FILE,
    check_place,
    clear_leftovers,
    replacing,
)
from physprior.dataset.request import Request, check_numbers
from physprior.dataset.split import DEFAULT_FRACTIONS, Fractions, SplitOptions
from physprior.dialogue.templates import Templates
from physprior.errors import DatasetError, OutputError
from physprior.knowledge.load import KnowledgeBase
from physprior.knowledge.schema import Category

Accept = Callable[[Path], None]
"""Looks at a finished dataset folder; raises what must not take the old one's place."""
Fit = Callable[[Category], None]
"""Looks at a category that has videos; raises where its texts are not fit to be taught."""


class BuildReport(BaseModel):
    """What a build has made, and everything it met that a person should know."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    out: Path
    """The dataset's folder."""
    manifest: Manifest
    """Its manifest: counts, grouping, skipped and duplicate videos, missing classes."""
    up_to_date: bool = False
    """The dataset that was there is what was asked for: nothing was written."""
    made: tuple[str, ...] = ()
    """The categories whose records were rendered and written; the others were taken over."""


def build(
    place: Path,
    out: Path,
    *,
    knowledge: KnowledgeBase,
    templates: Templates,
    mode: str,
    seed: int = 0,
    fractions: Fractions = DEFAULT_FRACTIONS,
    protocol: str = "supervised",
    options: SplitOptions | None = None,
    waivers: Sequence[Waiver] = (),
    variants: int = 1,
    balance: bool = False,
    strict: bool = False,
    workers: int = 1,
    progress: Progress = no_progress,
    fit: Fit | None = None,
    accept: Accept | None = None,
) -> BuildReport:
    """Write the dataset of a Phys-AD tree, a list or an index into ``out``, whole or not at all.

    ``options`` says how to split in place of seed, fractions and protocol. ``variants`` is the
    number of records of a training video, each with another explanation; ``balance`` repeats
    records until normal and anomalous ones are as many. ``strict`` refuses where a video was
    skipped; ``progress`` gets (videos looked at, all); ``fit`` gets each category that
    has videos before anything is made of it, ``accept`` the finished folder before it takes the
    place of ``out``; both may raise to leave that as it was.
    Raises DatasetError for videos that do not fit the KB or each other and for splits that leak,
    TemplateError for a template that cannot be rendered, OutputError where ``out`` holds
    something else.
    """
    # What a person may have mistyped is looked at before the videos are, which takes minutes.
    templates.path(mode)
    options = options or SplitOptions(protocol=protocol, seed=seed, fractions=fractions)
    check_numbers(variants)
    check_place(out, place)
    clear_leftovers(out)
    request = Request(
        place=place,
        out=out,
        opened=partial(open_videos, place, knowledge, workers=workers, progress=progress),
        knowledge=knowledge,
        templates=templates,
        mode=mode,
        options=options,
        waivers=tuple(waivers),
        variants=variants,
        balance=balance,
    )
    if strict and request.skipped:
        raise _skipped_error(request)
    if request.is_done():
        assert request.held is not None
        if accept:
            accept(out)
        return BuildReport(out=out, manifest=request.held, up_to_date=True)
    listed = place.is_file() and not is_index(place)
    check_place(out, request.index.root, listed=listed)
    _keep_words(request)
    if fit:
        for category in request.videos:
            fit(knowledge.category(category))
    return _write(request, accept)


def _write(request: Request, accept: Accept | None) -> BuildReport:
    # What writes is not loaded where there is nothing to write.
    from physprior.dataset.card import write_card
    from physprior.dataset.figure import draw_counts
    from physprior.dataset.split_file import split_text
    from physprior.dataset.write import Writer

    split, leaks = request.split()
    with replacing(request.out) as new:
        writer = Writer(new, request, split)
        for category in request.videos:
            writer.add(category)
        writer.add_text(SPLIT_FILE, split_text(split))
        writer.add_text(FIGURE, draw_counts(writer.categories))
        # The card says what the manifest says, and the manifest has the card's hash.
        manifest = request.manifest(split, leaks, writer.categories, writer.files)
        writer.add_text(CARD, write_card(manifest, split))
        manifest = manifest.model_copy(update={"files": dict(writer.files)})
        writer.add_text(MANIFEST, manifest.model_dump_json(indent=2) + "\n")
        if accept:
            accept(new)
    return BuildReport(out=request.out, manifest=manifest, made=tuple(writer.made))


def _keep_words(request: Request) -> None:
    """Refuse to write over a card that a person has worked on. Raises OutputError."""
    card = request.out / CARD
    if request.held is not None and card.exists() and not request.holds(CARD):
        raise OutputError(
            f"{card}: it was changed by hand, and a build would write it anew",
            remedy="move it to another place, or remove it; the build then makes a fresh one",
        )


def _skipped_error(request: Request) -> DatasetError:
    skipped = request.skipped
    listed = "\n".join(f"  {skip.path}: {skip.reason}" for skip in skipped)
    return DatasetError(
        f"{request.place}: {len(skipped)} videos cannot be used, and --strict is set:\n{listed}",
        remedy="mend or remove them, or build without --strict, which leaves them out",
    )

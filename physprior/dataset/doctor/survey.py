"""Reading a video collection without refusing it: what is wrong is kept beside what is right."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from physprior.dataset.doctor.findings import Finding
from physprior.dataset.examine import Progress, no_progress
from physprior.dataset.index import Index, index_tree
from physprior.dataset.index_file import is_index
from physprior.dataset.layout import Unexplained, walk_tree
from physprior.dataset.list_rows import ENDINGS
from physprior.dataset.listing import place_listed, read_list
from physprior.dataset.open import open_videos
from physprior.errors import DatasetError
from physprior.knowledge.load import KnowledgeBase


@dataclass(frozen=True)
class Survey:
    """A collection as it is found."""

    index: Index
    """The videos that can be used, and the files that cannot."""
    unexplained: tuple[Unexplained, ...] = ()
    """Folders and stray videos that the layout or the KB does not explain."""
    refused: tuple[Finding, ...] = ()
    """Why a place could not be read at all, where it could not."""


def survey(
    place: Path,
    knowledge: KnowledgeBase,
    *,
    root: Path | None = None,
    workers: int = 1,
    progress: Progress = no_progress,
) -> Survey:
    """Read a Phys-AD tree, a list of videos or an index, and whatever is wrong with it.

    ``root`` is the folder that a list's paths are relative to, the list's own by default. Raises
    DatasetError only for a place or a root that is not there.
    """
    for needed in (place, root or place):
        if not needed.exists():
            raise DatasetError(
                f"{needed}: no such file or folder",
                remedy="name the folder of the videos, a list of them, or an index",
            )
    try:
        if place.is_dir():
            tree = walk_tree(place, knowledge)
        elif place.suffix.lower() in ENDINGS and not is_index(place):
            listing = read_list(place, knowledge, root=root)
            root, tree = listing.root, place_listed(place, listing)
        else:
            return Survey(open_videos(place, knowledge, root=root))
    except DatasetError as error:
        nothing = Index(root=root or place.parent, videos=(), skipped=(), ignored={}, duplicates=())
        return Survey(nothing, refused=(_refusal(place, error),))
    index = index_tree(root or place, tree, knowledge, workers=workers, progress=progress)
    return Survey(index, tuple(tree.unexplained))


def _refusal(place: Path, error: DatasetError) -> Finding:
    # What is wrong with many lines of a list comes as one message of many lines.
    said, *more = error.message.splitlines()
    return Finding(
        kind="unreadable",
        text=said if str(place) in said else f"{place}: {said}",
        places=tuple(line.strip() for line in more),
        remedy=error.remedy,
    )

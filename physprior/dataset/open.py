"""Opening videos, however they are named: a folder's tree, a list of one's own, an index file."""

from __future__ import annotations

from pathlib import Path

from physprior.dataset.examine import LIMIT_S, Progress, no_progress
from physprior.dataset.index import Index, index_tree, index_videos, refuse_useless
from physprior.dataset.index_file import is_index, read_index
from physprior.dataset.list_rows import ENDINGS
from physprior.dataset.listing import place_listed, read_list
from physprior.errors import DatasetError
from physprior.knowledge.load import KnowledgeBase


def open_videos(
    place: Path,
    knowledge: KnowledgeBase,
    *,
    workers: int = 1,
    progress: Progress = no_progress,
    cache: bool = True,
    limit_s: float = LIMIT_S,
    root: Path | None = None,
) -> Index:
    """The videos of a Phys-AD tree, of a list (CSV or JSON lines), or of an index file.

    ``root`` is the folder that a list's paths are relative to, the list's own by default. The
    videos of an index file are not looked at again. Raises DatasetError for a place that is none
    of these, and for all that ``index_videos``, ``read_list`` and ``read_index`` refuse; for an
    index whose categories or classes the KB does not hold.
    """
    if root is not None and not root.is_dir():
        raise DatasetError(f"{root}: no such folder", remedy="name the folder of the videos")
    if place.is_dir():
        if root is not None:
            raise DatasetError(
                f"{place} is a folder, and {root} too",
                remedy="name one folder; a root is for a list's paths",
            )
        return index_videos(
            place, knowledge, workers=workers, progress=progress, cache=cache, limit_s=limit_s
        )
    if not place.exists():
        raise DatasetError(
            f"{place}: no such file or folder",
            remedy="name the folder of the videos, a list of them, or an index",
        )
    if is_index(place):
        index = read_index(place)
        _refuse_unknown(place, index, knowledge)
        return index if root is None else index.model_copy(update={"root": root})
    if place.suffix.lower() not in ENDINGS:
        raise DatasetError(
            f"{place}: neither a folder, nor an index, nor a list of videos",
            remedy=f"a list's name ends with {', '.join(sorted(ENDINGS))}",
        )
    listing = read_list(place, knowledge, root=root)
    return refuse_useless(
        index_tree(
            listing.root,
            place_listed(place, listing),
            knowledge,
            workers=workers,
            progress=progress,
            cache=cache,
            limit_s=limit_s,
        )
    )


def _refuse_unknown(place: Path, index: Index, knowledge: KnowledgeBase) -> None:
    held = sorted({(video.category, video.class_id) for video in index.videos})
    unknown = [
        f"{category}/{class_id}"
        for category, class_id in held
        if category not in knowledge.categories
        or class_id not in dict(knowledge.categories[category].classes())
    ]
    if unknown:
        raise DatasetError(
            f"{place}: the KB does not hold {', '.join(unknown)}",
            remedy="use the KB that the videos were indexed with, or index them again",
        )

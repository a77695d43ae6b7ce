"""``physprior show --html``: the entry, its dialogues and sample videos on a page that is live."""

from __future__ import annotations

import os
import sys
import threading
import webbrowser
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from physprior.cli.console import remark, say, until_stopped
from physprior.cli.in_project import from_project, typed

if TYPE_CHECKING:
    from physprior.dataset.layout import Placed, Tree
    from physprior.knowledge.load import KnowledgeBase
    from physprior.knowledge.schema import Category
    from physprior.preview.page import Start
    from physprior.preview.view import Folders, Samples

MOST = 3
"""Sample videos of a class."""


@dataclass(frozen=True)
class Place:
    """Where the sample videos lie."""

    path: Path | None
    """A folder, a list or an index; None where nobody said."""
    note: str = ""
    """Why there are none, where the project names a place that is not there."""


def find_place(named: Path | None) -> Place:
    """The videos that were named, else the project's, where they are there already.

    Raises DatasetError where those that were named are not there.
    """
    if named is not None:
        if not named.exists():
            from physprior.errors import DatasetError

            raise DatasetError(
                f"{named}: no such file or folder",
                remedy="name the folder of the videos, a list of them, or an index",
            )
        return Place(named)
    project = from_project()
    if project is None:
        return Place(None)
    path = typed(project.videos)
    if path.exists():
        return Place(path)
    return Place(None, f"{typed(project.path)} puts the videos in {path}: nothing is there yet")


def serve(folders: Folders, start: Start, *, port: int | None, open_browser: bool) -> None:
    """Serve the page until Ctrl-C. Raises OutputError where the port is in use."""
    from physprior.preview.live import LivePage
    from physprior.preview.server import open_server

    with open_server(port, LivePage(folders, start)) as server:
        remark(f"follows {folders.entry} as it is saved; Ctrl-C stops it")
        say(server.url)
        sys.stdout.flush()
        if open_browser and _has_screen():
            # A browser that takes the terminal comes back when it is left: the page goes on.
            threading.Thread(target=webbrowser.open, args=(server.url,), daemon=True).start()
        with until_stopped():
            server.serve_forever(poll_interval=0.2)


def write(folders: Folders, start: Start, out: Path) -> None:
    """Write the page as one file. Raises OutputError where it cannot be, or over no page."""
    from physprior.files import write_over_its_like
    from physprior.preview.page import embedded, html_page
    from physprior.preview.view import make_view

    view = make_view(folders)
    write_over_its_like(out, html_page(view, start, embedded, live=False))
    say(str(out))
    if view.trouble:
        remark(f"{folders.entry} makes no dialogue: {view.trouble}; the page says where")


def _has_screen() -> bool:
    """Whether a browser would open a window; one that takes the terminal is not wanted."""
    if sys.platform in ("win32", "darwin") or os.environ.get("BROWSER"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


def find_samples(place: Place, kb: Path, category: Category, entry: Path) -> Samples:
    """A few videos of each class of a category, by its folders' names or by a list.

    Raises DatasetError where the place cannot be used, KnowledgeError where a list is to be held
    against a KB that is broken elsewhere.
    """
    from physprior.knowledge.load import KnowledgeBase, load_knowledge
    from physprior.preview.view import Samples

    if place.path is None:
        return Samples(notes=(place.note,) if place.note else ())
    if place.path.is_dir():
        from physprior.dataset.layout import walk_tree

        own = KnowledgeBase({category.id: category}, {category.id: entry})
        tree = walk_tree(place.path, own)
        return _chosen(place.path, place.path, tree.placed, _notes(tree), category)
    return _listed(place.path, load_knowledge(kb), category)


def _listed(path: Path, knowledge: KnowledgeBase, category: Category) -> Samples:
    from physprior.dataset.index_file import is_index, read_index
    from physprior.dataset.layout import Placed
    from physprior.dataset.list_rows import ENDINGS
    from physprior.dataset.listing import place_listed, read_list

    if is_index(path):
        index = read_index(path)
        placed = [Placed(index.root / v.path, v.category, v.class_id) for v in index.videos]
        return _chosen(path, index.root, placed, (), category)
    if path.suffix.lower() not in ENDINGS:
        from physprior.errors import DatasetError

        raise DatasetError(
            f"{path}: neither a folder, nor an index, nor a list of videos",
            remedy=f"a list's name ends with {', '.join(sorted(ENDINGS))}",
        )
    listing = read_list(path, knowledge)
    tree = place_listed(path, listing)
    return _chosen(path, listing.root, tree.placed, tuple(tree.notes), category)


def _notes(tree: Tree) -> tuple[str, ...]:
    """What of the category's own folder could not be placed; other categories are not asked for."""
    return tuple(str(one) for one in tree.unexplained if one.known)


def _chosen(
    place: Path, root: Path, placed: Iterable[Placed], notes: tuple[str, ...], category: Category
) -> Samples:
    from physprior.paths import as_typed
    from physprior.preview.view import Sample, Samples

    by_class: dict[str, list[Placed]] = {class_id: [] for class_id, _ in category.classes()}
    for one in placed:
        if one.category == category.id and one.class_id in by_class:
            by_class[one.class_id].append(one)
    return Samples(
        as_typed(place),
        {
            class_id: tuple(Sample(one.path, _name(one.path, root)) for one in _spread(found))
            for class_id, found in by_class.items()
        },
        {class_id: len(found) for class_id, found in by_class.items()},
        notes,
    )


def _spread(found: list[Placed]) -> list[Placed]:
    """A few of them, evenly spread: neighbours are often of one object."""
    count = min(MOST, len(found))
    return [found[(2 * at + 1) * len(found) // (2 * count)] for at in range(count)]


def _name(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name

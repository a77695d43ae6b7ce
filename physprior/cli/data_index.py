"""``physprior data index``: what a video collection holds, as a file that other commands open."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from physprior.cli import console
from physprior.cli.in_project import AS_SAID
from physprior.cli.options import DEFAULT_WORKERS, Kb, Workers, open_kb, the_videos

if TYPE_CHECKING:
    from physprior.dataset.index import Index, Video

_SHOWN = 20


def index_command(
    out: Annotated[Path, typer.Option("-o", "--out", help="Index file to write.")],
    videos: Annotated[
        Path | None,
        typer.Argument(
            help="Folder of the videos in Phys-AD's layout, or a list of them (CSV or JSONL).",
            show_default=AS_SAID,
        ),
    ] = None,
    root: Annotated[
        Path | None,
        typer.Option(
            "--root",
            help="Folder that a list's paths are relative to.",
            show_default="the list's own folder",
        ),
    ] = None,
    limit: Annotated[
        float, typer.Option("--limit", min=0.1, help="Seconds that one video may take.")
    ] = 60.0,
    no_cache: Annotated[
        bool, typer.Option("--no-cache", help="Look at every video again, and remember nothing.")
    ] = False,
    kb: Kb = None,
    workers: Workers = DEFAULT_WORKERS,
) -> None:
    """Index videos: place, decode, measure and hash each one, and write what was found.

    Other commands open the index in place of the videos. A video that has not changed since it was
    last looked at is not opened again.
    """
    from physprior.dataset.index_file import index_hash, write_index
    from physprior.dataset.open import open_videos

    videos, knowledge = the_videos(videos), open_kb(kb)
    _refuse_place(out)
    with console.progress("videos") as progress:
        index = open_videos(
            videos,
            knowledge,
            workers=workers,
            progress=progress,
            cache=not no_cache,
            limit_s=limit,
            root=root,
        )
    write_index(index, out)
    _print_classes(index.videos)
    for line in _remarks(index):
        console.say(line)
    console.say(f"index: {out} (hash {index_hash(out)[:12]})")
    console.list_skipped(index.skipped, lambda skip: f"{skip.path}: {skip.reason}")


def _refuse_place(out: Path) -> None:
    """Before the videos are looked at, which takes minutes. Raises OutputError."""
    from physprior.dataset.index_file import is_index
    from physprior.errors import OutputError
    from physprior.files import make_folder

    if out.is_dir():
        raise OutputError(f"{out}: a folder", remedy="name the index file to write")
    if out.exists() and not is_index(out):
        raise OutputError(
            f"{out}: there is a file already, and it is no index",
            remedy="name another file, or remove this one",
        )
    make_folder(out.parent)


def _print_classes(videos: Sequence[Video]) -> None:
    classes: dict[tuple[str, int, str], list[Video]] = defaultdict(list)
    for video in videos:
        classes[video.category, video.label, video.class_id].append(video)
    rows = [
        _row(f"{category}/{class_id}", classes[category, label, class_id])
        for category, label, class_id in sorted(classes)
    ]
    heads = ("class", "videos", "objects", "frames", "1/s", "pixels")
    console.table(heads, [*rows, _row("all", videos)], last_apart=True)


def _row(name: str, videos: Sequence[Video]) -> list[str]:
    objects = {video.instance for video in videos if video.instance is not None}
    return [
        name,
        str(len(videos)),
        str(len(objects) or "-"),
        _range([video.info.frames for video in videos]),
        _range([round(video.info.fps, 2) for video in videos]),
        _sizes(videos),
    ]


def _range(values: Sequence[float]) -> str:
    least, most = min(values), max(values)
    return f"{least:g}" if least == most else f"{least:g}-{most:g}"


def _sizes(videos: Sequence[Video]) -> str:
    sizes = {(video.info.width, video.info.height) for video in videos}
    return "x".join(map(str, *sizes)) if len(sizes) == 1 else f"{len(sizes)} sizes"


def _remarks(index: Index) -> Iterator[str]:
    yield from index.notes
    for same in index.duplicates[:_SHOWN]:
        yield f"same file: {' = '.join(same)}"
    if len(index.duplicates) > _SHOWN:
        yield f"same file: {len(index.duplicates) - _SHOWN} more sets"
    if index.ignored:
        kinds = ", ".join(f"{n} {ending or '(no ending)'}" for ending, n in index.ignored.items())
        yield f"ignored, no videos by their names: {kinds}"

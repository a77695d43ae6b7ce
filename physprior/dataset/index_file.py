"""The index file: what was found in a video collection, as lines of JSON that can be read again.

First a header (format, version, root relative to the file, counts, ignored endings), then one line
a video in the order of the paths, then one line a skipped file. The same videos give the same
bytes; no time stands in it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from physprior import __version__, files, fingerprint
from physprior.dataset.index import Index, Skipped, Video, same_files
from physprior.errors import DatasetError
from physprior.video.probe import VideoInfo

Kind = TypeVar("Kind", bound=BaseModel)

FORMAT = "physprior-index"
_REMEDY = "index the videos again with physprior data index"
_PIECE = 512
"""Lines that are parsed at a time: one call for each would take twice as long."""


class Header(BaseModel):
    """The first line of an index file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["physprior-index"] = "physprior-index"
    """Tells this file from a list of one's own."""
    format_version: Literal[1] = 1
    """Raised when the lines change so that older readers would go wrong."""
    physprior_version: str = __version__
    """The version of physprior that wrote it."""
    root: str
    """The videos root relative to this file, with forward slashes."""
    videos: int
    """How many lines of usable videos follow."""
    skipped: int
    """How many lines of skipped files follow them."""
    ignored: dict[str, int]
    """Files that are neither videos nor sidecars by their ending: ending to count."""
    notes: tuple[str, ...] = ()
    """What else a person should know of the videos, a line each."""


def write_index(index: Index, path: Path) -> None:
    """Write an index file, whole or not at all. Raises OutputError."""
    root = Path(os.path.relpath(index.root.resolve(), path.resolve().parent)).as_posix()
    header = Header(
        root=root,
        videos=len(index.videos),
        skipped=len(index.skipped),
        ignored=index.ignored,
        notes=index.notes,
    )
    lines = [one.model_dump_json() for one in (header, *index.videos, *index.skipped)]
    files.write_text(path, "\n".join(lines) + "\n")


def is_index(path: Path) -> bool:
    """Whether a file begins as an index file does, whatever its name."""
    try:
        with path.open("rb") as stream:
            head = json.loads(stream.readline(1 << 20))
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(head, dict) and head.get("format") == FORMAT


def index_hash(path: Path) -> str:
    """SHA-256 of an index file: the same where the videos and all that is known of them are."""
    try:
        return fingerprint.of_file(path)
    except OSError as error:
        raise _unreadable(path, error) from error


def read_index(path: Path) -> Index:
    """Read an index file.

    The videos themselves are not looked at, and need not be there. Raises DatasetError with
    ``file:line`` for a line that is not what it should be, and for a file that was cut.
    """
    try:
        with path.open("rb") as stream:
            header = _header(path, stream.readline(1 << 20))
            videos = tuple(_once(path, _lines(path, stream, Video, 2, header.videos)))
            skipped = tuple(_lines(path, stream, Skipped, 2 + len(videos), header.skipped))
            whole = len(videos) == header.videos and len(skipped) == header.skipped
            if not whole or stream.read(1):
                raise DatasetError(
                    f"{path}: cut, or more than one file in one: its header says {header.videos}"
                    f" videos and {header.skipped} skipped files",
                    remedy=_REMEDY,
                )
    except OSError as error:
        raise _unreadable(path, error) from error
    return Index(
        root=Path(os.path.normpath(path.resolve().parent / header.root)),
        videos=videos,
        skipped=skipped,
        ignored=header.ignored,
        duplicates=same_files(videos),
        notes=header.notes,
    )


def _header(path: Path, line: bytes) -> Header:
    try:
        return Header.model_validate_json(line)
    except ValidationError as error:
        raise _no_line(path, 1, "an index file's header", error) from error


def _lines(
    path: Path, stream: BinaryIO, kind: type[Kind], first: int, count: int
) -> Iterator[Kind]:
    """Up to ``count`` lines as ``kind``; ``first`` is the number of the line that comes now."""
    adapter = TypeAdapter(list[kind])  # type: ignore[valid-type]
    for start in range(0, count, _PIECE):
        piece = list(islice(stream, min(_PIECE, count - start)))
        try:
            yield from adapter.validate_json(b"[" + b",".join(piece) + b"]")
        except ValidationError as error:
            yield from _one_by_one(path, piece, kind, first + start, error)


def _one_by_one(
    path: Path, piece: list[bytes], kind: type[Kind], first: int, error: ValidationError
) -> Iterator[Kind]:
    for number, line in enumerate(piece, start=first):
        try:
            yield kind.model_validate_json(line)
        except ValidationError as problem:
            what = f"a {kind.__name__.lower()} of an index"
            raise _no_line(path, number, what, problem) from problem
    raise _no_line(path, first, "lines of an index", error) from error


def _once(path: Path, videos: Iterator[Video]) -> Iterator[Video]:
    """The videos with equal measures kept once: clips of one camera have the same."""
    seen: dict[VideoInfo, VideoInfo] = {}
    for number, video in enumerate(videos, start=2):
        if video.path.startswith("/") or ".." in video.path.split("/"):
            raise DatasetError(
                f"{path}:{number}: {video.path} leads out of the videos root", remedy=_REMEDY
            )
        video.__dict__["info"] = seen.setdefault(video.info, video.info)
        yield video


def _no_line(path: Path, number: int, what: str, error: ValidationError) -> DatasetError:
    problem = error.errors()[0]
    where = ".".join(str(step) for step in problem["loc"])
    return DatasetError(
        f"{path}:{number}: not {what} of this version: $.{where}: {problem['msg']}",
        remedy=_REMEDY,
    )


def _unreadable(path: Path, error: OSError) -> DatasetError:
    return DatasetError(
        f"{path}: cannot be read: {error.strerror or error}",
        remedy="name an index that physprior data index has written",
    )

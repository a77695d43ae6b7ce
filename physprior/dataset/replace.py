"""Putting a dataset folder in its place, whole or not at all, and never over something else."""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from physprior import files
from physprior.dataset.manifest import FORMAT_VERSION, MANIFEST, format_version
from physprior.dataset.records import SPLITS
from physprior.errors import OutputError

CARD, FIGURE, SPLIT_FILE = "README.md", "counts.svg", "split.json"
FOLDERS: frozenset[str] = frozenset(SPLITS)
"""One folder of records a split, one file a category in it."""
FILES = frozenset({CARD, FIGURE, SPLIT_FILE, MANIFEST})
"""Everything else that a dataset folder holds."""
_FILES_OF_VERSION_1 = frozenset({*(f"{split}.jsonl" for split in SPLITS), SPLIT_FILE, MANIFEST})
_AT_CWD, _EXCHANGE = -100, 2


def check_place(out: Path, videos_root: Path, *, listed: bool = False) -> None:
    """Refuse an ``out`` that must not be replaced, before the work whose result it would get.

    Where the videos are ``listed`` one by one, a dataset may lie in their root: nobody will take
    it for videos. Raises OutputError for a file, a folder that holds anything but a dataset's own
    files, and a folder in, or around, the videos.
    """
    place, videos = out.resolve(), videos_root.resolve()
    within = videos in place.parents and not listed
    if place == videos or within or place in videos.parents:
        raise OutputError(
            f"{out}: the dataset and its videos ({videos_root}) would lie in each other",
            remedy="name an output folder beside the videos",
        )
    if out.exists() and not out.is_dir():
        raise OutputError(f"{out}: a file is in the way", remedy="name another output folder")
    with files.writing_to(out):
        held = sorted(path.name for path in out.iterdir()) if out.exists() else []
        version = format_version(out)
        if held and version is None:
            raise OutputError(
                f"{out}: not empty, and not a dataset: it holds {', '.join(held[:5])}",
                remedy="name a new folder, or empty this one",
            )
        if version is not None and version > FORMAT_VERSION:
            raise OutputError(
                f"{out}: a dataset of a later physprior (format_version {version})",
                remedy="name another output folder, or use that physprior",
            )
        foreign = _foreign(out, held)
    if foreign:
        raise OutputError(
            f"{out}: beside a dataset it holds {', '.join(foreign[:5])}, which would be lost",
            remedy="move that out of the folder, or name another output folder",
        )


def _foreign(out: Path, held: list[str]) -> list[str]:
    own = FILES | _FILES_OF_VERSION_1
    foreign = []
    for name in held:
        if name in FOLDERS and (out / name).is_dir():
            below = sorted(path.name for path in (out / name).iterdir())
            foreign += [f"{name}/{one}" for one in below if not one.endswith(".jsonl")]
        elif name not in own:
            foreign.append(name)
    return foreign


@contextlib.contextmanager
def replacing(out: Path) -> Iterator[Path]:
    """Gives an empty folder beside ``out``; what is in it at the end takes the place of ``out``.

    Until that last step, one rename that exchanges the two, the old dataset is untouched, and an
    error leaves it so. Raises OutputError where the folder cannot be written.
    """
    out = out.resolve()
    with files.writing_to(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        with _lock(out.parent):
            work = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}.", suffix=".part"))
            held = _hold(work)
    try:
        new = work / "new"
        with files.writing_to(out):
            new.mkdir()
            yield new
            _to_disk(new)
            _swap(new, out, work / "old")
    finally:
        shutil.rmtree(work, ignore_errors=True)
        os.close(held)


def clear_leftovers(out: Path) -> None:
    """Remove what killed builds of ``out`` left beside it; builds that still run are spared."""
    out = out.resolve()
    name = re.compile(re.escape(f".{out.name}.") + r"[^.]{8}\.part")
    if not out.parent.is_dir():
        return
    with files.writing_to(out):
        left = [one for one in out.parent.iterdir() if name.fullmatch(one.name) and one.is_dir()]
        if not left:
            return
        with _lock(out.parent):
            for work in left:
                _clear(work, out)


def _clear(work: Path, out: Path) -> None:
    held = None
    with contextlib.suppress(OSError):
        held = _hold(work)
    if held is None:
        return  # Its build is still at work.
    old = work / "old"
    if old.exists() and not out.exists():
        # Killed between the two renames of a system that cannot exchange folders in one.
        old.rename(out)
    shutil.rmtree(work, ignore_errors=True)
    os.close(held)


def _hold(work: Path) -> int:
    """Mark a working folder as in use, for as long as this process lives; raises OSError if it is.

    A lock of the system's goes with the process however it ends, unlike a file that says so.
    """
    import fcntl

    handle = os.open(work, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise
    return handle


@contextlib.contextmanager
def _lock(folder: Path) -> Iterator[None]:
    """Keep others from looking at working folders between the making and the marking of one."""
    import fcntl

    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _to_disk(folder: Path) -> None:
    # After all has been written: the disk then waits once, and not once a file.
    for path in (*folder.rglob("*"), folder):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _swap(new: Path, out: Path, old: Path) -> None:
    if not out.exists():
        new.rename(out)
    elif not _exchange(new, out):
        out.rename(old)
        try:
            new.rename(out)
        except OSError:
            with contextlib.suppress(OSError):
                old.rename(out)
            raise


def _exchange(new: Path, out: Path) -> bool:
    """Exchange two folders in one step; False where the system cannot."""
    rename = getattr(ctypes.CDLL(None), "renameat2", None)
    if rename is None:
        return False
    places = _AT_CWD, os.fsencode(new), _AT_CWD, os.fsencode(out)
    return bool(rename(*places, _EXCHANGE) == 0)

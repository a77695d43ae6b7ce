"""Putting a dataset folder in its place, whole or not at all, and never over something else."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from pathlib import Path

from physprior import files
from physprior.dataset.manifest import MANIFEST, read_manifest
from physprior.dataset.records import SPLITS
from physprior.errors import DatasetError, OutputError

FILES = (*(f"{split}.jsonl" for split in SPLITS), "split.json", MANIFEST)
"""Everything that a dataset folder holds."""


def check_place(out: Path, videos_root: Path) -> None:
    """Refuse an ``out`` that must not be replaced, before the work whose result it would get.

    Raises OutputError for a file, a folder that holds anything but a dataset's own files, and a
    folder in, or around, the videos.
    """
    place, videos = out.resolve(), videos_root.resolve()
    if place == videos or videos in place.parents or place in videos.parents:
        raise OutputError(
            f"{out}: the dataset and its videos ({videos_root}) would lie in each other",
            remedy="name an output folder beside the videos",
        )
    if out.exists() and not out.is_dir():
        raise OutputError(f"{out}: a file is in the way", remedy="name another output folder")
    with files.writing_to(out):
        held = sorted(path.name for path in out.iterdir()) if out.exists() else []
    if held and not _is_dataset(out):
        raise OutputError(
            f"{out}: not empty, and not a dataset: it holds {', '.join(held[:5])}",
            remedy="name a new folder, or empty this one",
        )
    foreign = [name for name in held if name not in FILES]
    if foreign:
        raise OutputError(
            f"{out}: beside a dataset it holds {', '.join(foreign[:5])}, which would be lost",
            remedy="move that out of the folder, or name another output folder",
        )


def replace_dataset(out: Path, texts: dict[str, str]) -> None:
    """Make ``out`` a folder of these files (name to text), in place of the dataset there.

    All files are written beside it first; until the last step, two renames, the old dataset is
    untouched, and a failure puts it back. Raises OutputError where it cannot be written.
    """
    out = out.resolve()
    with files.writing_to(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}.", suffix=".part"))
    try:
        new, old = work / "new", work / "old"
        for name, text in texts.items():
            files.write_text(new / name, text)
        with files.writing_to(out):
            _swap(new, out, old)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _swap(new: Path, out: Path, old: Path) -> None:
    if out.exists():
        out.rename(old)
    try:
        new.rename(out)
    except OSError:
        with contextlib.suppress(OSError):
            old.rename(out)
        raise


def _is_dataset(folder: Path) -> bool:
    try:
        read_manifest(folder)
    except DatasetError:
        return False
    return True

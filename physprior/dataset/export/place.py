"""Putting an export folder in its place, whole or not at all, and never over something else."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

from physprior import files, fingerprint
from physprior.dataset.export.manifest import EXPORT, VIDEOS, ExportManifest, read_export
from physprior.dataset.folder import Dataset
from physprior.errors import OutputError


def check_place(out: Path, dataset: Dataset) -> None:
    """Refuse an ``out`` that must not be replaced, before the work whose result it would get.

    Raises OutputError for a file, for a folder that holds anything but an untouched export, and
    for one in the dataset, in the videos, or around them.
    """
    place = out.resolve()
    for other, what in ((dataset.folder, "dataset"), (dataset.videos_root, "videos")):
        if place == other or other in place.parents or place in other.parents:
            raise OutputError(
                f"{out}: the export and the {what} ({other}) would lie in each other",
                remedy=f"name an output folder beside the {what}",
            )
    if out.exists() and not out.is_dir():
        raise OutputError(f"{out}: a file is in the way", remedy="name another output folder")
    with files.writing_to(out):
        held = _held(out) if out.exists() else []
    if not held:
        return
    manifest = read_export(out)
    if manifest is None:
        raise OutputError(
            f"{out}: not empty, and not an export: it holds {_listed(held)}",
            remedy="name a new folder, or empty this one",
        )
    _refuse_others(out, held, manifest)


@contextlib.contextmanager
def replacing(out: Path, *, keep_videos: bool) -> Iterator[Path]:
    """An empty folder that takes the place of ``out`` when the block ends well.

    Until then ``out`` is untouched. With ``keep_videos`` the copies that a stopped export had
    made are in it already, and stay for the next one. Raises OutputError.
    """
    out = out.resolve()
    work = out.parent / f".{out.name}.export.part"
    new, old = work / "new", work / "old"
    with files.writing_to(out):
        _put_back(old, out)
        _clear(new, keep=VIDEOS if keep_videos else "")
        files.make_folder(new)
    try:
        yield new
        with files.writing_to(out):
            _swap(new, out, old)
    except BaseException:
        if not (keep_videos and (new / VIDEOS).is_dir()):
            shutil.rmtree(work, ignore_errors=True)
        raise
    shutil.rmtree(work, ignore_errors=True)


def _refuse_others(out: Path, held: list[str], manifest: ExportManifest) -> None:
    copies = {f"{VIDEOS}/{path}" for path in manifest.copied}
    foreign = [name for name in held if name not in {EXPORT, *manifest.files, *copies}]
    if foreign:
        raise OutputError(
            f"{out}: beside an export it holds {_listed(foreign)}, which would be lost",
            remedy="move that out of the folder, or name another output folder",
        )
    changed = [
        name
        for name, expected in manifest.files.items()
        if name in held and fingerprint.of_file(out / name) != expected
    ]
    if changed:
        raise OutputError(
            f"{out}: {_listed(changed)} changed since it was exported, which would be lost",
            remedy="move the changed files away, or name another output folder",
        )


def _held(folder: Path) -> list[str]:
    return sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_symlink() or not path.is_dir()
    )


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return ", ".join(names[:5]) + more


def _clear(folder: Path, *, keep: str) -> None:
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.name == keep:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def _put_back(old: Path, out: Path) -> None:
    # An export that was killed between its two renames left the former one here.
    if old.is_dir():
        if out.exists():
            shutil.rmtree(old)
        else:
            old.rename(out)


def _swap(new: Path, out: Path, old: Path) -> None:
    if out.exists():
        out.rename(old)
    try:
        new.rename(out)
    except OSError:
        with contextlib.suppress(OSError):
            old.rename(out)
        raise

"""How an export names its videos: where they lie, from the videos root, or as copies beside it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

from physprior import files, fingerprint
from physprior.dataset.examine import Progress
from physprior.dataset.export.form import Paths
from physprior.dataset.export.manifest import VIDEOS
from physprior.dataset.folder import Dataset
from physprior.dataset.records import Record
from physprior.errors import DatasetError


def named(dataset: Dataset, record: Record, paths: Paths) -> str:
    """The path by which a row names its video."""
    if paths == "absolute":
        return (dataset.videos_root / record.video).as_posix()
    return f"{VIDEOS}/{record.video}" if paths == "copy" else record.video


def refuse_missing(dataset: Dataset, wanted: Iterable[str]) -> None:
    """Refuse an export whose rows would name videos that are not there. Raises DatasetError."""
    lost = [path for path in wanted if not (dataset.videos_root / path).is_file()]
    if lost:
        more = f"\n  and {len(lost) - 5} more" if len(lost) > 5 else ""
        raise DatasetError(
            f"{dataset.folder}: {len(lost)} videos are not in {dataset.videos_root}:\n"
            + "\n".join(f"  {path}" for path in lost[:5])
            + more,
            remedy="name their folder with --videos, or export with --paths relative",
        )


def copy_videos(
    dataset: Dataset, wanted: Mapping[str, str], new: Path, out: Path, progress: Progress
) -> None:
    """Copy videos, path to hash, into ``new``.

    A copy that is there already, from a stopped export or in the export ``out`` that this one
    replaces, is used again. Raises DatasetError for a video that changed since the build.
    """
    for done, (path, sha256) in enumerate(wanted.items(), start=1):
        if ".." in PurePosixPath(path).parts or PurePosixPath(path).is_absolute():
            raise DatasetError(
                f"{dataset.folder}: the path {path!r} leads out of the videos root",
                remedy="build the dataset again",
            )
        target = new / VIDEOS / path
        if not _is(target, sha256):
            with files.writing_to(target):
                _copy(dataset.videos_root / path, out / VIDEOS / path, target, sha256)
        progress(done, len(wanted))
    _drop_others(new / VIDEOS, wanted)


def _copy(video: Path, former: Path, target: Path, sha256: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    part.unlink(missing_ok=True)
    if _is(former, sha256):
        _link_or_copy(former, part)
    else:
        shutil.copyfile(video, part)
        if not _is(part, sha256):
            part.unlink()
            raise DatasetError(
                f"{video}: changed since the dataset was built",
                remedy="put the old file back, or build the dataset again",
            )
    os.replace(part, target)


def _link_or_copy(former: Path, part: Path) -> None:
    # The former export goes when this one takes its place, so that a link shares nothing for long.
    try:
        os.link(former, part)
    except OSError:
        shutil.copyfile(former, part)


def _drop_others(folder: Path, wanted: Iterable[str]) -> None:
    keep = {folder / path for path in wanted}
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir():
            if not any(path.iterdir()):
                path.rmdir()
        elif path not in keep:
            path.unlink()


def _is(path: Path, sha256: str) -> bool:
    return path.is_file() and not path.is_symlink() and fingerprint.of_file(path) == sha256

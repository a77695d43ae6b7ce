"""The dataset that a run was trained on, kept where a build is about to replace it.

A retraining finds what has changed by comparing with that dataset. In a project every build writes
to the same place, so the one that somebody still needs is put beside it, as ``RUN-dataset``.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from physprior import fingerprint
from physprior.errors import OutputError
from physprior.files import writing_to
from physprior.project.project import MANIFEST, Project
from physprior.project.run_record import trained_on


@contextlib.contextmanager
def keeping_trained_dataset(project: Project, tell: Callable[[Path, Path], None]) -> Iterator[None]:
    """Keep the dataset of the run that was trained on it, where what is done here changes it.

    ``tell`` is called with the copy and the run where one is kept. Raises OutputError where the
    copy cannot be written: then nothing has been replaced.
    """
    before = _manifest_of(project.dataset)
    run = _trained_on(project, before) if before else None
    if run is None:
        yield
        return
    kept = project.kept_dataset(run)
    _copy(project.dataset, kept)
    try:
        yield
    finally:
        if _manifest_of(project.dataset) == before:
            shutil.rmtree(kept, ignore_errors=True)
        else:
            tell(kept, run)


def _trained_on(project: Project, manifest: str) -> Path | None:
    """The run of the project that was trained on the dataset of this manifest, if it needs it."""
    needing = (run for run in project.runs() if project.dataset_of(run) == project.dataset)
    return next((run for run in needing if trained_on(run) == manifest), None)


def _manifest_of(dataset: Path) -> str:
    """The hash of a dataset's manifest; empty where there is none."""
    try:
        return fingerprint.of_file(dataset / MANIFEST)
    except OSError:
        return ""


def _copy(dataset: Path, kept: Path) -> None:
    part = kept.with_name(f".{kept.name}.part")
    if kept.exists() and not (kept / MANIFEST).is_file():
        raise OutputError(
            f"{kept} is in the way of keeping the dataset that a run was trained on",
            remedy="move it, or build with -o into another folder",
        )
    with writing_to(kept):
        # What is there belonged to a run of this name that is no more.
        shutil.rmtree(kept, ignore_errors=True)
        shutil.rmtree(part, ignore_errors=True)
        try:
            shutil.copytree(dataset, part, symlinks=True)
            os.replace(part, kept)
        finally:
            shutil.rmtree(part, ignore_errors=True)

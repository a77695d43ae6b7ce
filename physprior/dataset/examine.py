"""Looking at many video files at once: measures, hash and sidecar of each, in a process pool."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from physprior import fingerprint
from physprior.dataset.layout import SIDECAR_ENDING
from physprior.errors import DatasetError, VideoError
from physprior.video.probe import VideoInfo, probe

Progress = Callable[[int, int], None]
"""Is told how many files are done, and how many there are."""

CHUNK = 16
"""Files that a worker takes at a time."""


@dataclass(frozen=True)
class Examined:
    """What was found in one file: ``info`` and ``sha256``, or else the ``reason`` it is no use."""

    path: Path
    info: VideoInfo | None = None
    sha256: str = ""
    sidecar: dict[str, Any] | None = None
    reason: str = ""


def examine(
    paths: Sequence[Path],
    *,
    workers: int,
    progress: Progress,
    look: Callable[[Path], Examined] | None = None,
) -> list[Examined]:
    """Probe and hash every file, in the order given.

    ``look`` is what is done with each file, ``look_at`` by default. A broken file comes back with
    its reason, even where it kills the process that reads it; with one worker, or few files, all
    is done in this process. Raises DatasetError where no process can be started.
    """
    look = look or look_at
    found: dict[Path, Examined] = {}
    chunks = [paths[start : start + CHUNK] for start in range(0, len(paths), CHUNK)]
    alone = workers <= 1 or len(chunks) <= 1
    done = map(partial(_look_at_all, look), chunks) if alone else _in_pool(look, chunks, workers)
    for results in done:
        found.update((result.path, result) for result in results)
        progress(len(found), len(paths))
    return [found[path] for path in paths]


def no_progress(_done: int, _total: int) -> None:
    """The Progress that shows nothing."""


def look_at(path: Path) -> Examined:
    """Probe and hash one file and read its sidecar."""
    try:
        info = probe(path)
        return Examined(path, info, fingerprint.of_file(path), _read_sidecar(path))
    except VideoError as error:
        return Examined(path, reason=error.message.removeprefix(f"{path}: "))
    except OSError as error:
        return Examined(path, reason=f"cannot be read: {error.strerror or error}")


def _look_at_all(look: Callable[[Path], Examined], paths: Sequence[Path]) -> list[Examined]:
    return [look(path) for path in paths]


def _in_pool(
    look: Callable[[Path], Examined], chunks: Sequence[Sequence[Path]], workers: int
) -> Iterator[list[Examined]]:
    lost: list[Sequence[Path]] = []
    with _pool(min(workers, len(chunks))) as pool:
        _prove(pool)
        pending = {}
        for chunk in chunks:
            try:
                pending[pool.submit(_look_at_all, look, chunk)] = chunk
            except BrokenProcessPool:
                lost.append(chunk)
        for future in as_completed(pending):
            try:
                yield future.result()
            except BrokenProcessPool:
                lost.append(pending[future])
    # One file that kills its reader breaks the whole pool, so the rest is read apart.
    for chunk in lost:
        yield from _apart(look, chunk)


def _apart(look: Callable[[Path], Examined], paths: Sequence[Path]) -> Iterator[list[Examined]]:
    try:
        with _pool(1) as pool:
            yield pool.submit(_look_at_all, look, paths).result()
    except BrokenProcessPool:
        if len(paths) == 1:
            yield [Examined(paths[0], reason="the process that read it died; it may be damaged")]
            return
        half = len(paths) // 2
        yield from _apart(look, paths[:half])
        yield from _apart(look, paths[half:])


def _prove(pool: ProcessPoolExecutor) -> None:
    try:
        pool.submit(len, ()).result()
    except BrokenProcessPool as error:
        raise DatasetError(
            "worker processes cannot be started from here",
            remedy="use one worker, or call this under: if __name__ == '__main__'",
        ) from error


@contextlib.contextmanager
def _pool(workers: int) -> Iterator[ProcessPoolExecutor]:
    # A forked child would inherit the locks of threads that it does not have.
    pool = ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"))
    try:
        yield pool
    finally:
        # On Ctrl-C nothing new is begun.
        pool.shutdown(cancel_futures=True)


def _read_sidecar(path: Path) -> dict[str, Any] | None:
    sidecar = path.with_suffix(SIDECAR_ENDING)
    if not sidecar.is_file():
        return None
    try:
        content = json.loads(sidecar.read_bytes())
    except (ValueError, RecursionError) as error:
        raise VideoError(f"its sidecar {sidecar.name} is not JSON: {error}") from error
    return content if isinstance(content, dict) else {}

"""Looking at many video files: in processes that a bad file cannot hang or kill, and remembered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from physprior import fingerprint
from physprior.errors import DatasetError, VideoError
from physprior.processes import Died, Outcome, TimedOut, WorkerError, work

if TYPE_CHECKING:
    from physprior.dataset.probe_cache import ProbeCache
    from physprior.video.look import Seen
    from physprior.video.probe import VideoInfo

Progress = Callable[[int, int], None]
"""Is told how many files are done, and how many there are."""

LIMIT_S = 60.0
"""How long a look at one file may take. A clip of Phys-AD takes a second or two."""

# What a decoder's wrapper may raise of a file that lies about itself.
_FAULTS = (ArithmeticError, LookupError, MemoryError, RuntimeError, ValueError)


@dataclass(frozen=True)
class Examined:
    """What was found in one file: ``info`` and the hashes, or else the ``reason`` it is no use."""

    path: Path
    info: VideoInfo | None = None
    sha256: str = ""
    content: str = ""
    prints: tuple[str, ...] = ()
    reason: str = ""


def examine(
    paths: Sequence[Path],
    *,
    workers: int,
    progress: Progress,
    look: Callable[[Path], Examined] | None = None,
    limit_s: float = LIMIT_S,
    cache: ProbeCache | None = None,
) -> list[Examined]:
    """Look at every file, in the order given.

    ``look`` is what is done with each file, ``look_at`` by default: a module's own function, as it
    runs in other processes. A broken file comes back with its reason, even where it kills or hangs
    the process that reads it; ``limit_s`` is the time for one, in seconds. Whatever ``cache`` knows
    is not looked at again. Raises DatasetError where no process can be started.
    """
    # numpy and SQLite take longer to load than a build from an index that finds nothing to do.
    from physprior.dataset.probe_cache import ProbeCache
    from physprior.video.look import Seen

    cache = cache or ProbeCache(None)
    found = [
        _examined(path, *known) if known else None
        for path, known in zip(paths, cache.known(paths), strict=True)
    ]
    left = [number for number, one in enumerate(found) if one is None]
    if len(left) < len(paths) or not paths:
        progress(len(paths) - len(left), len(paths))
    todo = [paths[number] for number in left]
    try:
        with closing(work(look or look_at, todo, workers=workers, limit_s=limit_s)) as outcomes:
            for done, (at, outcome) in enumerate(outcomes, start=len(paths) - len(left) + 1):
                examined = _judge(todo[at], outcome)
                found[left[at]] = examined
                if examined.info is not None:
                    seen = Seen(examined.info, examined.content, examined.prints)
                    cache.keep(examined.path, seen, examined.sha256)
                progress(done, len(paths))
    except WorkerError as error:
        raise DatasetError(
            f"videos cannot be looked at, as worker processes cannot be started: {error}",
            remedy="free memory or raise the limit of processes",
        ) from error
    finally:
        cache.save()
    return [one for one in found if one is not None]


def no_progress(_done: int, _total: int) -> None:
    """The Progress that shows nothing."""


def look_at(path: Path) -> Examined:
    """Decode, measure and hash one file."""
    from physprior.video.look import look

    try:
        return _examined(path, look(path), fingerprint.of_file(path))
    except VideoError as error:
        return Examined(path, reason=error.message.removeprefix(f"{path}: "))
    except OSError as error:
        return Examined(path, reason=f"cannot be read: {error.strerror or error}")
    except _FAULTS as error:
        return Examined(path, reason=f"cannot be decoded: {type(error).__name__}: {error}")


def _judge(path: Path, outcome: Outcome[Examined]) -> Examined:
    if isinstance(outcome, TimedOut):
        said = f"not looked at within {outcome.limit_s:g} s, so it was given up"
        return Examined(path, reason=said)
    if isinstance(outcome, Died):
        return Examined(path, reason="the process that read it died; it may be damaged")
    return outcome.value


def _examined(path: Path, seen: Seen, sha256: str) -> Examined:
    return Examined(path, seen.info, sha256, seen.content, seen.prints)

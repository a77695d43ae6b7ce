"""Notices that files of a check were saved, made or deleted, by looking at them again and again.

Polling, because it works alike on every system and on network drives, and a KB is small.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from physprior.check.files import CHECKED

INTERVAL = 0.2
"""Seconds between two looks; a change is told of after two of them."""
MOST_LOOKS = 10
"""How many looks a folder that keeps changing is waited for."""

State = dict[str, tuple[int, int, int]]
"""The files that count, each with its time of change, its size and its number on the disk."""


def rounds(
    paths: Sequence[Path], wait: Callable[[], None] = lambda: time.sleep(INTERVAL)
) -> Iterator[None]:
    """Yields now, then after each change to the files that a check of ``paths`` reads.

    A change is told of when a look finds the files as the look before it did, so that saving many,
    or a slow save, is one change. What changes while the caller is at work is told of next.
    """
    seen = state(paths)
    while True:
        yield
        seen = _next_state(paths, seen, wait)


def _next_state(paths: Sequence[Path], seen: State, wait: Callable[[], None]) -> State:
    now = seen
    while now == seen:
        wait()
        now = state(paths)
    for _ in range(MOST_LOOKS):
        wait()
        before, now = now, state(paths)
        if now == before:
            break
    return now


def state(paths: Sequence[Path]) -> State:
    """The files below folders and beside files, as they are; what is not there is left out."""
    found: State = {}
    for path in paths:
        root = path if path.is_dir() else path.parent
        for parent, below, names in os.walk(root):
            # Beside a named file lie its vocabulary, and what a template includes.
            below[:] = [name for name in below if not name.startswith(".")] if root == path else []
            for name in names:
                if name.lower().endswith(CHECKED) and not name.startswith("."):
                    _note(os.path.join(parent, name), found)
        if root != path:
            _note(str(path), found, named=True)
    return found


def _note(name: str, found: State, *, named: bool = False) -> None:
    try:
        known = os.stat(name)
    except OSError:
        return  # Deleted since it was listed, or a link to nowhere.
    if not named and not stat.S_ISREG(known.st_mode):
        return  # A check passes it over.
    found[name] = (known.st_mtime_ns, known.st_size, known.st_ino)

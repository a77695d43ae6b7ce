"""A page that follows its files: made again when one of them is another, never in between."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path

from physprior import fingerprint
from physprior.check.watch import state
from physprior.preview.page import Clip, Start, html_page
from physprior.preview.strips import try_strip
from physprior.preview.view import Folders, Sample, View, make_view

Stamp = tuple[int, int, int]
"""When a file was changed, its size, and its number on the disk."""


@dataclass(frozen=True)
class Page:
    """A page as it is sent."""

    body: bytes
    tag: str
    """Its ETag: another page has another."""


class LivePage:
    """The page of an entry, as its files are now. It may be asked from several threads."""

    def __init__(self, folders: Folders, start: Start) -> None:
        self._folders = folders
        self._start = start
        self._lock = threading.Lock()
        self._drawing = threading.Lock()
        self._seen: object = None
        self._view: View | None = None
        self._page = Page(b"", "")
        self._videos: list[Path] = []
        self._strips: dict[tuple[int, Stamp], tuple[bytes, str]] = {}

    def page(self) -> Page:
        """The page of now."""
        with self._lock:
            # Looked at before the files are read: what is saved meanwhile is seen the next time.
            seen = self._look()
            if seen != self._seen:
                self._view = make_view(self._folders, self._view)
                html = html_page(self._view, self._start, self._clip, live=True).encode("utf-8")
                self._page = Page(html, f'"{fingerprint.of_bytes(html)[:32]}"')
                self._seen = seen
            return self._page

    def video(self, number: int) -> Path | None:
        """The video of a number that a page has named, or None."""
        return self._videos[number] if 0 <= number < len(self._videos) else None

    def strip(self, number: int) -> tuple[bytes, str] | None:
        """The strip of a video's frames, or why it has none; None for a number without video."""
        path = self.video(number)
        if path is None:
            return None
        key = number, _stamp(path)
        # One at a time: decoders take all the memory and cores that they can get.
        with self._drawing:
            if key not in self._strips:
                self._strips[key] = try_strip(path)
            return self._strips[key]

    def _clip(self, sample: Sample) -> Clip:
        if sample.path not in self._videos:
            self._videos.append(sample.path)
        number = self._videos.index(sample.path)
        changed = _stamp(sample.path)[0]
        return Clip(sample.name, f"/strip/{number}?{changed}", f"/video/{number}?{changed}")

    def _look(self) -> object:
        """What is another as soon as a file is saved, added or deleted."""
        return state([self._folders.entry, self._folders.kb, self._folders.templates])


def _stamp(path: Path) -> Stamp:
    try:
        found = path.stat()
    except OSError:
        return (0, 0, 0)
    return (found.st_mtime_ns, found.st_size, found.st_ino)

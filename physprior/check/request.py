"""What a check was asked for, in a form that can be asked again: after a fix, after a save."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from physprior.check.run import Buffer, Result, check_buffer, check_paths


@dataclass(frozen=True)
class Request:
    """One question to the check."""

    paths: tuple[Path, ...]
    """The files and folders; of a buffer, its file alone."""
    select: tuple[str, ...] = ()
    """The rules that are listened to alone: codes, their beginnings or names; none means all."""
    ignore: tuple[str, ...] = ()
    """The rules that are not listened to."""
    cache: bool = True
    """Whether what was found in an unchanged file is remembered."""
    buffer: Buffer | None = None
    """A content that stands for a file, as an editor's unsaved text does."""

    def check(self, unsaved: Mapping[Path, bytes] = MappingProxyType({})) -> Result:
        """Answer it, from the files as they are now. Raises KnowledgeError as check_paths does.

        ``unsaved`` are contents that go before those of the files, and of the buffer.
        """
        if self.buffer is not None:
            buffer = replace(self.buffer, data=unsaved.get(self.buffer.path, self.buffer.data))
            return check_buffer(buffer, select=self.select, ignore=self.ignore, cache=self.cache)
        return check_paths(
            self.paths,
            select=self.select,
            ignore=self.ignore,
            cache=self.cache,
            unsaved=unsaved,
        )

"""A check of KB files and folders: every problem of every file in one go, in a stable order."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from physprior.errors import KnowledgeError
from physprior.knowledge.diagnostic import Diagnostic
from physprior.knowledge.load import RESERVED, Entry, entry_files, repeated_categories
from physprior.knowledge.source import Source, read_source
from physprior.knowledge.validation import validate


@dataclass(frozen=True)
class Result:
    """What a check found."""

    files: tuple[Path, ...]
    """The files that were checked, sorted."""
    diagnostics: tuple[Diagnostic, ...]
    """The findings, by file, line and column."""
    sources: dict[Path, Source]
    """Each file as it was read, for showing its lines."""

    def full(self, diagnostic: Diagnostic) -> str:
        """A finding of this check with the lines around it, a caret and the remedy."""
        return diagnostic.full(self.sources[diagnostic.path].lines)

    def closing(self) -> str:
        """The check in one line: ``3 problems in 1 of 4 files``."""
        files = _count(len(self.files), "file")
        if not self.diagnostics:
            return f"{files}, no problems"
        affected = len({diagnostic.path for diagnostic in self.diagnostics})
        return f"{_count(len(self.diagnostics), 'problem')} in {affected} of {files}"


def check_paths(paths: Sequence[Path]) -> Result:
    """Check files, and all KB files in folders and below.

    Raises KnowledgeError where a path does not exist, a folder holds no KB file, or a file cannot
    be opened: a check that looked at nothing must not pass.
    """
    sources = {path: read_source(path) for path in _files(paths)}
    entries = []
    findings: list[Diagnostic] = []
    for source in sources.values():
        category, broken = validate(source)
        findings += [*source.diagnostics, *broken]
        if category is not None:
            entries.append(Entry(category, source))
    findings += repeated_categories(entries)
    return Result(tuple(sources), tuple(sorted(findings)), sources)


def _files(paths: Sequence[Path]) -> list[Path]:
    """The files that the paths mean, sorted, each once however often it is named."""
    missing = [str(path) for path in paths if not path.exists()]
    if missing:
        raise KnowledgeError(
            f"no such file or folder: {', '.join(missing)}",
            remedy="name KB files, or folders that hold them",
        )
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += entry_files(path)
        elif path.name != RESERVED:
            found.append(path)
    once = {os.path.realpath(path): path for path in reversed(found)}
    return sorted(once.values())


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"

"""A check of KB files, templates and folders: every problem of all files, in a stable order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from physprior.check import suppress
from physprior.check.cache import Cache, content_key, stands_alone
from physprior.check.diagnostic import Diagnostic
from physprior.check.examine import Record, examine
from physprior.check.files import CheckedFiles, find_files, read_file
from physprior.check.rules import rules
from physprior.check.selection import Selection, selection
from physprior.knowledge.load import repeated_categories
from physprior.knowledge.text import decode, split_lines


@dataclass(frozen=True)
class Result:
    """What a check found."""

    files: tuple[Path, ...]
    """The files that were checked, sorted."""
    diagnostics: tuple[Diagnostic, ...]
    """The findings, by file, line and column."""
    passed_over: tuple[Path, ...]
    """Files of the searched folders that are neither entries nor templates, as recipes are."""
    contents: dict[Path, bytes]
    """The content of each file with findings, for showing its lines."""

    def full(self, diagnostic: Diagnostic) -> str:
        """A finding of this check with the lines around it, a caret and the remedy."""
        return diagnostic.full(self._lines[diagnostic.path])

    def closing(self) -> str:
        """The check in one line: ``3 problems in 1 of 4 files``."""
        files = _count(len(self.files), "file")
        if not self.diagnostics:
            return f"{files}, no problems"
        affected = len({diagnostic.path for diagnostic in self.diagnostics})
        kinds = [found.severity for found in self.diagnostics]
        counted = ", ".join(
            _count(kinds.count(kind), kind) for kind in ("error", "warning") if kind in kinds
        )
        return f"{_count(len(kinds), 'problem')} ({counted}) in {affected} of {files}"

    @cached_property
    def _lines(self) -> dict[Path, tuple[str, ...]]:
        return {path: split_lines(decode(path, data)[0]) for path, data in self.contents.items()}


def check_paths(
    paths: Sequence[Path],
    *,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    cache: bool = True,
) -> Result:
    """Check files, and all KB files and templates in folders and below.

    ``select`` and ``ignore`` name rules by code, beginning of a code, or name. With ``cache``,
    what was found in an unchanged file is remembered in the user's cache folder.

    Raises KnowledgeError where a path does not exist, a folder holds nothing to check, a file
    cannot be opened, or no rule is named so: a check that looked at nothing must not pass.
    """
    listened = selection(select, ignore)
    files = find_files(paths)
    contents = {path: read_file(path) for path in files.paths}
    records = _cached(files, contents) if cache else _examined(files, contents)
    foreign = {path for path in files.searched if records[path].foreign}
    records = {path: record for path, record in records.items() if path not in foreign}
    files.refuse_nothing(records)
    diagnostics = _judge(records, listened)
    affected = {diagnostic.path for diagnostic in diagnostics}
    return Result(
        tuple(records),
        tuple(sorted(diagnostics)),
        tuple(sorted(foreign)),
        {path: contents[path] for path in affected},
    )


def check_bytes(path: Path, data: bytes) -> list[Diagnostic]:
    """All that is wrong with one file of this content; the path names it and says what it is."""
    files = CheckedFiles((path,), ())
    return sorted(_judge({path: examine(path, data, files.vocabulary(path))}, selection()))


def _examined(files: CheckedFiles, contents: dict[Path, bytes]) -> dict[Path, Record]:
    return {path: examine(path, data, files.vocabulary(path)) for path, data in contents.items()}


def _cached(files: CheckedFiles, contents: dict[Path, bytes]) -> dict[Path, Record]:
    records = {}
    with Cache() as cache:
        for path, data in contents.items():
            key = content_key(path, data, files.vocabulary_content(path))
            kept = stands_alone(path, data)
            record = cache.get(key, path) if kept else None
            if record is None:
                record = examine(path, data, files.vocabulary(path))
                if kept:
                    cache.put(key, record)
            records[path] = record
    return records


def _judge(records: dict[Path, Record], listened: Selection) -> list[Diagnostic]:
    """The findings that count: of each file and between files, less what is taken back."""
    claims = [claim for record in records.values() for claim in record.claims]
    found = [found for record in records.values() for found in record.diagnostics]
    found += repeated_categories(claims)
    for rule in rules():
        found += rule.on_claims(claims)
    suppressions = [one for record in records.values() for one in record.suppressions]
    kept, used = suppress.apply(found, suppressions)
    ran = {path: record.ran for path, record in records.items()}
    for one in suppressions:
        kept += suppress.judge(one, used, ran[one.path], listened)
    return [diagnostic for diagnostic in kept if diagnostic.code in listened]


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"

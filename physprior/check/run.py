"""A check of KB files, templates and folders: every problem of all files, in a stable order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from physprior.check import suppress
from physprior.check.cache import Cache, content_key, stands_alone
from physprior.check.diagnostic import Diagnostic
from physprior.check.examine import Record, examine
from physprior.check.files import CheckedFiles, beside, find_files, read_file
from physprior.check.rules import rules
from physprior.check.selection import Selection, selection
from physprior.knowledge.load import repeated_categories
from physprior.knowledge.text import decode, split_lines

_NOTHING: Mapping[Path, bytes] = MappingProxyType({})


@dataclass(frozen=True)
class Buffer:
    """A content that stands for a file, whether that is there or not."""

    path: Path
    """The file that it stands for; it need not exist."""
    data: bytes
    """The content; more than one byte past the largest file that is read is not needed."""


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
    unwritten: tuple[tuple[Path, int], ...] = ()
    """Drafts with texts or ids still to be written, and how many: that is no finding in a draft."""

    def full(self, diagnostic: Diagnostic) -> str:
        """A finding of this check with the lines around it, a caret and the remedy."""
        return diagnostic.full(self._lines[diagnostic.path])

    def closing(self) -> str:
        """The check in one line: ``3 problems in 1 of 4 files``."""
        files = count(len(self.files), "file")
        if not self.diagnostics:
            return f"{files}, no problems"
        affected = len({diagnostic.path for diagnostic in self.diagnostics})
        kinds = [found.severity for found in self.diagnostics]
        counted = ", ".join(
            count(kinds.count(kind), kind) for kind in ("error", "warning") if kind in kinds
        )
        return f"{count(len(kinds), 'problem')} ({counted}) in {affected} of {files}"

    @cached_property
    def _lines(self) -> dict[Path, tuple[str, ...]]:
        return {path: split_lines(decode(path, data)[0]) for path, data in self.contents.items()}


def check_paths(
    paths: Sequence[Path],
    *,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    cache: bool = True,
    unsaved: Mapping[Path, bytes] = _NOTHING,
) -> Result:
    """Check files, and all KB files and templates in folders and below.

    ``select`` and ``ignore`` name rules by code, beginning of a code, or name. With ``cache``,
    what was found in an unchanged file is remembered in the user's cache folder. ``unsaved`` are
    contents that go before those of the files on the disk.

    Raises KnowledgeError where a path does not exist, a folder holds nothing to check, a file
    cannot be opened, or no rule is named so: a check that looked at nothing must not pass.
    """
    listened = selection(select, ignore)
    files = find_files(paths, unsaved)
    contents = {path: unsaved[path] if path in unsaved else read_file(path) for path in files.paths}
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
        tuple((path, one.unwritten) for path, one in records.items() if one.unwritten),
    )


def check_buffer(
    buffer: Buffer,
    *,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    cache: bool = True,
) -> Result:
    """Check a content in a file's place; the findings are those of this file alone.

    The other entries of its folder count for what may stand once among all entries.
    Raises KnowledgeError where a file of the folder cannot be opened, or no rule is named so.
    """
    listened = selection(select, ignore)
    files = beside(buffer.path)
    contents = {path: read_file(path) for path in files.searched}
    records = _cached(files, contents) if cache else _examined(files, contents)
    # The last of those that claim a name is told of it: here always the buffer.
    record = examine(buffer.path, buffer.data, files.vocabulary(buffer.path))
    records[buffer.path] = record
    found = [found for found in _judge(records, listened) if found.path == buffer.path]
    unwritten = ((buffer.path, record.unwritten),) if record.unwritten else ()
    contents = {buffer.path: buffer.data}
    return Result((buffer.path,), tuple(sorted(found)), (), contents, unwritten)


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
    left = {(one.path, one.code) for one in kept}
    for one in suppressions:
        open_codes = [code for path, code in left if path == one.path]
        kept += suppress.judge(one, used, ran[one.path], listened, open_codes)
    return [diagnostic for diagnostic in kept if diagnostic.code in listened]


def count(number: int, noun: str) -> str:
    """``1 file``, ``2 files``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"

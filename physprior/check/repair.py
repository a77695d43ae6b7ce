"""The fixes of findings, made round after round until none is left; nothing is written here.

A fix that would bring an error is not made: what comes of each is read and judged again.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from physprior.check.diagnostic import Diagnostic, Edit
from physprior.check.examine import TEMPLATE_SUFFIX, examine
from physprior.check.files import CheckedFiles
from physprior.check.run import Result
from physprior.edit.splice import splice
from physprior.knowledge.codes import SYNTAX, UNKNOWN_KEY
from physprior.knowledge.source import parse_source
from physprior.knowledge.text import LARGEST

ROUNDS = 10
"""How often fixes are looked for: one may make room for another."""

Check = Callable[[Mapping[Path, bytes]], Result]
"""A check in which some files have another content than they have on the disk."""
_UNREAD_TEMPLATE = "J001"
_SCHEMA = frozenset(f"S0{number}" for number in range(12, 19))


@dataclass(frozen=True)
class Repair:
    """What fixes make of files."""

    before: Mapping[Path, bytes]
    """The files that change, as they are."""
    after: Mapping[Path, bytes]
    """The same files, as they would be."""
    fixed: tuple[Diagnostic, ...]
    """The findings that were mended, each with its place when it was."""
    refused: tuple[tuple[Diagnostic, str], ...]
    """The findings whose fix would bring an error, and the codes of what it would bring."""
    result: Result
    """The check of the files as they would be."""


def repair(check: Check, *, unsafe: bool = False) -> Repair:
    """Make the fixes of all findings of a check that are safe, or with ``unsafe`` all there are."""
    work = _Work(unsafe)
    result = check(MappingProxyType({}))
    for _ in range(ROUNDS):
        if not work.go_over(result):
            break
        result = check(MappingProxyType(work.after))
    return Repair(work.before, work.after, tuple(work.fixed), tuple(work.refused.values()), result)


def fixable(diagnostic: Diagnostic, *, unsafe: bool) -> bool:
    """Whether a finding has a fix that may be made."""
    return diagnostic.fix is not None and (unsafe or diagnostic.fix.safe)


@dataclass
class _Work:
    """Files under repair."""

    unsafe: bool
    before: dict[Path, bytes] = field(default_factory=dict)
    after: dict[Path, bytes] = field(default_factory=dict)
    fixed: list[Diagnostic] = field(default_factory=list)
    refused: dict[tuple[Path, str, str], tuple[Diagnostic, str]] = field(default_factory=dict)

    def go_over(self, result: Result) -> bool:
        """Make what can be made in one round; whether anything was."""
        changed = False
        files = CheckedFiles(result.files, ())
        for path, data in result.contents.items():
            found = [one for one in result.diagnostics if one.path == path and self._is_open(one)]
            # Of a larger file only the beginning was read.
            if not found or len(data) > LARGEST:
                continue
            chosen, new = self._try(_Judge(path, data, files), _apart(found))
            if chosen:
                self.before.setdefault(path, data)
                self.after[path] = new
                self.fixed += chosen
                changed = True
        return changed

    def _is_open(self, one: Diagnostic) -> bool:
        return fixable(one, unsafe=self.unsafe) and _key(one) not in self.refused

    def _try(self, judge: _Judge, found: list[Diagnostic]) -> tuple[list[Diagnostic], bytes]:
        """The fixes that can be made together, and the content; the others wait, or are refused.

        All at once, and where that brings an error, by halves: few of many are at fault.
        """
        chosen: list[Diagnostic] = []
        data, waiting = judge.data, [found]
        while waiting:
            some = waiting.pop()
            new, brings = judge.with_fixes([*chosen, *some])
            if not brings:
                chosen, data = [*chosen, *some], new
            elif len(some) > 1:
                half = len(some) // 2
                waiting += [some[half:], some[:half]]
            else:
                # What goes alone is only excluded by another, and looked at again without it.
                _, brings = judge.with_fixes(some)
                if brings:
                    self.refused[_key(some[0])] = some[0], brings
        return chosen, data


def _key(one: Diagnostic) -> tuple[Path, str, str]:
    return one.path, one.code, one.message


def _apart(found: list[Diagnostic]) -> list[Diagnostic]:
    """The findings whose fixes do not touch an earlier one's; the others wait for a round."""
    chosen: list[Diagnostic] = []
    taken: list[_Span] = []
    for one in found:
        spans = [_span(edit) for edit in one.fix.edits] if one.fix else []
        if not any(_touches(span, taken) for span in spans):
            chosen.append(one)
            for span in spans:
                insort(taken, span)
    return chosen


_Span = tuple[tuple[int, int], tuple[int, int]]
"""Where a span begins and ends: line and column."""


def _span(edit: Edit) -> _Span:
    at = edit.position
    return (at.line, at.column), (at.end_line, at.end_column)


def _touches(span: _Span, taken: list[_Span]) -> bool:
    """Whether a span overlaps one of those, which are sorted and apart, or lies beside it."""
    at = bisect_left(taken, span)
    return (at < len(taken) and taken[at][0] <= span[1]) or (at > 0 and taken[at - 1][1] >= span[0])


@dataclass(frozen=True)
class _Standing:
    """How good a content is."""

    reads: int
    """0: it cannot be parsed; 1: it breaks the schema; 2: it means something."""
    errors: Counter[str]
    """The codes of its errors, as far as it can be read."""
    first: tuple[int, int]
    """Line and column of the first of them."""
    said: frozenset[str]
    """Their messages."""


class _Judge:
    """Tells of one file whether what fixes make of it is worse than it is."""

    def __init__(self, path: Path, data: bytes, files: CheckedFiles) -> None:
        self.path, self.data, self.files = path, data, files
        self.was = self._look(data)

    def with_fixes(self, found: list[Diagnostic]) -> tuple[bytes, str]:
        """The content with some fixes made, and what errors they bring; nothing where none."""
        edits = [edit for one in found if one.fix for edit in one.fix.edits]
        new = splice(self.data, edits)
        was, now = self.was, self._look(new)
        brought = set(now.errors - was.errors)
        if was.reads == 0:
            brought = set() if self._gets_further(now, found) else set(now.errors)
        elif now.reads > was.reads:
            # What the rules say now was true before; the reader has said all.
            brought = {code for code in brought if code[0] == "S"}
        elif any(one.code == UNKNOWN_KEY.code for one in found):
            # What stands below a key that was not known has not been looked at.
            brought -= _SCHEMA
        return new, ", ".join(sorted(brought))

    def _gets_further(self, now: _Standing, found: list[Diagnostic]) -> bool:
        """Whether of a content that cannot be parsed more can be than before."""
        if now.reads:
            return True
        # Invisible characters are looked at before all else, and hide an error above them.
        seen = all(one.fix and one.fix.safe for one in found)
        gone = now.said.isdisjoint(one.message for one in found)
        return (seen and gone) or now.first > self.was.first

    def _look(self, data: bytes) -> _Standing:
        record = examine(self.path, data, self.files.vocabulary(self.path))
        errors = [one for one in record.diagnostics if one.severity == "error"]
        reads = self._reads(data, {one.code for one in errors})
        return _Standing(
            reads,
            Counter(one.code for one in errors if reads == 2 or one.code[0] in "SJ"),
            min(((one.line, one.column) for one in errors), default=(0, 0)),
            frozenset(one.message for one in errors),
        )

    def _reads(self, data: bytes, codes: set[str]) -> int:
        if self.path.suffix == TEMPLATE_SUFFIX:
            return 0 if _UNREAD_TEMPLATE in codes else 2
        if SYNTAX.code in codes or parse_source(self.path, data).data is None:
            return 0
        return 1 if codes & _SCHEMA else 2

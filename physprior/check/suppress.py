"""Suppressions: comments that take a finding back, each with its reason.

    # physprior: ignore[P003] the whole assembly moves, there is no part to name
    - Everything rolls to one side as the arm lets go.

Behind a value a suppression goes for that value; on a line of its own, for the next one. In a
template the comment is Jinja's: ``{#- physprior: ignore[J003] … -#}``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from physprior.check.diagnostic import Diagnostic, Edit, Fix, Position
from physprior.check.rules import rules
from physprior.check.selection import Selection
from physprior.check.suppression_fixes import between_files, whole_of, without
from physprior.knowledge.codes import CODES, Code
from physprior.knowledge.compose import DataPath
from physprior.knowledge.source import Source
from physprior.knowledge.spans import whole_lines
from physprior.knowledge.validation import did_you_mean, quoted

_MARK = re.compile(r"physprior:")
_FORM = re.compile(r"physprior:\s*ignore\s*\[(?P<codes>[^\]]*)\](?P<reason>.*)")
_CODE = re.compile(r"[^\s,]+")
_JINJA = re.compile(r"\{#[-+]?\s*(?P<text>physprior:.*?)\s*[-+]?#\}")


@dataclass(frozen=True)
class Suppression:
    """One comment that asks for findings to be taken back."""

    path: Path
    position: Position
    """The comment."""
    codes: tuple[tuple[str, Position], ...]
    """The codes that it names, each with its place; none where it is malformed."""
    reason: str
    first_line: int
    """The first of the lines whose findings it takes back."""
    last_line: int
    """The last of them."""
    whole: Position | None = None
    """What goes when the comment goes; None where more hangs on it."""
    idle: bool = True
    """Whether nothing else is other without it: a template's comment may eat blanks."""

    def covers(self, diagnostic: Diagnostic) -> bool:
        """Whether a finding stands where this suppression goes for."""
        return (
            diagnostic.path == self.path
            and self.first_line <= diagnostic.line <= self.last_line
            and any(code == diagnostic.code for code, _ in self.codes)
        )


def in_source(source: Source) -> list[Suppression]:
    """The suppressions in a KB file."""
    if not any("physprior:" in line for line in source.lines):
        return []
    found = []
    for comment in source.comments():
        if not _MARK.match(comment.text):
            continue
        target = _next_line(source.lines, comment.line) if comment.alone else comment.line
        column = source.lines[comment.line - 1].index("physprior:", comment.column)
        lines = _lines(source, target)
        read = _read(source.path, comment.text, comment.line, column + 1, lines)
        found.append(replace(read, whole=whole_of(source.lines, comment)))
    return found


def in_template(path: Path, lines: Sequence[str]) -> list[Suppression]:
    """The suppressions in a template; one goes for its own line, or alone on it for the next."""
    found = []
    for number, line in enumerate(lines, 1):
        for match in _JINJA.finditer(line):
            alone = line.strip() == match[0]
            target = number + 1 if alone else number
            column = match.start("text") + 1
            read = _read(path, match["text"], number, column, (target, target))
            whole = Position(number, match.start() + 1, number, match.end() + 1)
            # Alone on its line and without '-', a comment leaves nothing behind: lstrip_blocks and
            # trim_blocks take the line with it.
            idle = alone and match[0][2] not in "-+" and match[0][-3] not in "-+"
            whole = whole_lines(lines, number, number) if alone else whole
            found.append(replace(read, whole=whole, idle=idle))
    return found


def apply(
    diagnostics: Iterable[Diagnostic], suppressions: Sequence[Suppression]
) -> tuple[list[Diagnostic], set[tuple[Suppression, str]]]:
    """The findings that no suppression takes back, and which suppressions took one back."""
    kept: list[Diagnostic] = []
    used: set[tuple[Suppression, str]] = set()
    known = _suppressible()
    named: dict[str, list[Suppression]] = {}
    for suppression in suppressions:
        for code in {code for code, _ in suppression.codes}:
            named.setdefault(code, []).append(suppression)
    for diagnostic in diagnostics:
        about = named.get(diagnostic.code, ()) if diagnostic.code in known else ()
        covering = [suppression for suppression in about if suppression.covers(diagnostic)]
        if covering:
            used.update((suppression, diagnostic.code) for suppression in covering)
        else:
            kept.append(diagnostic)
    return kept, used


def judge(
    suppression: Suppression,
    used: set[tuple[Suppression, str]],
    ran: Collection[str],
    listened: Selection,
    open_codes: Collection[str] = (),
) -> Iterator[Diagnostic]:
    """The findings about a suppression itself.

    ``ran`` are the codes of the rules that its file was held to: a rule that was not asked, as in
    a draft, may have had something to take back. ``open_codes`` are those of the findings that
    stand in its file: a suppression of one of these may be at the wrong line.
    """
    remedy = "write 'physprior: ignore[CODE] reason' with the code of the finding"
    if not suppression.codes:
        message = "a suppression that names no rule between brackets"
        yield _kind("U003").at(suppression.path, suppression.position, message, remedy)
    elif not suppression.reason:
        message = "a suppression without a reason"
        remedy = "say behind the brackets why the finding does not count here"
        yield _kind("U002").at(suppression.path, suppression.position, message, remedy)
    known = _suppressible()
    for at, (code, position) in enumerate(suppression.codes):
        if code not in known:
            yield _unknown(suppression, at, known)
        elif code in ran and code in listened and (suppression, code) not in used:
            message = f"nothing to suppress: {code} finds nothing here"
            remedy = "delete the code, or move the comment in front of what it is for"
            fix = None if code in between_files() else without(suppression, at)
            fix = fix and replace(fix, safe=fix.safe and code not in open_codes)
            yield _kind("U001").at(suppression.path, position, message, remedy, fix)


def _suppressible() -> set[str]:
    return {rule.code for rule in rules() if not rule.suppressions}


def _unknown(suppression: Suppression, at: int, known: Iterable[str]) -> Diagnostic:
    code, position = suppression.codes[at]
    meant = did_you_mean(code, known)
    fix = None
    if code in {fixed.code for fixed in CODES} or code.startswith("U"):
        message, remedy = f"{code} cannot be suppressed", "mend what it finds"
        fix = without(suppression, at)
    else:
        message = f"no rule has the code {quoted(code)}"
        remedy = f"did you mean {meant!r}?" if meant else "'physprior kb rule' lists the codes"
        # The nearest code may be that of any rule; the same one in small letters is that one.
        if meant == code.upper():
            fix = Fix(f"write {meant!r}", (Edit(position, meant),), safe=True)
    return _kind("U003").at(suppression.path, position, message, remedy, fix)


def _kind(code: str) -> Code:
    return next(rule.kind for rule in rules() if rule.code == code)


def _read(path: Path, text: str, line: int, column: int, lines: tuple[int, int]) -> Suppression:
    whole = Position(line, column, line, column + len(text))
    form = _FORM.match(text)
    codes: Iterator[tuple[str, Position]] = iter(())
    if form:
        start = column + form.start("codes")
        codes = (
            (code[0], Position(line, start + code.start(), line, start + code.end()))
            for code in _CODE.finditer(form["codes"])
        )
    reason = form["reason"].strip(" \t:-–—") if form else ""
    return Suppression(path, whole, tuple(codes), reason, *lines)


def _next_line(lines: Sequence[str], line: int) -> int:
    """The next line below that is neither blank nor a comment; else the line itself."""
    for number in range(line + 1, len(lines) + 1):
        text = lines[number - 1].strip()
        if text and not text.startswith("#"):
            return number
    return line


def _lines(source: Source, line: int) -> tuple[int, int]:
    """The lines of the texts that begin, with their keys or themselves, or end on a line."""
    first, last = line, line
    if source.data is None:
        return first, last
    for path, position in source.values.items():
        ends = (source.key(path).line, position.line, position.end_line)
        if line in ends and _is_text(source, path):
            first, last = min(first, *ends), max(last, *ends)
    return first, last


def _is_text(source: Source, path: DataPath) -> bool:
    value: Any = source.data
    for part in path:
        value = value[part]
    return isinstance(value, str)

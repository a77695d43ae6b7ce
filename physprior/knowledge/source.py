"""KB files as plain data in which every scalar is text as typed, with the place of each part.

YAML is read by its events and never by its types: ``no``, ``1.10`` and ``1:30`` stay what an
engineer typed, and what has no use in a KB entry (anchors, tags, a second document) is refused.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from physprior.errors import KnowledgeError
from physprior.knowledge import codes
from physprior.knowledge.comments import Comment, Text, find_comments
from physprior.knowledge.compose import Composer, DataPath
from physprior.knowledge.diagnostic import START, Diagnostic, Position
from physprior.knowledge.swallowed import cut_texts
from physprior.knowledge.syntax import PARSER_ERRORS, explain
from physprior.knowledge.text import LARGEST, decode, split_lines


@dataclass(frozen=True)
class Source:
    """One KB file as it was read; ``data`` is None where it could not be read to its end."""

    path: Path
    lines: tuple[str, ...]
    """The lines of the file, for showing."""
    data: dict[str, Any] | None
    """Mappings, lists, text; None for a value that was left empty."""
    diagnostics: tuple[Diagnostic, ...]
    """What is wrong with it as YAML."""
    keys: dict[DataPath, Position] = field(repr=False)
    """The place of each key, by its path: ``("anomalies", 1, "id")``."""
    values: dict[DataPath, Position] = field(repr=False)
    """The place of each value, by its path; the whole of a mapping or list."""
    texts: tuple[Text, ...] = field(default=(), repr=False)
    """The keys and values that a ``#`` may stand in or behind, in order."""
    read_to: int = 0
    """How many of the lines were read to their ends."""

    def key(self, path: DataPath) -> Position:
        """Where the key of a path stands; where there is none, its value or what holds it."""
        return self.keys.get(path) or self.value(path)

    def value(self, path: DataPath) -> Position:
        """Where the value of a path stands; where there is none, what would hold it."""
        while path and path not in self.values:
            path = path[:-1]
        return self.values.get(path, START)

    def within(self, path: DataPath, words: str) -> Position:
        """Where ``words`` first stand in the value of a path, as it is typed in the file.

        Whole words go before parts of words; a blank matches any white space, so also a line
        break of a folded text. The whole value where they are not found.
        """
        whole = self.value(path)
        body = self.lines[whole.line - 1 : whole.end_line]
        if not words.strip() or not body:
            return whole
        body = (*body[:-1], body[-1][: whole.end_column - 1])
        text, start = "\n".join(body), whole.column - 1
        pattern = r"\s+".join(_as_typed(word) for word in words.split())
        found = re.compile(rf"(?<!\w){pattern}(?!\w)").search(text, start)
        found = found or re.compile(pattern).search(text, start)
        return whole if found is None else _span(text, whole.line, found.start(), found.end())

    def comments(self) -> tuple[Comment, ...]:
        """The comments of the file, in order; those alone that were read before an error."""
        if not any("#" in line for line in self.lines):
            return ()
        return find_comments(self.lines[: self.read_to], self.texts)


def read_source(path: Path) -> Source:
    """Read a KB file. Raises KnowledgeError where it cannot be opened at all."""
    try:
        with path.open("rb") as stream:
            data = stream.read(LARGEST + 1)
    except OSError as error:
        raise unreadable(
            path, error, "name a YAML file that exists and that you may read"
        ) from error
    return parse_source(path, data)


def unreadable(path: Path, error: OSError, remedy: str) -> KnowledgeError:
    """The error for a KB file that cannot be opened; a link to nothing has a remedy of its own."""
    if path.is_symlink() and not path.exists():
        return KnowledgeError(
            f"cannot read {path}: it is a link that leads to no file: {os.readlink(path)}",
            remedy="remove the link, or let it lead to a file",
        )
    return KnowledgeError(f"cannot read {path}: {error.strerror or error}", remedy=remedy)


def parse_source(path: Path, data: bytes, *, parser: Any = None) -> Source:
    """Read the bytes of a KB file; ``path`` is for messages alone. Never raises over its content.

    ``parser`` is the PyYAML loader whose events are read: libyaml's, where it is there.
    """
    text, findings = decode(path, data)
    lines = split_lines(text)
    if findings:
        return Source(path, lines, None, tuple(findings), {}, {})
    composer = Composer(path, lines)
    _compose(composer, text, parser or getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    _find_cut_texts(composer)
    if composer.usable and not isinstance(composer.data, dict):
        composer.usable = False
        composer.findings.append(_without_mapping(composer))
    return Source(
        path=path,
        lines=lines,
        data=composer.data if composer.usable else None,
        diagnostics=tuple(sorted(composer.findings)),
        keys=composer.keys,
        values=composer.values,
        texts=tuple(composer.texts),
        read_to=composer.read_to,
    )


def _compose(composer: Composer, text: str, parser: Any) -> None:
    """Feed the events of a text to the composer."""
    try:
        for event in yaml.parse(text, Loader=parser):
            if not composer.take(event):
                return
    except PARSER_ERRORS as error:
        composer.complain(explain(error, composer.lines, composer.last_text))
        composer.usable = False


def _find_cut_texts(composer: Composer) -> None:
    if not composer.texts:
        return
    read = composer.lines[: composer.read_to]
    known = {(found.line, found.column) for found in composer.findings}
    for complaint in cut_texts(read, composer.texts, find_comments(read, composer.texts)):
        # A text that is cut in the middle is met by the parser, too.
        if (complaint.position.line, complaint.position.column) not in known:
            composer.complain(complaint)


def _as_typed(word: str) -> str:
    """The pattern of a word in the file, where a quotation mark in quotes is doubled or escaped."""
    return re.escape(word).replace("'", "''?").replace('"', '\\\\?"')


def _span(text: str, line: int, start: int, end: int) -> Position:
    """The position of ``text[start:end]``, where the text begins with a line of that number."""

    def place(offset: int) -> tuple[int, int]:
        before = text[:offset]
        return line + before.count("\n"), offset - before.rfind("\n")

    return Position(*place(start), *place(end))


def _without_mapping(composer: Composer) -> Diagnostic:
    if composer.data is None:
        return codes.EMPTY_FILE.at(
            composer.path, START, "the file holds no keys", "write what belongs here, or delete it"
        )
    kind = "a list" if isinstance(composer.data, list) else "one text"
    return codes.NOT_A_MAPPING.at(
        composer.path,
        composer.values[()],
        f"the file is {kind}, where keys with their values are needed",
        "begin an entry with 'id: ' and the category's id; a space follows each colon",
    )

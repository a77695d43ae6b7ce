"""The codes of what can be wrong with a KB file before its meaning is looked at.

A code is never given a second meaning: scripts and suppressions of users hold on to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from physprior.knowledge.diagnostic import Diagnostic, Position, Severity
from physprior.knowledge.fix import Fix, Fixes


@dataclass(frozen=True)
class Code:
    """One kind of finding."""

    code: str
    """``S001``: S for syntax and schema, then a number."""
    name: str
    """What it is called in messages: ``syntax``."""
    summary: str
    """What it finds, in one line of documentation."""
    severity: Severity = "error"
    fixes: Fixes = "none"
    """What fixes its findings can have."""

    def at(
        self, path: Path, position: Position, message: str, remedy: str, fix: Fix | None = None
    ) -> Diagnostic:
        """A finding of this kind at a position of a file."""
        return Diagnostic(
            path=path,
            line=position.line,
            column=position.column,
            end_line=position.end_line,
            end_column=position.end_column,
            code=self.code,
            name=self.name,
            severity=self.severity,
            message=message,
            remedy=remedy,
            fix=fix,
        )


SYNTAX = Code("S001", "syntax", "the file is not well-formed YAML", fixes="unsafe")
DUPLICATE_KEY = Code("S002", "duplicate-key", "a key stands twice in one mapping", fixes="safe")
ANCHOR = Code("S003", "anchor", "an anchor (&) or alias (*) is used")
TAG = Code("S004", "tag", "a type tag (!) is used", fixes="safe")
DOCUMENTS = Code("S005", "several-documents", "the file holds more than one YAML document")
ENCODING = Code("S006", "encoding", "the file is not UTF-8 text")
CHARACTER = Code(
    "S007",
    "control-character",
    "a character that cannot be seen and has no use here",
    fixes="safe or unsafe",
)
SIZE = Code("S008", "file-size", "the file is larger than any KB entry can be")
NESTING = Code("S009", "nesting", "lists and mappings are nested deeper than any KB entry can be")
EMPTY_FILE = Code("S010", "empty-file", "the file holds nothing")
NOT_A_MAPPING = Code("S011", "not-a-mapping", "the file's top level is not made of keys")
UNKNOWN_KEY = Code(
    "S012", "unknown-key", "a key that the schema does not know", fixes="safe or unsafe"
)
MISSING_KEY = Code("S013", "missing-key", "a key that the schema requires is not there")
WRONG_TYPE = Code(
    "S014",
    "wrong-type",
    "text, a list or a mapping where another is needed",
    fixes="safe or unsafe",
)
TOO_FEW = Code("S015", "too-few", "a list with fewer items than are needed")
BAD_ID = Code(
    "S016",
    "bad-id",
    "an id that is not lower-case words joined by underscores",
    fixes="safe or unsafe",
)
BAD_VALUE = Code(
    "S017", "bad-value", "a value that is not among the allowed ones", fixes="safe or unsafe"
)
EMPTY_VALUE = Code(
    "S018", "empty-value", "a key without a value, or text of blanks alone", fixes="safe"
)
DUPLICATE_CATEGORY = Code("S019", "duplicate-category", "two files with the same category id")
SWALLOWED_TEXT = Code(
    "S020", "swallowed-text", "a ' #' cuts a text short, as a comment begins", fixes="unsafe"
)
SWALLOWED_ITEM = Code(
    "S021", "swallowed-item", "a list item that reads as part of another text", fixes="unsafe"
)
CURLY_QUOTES = Code(
    "S022", "curly-quotes", "a text between quotation marks that YAML has not", fixes="unsafe"
)

CODES = (
    SYNTAX,
    DUPLICATE_KEY,
    ANCHOR,
    TAG,
    DOCUMENTS,
    ENCODING,
    CHARACTER,
    SIZE,
    NESTING,
    EMPTY_FILE,
    NOT_A_MAPPING,
    UNKNOWN_KEY,
    MISSING_KEY,
    WRONG_TYPE,
    TOO_FEW,
    BAD_ID,
    BAD_VALUE,
    EMPTY_VALUE,
    DUPLICATE_CATEGORY,
    SWALLOWED_TEXT,
    SWALLOWED_ITEM,
    CURLY_QUOTES,
)
"""Every code of this room, in order."""

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
    advice: str = ""
    """What to do about it, in one line of documentation; a rule's page says that itself."""

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


SYNTAX = Code(
    "S001",
    "syntax",
    "the file is not well-formed YAML",
    fixes="unsafe",
    advice="often a text with `: ` in it: put it between double quotes",
)
DUPLICATE_KEY = Code(
    "S002",
    "duplicate-key",
    "a key stands twice in one mapping",
    fixes="safe",
    advice="keep one of the two",
)
ANCHOR = Code(
    "S003",
    "anchor",
    "an anchor (&) or alias (*) is used",
    advice="write the text out where it is needed",
)
TAG = Code(
    "S004",
    "tag",
    "a type tag (!) is used",
    fixes="safe",
    advice="delete it; quote a text that begins with `!`",
)
DOCUMENTS = Code(
    "S005",
    "several-documents",
    "the file holds more than one YAML document",
    advice="one category a file: delete the line `---`",
)
ENCODING = Code(
    "S006", "encoding", "the file is not UTF-8 text", advice="save it with the encoding UTF-8"
)
CHARACTER = Code(
    "S007",
    "control-character",
    "a character that cannot be seen and has no use here",
    fixes="safe or unsafe",
    advice="delete it; it often comes with pasted text",
)
SIZE = Code(
    "S008",
    "file-size",
    "the file is larger than any KB entry can be",
    advice="look whether it is the file you mean",
)
NESTING = Code(
    "S009",
    "nesting",
    "lists and mappings are nested deeper than any KB entry can be",
    advice="close what is open, or quote brackets that are text",
)
EMPTY_FILE = Code(
    "S010", "empty-file", "the file holds nothing", advice="write the entry, or delete the file"
)
NOT_A_MAPPING = Code(
    "S011",
    "not-a-mapping",
    "the file's top level is not made of keys",
    advice="begin with `id: ` and the category's id",
)
UNKNOWN_KEY = Code(
    "S012",
    "unknown-key",
    "a key that the schema does not know",
    fixes="safe or unsafe",
    advice="often a spelling: write the key that the finding proposes, or one that it lists",
)
MISSING_KEY = Code(
    "S013",
    "missing-key",
    "a key that the schema requires is not there",
    advice="add it; `physprior new` writes an entry with every key, and a word on each",
)
WRONG_TYPE = Code(
    "S014",
    "wrong-type",
    "text, a list or a mapping where another is needed",
    fixes="safe or unsafe",
    advice=(
        "write text after its key, between double quotes if it has `: ` in it; a list's "
        "items on lines that begin with `- `; a mapping's keys on lines of their own, "
        "indented"
    ),
)
TOO_FEW = Code(
    "S015",
    "too-few",
    "a list with fewer items than are needed",
    advice="write the missing ones, in a draft too",
)
BAD_ID = Code(
    "S016",
    "bad-id",
    "an id that is not lower-case words joined by underscores",
    fixes="safe or unsafe",
    advice="write it like `unable_to_press`",
)
BAD_VALUE = Code(
    "S017",
    "bad-value",
    "a value that is not among the allowed ones",
    fixes="safe or unsafe",
    advice="write one of the allowed ones, which the finding names",
)
EMPTY_VALUE = Code(
    "S018",
    "empty-value",
    "a key without a value, or text of blanks alone",
    fixes="safe",
    advice="write what belongs there; delete a key that is optional",
)
DUPLICATE_CATEGORY = Code(
    "S019",
    "duplicate-category",
    "two files with the same category id",
    advice="give one of them an id of its own",
)
SWALLOWED_TEXT = Code(
    "S020",
    "swallowed-text",
    "a ' #' cuts a text short, as a comment begins",
    fixes="unsafe",
    advice="put the whole text between double quotes",
)
SWALLOWED_ITEM = Code(
    "S021",
    "swallowed-item",
    "a list item that reads as part of another text",
    fixes="unsafe",
    advice="indent it like the other items",
)
CURLY_QUOTES = Code(
    "S022",
    "curly-quotes",
    "a text between quotation marks that YAML has not",
    fixes="unsafe",
    advice="delete them; YAML knows `\"` and `'` alone",
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

"""A text that a model has drafted, and no person has reviewed.

`physprior kb draft` puts `# draft: review me` above each text that it inserts. A `reviewed` entry
is one whose every sentence an engineer stands by: read the text, mend it, and delete the comment;
or delete both. In a draft the comments are welcome.

Fails:

    # draft: review me (model qwen3:8b)
    name: spring clip

Passes:

    name: spring clip
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from physprior.check.entry import CheckedEntry
from physprior.check.rule import Finding, Rule
from physprior.knowledge.compose import DataPath
from physprior.knowledge.source import Source

MARK = "draft: review me"
"""How the comment begins above a text that a model drafted."""
_MARKED = re.compile(rf"{MARK}\b", re.IGNORECASE)


def check(checked: CheckedEntry) -> Iterator[Finding]:
    """One finding for each comment, at what stands below it."""
    source = checked.source
    if not any(MARK in line.lower() for line in source.lines):
        return
    for comment in source.comments():
        if _MARKED.match(comment.text):
            line = _below(source, comment.line) if comment.alone else comment.line
            yield Finding(
                _at_line(source, line),
                f"a model drafted this, and nobody has reviewed it (line {comment.line})",
                "read it, mend it, and delete the comment; or set 'status: draft'",
            )


def _below(source: Source, line: int) -> int:
    """The next line that is neither blank nor a comment."""
    rest = enumerate(source.lines[line:], line + 1)
    return next((number for number, text in rest if text.strip() and text.strip()[0] != "#"), line)


def _at_line(source: Source, line: int) -> DataPath:
    """The largest value whose key, or which itself, begins on a line; else all of the entry."""
    begins = [path for path in source.values if path and source.key(path).line == line]
    return min(begins, key=len, default=())


RULE = Rule("T009", "unreviewed-draft", __doc__, drafts=False, entry=check)

"""Fixes of suppressions: what goes with a comment that takes nothing back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from physprior.check.diagnostic import Edit, Fix, Position
from physprior.check.rules import rules
from physprior.knowledge.comments import Comment
from physprior.knowledge.spans import whole_lines

if TYPE_CHECKING:
    from physprior.check.suppress import Suppression


def between_files() -> set[str]:
    """The rules that may find nothing only because the other file was not checked."""
    return {rule.code for rule in rules() if rule.claims}


def without(suppression: Suppression, at: int) -> Fix | None:
    """A suppression without one of its codes; with its only one it goes as a whole."""
    places = [place for _, place in suppression.codes]
    if len(places) == 1:
        if suppression.whole is None:
            return None
        edit = Edit(suppression.whole, "")
        return Fix("delete the suppression", (edit,), safe=suppression.idle)
    here = places[at]
    gone = Position(here.line, here.column, here.line, places[min(at + 1, len(places) - 1)].column)
    if at:
        gone = Position(here.line, places[at - 1].end_column, here.line, here.end_column)
    title = f"delete {suppression.codes[at][0]} from the suppression"
    return Fix(title, (Edit(gone, ""),), safe=True)


def whole_of(lines: Sequence[str], comment: Comment) -> Position | None:
    """What goes with a comment of a KB file: its line, or the blanks before it."""
    line = lines[comment.line - 1]
    below = lines[comment.line].strip() if comment.line < len(lines) else ""
    if not comment.alone:
        column = len(line[: comment.column - 1].rstrip()) + 1
        return Position(comment.line, column, comment.line, len(line) + 1)
    # The reason may go on below.
    if below.startswith("#") and not re.match("physprior:", below.lstrip("# ")):
        return None
    return whole_lines(lines, comment.line, comment.line)

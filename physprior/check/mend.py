"""An entry with slips of the keys as it was meant: a slip is not to hide what else is wrong.

A misspelt ``onset`` makes an entry invalid, yet its sentences can be judged. What is not certain
(a missing list, text where a mapping belongs) is not guessed.
"""

from __future__ import annotations

import copy
import re
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from physprior.knowledge.compose import DataPath
from physprior.knowledge.schema import Category
from physprior.knowledge.validation import did_you_mean

_SLIPS = ("extra_forbidden", "literal_error", "string_pattern_mismatch")


def mend(data: dict[str, Any]) -> tuple[Category | None, frozenset[DataPath]]:
    """The category that invalid data means, and the paths that were mended; None where unsure.

    Unknown keys are left out or, where one is missing that they resemble, renamed; a value that is
    not among the allowed ones becomes one of them; ids are folded.
    """
    try:
        Category.model_validate(data)
    except ValidationError as error:
        details = [detail for detail in error.errors(include_url=False) if not _follows(detail)]
    else:
        return None, frozenset()
    meant = copy.deepcopy(data)
    missing = {detail["loc"] for detail in details if detail["type"] == "missing"}
    mended: set[DataPath] = set()
    for detail in details:
        kind, path = detail["type"], detail["loc"]
        if kind not in (*_SLIPS, "missing"):
            return None, frozenset()
        if kind != "missing":
            mended.add(_mend(meant, path, kind, detail.get("ctx", {}), missing))
    try:
        return Category.model_validate(meant), frozenset(mended)
    except ValidationError:
        return None, frozenset()


def _follows(detail: ErrorDetails) -> bool:
    """Whether a list is short only because pydantic does not count its wrong items."""
    short = detail["type"] == "too_short"
    return short and len(detail["input"]) >= detail["ctx"]["min_length"]


def _mend(
    data: Any, path: DataPath, kind: str, context: dict[str, Any], missing: set[DataPath]
) -> DataPath:
    """Mend one value in place; the path under which it then stands."""
    holder = data
    for part in path[:-1]:
        holder = holder[part]
    last = path[-1]
    if kind == "literal_error":
        holder[last] = re.findall("'([^']*)'", context["expected"])[0]
    elif kind == "string_pattern_mismatch":
        folded = re.sub(r"[^a-z0-9]+", "_", holder[last].casefold()).strip("_0123456789")
        holder[last] = folded or "unnamed"
    else:
        value = holder.pop(last)
        siblings = [str(other[-1]) for other in missing if other[:-1] == path[:-1]]
        wanted = did_you_mean(str(last), siblings)
        if wanted:
            holder[wanted] = value
            return (*path[:-1], wanted)
    return path

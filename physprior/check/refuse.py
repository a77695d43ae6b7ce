"""The check as a gate: what has errors is not built into a dataset."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from physprior.check.rules.unfinished import open_values
from physprior.check.run import Result, check_paths
from physprior.errors import KnowledgeError
from physprior.knowledge.schema import Category

_SHOWN = 10


def refuse_errors(paths: Sequence[Path]) -> Result:
    """Check files and folders; what is left is warnings. Raises KnowledgeError over any error."""
    result = check_paths(paths)
    errors = [found for found in result.diagnostics if found.severity == "error"]
    if errors:
        listed = "\n".join(f"  {found.concise()}" for found in errors[:_SHOWN])
        more = f"\n  … and {len(errors) - _SHOWN} more" if len(errors) > _SHOWN else ""
        where = " ".join(str(path) for path in paths)
        raise KnowledgeError(
            f"the check finds {len(errors)} error{'' if len(errors) == 1 else 's'}:\n"
            f"{listed}{more}",
            remedy=f"'physprior check {where}' shows each with its line and its remedy",
        )
    return result


def refuse_unfinished(category: Category) -> None:
    """Raises KnowledgeError where a category, a draft that is, has texts still to be written.

    The check lets a draft have them. A model would learn to say them.
    """
    left = list(open_values(category))
    if not left:
        return
    count = f"{len(left)} {'text is' if len(left) == 1 else 'texts are'}"
    raise KnowledgeError(
        f"{category.id} is unfinished: {count} still to be written, such as {left[-1][1]!r}",
        remedy="finish it; with 'status: reviewed', 'physprior check' shows the line of each text. "
        f"Or leave the videos of {category.id} out",
    )

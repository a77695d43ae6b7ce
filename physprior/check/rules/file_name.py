"""A file whose name is not the id of its category.

Who looks for the category `clip` opens `clip.yaml`. A copy that was saved under a new name while
the old id stayed in it (or the other way about) is the usual way to describe one category twice.

Fails:

    id: clamp

Passes:

    id: clip
"""

from __future__ import annotations

from collections.abc import Iterator

from physprior.check.entry import CheckedEntry
from physprior.check.rule import Finding, Rule


def check(checked: CheckedEntry) -> Iterator[Finding]:
    """At most one finding, at the id."""
    path, category = checked.source.path, checked.category
    if path.stem != category.id:
        yield Finding(
            ("id",),
            f"the id is {category.id!r}, but the file is {path.name}",
            f"rename the file to {category.id}{path.suffix}, or write the id that was meant",
        )


RULE = Rule("R004", "file-name", __doc__, entry=check)

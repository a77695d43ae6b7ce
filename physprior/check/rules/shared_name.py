"""A folder name that means two things.

Videos are placed by the names of their folders: ids and aliases of categories, and within a
category ids and aliases of its anomalies, beside `norm`, `normal`, `anomaly_free` and `good`.
Capitals, blanks, hyphens and underscores do not count. A name that means two classes would put
videos under the wrong one without a word.

Fails:

    anomalies:
      - aliases: [stiff]
      - aliases: [Stiff]

Passes:

    anomalies:
      - aliases: [stiff]
      - aliases: [limp]
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from physprior.check.entry import CheckedEntry
from physprior.check.rule import Finding, Rule
from physprior.knowledge.claims import Claim
from physprior.knowledge.compose import DataPath
from physprior.knowledge.edits import delete_item, delete_key
from physprior.knowledge.fix import Fix
from physprior.knowledge.folders import NORMAL_FOLDERS, folded
from physprior.knowledge.schema import Category
from physprior.knowledge.source import Source

_REMEDY = "give each class names of its own, and keep one where a name stands twice"


def check(checked: CheckedEntry) -> Iterator[Finding]:
    """One finding for each name of a class, or of the category, that is already taken."""
    taken = dict.fromkeys(NORMAL_FOLDERS, "the class without anomaly")
    for path, name, owner in _class_names(checked.category):
        if folded(name) in taken:
            # A class may be called twice by one name, which says nothing new; a rival is a rival.
            again = taken[folded(name)] == owner and path[-1] != "id"
            fix = _without(checked.source, path) if again else None
            yield _finding(path, name, taken[folded(name)], fix)
        taken.setdefault(folded(name), owner)
    own = {folded(checked.category.id)}
    for at, alias in enumerate(checked.category.aliases):
        if folded(alias) in own:
            fix = _without(checked.source, ("aliases", at))
            yield _finding(("aliases", at), alias, "this category", fix)
        own.add(folded(alias))


def check_claims(claims: Sequence[Claim]) -> Iterator[tuple[Claim, str, str]]:
    """One finding for each name of a category that another category has."""
    first: dict[str, Claim] = {}
    for claim in sorted(claims, key=lambda claim: not claim.is_id):
        owner = first.setdefault(folded(claim.name), claim)
        if owner.category != claim.category:
            found = _finding((), claim.name, f"the category {owner.category!r} in {owner.path}")
            yield claim, found.message, found.remedy


def _class_names(category: Category) -> Iterator[tuple[DataPath, str, str]]:
    """All ids before all aliases, as folders are placed: path, name, whose it is."""
    for at, anomaly in enumerate(category.anomalies):
        yield ("anomalies", at, "id"), anomaly.id, f"the anomaly {anomaly.id!r}"
    for at, anomaly in enumerate(category.anomalies):
        for number, alias in enumerate(anomaly.aliases):
            path = ("anomalies", at, "aliases", number)
            yield path, alias, f"the anomaly {anomaly.id!r}"


def _finding(path: DataPath, name: str, owner: str, fix: Fix | None = None) -> Finding:
    return Finding(path, f"the folder name {name!r} already means {owner}", _REMEDY, fix=fix)


def _without(source: Source, path: DataPath) -> Fix | None:
    """The aliases without one; the only one goes with its key."""
    only = (*path[:-1], 0) in source.values and (*path[:-1], 1) not in source.values
    if only:
        return delete_key(source, path[:-1], safe=True)
    return delete_item(source, path, safe=True)


RULE = Rule("R003", "shared-name", __doc__, entry=check, claims=check_claims, fixes="safe")

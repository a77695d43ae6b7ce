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
from physprior.knowledge.folders import NORMAL_FOLDERS, folded
from physprior.knowledge.schema import Category

_REMEDY = "give each class names of its own, and keep one where a name stands twice"


def check(checked: CheckedEntry) -> Iterator[Finding]:
    """One finding for each name of a class, or of the category, that is already taken."""
    taken = dict.fromkeys(NORMAL_FOLDERS, "the class without anomaly")
    for path, name, owner in _class_names(checked.category):
        if folded(name) in taken:
            yield _finding(path, name, taken[folded(name)])
        taken.setdefault(folded(name), owner)
    own = {folded(checked.category.id)}
    for at, alias in enumerate(checked.category.aliases):
        if folded(alias) in own:
            yield _finding(("aliases", at), alias, "this category")
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


def _finding(path: DataPath, name: str, owner: str) -> Finding:
    return Finding(path, f"the folder name {name!r} already means {owner}", _REMEDY)


RULE = Rule("R003", "shared-name", __doc__, entry=check, claims=check_claims)

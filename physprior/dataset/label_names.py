"""Names of categories and classes in files of others, placed by the KB; what is not is listed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from physprior.dataset.references import Unplaced
from physprior.knowledge.folders import NORMAL_FOLDERS
from physprior.knowledge.load import KnowledgeBase
from physprior.knowledge.schema import NORMAL, Category
from physprior.knowledge.validation import did_you_mean

LISTED = 100
"""So many faults of a file are listed; more are counted."""


class NamePlacer:
    """Places names by the ids and aliases of the KB, and gathers those that it does not know."""

    def __init__(self, knowledge: KnowledgeBase) -> None:
        self.unplaced: list[Unplaced] = []
        """Names without a place, each with what may have been meant."""
        self._knowledge = knowledge
        self._categories = {
            name.casefold(): category.id
            for category in knowledge.categories.values()
            for name in (category.id, *category.aliases, category.name)
        }

    def category(self, name: str, path: str) -> Category | None:
        """The category that ``name`` means, or None; ``path`` is where it stands."""
        found = self._knowledge.place_category(name)
        if found is None:
            self._cannot_place(path, name, "no category of the KB", self._categories)
        return found

    def class_id(self, category: Category, name: str, path: str) -> str | None:
        """The class that ``name`` means within a category, or None."""
        found = self._knowledge.place_class(category, name)
        if found is None:
            self._cannot_place(path, name, f"no class of {category.id}", _class_names(category))
        return found

    def _cannot_place(self, path: str, name: str, why: str, names: Mapping[str, str]) -> None:
        # Guessing takes a while for each name, and a file of other things may hold a million.
        close = did_you_mean(name.casefold(), names) if len(self.unplaced) < LISTED else ""
        guess = f"; did you mean {names[close]}?" if close else ""
        self.unplaced.append(Unplaced(path=path, reason=why + guess))


def count(things: Sequence[Any], what: str) -> str:
    """``1 place``, ``2 places``."""
    return f"{len(things)} {what}{'' if len(things) == 1 else 's'}"


def lines(found: Sequence[tuple[str, str]]) -> str:
    """Paths and what is wrong there, a line each: the first hundred, and how many more."""
    listed = [f"  {path}: {said}" for path, said in found[:LISTED]]
    if len(found) > LISTED:
        listed.append(f"  … and {len(found) - LISTED} more")
    return "\n".join(listed)


def _class_names(category: Category) -> dict[str, str]:
    return dict.fromkeys(NORMAL_FOLDERS, NORMAL) | {
        name.casefold(): anomaly.id
        for anomaly in category.anomalies
        for name in (anomaly.id, *anomaly.aliases, anomaly.name)
    }

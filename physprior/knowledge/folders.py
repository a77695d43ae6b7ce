"""Folder names of video collections, placed among the categories and classes of the KB.

Spelling drifts between releases of a data set (``rubber band``, ``rubber_band``), so case, blanks,
hyphens and underscores do not count; anything else must be an id or an alias of the KB.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from physprior.knowledge.schema import NORMAL, Category

NORMAL_FOLDERS = ("norm", "normal", "anomaly_free", "good")
"""What collections call the folder of videos without anomaly."""


def folded(name: str) -> str:
    """A folder name without what does not count: ``Rubber Band`` is ``rubber_band``."""
    return re.sub(r"[\s_-]+", "_", name.strip().casefold())


def place_category(name: str, categories: Iterable[Category]) -> Category | None:
    """The category that a folder name means by id or else by alias, or None."""
    wanted, known = folded(name), list(categories)
    by_id = (category for category in known if folded(category.id) == wanted)
    by_alias = (
        category for category in known if wanted in {folded(alias) for alias in category.aliases}
    )
    return next(by_id, None) or next(by_alias, None)


def place_class(category: Category, name: str) -> str | None:
    """The class id that a folder name means: ``normal``, an anomaly by id or alias, or None."""
    wanted = folded(name)
    if wanted in NORMAL_FOLDERS:
        return NORMAL
    for anomaly in category.anomalies:
        if folded(anomaly.id) == wanted:
            return anomaly.id
    for anomaly in category.anomalies:
        if wanted in {folded(alias) for alias in anomaly.aliases}:
            return anomaly.id
    return None

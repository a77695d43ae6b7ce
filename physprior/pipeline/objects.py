"""How many objects the demo and a study simulate."""

from __future__ import annotations

MANY = 160
"""A model that knows few objects by heart tells these apart, and not how they move; and of few
objects in the test split no interval can be narrow (docs/statistics.md)."""


def objects_of(count: int) -> int:
    """Simulated objects of a category with so many videos: four videos of each or more, and three
    objects where there are fewer than twelve videos.
    """
    return max(3, min(MANY, count // 4))

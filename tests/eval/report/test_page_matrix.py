"""The shaded tables of what explanations speak of."""

from __future__ import annotations

from physprior.eval.confusion import CategoryConfusion, Confusion
from physprior.eval.report.page.matrix import matrices


def of(category: str, right: int) -> CategoryConfusion:
    """Ten videos a class, of which ``right`` are spoken of as what they show."""
    rows = ((right, 10 - right, 0), (10 - right, right, 0))
    return CategoryConfusion(category, ("normal", "stuck"), rows, (10, 0), (0, 10))


def test_the_most_confused_category_stands_first() -> None:
    found = Confusion((of("ball", 9), of("clip", 3), of("fan", 6)), {}, "")
    assert [one.title for one in matrices(found)] == ["clip", "fan", "ball"]


def test_categories_that_are_as_confused_keep_their_order() -> None:
    found = Confusion((of("ball", 5), of("clip", 5)), {}, "")
    assert [one.title for one in matrices(found)] == ["ball", "clip"]

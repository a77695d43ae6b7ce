"""Confusion as shaded cells and as tables: counts as they are."""

from __future__ import annotations

import pytest

from physprior.eval.confusion import CategoryConfusion, Confusion
from physprior.eval.report.confused import confusion_tables
from physprior.eval.report.figures.panels import confusion_panels

BALL = CategoryConfusion(
    "ball",
    ("normal", "leak", "unfull"),
    ((8, 1, 0, 1), (2, 5, 3, 0), (0, 0, 0, 0)),
    (9, 2, 0),
    (1, 8, 0),
)
CLIP = CategoryConfusion("clip", ("normal", "stuck"), ((4, 0, 0), (0, 3, 1)), (4, 1), (0, 3))
EMPTY = CategoryConfusion("fan", ("normal",), ((0, 0),), (0,), (0,))


def confusion(*categories: CategoryConfusion) -> Confusion:
    return Confusion(categories, {}, "Told by the taught words.")


def test_a_cell_is_the_share_of_its_row() -> None:
    (panel,) = confusion_panels(confusion(BALL))
    leak = panel.rows[1]
    assert (leak.title, leak.videos) == ("leak", 10)
    assert [cell.count for cell in leak.cells] == [2, 5, 3, 0]
    assert [cell.share for cell in leak.cells] == pytest.approx([0.2, 0.5, 0.3, 0.0])


def test_a_cell_is_right_where_what_is_spoken_of_is_shown() -> None:
    (panel,) = confusion_panels(confusion(BALL))
    assert panel.heads == ("normal", "leak", "unfull", "none of them")
    right = [
        (row.title, panel.heads[at])
        for row in panel.rows
        for at, one in enumerate(row.cells)
        if one.right
    ]
    assert right == [("normal", "normal"), ("leak", "leak")]


def test_classes_and_categories_without_videos_have_no_row() -> None:
    panels = confusion_panels(confusion(BALL, EMPTY))
    assert [panel.title for panel in panels] == ["ball"]
    assert [row.title for row in panels[0].rows] == ["normal", "leak"]
    assert [table.title for table in confusion_tables(confusion(BALL, EMPTY))] == [
        "What explanations of ball speak of"
    ]


def test_a_table_has_the_counts_and_the_decisions() -> None:
    (table,) = confusion_tables(confusion(BALL))
    assert table.heads[2:] == (
        *("normal", "leak", "unfull", "none of them"),
        *("called normal", "called anomalous"),
    )
    assert table.rows == (
        ("normal", "10", "8", "1", "0", "1", "9", "1"),
        ("leak", "10", "2", "5", "3", "0", "2", "8"),
    )


def test_the_class_that_is_most_often_explained_as_another_is_named() -> None:
    (table,) = confusion_tables(confusion(BALL))
    assert table.notes[0] == "Most often mistaken: leak explained as unfull, 3 of 10 (30.0%)."


def test_a_share_of_few_videos_does_not_come_before_one_of_many() -> None:
    counts = ((60, 40, 0), (1, 1, 0))
    one = CategoryConfusion("ball", ("normal", "leak"), counts, (60, 1), (40, 1))
    (table,) = confusion_tables(confusion(one))
    assert table.notes[0].endswith("normal explained as leak, 40 of 100 (40.0%).")


def test_a_large_share_comes_before_more_videos_of_a_small_one() -> None:
    counts = ((270, 30, 0), (20, 5, 0))
    one = CategoryConfusion("ball", ("normal", "leak"), counts, (270, 20), (30, 5))
    (table,) = confusion_tables(confusion(one))
    assert table.notes[0].endswith("leak explained as normal, 20 of 25 (80.0%).")


def test_what_speaks_of_nothing_is_no_mistake_for_a_class() -> None:
    (table,) = confusion_tables(confusion(CLIP))
    assert not any(note.startswith("Most often") for note in table.notes)


def test_how_it_was_told_is_said_once() -> None:
    ball, clip = confusion_tables(confusion(BALL, CLIP))
    assert "Told by the taught words." in ball.notes[-1]
    assert not any("Told by" in note for note in clip.notes)

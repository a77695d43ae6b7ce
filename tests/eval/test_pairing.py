"""Two files side by side: only like is compared with like, and what failed in one leaves both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from physprior.errors import PredictionError
from physprior.eval.predictions import Predictions, read_predictions
from physprior.eval.scoring import common, same_videos, score

WriteFile = Callable[..., Path]
ROWS = [
    ("clip", "normal", 0.0, None),
    ("clip", "unable_press", 1.0, None),
    ("fan", "normal", 2.0, None),
    ("fan", "stuck", 3.0, None),
]


@pytest.fixture
def file(write_file: WriteFile) -> Callable[..., Predictions]:
    def make(rows: list[Any] = ROWS, name: str = "one.jsonl", **header: Any) -> Predictions:
        return read_predictions(write_file(rows, name, **header))

    return make


def with_scores(file: Predictions, **scores: float | None) -> Predictions:
    """The file with other scores of the videos whose place is named, as in ``_2=None``."""
    lines = [
        line.model_copy(update={"score": scores.get(f"_{place}", line.score)})
        for place, line in enumerate(file.predictions)
    ]
    return replace(file, predictions=tuple(lines))


def ids(file: Predictions) -> list[str]:
    return [line.id for line in file.predictions]


def test_files_on_the_same_split_are_compared(file: Callable[..., Predictions]) -> None:
    same_videos(file(), file(name="other.jsonl", model="runs/other", mode="no_phys"))


@pytest.mark.parametrize(
    ("rows", "header"), [(ROWS, {"split_hash": "6" * 64}), (ROWS[:3], {}), (ROWS[:3], {"total": 4})]
)
@pytest.mark.parametrize("compare", [same_videos, common])
def test_files_on_other_videos_are_not_compared(
    file: Callable[..., Predictions],
    rows: list[Any],
    header: dict[str, Any],
    compare: Callable[[Predictions, Predictions], Any],
) -> None:
    with pytest.raises(PredictionError, match="do not predict the same videos"):
        compare(file(), file(rows, "other.jsonl", **header))


def test_a_video_that_one_file_skipped_leaves_both(file: Callable[..., Predictions]) -> None:
    gone = [*ROWS[:2], ("fan", "normal", None, None), ROWS[3]]
    for one, other in [(file(), file(gone)), (file(gone), file()), (file(gone), file(gone))]:
        both = common(one, other)
        assert both.left == ("fan/test/normal/0002",)
        assert ids(both.one) == ids(both.other)
        assert len(both.pairs()) == 3


def test_pairs_are_of_one_video_whatever_the_order_of_the_files(
    file: Callable[..., Predictions],
) -> None:
    other = replace(file(), predictions=file().predictions[::-1])
    both = common(file(), other)
    assert [(a.id, a.score) for a, _ in both.pairs()] == [(b.id, b.score) for _, b in both.pairs()]
    assert ids(both.other) == ids(file())


def test_a_video_that_one_method_did_not_score_leaves_both_where_scores_are_asked_for(
    file: Callable[..., Predictions],
) -> None:
    other = with_scores(file(), _1=None)
    assert common(file(), other).left == ()
    assert common(file(), other, scored=True).left == ("clip/test/unable_press/0001",)
    assert common(other, file(), scored=True).left == ("clip/test/unable_press/0001",)


def test_what_is_left_can_be_scored(file: Callable[..., Predictions]) -> None:
    both = common(file(), with_scores(file(), _0=5.0, _1=-5.0))
    assert score(both.one).macro_auroc == 1.0
    assert score(both.other).macro_auroc == 0.5


@pytest.mark.parametrize(
    "change", [{"label": 0}, {"class_id": "unable_rebound"}, {"category": "hinge"}]
)
def test_files_that_give_a_video_two_labels_are_not_compared(
    file: Callable[..., Predictions], change: dict[str, Any]
) -> None:
    other = file(name="other.jsonl")
    lines = list(other.predictions)
    lines[1] = lines[1].model_copy(update=change)
    with pytest.raises(PredictionError, match="clip/test/unable_press/0001 is clip unable_press"):
        common(file(), replace(other, predictions=tuple(lines)))

from __future__ import annotations

from collections.abc import Callable

import pytest
from explained import FAULTY, SOUND, Rows

from physprior.eval.explanations.evaluation import answered
from physprior.eval.explanations.items import GROUPS, Item
from physprior.eval.explanations.means import earned, summarise
from physprior.eval.predictions import Predictions
from physprior.stats import Estimate
from physprior.stats.detection import macro_estimate
from physprior.stats.means import mean_estimate

Read = Callable[..., Predictions]

ROWS: Rows = [
    ("ball", "normal", 0.0, SOUND),
    ("ball", "leak", 0.0, SOUND),
    ("ball", "leak", 0.0, FAULTY),
    ("ball", "leak", 0.0, "I cannot tell."),
    ("clip", "normal", 0.0, FAULTY),
    ("clip", "normal", 0.0, SOUND),
]
VALUES = [0.9, 0.3, 0.8, 0.1, 0.2, 0.7]


def scored(items: tuple[Item, ...], values: list[float]) -> dict[str, float | None]:
    return {item.id: value for item, value in zip(items, values, strict=True)}


@pytest.fixture
def items(read: Read) -> tuple[Item, ...]:
    return answered(read(ROWS))


def test_each_group_has_its_own_mean(items: tuple[Item, ...]) -> None:
    ball = summarise(scored(items, VALUES), items).categories["ball"]

    assert ball == {
        "all": mean_estimate([0.9, 0.3, 0.8, 0.1]),
        "right": mean_estimate([0.9, 0.8]),
        "wrong": mean_estimate([0.3, 0.1]),
        "anomalous": mean_estimate([0.3, 0.8, 0.1]),
    }


def test_an_answer_that_cannot_be_read_counts_as_wrong(items: tuple[Item, ...]) -> None:
    unread = [item for item in items if item.answer == "I cannot tell."]

    assert unread[0].groups == ("all", "wrong", "anomalous")


def test_a_group_without_a_video_is_not_available_and_never_0(items: tuple[Item, ...]) -> None:
    clip = summarise(scored(items, VALUES), items).categories["clip"]

    assert clip["anomalous"] == Estimate(None, 0)


def test_the_average_is_over_categories_and_the_pooled_mean_over_videos(
    items: tuple[Item, ...],
) -> None:
    found = summarise(scored(items, VALUES), items)

    members = list(found.categories.values())
    assert found.macro["all"].value == pytest.approx((0.525 + 0.45) / 2)
    assert found.pooled["all"].value == pytest.approx(3.0 / 6)
    for group in GROUPS:
        assert found.macro[group] == macro_estimate([one[group] for one in members])


def test_a_category_without_a_group_is_no_0_in_its_average(items: tuple[Item, ...]) -> None:
    found = summarise(scored(items, VALUES), items)

    assert found.macro["anomalous"].value == pytest.approx(0.4)


def test_a_wrong_verdict_earns_nothing(items: tuple[Item, ...]) -> None:
    values = scored(items, VALUES) | {items[5].id: None}

    kept = [value for name, value in earned(values, items).items() if name in values]

    assert kept == [0.9, 0.0, 0.8, 0.0, 0.0, None]


def test_what_is_unscored_is_counted_and_in_no_mean(items: tuple[Item, ...]) -> None:
    values = scored(items, VALUES)
    values[items[0].id] = None
    del values[items[1].id]

    found = summarise(values, items)

    assert found.unscored == 2
    assert found.categories["ball"]["all"] == mean_estimate([0.8, 0.1])


def test_a_category_of_which_nothing_is_scored_keeps_its_place(items: tuple[Item, ...]) -> None:
    found = summarise({item.id: 0.5 for item in items if item.category == "ball"}, items)

    assert list(found.categories) == ["ball", "clip"]
    assert found.categories["clip"]["all"] == Estimate(None, 0)


def test_the_order_of_items_changes_nothing(items: tuple[Item, ...]) -> None:
    values = scored(items, VALUES)

    assert summarise(values, items) == summarise(values, items[::-1])


def test_a_score_beyond_1_is_refused(items: tuple[Item, ...]) -> None:
    with pytest.raises(ValueError, match=r"1\.2"):
        summarise({items[0].id: 1.2}, items)


def test_videos_of_one_object_count_as_one(read: Read) -> None:
    items = [
        Item(item.line.model_copy(update={"instance": f"no. {number // 4}"}), item.parsed, (), ())
        for number, item in enumerate(answered(read([("ball", "normal", 0.0, SOUND)] * 48)))
    ]
    values = {item.id: 0.05 * (number // 4) for number, item in enumerate(items)}

    found = summarise(values, items).categories["ball"]["all"]

    assert found.interval is not None
    assert found.interval.method.startswith("Student's t, by instance")

from __future__ import annotations

import pytest
from trained import record_of

from physprior.dataset.records import Record
from physprior.errors import RecipeError
from physprior.train.recipe import Recipe
from physprior.train.selection import counts, remarks, select


def recipe(**changes: object) -> Recipe:
    return Recipe.model_validate({"base": "b", "dataset": "d", "out": "o", **changes})


RECORDS = [
    record_of(
        f"{category}/{number}.mp4", label=number % 2, **{"class": ("normal", "x")[number % 2]}
    )
    for category in ("clip", "fan", "ball")
    for number in range(200)
    for label in [number % 2]
]


def of(category: str, records: list[Record]) -> list[Record]:
    return [record for record in records if record.category == category]


def test_all_records_are_taken_if_no_category_is_named() -> None:
    assert select(RECORDS, recipe()) == RECORDS


def test_of_the_other_categories_the_rehearsed_share_is_taken() -> None:
    found = select(RECORDS, recipe(only=["fan"], rehearse=0.25))
    assert of("fan", found) == of("fan", RECORDS)
    for category in ("clip", "ball"):
        assert 30 <= len(of(category, found)) <= 70
    assert found == [record for record in RECORDS if record in found]


@pytest.mark.parametrize(("share", "expected"), [(0, 200), (1, 600)])
def test_nothing_or_all_may_be_rehearsed(share: float, expected: int) -> None:
    assert len(select(RECORDS, recipe(only=["fan"], rehearse=share))) == expected


def test_one_record_less_changes_nothing_for_the_others() -> None:
    asked = recipe(only=["fan"], rehearse=0.25)
    before, after = select(RECORDS, asked), select(RECORDS[1:], asked)
    assert [record for record in before if record != RECORDS[0]] == after


def test_of_few_videos_each_class_is_rehearsed_all_the_same() -> None:
    few = [*of("fan", RECORDS), *of("clip", RECORDS)[:2]]
    for seed in range(20):
        found = of("clip", select(few, recipe(only=["fan"], rehearse=0.01, seed=seed)))
        assert {record.class_id for record in found} == {"normal", "x"}


def test_another_seed_rehearses_others() -> None:
    one, other = (select(RECORDS, recipe(only=["fan"], rehearse=0.5, seed=s)) for s in (0, 1))
    assert one != other


def test_an_unknown_category_is_refused_with_its_neighbour() -> None:
    with pytest.raises(RecipeError, match="no training videos of clap; did you mean clip"):
        select(RECORDS, recipe(only=["clap"]))


@pytest.mark.parametrize(
    "changes",
    [{"rehearse": 0.5}, {"patience": 2, "validate_every": 0}],
)
def test_a_setting_without_effect_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"belongs to only|counts validations"):
        recipe(**changes)


def test_records_are_counted_by_category_and_class() -> None:
    assert counts(RECORDS[:3]) == {"clip": {"normal": 2, "x": 1}}


def test_what_cannot_be_learned_is_said() -> None:
    sound = [record for record in RECORDS if record.label == 0]
    assert remarks(RECORDS) == []
    assert "can only learn to say Normal" in remarks(sound)[0]
    assert remarks([*of("fan", RECORDS), *of("clip", sound)]) == [
        "no anomaly is trained on in clip"
    ]
    broken = [record for record in RECORDS if record.label == 1]
    assert remarks([*of("fan", RECORDS), *of("clip", broken)]) == [
        "no normal video is trained on in clip"
    ]

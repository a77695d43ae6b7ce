"""Which videos are planned, and of which objects."""

from __future__ import annotations

from collections import Counter

import pytest
from pydantic import ValidationError

from physprior.errors import DatasetError
from physprior.paths import kb_folder
from physprior.simulate import Options
from physprior.simulate.plan import plan
from physprior.simulate.twin import twins


def test_all_categories_are_simulated_by_default() -> None:
    assert {"ball", "clip", "fan", "slide"} <= set(Options().categories) == set(twins())


def test_half_of_the_videos_are_normal_and_half_of_those_train() -> None:
    counts = Counter(shot.folder for shot in plan(Options(categories=("fan",), count=120)))
    assert counts == {
        "train": 30,
        "test/normal": 30,
        "test/stuck": 20,
        "test/uneven": 20,
        "test/vibration": 20,
    }


@pytest.mark.parametrize("count", [6, 7, 31, 100])
def test_every_count_is_met_to_the_video(count: int) -> None:
    shots = plan(Options(count=count))
    assert Counter(shot.category for shot in shots) == dict.fromkeys(twins(), count)
    assert min(Counter((shot.category, shot.class_id) for shot in shots).values()) >= 1


def test_objects_are_spread_evenly_over_the_classes() -> None:
    shots = plan(Options(count=240, instances=24))
    for category in twins():
        folders = {shot.folder for shot in shots if shot.category == category}
        for folder in folders:
            used = Counter(
                s.instance for s in shots if (s.category, s.folder) == (category, folder)
            )
            assert len(used) == 24
            assert max(used.values()) - min(used.values()) <= 1


def test_few_videos_a_folder_do_not_all_show_the_first_objects() -> None:
    shots = plan(Options(categories=("fan",), count=40, instances=24))
    assert len({shot.instance for shot in shots}) > 18


def test_the_order_of_the_categories_decides_nothing() -> None:
    assert plan(Options(categories=("fan", "ball"))) == plan(Options(categories=("ball", "fan")))


def test_an_unknown_category_is_refused_with_the_one_that_was_meant() -> None:
    with pytest.raises(DatasetError, match="'fann'") as refusal:
        plan(Options(categories=("fann",)))
    assert "'fan'" in refusal.value.remedy


def test_too_few_videos_for_all_anomalies_are_refused() -> None:
    with pytest.raises(DatasetError, match="too few for 3 anomalies") as refusal:
        plan(Options(categories=("fan",), count=5))
    assert "6" in refusal.value.remedy


@pytest.mark.parametrize("wrong", [{"size": 97}, {"size": 16}, {"frames": 1}, {"colour": "red"}])
def test_options_that_make_no_sense_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Options.model_validate(wrong)


def test_twins_and_kb_agree_on_the_anomalies() -> None:
    from physprior.knowledge.load import load_knowledge

    knowledge = load_knowledge(kb_folder())
    for category, twin in twins().items():
        entry = knowledge.category(category)
        assert {a.id: (a.onset, a.evidence) for a in entry.anomalies} == {
            name: (defect.onset, defect.evidence) for name, defect in twin.defects.items()
        }

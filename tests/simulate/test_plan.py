"""Which videos are planned, and of which objects."""

from __future__ import annotations

from collections import Counter

import pytest
from pydantic import ValidationError

from physprior import phys_ad
from physprior.errors import DatasetError
from physprior.paths import kb_folder
from physprior.simulate import Options
from physprior.simulate.plan import plan
from physprior.simulate.twin import twins

FEW = ("clip", "fan", "slide")


def test_all_categories_are_simulated_by_default() -> None:
    assert set(Options().categories) == set(twins()) <= set(phys_ad.COUNTS)


def test_by_default_every_category_has_sixty_videos_of_two_seconds_and_15_objects() -> None:
    options = Options()
    assert (options.count, options.instances) == (60, 15)
    assert Options(count=96).instances == Options(count=1000).instances == 24
    assert (options.frames, options.fps) == (60, 30)
    assert options.severity == (0.5, 1.0)


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
    shots = plan(Options(categories=FEW, count=count))
    assert Counter(shot.category for shot in shots) == dict.fromkeys(FEW, count)
    assert min(Counter((shot.category, shot.class_id) for shot in shots).values()) >= 1


def test_objects_are_spread_evenly_over_the_classes() -> None:
    shots = plan(Options(categories=FEW, count=240, instances=24))
    for category in FEW:
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


@pytest.mark.parametrize(
    "wrong",
    [
        {"size": 97},
        {"size": 16},
        {"frames": 1},
        {"fps": 0},
        {"size": 4098},
        {"frames": 100_001},
        {"fps": 1001},
        {"frames": 2, "fps": 30},
        {"count": 3},
        {"instances": 0},
        {"counts": "odd"},
        {"clips": "long"},
        {"severity": (0.6, 0.4)},
        {"severity": (-0.1, 0.5)},
        {"severity": (0.5, 1.1)},
        {"colour": "red"},
    ],
)
def test_options_that_make_no_sense_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Options.model_validate(wrong)


@pytest.mark.parametrize("count", [12, 60, 90, 240])
@pytest.mark.parametrize("category", ["gear", "slide", "usb"])
def test_every_object_is_met_in_training(category: str, count: int) -> None:
    # Were some new, and more so among the faulty, whether it is new would tell.
    shots = plan(Options(categories=(category,), count=count))
    met = {shot.instance for shot in shots if shot.folder == "train"}
    assert met == {shot.instance for shot in shots}


@pytest.mark.parametrize("severity", [(0.0, 1.0), (0.5, 0.5), (0.0, 0.0), (1.0, 1.0)])
def test_every_video_is_given_the_range_that_its_severity_is_drawn_from(
    severity: tuple[float, float],
) -> None:
    shots = plan(Options(categories=("fan",), severity=severity))
    assert {shot.severity for shot in shots} == {severity}


def test_counts_as_phys_ads_are_6434_videos_of_49_objects() -> None:
    shots = plan(Options(counts="phys-ad"))
    assert len(shots) == phys_ad.TOTALS["the paper"] == 6434
    assert len({(shot.category, shot.instance) for shot in shots}) == 49


@pytest.mark.parametrize("category", FEW)
def test_counts_as_phys_ads_are_split_as_its_table_3_has_them(category: str) -> None:
    row = phys_ad.COUNTS[category]
    counts = Counter(s.folder for s in plan(Options(categories=(category,), counts="phys-ad")))
    assert (counts.pop("train"), counts.pop("test/normal")) == (row.train, row.test_normal)
    assert sum(counts.values()) == row.test_anomalous
    assert max(counts.values()) - min(counts.values()) <= 1
    assert len(counts) == row.defects


def test_clips_as_phys_ads_are_60_to_240_frames_at_60_a_second() -> None:
    for shot in plan(Options(count=8, clips="phys-ad")):
        assert (shot.frames, shot.fps) == (phys_ad.COUNTS[shot.category].frames, 60)
        assert 60 <= shot.frames <= 240


@pytest.mark.parametrize(
    ("choice", "number"),
    [("counts", "count"), ("counts", "instances"), ("clips", "frames"), ("clips", "fps")],
)
def test_a_number_that_phys_ad_settles_is_refused(choice: str, number: str) -> None:
    with pytest.raises(ValidationError, match=f"{number} is settled by {choice}=phys-ad"):
        Options.model_validate({choice: "phys-ad", number: 60})
    assert getattr(Options.model_validate({choice: "phys-ad"}), number) is None


def test_counts_and_clips_are_settled_apart_from_each_other() -> None:
    assert {s.frames for s in plan(Options(counts="phys-ad", frames=10, fps=5))} == {10}
    shots = plan(Options(categories=("slide",), clips="phys-ad", count=12, instances=2))
    assert len(shots) == 12
    assert {shot.instance for shot in shots} == {0, 1}


@pytest.mark.parametrize("choice", ["counts", "clips"])
def test_a_category_that_phys_ad_does_not_have_has_no_numbers_there(
    choice: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(phys_ad.COUNTS, "fan")
    with pytest.raises(DatasetError, match="Phys-AD has no category 'fan'"):
        plan(Options.model_validate({"categories": ("fan",), choice: "phys-ad"}))


def test_twins_and_kb_agree_on_the_anomalies() -> None:
    from physprior.knowledge.load import load_knowledge

    knowledge = load_knowledge(kb_folder())
    for category, twin in twins().items():
        entry = knowledge.category(category)
        assert {a.id: (a.onset, a.evidence) for a in entry.anomalies} == {
            name: (defect.onset, defect.evidence) for name, defect in twin.defects.items()
        }

"""The gate: what passes, what fails and why, and what it refuses to judge."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from two_runs import Read, noisy, rows

from physprior.errors import PredictionError
from physprior.eval.gate import Gate, judge
from physprior.eval.gate_conditions import Conditions, Finding, at_least
from physprior.eval.scoring import score
from physprior.stats import Estimate


def of(gate: Gate, condition: str, subject: str = "macro average") -> Finding:
    (found,) = (
        one for one in gate.findings if (one.condition, one.subject) == (condition, subject)
    )
    return found


THREE_QUARTERS = rows("clip", [0.0, 1.5], [1.0, 2.0])


# A least AUROC


def test_an_auroc_that_reaches_its_least_value_exactly_passes(read: Read) -> None:
    assert judge(read(THREE_QUARTERS), Conditions(min_auroc=0.75)).passed


def test_an_auroc_below_its_least_value_fails_and_says_both_numbers(read: Read) -> None:
    gate = judge(read(THREE_QUARTERS), Conditions(min_auroc=0.8))
    assert not gate.passed
    assert "AUROC 0.750 is below 0.8" in of(gate, "--min-auroc").said


def test_a_failure_is_never_written_with_a_number_that_looks_like_a_pass(read: Read) -> None:
    gate = judge(read(rows("clip", range(3), [0.5, 1.5, 9.0])), Conditions(min_auroc=0.667))
    said = of(gate, "--min-auroc").said
    assert "AUROC 0.6667 is below 0.667" in said


def test_each_category_has_to_reach_its_least_value(read: Read) -> None:
    file = read(THREE_QUARTERS + rows("fan", [0.0], [1.0]))
    gate = judge(file, Conditions(min_auroc=0.8, min_category_auroc=0.8))
    assert of(gate, "--min-auroc").holds  # the mean of 0.75 and 1
    assert not of(gate, "--min-category-auroc", "clip").holds
    assert of(gate, "--min-category-auroc", "fan").holds
    assert [one.subject for one in gate.failed] == ["clip"]


def test_by_lower_the_interval_s_lower_end_has_to_reach_it(read: Read) -> None:
    file = read(noisy("clip", 1.5, 1))
    measured = score(file).macro["auroc"]
    assert measured.value is not None
    assert measured.interval is not None
    between = (measured.value + measured.interval.low) / 2
    assert judge(file, Conditions(min_auroc=between)).passed
    gate = judge(file, Conditions(min_auroc=between, by="lower"))
    assert of(gate, "--min-auroc").measured == measured.interval.low
    assert not gate.passed


def test_a_perfect_auroc_of_few_videos_is_no_proof_by_its_lower_end(read: Read) -> None:
    file = read(rows("clip", [0.0, 0.1, 0.2], [1.0, 2.0, 3.0]))
    assert judge(file, Conditions(min_auroc=0.95)).passed
    assert not judge(file, Conditions(min_auroc=0.95, by="lower")).passed


def test_without_an_interval_nothing_is_shown_by_its_lower_end(read: Read) -> None:
    scores = score(read(THREE_QUARTERS))
    scores = replace(scores, macro={**scores.macro, "auroc": Estimate(0.75, 4)})
    by_value, by_lower = (
        next(at_least(scores, Conditions(min_auroc=0.1, by=by))) for by in ("value", "lower")
    )
    assert by_value.holds
    assert not by_lower.holds
    assert "has no interval" in by_lower.said


# No loss beside a baseline


def test_a_run_that_is_surely_worse_than_its_baseline_fails(read: Read) -> None:
    worse, better = read(noisy("clip", 0.0, 1)), read(noisy("clip", 3.0, 2), "b.jsonl")
    gate = judge(worse, Conditions(), better)
    found = of(gate, "--not-worse-than")
    assert not gate.passed
    assert found.said.startswith("worse than the baseline: -0.")
    assert judge(better, Conditions(), worse).passed


def test_a_loss_that_chance_explains_passes(read: Read) -> None:
    one, other = read(noisy("clip", 1.5, 1)), read(noisy("clip", 1.5, 3), "b.jsonl")
    assert judge(one, Conditions(), other).passed
    assert judge(other, Conditions(), one).passed


def test_one_category_that_breaks_down_fails_though_the_mean_stands(read: Read) -> None:
    names = ("ball", "fan", "slide")
    before = [row for name in names for row in noisy(name, 1.0, 1)] + noisy("clip", 3.0, 1)
    after = [row for name in names for row in noisy(name, 2.0, 2)] + noisy("clip", 0.0, 2)
    gate = judge(read(after, "b.jsonl"), Conditions(), read(before))
    assert of(gate, "--not-worse-than").holds
    assert [one.subject for one in gate.failed] == ["clip"]


def test_within_a_margin_the_loss_has_to_be_shown_to_be_small(read: Read) -> None:
    one, other = read(noisy("clip", 1.5, 1)), read(noisy("clip", 1.5, 3), "b.jsonl")
    assert judge(one, Conditions(), other).passed  # no loss is seen
    narrow = judge(one, Conditions(margin=0.01), other)
    assert not narrow.passed  # and yet none of 0.01 is excluded
    assert "is not above -0.01" in of(narrow, "--margin").said
    assert judge(one, Conditions(margin=0.5), other).passed


def test_a_loss_in_a_category_counts_only_beyond_the_margin(read: Read) -> None:
    before = noisy("clip", 4.0, 1) + noisy("fan", 1.0, 1)
    after = noisy("clip", 1.0, 2) + noisy("fan", 3.0, 2)
    file, baseline = read(after), read(before, "b.jsonl")
    assert [one.subject for one in judge(file, Conditions(), baseline).failed] == ["clip"]
    assert judge(file, Conditions(margin=0.6), baseline).passed


def test_predictions_are_no_worse_than_themselves(read: Read) -> None:
    file = read(noisy("clip", 1.0, 1))
    for margin in (None, 0.0, 0.01):
        gate = judge(file, Conditions(margin=margin), file)
        assert gate.passed
        assert gate.same


def test_videos_that_the_baseline_did_not_score_are_counted(read: Read) -> None:
    file = read(rows("clip", [0.0, 0.5], [1.0, 2.0]))
    baseline = read(rows("clip", [0.0, None], [1.0, 2.0]), "b.jsonl")
    assert judge(file, Conditions(), baseline).left == 1


# What is refused


@pytest.mark.parametrize(
    ("conditions", "said"),
    [
        (Conditions(), "no condition"),
        (Conditions(min_auroc=math.nan), "--min-auroc is nan"),
        (Conditions(min_category_auroc=1.5), "--min-category-auroc is 1.5"),
        (Conditions(min_auroc=-0.1), "--min-auroc is -0.1"),
        (Conditions(min_auroc=0.5, margin=0.1), "--margin has no baseline"),
    ],
)
def test_conditions_without_a_meaning_are_refused(
    read: Read, conditions: Conditions, said: str
) -> None:
    with pytest.raises(PredictionError, match=said):
        judge(read(THREE_QUARTERS), conditions)


@pytest.mark.parametrize("margin", [math.nan, math.inf, -0.1])
def test_a_margin_that_is_no_share_is_refused(read: Read, margin: float) -> None:
    file = read(THREE_QUARTERS)
    with pytest.raises(PredictionError, match="--margin is"):
        judge(file, Conditions(margin=margin), file)


def test_by_lower_without_a_least_auroc_is_refused(read: Read) -> None:
    file = read(THREE_QUARTERS)
    with pytest.raises(PredictionError, match="--by lower has nothing to judge"):
        judge(file, Conditions(by="lower"), file)


def test_unfinished_predictions_are_refused_on_either_side(read: Read) -> None:
    whole, half = read(THREE_QUARTERS), read(THREE_QUARTERS, "half.jsonl", total=9)
    for file, baseline in ((half, None), (half, whole), (whole, half)):
        with pytest.raises(PredictionError, match="is not finished: 5 of 9"):
            judge(file, Conditions(min_auroc=0.1), baseline)


def test_a_baseline_on_another_split_is_refused(read: Read) -> None:
    other = read(THREE_QUARTERS, "b.jsonl", split_hash="6" * 64)
    with pytest.raises(PredictionError):
        judge(read(THREE_QUARTERS), Conditions(), other)


def test_a_control_is_refused_as_what_is_judged(read: Read) -> None:
    with pytest.raises(PredictionError, match="is the control blank"):
        judge(read(THREE_QUARTERS, control="blank"), Conditions(min_auroc=0.1))


def test_a_file_without_any_prediction_is_refused(read: Read) -> None:
    with pytest.raises(PredictionError, match="holds no prediction"):
        judge(read(rows("clip", [None], [None])), Conditions(min_auroc=0.0))


def test_a_category_whose_normal_videos_were_all_skipped_is_refused(read: Read) -> None:
    file = read(rows("clip", [None, None], [1.0]) + rows("fan", [0.0], [1.0]))
    with pytest.raises(PredictionError, match="clip cannot be judged"):
        judge(file, Conditions(min_auroc=0.5))


def test_a_category_that_the_baseline_lost_is_refused(read: Read) -> None:
    both = rows("clip", [0.0, 0.5], [1.0]) + rows("fan", [0.0], [1.0])
    lost = rows("clip", [None, None], [1.0]) + rows("fan", [0.0], [1.0])
    with pytest.raises(PredictionError, match="clip cannot be judged"):
        judge(read(both), Conditions(), read(lost, "b.jsonl"))


def test_a_category_that_was_never_scored_is_refused(read: Read) -> None:
    file = read(THREE_QUARTERS)
    lines = tuple(line.model_copy(update={"score": None}) for line in file.predictions)
    with pytest.raises(PredictionError, match="clip cannot be judged"):
        judge(replace(file, predictions=lines), Conditions(min_auroc=0.5))


def test_a_category_of_one_class_in_the_split_is_named_and_not_judged(read: Read) -> None:
    file = read(THREE_QUARTERS + rows("fan", [], [1.0, 2.0]))
    gate = judge(file, Conditions(min_auroc=0.75, min_category_auroc=0.75))
    assert gate.passed
    assert gate.not_judged == ("fan",)


def test_a_split_of_one_class_alone_is_refused(read: Read) -> None:
    with pytest.raises(PredictionError, match="no category has both classes"):
        judge(read(rows("fan", [], [1.0, 2.0])), Conditions(min_category_auroc=0.1))

"""The report of an ablation: figures known by hand, what is concluded of them, and what is not."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from ablation_study import (
    CATEGORIES,
    NO,
    YES,
    Row,
    arm,
    drawn,
    log,
    predictions,
    put_sbert,
    run,
    severities,
)

from physprior.errors import PredictionError
from physprior.pipeline.ablate.report import Summary, print_summary, summarise
from physprior.pipeline.ablate.report.model import Difference, Told
from physprior.pipeline.ablate.report.write import read_summary
from physprior.stats import holm

FILES = ("summary.json", "ablation.md", "ablation.svg", "ablation.png")


def by_hand(ball: Sequence[float], clip: Sequence[float]) -> list[Row]:
    """Two normal and two anomalous videos of each category, their scores in this order."""
    return [
        (category, kind, score, YES if score > 0 else NO)
        for category, scores in (("ball", ball), ("clip", clip))
        for kind, score in zip(("normal", "normal", "stuck", "stuck"), scores, strict=True)
    ]


def three_arms(folder: Path, multi: float, single: float, none: float, seeds: int = 3) -> Path:
    """A study whose arms are apart by these shifts, with noise of their own and some in common."""
    for name, shift in (("no_phys", none), ("single_turn", single), ("multi_turn", multi)):
        arm(folder, name, {seed: noisy(shift, f"{name}{seed}") for seed in range(1, seeds + 1)})
    return folder


def noisy(shift: float, own: object) -> list[Row]:
    common, other = drawn(shift, "videos"), drawn(0.0, own)
    return [
        (category, kind, mine + noise / 2, YES if mine + noise / 2 > 0 else NO)
        for (category, kind, mine, _), (_, _, noise, _) in zip(common, other, strict=True)
        if mine is not None and noise is not None
    ]


def difference(summary: Summary, name: str, against: str = "no_phys") -> Difference:
    every = (*summary.differences, *summary.histories, *summary.references)
    return next(one for one in every if (one.name, one.against) == (name, against))


def told(summary: Summary, name: str) -> Told:
    return next(one for one in summary.told if one.name == name)


def words(summary: Summary) -> str:
    return " ".join(summary.conclusions)


# Figures that are known by hand


def test_the_seeds_are_shown_apart_from_the_auroc_of_their_average(tmp_path: Path) -> None:
    seeds = {
        1: by_hand((0, 1, 2, 3), (0, 2, 1, 3)),  # 1 and 3/4
        2: by_hand((0, 1, 2, 3), (0, 0, 0, 0)),  # 1 and 1/2
        3: by_hand((0, 1, 2, 3), (0, -9, 9, 0)),  # 1 and 7/8; its wide scores decide the average
    }
    arm(tmp_path, "multi_turn", seeds)
    row = read_summary(tmp_path).row("multi_turn")
    assert row is not None
    assert row.auroc_seeds.seeds == {"1": 0.875, "2": 0.75, "3": 0.9375}
    assert row.auroc_seeds.mean.value == pytest.approx((0.875 + 0.75 + 0.9375) / 3)
    assert (row.auroc_seeds.least, row.auroc_seeds.most) == (0.75, 0.9375)
    assert row.auroc_seeds.deviation == pytest.approx(0.0954703, abs=1e-6)
    # Averaged, clip has normal 0 and -7/3, anomalous 10/3 and 1: every pair is right.
    assert row.categories["clip"].value == 1.0
    assert row.auroc.value == 1.0
    assert (row.normal, row.anomalous, row.left) == (4, 4, 0)


def test_the_score_over_seeds_is_the_mean_of_the_log_odds(tmp_path: Path) -> None:
    # By ranks or standardised, the two seeds would cancel out and leave 0.5.
    wide, narrow = by_hand((0, 1, 20, 30), (0, 1, 20, 30)), by_hand((3, 2, 1, 0), (3, 2, 1, 0))
    arm(tmp_path, "multi_turn", {1: wide, 2: narrow})
    row = read_summary(tmp_path).row("multi_turn")
    assert row is not None
    assert row.auroc.value == 1.0
    assert row.auroc_seeds.mean.value == 0.5


def test_what_one_training_gives_has_the_mean_of_the_seeds_intervals(tmp_path: Path) -> None:
    arm(tmp_path / "both", "multi_turn", {1: drawn(1.0, 1), 2: drawn(2.0, 2)})
    arm(tmp_path / "one", "multi_turn", {1: drawn(1.0, 1)})
    arm(tmp_path / "two", "multi_turn", {2: drawn(2.0, 2)})
    both, one, two = (
        read_summary(tmp_path / name).rows[0].auroc_seeds.mean for name in ("both", "one", "two")
    )
    assert one.low is not None
    assert two.low is not None
    assert both.low == pytest.approx((one.low + two.low) / 2)
    assert both.n == one.n == 160


def test_words_that_never_change_are_told_apart_from_scores_that_do_not_rank(
    tmp_path: Path,
) -> None:
    for name, shift in (("no_phys", 4.0), ("single_turn", 4.0), ("multi_turn", 4.0)):
        silent = name == "single_turn"
        rows = drawn(shift, name, says=lambda score: NO) if silent else drawn(shift, name)
        arm(tmp_path, name, {1: rows})
        for seed in (1,):
            predictions(
                tmp_path / "val" / name / f"seed-{seed}.jsonl",
                drawn(shift, f"val {name}"),
                split="val",
                mode=name,
                model=f"arms/{name}/seed-{seed}",
            )
    found = told(summary := read_summary(tmp_path), "single_turn")
    assert (found.parsed, found.says_anomalous, found.is_anomalous) == (1.0, 0.0, 0.5)
    assert found.verdict.mean.value == 0.5
    assert (found.constant, found.of) == (4.0, 4)
    assert found.auroc.mean.value is not None
    assert found.auroc.mean.value > 0.98
    assert found.at_threshold is not None
    assert found.at_threshold.mean.value is not None
    assert found.at_threshold.mean.value > 0.9
    assert "not the ranking collapses but its threshold" in words(summary)
    assert told(summary, "multi_turn").constant == 0


def test_a_ranking_that_fails_is_not_called_a_threshold(tmp_path: Path) -> None:
    arm(tmp_path, "no_phys", {1: drawn(3.0, 1)})
    arm(tmp_path, "single_turn", {1: drawn(0.0, 2)})
    said = words(read_summary(tmp_path))
    assert "the ranking itself fails, not its threshold" in said
    assert "not the ranking collapses" not in said


def test_unread_answers_are_undecided_and_counted(tmp_path: Path) -> None:
    rows = drawn(3.0, 1, says=lambda score: YES if score > 0 else "I see a machine.")
    arm(tmp_path, "multi_turn", {1: rows, 2: rows})
    summary = read_summary(tmp_path)
    unread = 2 * sum(score is not None and score <= 0 for _, _, score, _ in rows)
    assert summary.rows[0].unparsed == unread > 0
    assert told(summary, "multi_turn").parsed == pytest.approx(1 - unread / 320)
    assert any(f"{unread} answers without a readable verdict" in line for line in summary.warnings)


# Differences


def test_a_planted_difference_is_found_and_every_seed_stands_beside_it(tmp_path: Path) -> None:
    summary = read_summary(three_arms(tmp_path, multi=2.5, single=1.0, none=1.0))
    found = difference(summary, "multi_turn")
    assert found.macro.low is not None
    assert found.macro.low > 0.05
    assert found.holm is not None
    assert found.holm < 0.001
    assert all((value or 0) > 0.05 for value in found.seeds.values())
    assert list(found.seeds) == ["1", "2", "3"]
    assert "multi_turn ranks better than no_phys: +" in words(summary)
    assert "Both show here, on these videos." in words(summary)


@pytest.mark.parametrize("draw", range(4))
def test_no_difference_is_called_one_where_none_was_planted(tmp_path: Path, draw: int) -> None:
    for name in ("no_phys", "single_turn", "multi_turn"):
        arm(tmp_path, name, {seed: drawn(1.0, f"{draw} {name} {seed}") for seed in (1, 2)})
    summary = read_summary(tmp_path)
    found = difference(summary, "multi_turn")
    assert found.macro.low is not None
    assert found.macro.high is not None
    assert found.macro.low < 0 < found.macro.high
    said = words(summary)
    assert "This run does not show that multi_turn ranks better or worse than no_phys" in said
    assert "no proof that they are equal" in said
    assert "This run shows neither." in said
    assert "ranks better than no_phys:" not in said


def test_a_worse_arm_is_called_worse(tmp_path: Path) -> None:
    said = words(read_summary(three_arms(tmp_path, multi=0.5, single=1.5, none=2.5)))
    assert "no_phys ranks better than multi_turn: -" in said
    assert (
        "Here the opposite shows: multi_turn ranks worse than no_phys and than single_turn" in said
    )


def test_arms_that_score_alike_are_said_to_rank_alike(tmp_path: Path) -> None:
    for name in ("no_phys", "multi_turn"):
        arm(tmp_path, name, {1: drawn(1.0, "same")})
    summary = read_summary(tmp_path)
    assert difference(summary, "multi_turn").macro.value == 0
    assert "multi_turn and no_phys rank these videos alike." in words(summary)


def test_a_difference_that_not_every_seed_shows_is_not_counted(tmp_path: Path) -> None:
    arm(tmp_path, "no_phys", {1: drawn(1.0, 1), 2: drawn(1.0, 2)})
    lucky = [(name, kind, 10 * (score or 0), text) for name, kind, score, text in drawn(4.0, 3)]
    arm(tmp_path, "multi_turn", {1: lucky, 2: drawn(0.0, 4)})
    summary = read_summary(tmp_path)
    found = difference(summary, "multi_turn")
    assert found.holm is not None
    assert found.holm < 0.001
    assert [(value or 0) > 0 for value in found.seeds.values()] == [True, False]
    assert "but not every seed says so" in words(summary)
    assert "multi_turn ranks better than no_phys" not in words(summary)


def test_p_is_corrected_over_all_rows_of_the_table(tmp_path: Path) -> None:
    found = read_summary(three_arms(tmp_path, multi=1.4, single=1.2, none=1.0)).differences
    pairs = [(one.name, one.against) for one in found]
    assert pairs == [
        ("single_turn", "no_phys"),
        ("multi_turn", "no_phys"),
        ("multi_turn", "single_turn"),
    ]
    assert [one.holm for one in found] == holm([one.p for one in found])
    assert any((one.holm or 0) > (one.p or 0) for one in found)


def test_one_seed_is_warned_of_where_its_difference_is_told(tmp_path: Path) -> None:
    summary = read_summary(three_arms(tmp_path, multi=2.5, single=1.0, none=1.0, seeds=1))
    assert any(
        line.startswith("One seed alone: no_phys, single_turn, multi_turn")
        for line in summary.warnings
    )
    assert "of one seed each: another may say otherwise" in words(summary)
    assert summary.rows[0].auroc_seeds.deviation is None


def test_no_conclusion_leaves_out_what_the_intervals_do_not_hold(tmp_path: Path) -> None:
    for multi in (1.0, 2.5):
        said = words(read_summary(three_arms(tmp_path / str(multi), multi, 1.0, 1.0)))
        assert "what other seeds would change is not in them" in said
        assert "does not repeat the paper's experiment" in said


# Unequal, missing and damaged files


def test_arms_of_unequal_videos_are_compared_on_the_common_ones(tmp_path: Path) -> None:
    rows = drawn(1.0, "none")
    arm(tmp_path, "no_phys", {1: rows})
    fewer = [
        (*row[:2], None if place % 5 == 0 else row[2], row[3]) for place, row in enumerate(rows)
    ]
    arm(tmp_path, "multi_turn", {1: fewer, 2: rows})
    summary = read_summary(tmp_path)
    found, row = difference(summary, "multi_turn"), summary.row("multi_turn")
    assert (found.macro.n, found.left) == (128, 32)
    assert row is not None
    assert (row.normal + row.anomalous, row.left, row.skipped) == (128, 32, 32)
    assert any("128 of 160 are common to all" in line for line in summary.warnings)
    assert any("could not be used" in line and "multi_turn 32" in line for line in summary.warnings)


def test_an_unfinished_arm_is_told(tmp_path: Path) -> None:
    rows = drawn(1.0, 1)
    arm(tmp_path, "no_phys", {1: rows})
    arm(tmp_path, "multi_turn", {1: rows[:150]}, total=160)
    summary = read_summary(tmp_path)
    assert "multi_turn is not finished: 10 predictions are missing." in summary.warnings
    assert difference(summary, "multi_turn").macro.n == 150


def test_an_arm_of_another_split_is_compared_with_nothing(tmp_path: Path) -> None:
    arm(tmp_path, "no_phys", {1: drawn(1.0, 1)})
    arm(tmp_path, "multi_turn", {1: drawn(2.0, 2)}, split_hash="6" * 64)
    summary = read_summary(tmp_path)
    assert summary.differences == ()
    assert any("Of another split than no_phys" in line for line in summary.warnings)


def test_one_arm_alone_makes_a_report_that_names_what_is_missing(tmp_path: Path) -> None:
    arm(tmp_path, "no_phys", {1: [(*row[:3], None) for row in drawn(1.0, 1)]})
    summary = summarise(tmp_path)
    said = " ".join(summary.missing)
    for lacking in (
        "of: single_turn, multi_turn.",
        "untuned base",
        "No training-free baseline",
        "No control",
        "No texts, and so no parsed verdicts, of: no_phys.",
        "No table by severity",
        "no run folder",
    ):
        assert lacking in said
    assert summary.differences == summary.trained == summary.severity == summary.told == ()
    assert all((tmp_path / name).stat().st_size for name in FILES)


def test_a_folder_without_predictions_is_refused_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "test" / "multi_turn").mkdir(parents=True)
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(PredictionError, match=r"holds no test/ARM/seed-N\.jsonl"):
            summarise(folder)
    predictions(tmp_path / "test/multi_turn/seed-1.jsonl", [])
    with pytest.raises(PredictionError, match="holds no prediction of any arm yet"):
        summarise(tmp_path)
    assert not (tmp_path / "summary.json").exists()


def test_a_seed_that_has_not_begun_is_left_out_and_named(tmp_path: Path) -> None:
    arm(tmp_path, "multi_turn", {1: drawn(1.0, 1)})
    predictions(tmp_path / "test/multi_turn/seed-2.jsonl", [], total=160)
    summary = read_summary(tmp_path)
    assert summary.rows[0].seeds == (1,)
    assert "test/multi_turn/seed-2.jsonl holds no prediction yet: it is left out" in summary.missing


def test_seeds_that_label_a_video_otherwise_are_refused(tmp_path: Path) -> None:
    rows = drawn(1.0, 1)
    arm(tmp_path, "multi_turn", {1: rows, 2: rows})
    path = tmp_path / "test/multi_turn/seed-2.jsonl"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace('"class": "stuck", "label": 1', '"class": "normal", "label": 0', 1),
        encoding="utf-8",
    )
    with pytest.raises(PredictionError, match="is ball stuck in"):
        read_summary(tmp_path)


def test_a_damaged_file_is_refused_by_its_line(tmp_path: Path) -> None:
    arm(tmp_path, "multi_turn", {1: drawn(1.0, 1)})
    path = tmp_path / "test/multi_turn/seed-1.jsonl"
    path.write_text(path.read_text(encoding="utf-8") + "nonsense\n", encoding="utf-8")
    with pytest.raises(PredictionError, match=r"seed-1\.jsonl:162"):
        read_summary(tmp_path)


# The same files, the same report


def test_the_order_of_the_lines_changes_nothing(tmp_path: Path) -> None:
    first, other = tmp_path / "one" / "study", tmp_path / "two" / "study"
    full_study(first)
    shutil.copytree(first, other)
    for path in other.rglob("test/**/*.jsonl"):
        head, *lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        random.Random(path.name).shuffle(lines)
        path.write_text("".join([head, *lines]), encoding="utf-8")
    summarise(first), summarise(other)
    for name in FILES:
        assert (first / name).read_bytes() == (other / name).read_bytes(), name


def test_a_second_report_has_the_same_bytes(tmp_path: Path) -> None:
    full_study(tmp_path)
    summarise(tmp_path)
    before = {name: (tmp_path / name).read_bytes() for name in FILES}
    summarise(tmp_path)
    assert before == {name: (tmp_path / name).read_bytes() for name in FILES}


def full_study(folder: Path) -> None:
    """Everything that a study can hold, of two seeds."""
    three_arms(folder, multi=1.6, single=1.0, none=0.4, seeds=2)
    for seed in (1, 2):
        for name, loss in (("no_phys", 0.5), ("single_turn", 0.3), ("multi_turn", 0.1)):
            run(folder, name, seed, log(loss * seed, share=0.2 * seed))
        predictions(
            folder / f"test/single_turn/seed-{seed}.generated.jsonl",
            noisy(0.0, f"generated {seed}"),
            mode="single_turn",
            history="generated",
        )
    same = {"mode": "multi_turn", "model": "arms/multi_turn/seed-1"}
    blank: list[Row] = [(*row[:2], 0.0, None) for row in drawn(0.0, 0)]
    predictions(
        folder / "test/multi_turn/seed-1.control-blank.jsonl", blank, control="blank", **same
    )
    for mode in ("multi_turn", "no_phys"):
        predictions(
            folder / f"test/untuned/{mode}.jsonl", noisy(0.0, mode), mode=mode, run_fingerprint=None
        )
    strange = dict.fromkeys(("mode", "history", "sampling", "base_fingerprint", "run_fingerprint"))
    for name, shift in (("motion_energy", 0.2), ("nearest_normal", 3.5)):
        rows: list[Row] = [(*row[:3], None) for row in noisy(shift, name)]
        predictions(folder / f"test/baselines/{name}.jsonl", rows, source="import", **strange)
    severities(folder, drawn(1.0, "videos"), lambda place: place % 20 / 20)


# What stands below and beside the arms


def test_the_untuned_base_the_controls_and_the_baselines_stand_below_the_arms(
    tmp_path: Path,
) -> None:
    full_study(tmp_path)
    summary = read_summary(tmp_path)
    assert [one.name for one in summary.rows] == [
        "no_phys",
        "single_turn",
        "multi_turn",
        "single_turn, history generated",
        "untuned base, multi_turn",
        "untuned base, no_phys",
        "control blank: multi_turn, seed 1",
        "motion_energy",
        "nearest_normal",
    ]
    assert summary.missing == (
        "No validation predictions: what a chosen threshold would reach is not known.",
    )
    control = summary.row("control blank: multi_turn, seed 1")
    assert control is not None
    assert control.auroc.value == 0.5
    assert "About 0.5, as it must be" in words(summary)
    said = next(line for line in summary.conclusions if "ranks better than untuned base" in line)
    assert [name in said for name in ("no_phys (+", "motion_energy (+", "nearest_normal")] == [
        True,
        True,
        False,
    ]
    assert "ranks worse than nearest_normal (-" in words(summary)


def test_a_test_and_an_interval_that_disagree_show_nothing(tmp_path: Path) -> None:
    # A perfect ranking is known by no more than its exact bound, whatever the exchanges say.
    arm(tmp_path, "no_phys", {1: noisy(2.0, 1)})
    perfect = [(name, kind, 9.0 * (kind == "stuck"), text) for name, kind, _, text in noisy(0, 1)]
    arm(tmp_path, "multi_turn", {1: perfect})
    summary = read_summary(tmp_path)
    found = difference(summary, "multi_turn")
    assert found.macro.low is not None
    assert found.macro.low < 0
    assert found.holm is not None
    assert found.holm < 0.001
    assert "Test and interval disagree on multi_turn and no_phys" in words(summary)
    assert "ranks better than no_phys" not in words(summary)


def test_history_generated_is_held_against_history_given(tmp_path: Path) -> None:
    full_study(tmp_path)
    summary = read_summary(tmp_path)
    found = difference(summary, "single_turn, history generated", "single_turn")
    assert found.macro.high is not None
    assert found.macro.high < 0
    assert "single_turn ranks better than single_turn, history generated" in words(summary)


def test_losses_the_gradient_share_and_the_cost_are_means_over_seeds(tmp_path: Path) -> None:
    full_study(tmp_path)
    found = {one.arm: one for one in read_summary(tmp_path).trained}["multi_turn"]
    assert found.losses == {"verdict": pytest.approx(0.15)}
    assert found.validation == {"verdict": pytest.approx(1.15)}
    assert found.share_first == 0.5
    assert found.share_last == pytest.approx(0.3)
    assert found.share_mean == pytest.approx(0.4)
    assert (found.steps, found.batch, found.seconds, found.finished) == (100, 8, 90, 2)
    assert found.tokens == 2500


def test_arms_that_were_trained_for_longer_are_told(tmp_path: Path) -> None:
    for name, steps in (("no_phys", 100), ("multi_turn", 200)):
        arm(tmp_path, name, {1: drawn(1.0, name)})
        run(tmp_path, name, 1, log(0.1, 0.1), results={"steps": steps})
    said = read_summary(tmp_path).warnings
    assert any(
        "not trained for as long: no_phys 100 steps of 8, multi_turn 200" in line for line in said
    )


@pytest.mark.parametrize("bases", ["bb", "bc"])
def test_arms_of_another_base_are_told_by_their_runs(tmp_path: Path, bases: str) -> None:
    for name, base in zip(("no_phys", "multi_turn"), bases, strict=True):
        # Each run kept weights of its own, and was asked with these.
        arm(tmp_path, name, {1: drawn(1.0, name)}, base_fingerprint=f"{name:*<64}")
        run(tmp_path, name, 1, log(0.1, 0.1), base_fingerprint=base * 64)
    told = any("tuned from the same base" in line for line in read_summary(tmp_path).warnings)
    assert told == (bases == "bc")


def test_a_run_that_did_not_make_the_predictions_is_left_out(tmp_path: Path) -> None:
    arm(tmp_path, "multi_turn", {1: drawn(1.0, 1)})
    run(tmp_path, "multi_turn", 1, log(0.1, 0.1), fingerprint="e" * 64)
    summary = read_summary(tmp_path)
    assert summary.trained == ()
    assert any("predicted by another run" in line for line in summary.missing)


def test_auroc_by_severity_is_that_of_each_range_against_all_normal_videos(tmp_path: Path) -> None:
    rows: list[Row] = []
    for category in CATEGORIES[:2]:
        rows += [(category, "normal", float(place % 2), NO) for place in range(20)]
        # The slight half scores as normal ones do, the grave half above all.
        rows += [(category, "stuck", float(place % 2), NO) for place in range(10)]
        rows += [(category, "stuck", 5.0, YES) for place in range(10)]
    arm(tmp_path, "multi_turn", {1: rows})
    severities(tmp_path, rows, lambda place: 0.1 if place % 40 < 30 else 0.9)
    (found,) = summarise(tmp_path).severity
    values = {span: one.value for span, one in found.spans.items()}
    assert values["0 to 0.25"] == 0.5
    assert list(values.values())[-1] == 1.0
    assert sum(found.anomalous.values()) == 40
    assert "By severity" in (tmp_path / "ablation.md").read_text(encoding="utf-8")


def test_further_arms_stand_in_the_order_of_the_plan(tmp_path: Path) -> None:
    for name in ("b_shuffled", "a_wrong", "no_phys", "multi_turn"):
        arm(tmp_path, name, {1: drawn(1.0, name)})
    names = ["no_phys", "multi_turn", "a_wrong", "b_shuffled"]
    assert [one.name for one in read_summary(tmp_path).rows] == names
    plan = tmp_path / "study.json"
    plan.write_text(json.dumps({"arms": [{"name": "b_shuffled"}, "a_wrong"]}), encoding="utf-8")
    assert [one.name for one in read_summary(tmp_path).rows] == [
        *names[:2],
        "b_shuffled",
        "a_wrong",
    ]
    plan.write_text("{", encoding="utf-8")
    assert [one.name for one in read_summary(tmp_path).rows] == names


def test_explanation_scores_have_a_column_where_every_seed_has_them(tmp_path: Path) -> None:
    rows = drawn(2.0, 1)
    arm(tmp_path, "no_phys", {1: rows, 2: rows})
    arm(tmp_path, "multi_turn", {1: rows, 2: rows})
    for name, seed, value in (("multi_turn", 1, 0.5), ("multi_turn", 2, 0.7), ("no_phys", 1, 0.9)):
        put_sbert(tmp_path / f"test/{name}/seed-{seed}.jsonl", value)
    summary = summarise(tmp_path)
    found = {row.name: row.explained for row in summary.rows}
    assert found["no_phys"] == {}
    assert found["multi_turn"]["SBERT"].seeds == {"1": pytest.approx(0.5), "2": pytest.approx(0.7)}
    assert found["multi_turn"]["SBERT"].mean.value == pytest.approx(0.6)
    head = next(
        line for line in (tmp_path / "ablation.md").read_text().splitlines() if "| arm |" in line
    )
    assert head.endswith("| SBERT |")


# What is written


def test_the_summary_on_disk_is_the_one_that_is_returned(tmp_path: Path) -> None:
    full_study(tmp_path)
    summary = summarise(tmp_path)
    assert Summary.model_validate_json((tmp_path / "summary.json").read_bytes()) == summary
    assert next(iter(summary.made_from)) == "test/baselines/motion_energy.jsonl"
    assert str(tmp_path) not in (tmp_path / "summary.json").read_text(encoding="utf-8")


def test_the_page_has_the_tables_the_figure_and_the_papers_averages(tmp_path: Path) -> None:
    full_study(tmp_path)
    summarise(tmp_path)
    page = (tmp_path / "ablation.md").read_text(encoding="utf-8")
    for title in (
        "What can be concluded",
        "Arms",
        "Paired on videos",
        "By category",
        "Does it collapse, or only its threshold?",
        "By severity",
        "Losses at the end, and the verdict's share of the gradient",
        "Cost of one training",
    ):
        assert f"\n## {title}\n" in page
    assert "](ablation.svg)" in page
    assert "no_phys 0.925, single_turn 0.787, multi_turn 0.967" in page
    for name in CATEGORIES:
        assert f"\n| {name} | 40 |" in page


def test_the_figure_is_wide_enough_to_read_and_carries_no_date(tmp_path: Path) -> None:
    from PIL import Image

    full_study(tmp_path)
    summarise(tmp_path)
    with Image.open(tmp_path / "ablation.png") as picture:
        assert picture.width == 1400
        assert picture.height > 800
    assert "dc:date" not in (tmp_path / "ablation.svg").read_text(encoding="utf-8")


def test_a_terminal_is_told_the_arms_the_words_and_the_warnings(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    print_summary(summarise(three_arms(tmp_path, multi=2.5, single=1.0, none=1.0, seeds=1)))
    said = capsys.readouterr().out
    assert "multi_turn − no_phys" in said
    assert "multi_turn ranks better than no_phys" in said
    assert "One seed alone" in said
    tables = said.split("The paper claims")[0].splitlines()
    assert max(map(len, tables)) <= 110

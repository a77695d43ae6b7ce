"""The curves of a training as shapes, and its tables."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import pytest
from run_folders import LOG, killed, run_folder, trained, validated

from physprior.eval.report.training import (
    Series,
    TrainingChart,
    TrainingRun,
    read_training,
    training_charts,
    training_tables,
)
from physprior.eval.report.training.axis import axis_of, steps_axis
from physprior.eval.report.training.chart import thinned, written
from physprior.eval.report.training.tables import training_table, validation_table


def run_of(
    series: Mapping[str, tuple[list[int], list[float]]], kept: int | None = 20
) -> TrainingRun:
    made = {name: Series(tuple(steps), tuple(values)) for name, (steps, values) in series.items()}
    return TrainingRun(Path("runs/mine"), "finished", made, kept, "", ())


def charts(run: TrainingRun) -> dict[str, TrainingChart]:
    return {chart.title: chart for chart in training_charts(run)}


def places(points: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in (one.split(",") for one in points.split())]


def test_a_run_has_a_chart_for_each_question_that_its_log_answers(tmp_path: Path) -> None:
    assert list(charts(read_training(run_folder(tmp_path / "mine")))) == [
        "Loss by part",
        "Validation loss by part",
        "Validation AUROC",
        "Learning rate",
    ]


def test_a_run_without_a_log_has_no_chart(tmp_path: Path) -> None:
    assert training_charts(read_training(killed(tmp_path / "mine", ""))) == ()


def test_a_line_goes_through_its_values_at_their_steps() -> None:
    chart = charts(run_of({"learning_rate": ([0, 25, 100], [0.0, 2.0, 1.0])}))["Learning rate"]
    assert places(chart.lines[0].points) == [(0, 100), (25, 0), (100, 50)]


def test_loss_stands_by_decades_where_it_spans_them() -> None:
    chart = charts(run_of({"loss/verdict": ([0, 50, 100], [10.0, 1.0, 0.1])}))["Loss by part"]
    assert places(chart.lines[0].points) == [(0, 0), (50, 50), (100, 100)]
    assert [tick.text for tick in chart.up] == ["0.1", "1", "10"]
    assert "logarithmic" in chart.note


def test_loss_stands_linear_where_it_hardly_moves() -> None:
    chart = charts(run_of({"loss/verdict": ([0, 50, 100], [3.0, 2.0, 1.0])}))["Loss by part"]
    assert places(chart.lines[0].points) == [(0, 0), (50, 50), (100, 100)]
    assert "logarithmic" not in chart.note


def test_a_loss_of_zero_stands_at_the_foot_of_decades_and_it_is_said() -> None:
    chart = charts(run_of({"loss/verdict": ([0, 50, 100], [10.0, 0.1, 0.0])}))["Loss by part"]
    assert places(chart.lines[0].points)[-1] == (100, 100)
    assert "What is 0 stands at its foot." in chart.note


def test_the_verdict_is_the_first_line_for_it_alone_depends_on_the_video() -> None:
    both = {f"loss/{part}": ([0, 9], [1.0, 0.5]) for part in ("component", "motion", "verdict")}
    chart = charts(run_of(both))["Loss by part"]
    assert [line.name for line in chart.lines] == ["verdict", "component", "motion"]


def test_the_kept_step_is_marked_in_every_chart(tmp_path: Path) -> None:
    for chart in training_charts(read_training(run_folder(tmp_path / "mine"))):
        assert (chart.kept, chart.kept_said) == (50, "step 20 is kept")


def test_charts_of_one_run_have_the_same_steps_below_them(tmp_path: Path) -> None:
    found = training_charts(read_training(run_folder(tmp_path / "mine")))
    assert len({chart.across for chart in found}) == 1


def test_a_kept_step_beyond_the_log_is_not_marked() -> None:
    chart = charts(run_of({"loss/verdict": ([0, 9], [2.0, 1.0])}, kept=500))["Loss by part"]
    assert (chart.kept, chart.kept_said) == (None, "")


def test_the_macro_auroc_comes_first_with_its_standard_error(tmp_path: Path) -> None:
    chart = charts(read_training(run_folder(tmp_path / "mine")))["Validation AUROC"]
    assert [line.name for line in chart.lines] == ["macro average", "ball", "clip"]
    # 0.90 and 0.80, each 0.05 to both sides, on an axis from 0.5 to 1.
    ends = [(span.low, span.high) for span in chart.spreads]
    assert ends == [(30.0, 10.0), (50.0, 30.0)]


def test_an_error_that_reaches_beyond_1_ends_at_1() -> None:
    series = {"val/auroc": ([9], [0.99]), "val/auroc_error": ([9], [0.2])}
    (span,) = charts(run_of(series))["Validation AUROC"].spreads
    assert span.high == 0


def test_of_many_categories_those_that_ended_lowest_have_lines_and_it_is_said() -> None:
    many = {f"val/auroc/c{one:02d}": ([9], [one / 40]) for one in range(40)}
    chart = charts(run_of({**many, "val/auroc": ([9], [0.5])}))["Validation AUROC"]
    assert [line.name for line in chart.lines][1:] == [f"c{one:02d}" for one in range(6)]
    assert "Of 40 categories the 6 that ended lowest" in chart.note


def test_a_single_validation_is_a_dot() -> None:
    chart = charts(run_of({"val/auroc": ([100], [0.75])}))["Validation AUROC"]
    assert chart.lines[0].dots == ((100.0, 50.0),)


def test_a_chart_says_in_words_what_it_shows() -> None:
    chart = charts(run_of({"loss/verdict": ([0, 100], [10.0, 0.5])}))["Loss by part"]
    assert chart.described == "Loss by part from step 0 to 100: verdict from 10.0 to 0.5000"


def test_a_training_of_a_hundred_thousand_steps_stays_a_small_chart() -> None:
    steps = list(range(0, 100_000, 5))
    values = [5 * math.exp(-step / 2e4) + 0.3 * math.sin(step) ** 2 for step in steps]
    chart = charts(run_of({"loss/verdict": (steps, values)}))["Loss by part"]
    assert len(chart.lines[0].points) < 4000


def test_thinning_keeps_peaks_and_both_ends() -> None:
    values = [1.0] * 5000
    values[1234], values[4321] = 9.0, -3.0
    made = thinned(Series(tuple(range(5000)), tuple(values)))
    assert {(0, 1.0), (1234, 9.0), (4321, -3.0), (4999, 1.0)} <= {
        *zip(made.steps, made.values, strict=True)
    }
    assert made.steps == tuple(sorted(set(made.steps)))


@pytest.mark.parametrize(
    "values",
    [
        [0.0],
        [0.0, 0.0],
        [-5.0, -5.0],
        [1e300, -1e300],
        [5e-324, 1.0],
        [1e308, 1.7e308],
        [-1.0, 1e6],
        [0.0, 1e-300],
        [1e-9, 1.0000001e-9],
    ],
)
def test_any_finite_values_have_places_on_the_square(values: list[float]) -> None:
    axis = axis_of(values)
    assert all(0 <= axis.place(value) <= 100 for value in values)
    assert all(0 <= tick.at <= 100 for tick in axis.ticks)
    assert len(axis.ticks) < 12


@pytest.mark.parametrize("last", [1, 2, 3, 7, 10, 589, 12_345, 10**9])
def test_steps_have_round_ticks_that_do_not_repeat(last: int) -> None:
    texts = [tick.text for tick in steps_axis([last]).ticks]
    assert texts[0] == "0"
    assert 2 <= len(texts) <= 6
    assert len(set(texts)) == len(texts)


def test_ticks_of_one_axis_are_written_alike() -> None:
    assert [tick.text for tick in axis_of([0.5, 1.0], log=False).ticks] == [
        *("0.5", "0.6", "0.7", "0.8", "0.9", "1.0")
    ]


@pytest.mark.parametrize(
    ("value", "said"),
    [(0.0, "0.0000"), (0.5, "0.5000"), (0.00225, "0.00225"), (2e-5, "2.0e-05"), (123.4, "123.4")],
)
def test_a_value_is_written_with_digits_that_can_be_read(value: float, said: str) -> None:
    assert written(value) == said


# Tables


def test_the_table_by_part_has_first_last_and_the_validation_of_the_kept_step(
    tmp_path: Path,
) -> None:
    log = [*LOG, validated(60, 0.9, 0.7, **{"val/loss/verdict": 9.0})]
    table = training_table(read_training(run_folder(tmp_path / "mine", log)))
    assert dict(zip(table.heads, table.rows[-1], strict=True)) == {
        "part": "verdict",
        "loss at first": "8.0000",
        "loss at last": "0.5000",
        "accuracy at last": "50.0%",
        "validation loss": "1.0000",
        "validation accuracy": "75.0%",
    }
    assert "step 20, the kept one" in table.notes[0]


def test_the_validation_table_sets_the_kept_step_beside_the_best(tmp_path: Path) -> None:
    table = validation_table(read_training(run_folder(tmp_path / "mine")))
    assert table.rows == (
        ("ball", "1.000", "1.000", "20", "1.000", "0.900"),
        ("clip", "0.800", "0.800", "20", "0.800", "0.700"),
        ("macro average", "0.900", "0.900", "20", "0.900", "0.800"),
    )
    assert table.apart == 1


def test_the_validation_table_says_that_it_flatters(tmp_path: Path) -> None:
    table = validation_table(read_training(run_folder(tmp_path / "mine")))
    assert any("flatters" in note for note in table.notes)


def test_a_killed_run_has_no_kept_column_to_believe_in(tmp_path: Path) -> None:
    table = validation_table(read_training(killed(tmp_path / "mine")))
    assert [row[table.heads.index("kept")] for row in table.rows] == ["n/a"] * 3
    assert any("nothing is kept yet" in note for note in table.notes)


def test_tables_without_rows_are_left_out(tmp_path: Path) -> None:
    assert training_tables(read_training(killed(tmp_path / "mine", ""))) == []
    only = read_training(killed(tmp_path / "other", [trained(1, 2.0)]))
    assert [table.title for table in training_tables(only)] == [f"Training by part: {only.folder}"]

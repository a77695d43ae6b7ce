"""What a run folder tells of its training: whole, killed, torn, damaged, or no run at all."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from run_folders import LOG, RECORD, RUN, killed, run_folder, trained, validated

from physprior.errors import CheckpointError
from physprior.eval.predictions import Predictions
from physprior.eval.report.training import TrainingRun, find_run, is_run, read_training


def facts(run: TrainingRun) -> dict[str, str]:
    return dict(run.facts)


def test_a_finished_run_tells_its_curves_what_it_kept_and_lacks_nothing(tmp_path: Path) -> None:
    run = read_training(run_folder(tmp_path / "mine"))
    assert (run.state, run.kept_step, run.missing) == ("finished", 20, ())
    assert run.kept_why == "best val/auroc 0.9000"
    assert run.series["loss/verdict"].steps == (1, 10, 20, 30, 40)
    assert run.series["loss/verdict"].values == (8.0, 4.0, 2.0, 1.0, 0.5)
    assert run.series["val/auroc/clip"].values == (0.8, 0.7)


def test_the_facts_say_what_was_trained_on_what_and_what_it_took(tmp_path: Path) -> None:
    said = facts(read_training(run_folder(tmp_path / "mine")))
    assert said["tuned"].endswith("50 of 1,000 parameters (5.00%)")
    assert said["base"] == "models/base (bbbbbbbbbbbb)"
    assert said["learned from"] == "80 videos, 1 skipped"
    assert said["steps"] == "40, 2 epochs"
    assert said["machine"] == "cpu, 2 threads"
    assert said["time"] == "6 min 10 s"
    assert "peak memory of the device" not in said


def test_a_run_that_ended_early_says_how_many_steps_were_planned(tmp_path: Path) -> None:
    results = {**RECORD["results"], "steps": 30}
    run = read_training(run_folder(tmp_path / "mine", LOG[:5], results=results))
    assert facts(run)["steps"] == "30 of 40, 2 epochs planned: ended early (patience)"


# Killed


def test_a_killed_run_says_how_far_it_came_and_how_to_go_on(tmp_path: Path) -> None:
    run = read_training(killed(tmp_path / "mine", LOG[:5]))
    assert run.state == "stopped at step 30 of 40"
    assert run.kept_step is None
    assert any("the same 'physprior train' goes on" in line for line in run.missing)
    assert run.series["loss"].steps == (1, 10, 20, 30)


def test_a_run_that_was_killed_at_once_has_no_curve_and_says_so(tmp_path: Path) -> None:
    run = read_training(killed(tmp_path / "mine", ""))
    assert run.state == "stopped before its first step was logged"
    assert run.series == {}
    assert any("no step yet" in line for line in run.missing)


def test_half_a_line_at_the_end_is_left_out(tmp_path: Path) -> None:
    text = "".join(json.dumps(line) + "\n" for line in LOG[:3]) + '{"step": 30, "lo'
    run = read_training(killed(tmp_path / "mine", text))
    assert run.series["loss"].steps == (1, 10, 20)
    assert not any("cannot be read" in line for line in run.missing)


def test_half_a_line_that_is_whole_json_by_chance_is_left_out_too(tmp_path: Path) -> None:
    text = json.dumps(trained(10, 4.0)) + "\n" + '{"step": 20, "loss": 2}'
    run = read_training(killed(tmp_path / "mine", text))
    assert run.series["loss"].steps == (10,)


def test_of_steps_that_were_done_twice_the_later_ones_count(tmp_path: Path) -> None:
    stretch = [trained(30, 7.0), trained(40, 6.0)]
    run = read_training(run_folder(tmp_path / "mine", [*LOG[:3], *stretch, trained(30, 1.0)]))
    assert run.series["loss"].steps == (1, 10, 20, 30)
    assert run.series["loss"].last == 1.0


def test_what_a_killed_stretch_logged_at_other_steps_is_gone_with_it(tmp_path: Path) -> None:
    # log_every may be another after a kill: 35 was never reached by the weights that came of it.
    log = [*LOG[:3], trained(35, 9.0), trained(25, 1.5), trained(30, 1.0)]
    run = read_training(run_folder(tmp_path / "mine", log))
    assert run.series["loss"].steps == (1, 10, 20, 25, 30)


def test_several_lines_of_one_step_are_all_kept(tmp_path: Path) -> None:
    log = [{"step": 20, "gradient/share": 0.4}, trained(20, 2.0), validated(20, 1.0, 0.8)]
    run = read_training(run_folder(tmp_path / "mine", log))
    assert {"gradient/share", "loss", "val/auroc"} <= run.series.keys()


# Damaged


@pytest.mark.parametrize(
    "line",
    [
        "not json",
        "[1, 2]",
        "null",
        '{"loss": 1.0}',
        '{"step": -1}',
        '{"step": "2"}',
        '{"step": true}',
        '{"step": 1.5}',
        "[" * 10_000,
        "\xff",
    ],
)
def test_a_damaged_line_costs_no_other_and_is_named(tmp_path: Path, line: str) -> None:
    folder = run_folder(tmp_path / "mine", "")
    good = json.dumps(trained(10, 4.0)).encode()
    after = json.dumps(trained(20, 2.0)).encode()
    lines = [good, line.encode("latin-1"), after, b""]
    (folder / "log.jsonl").write_bytes(b"\n".join(lines))
    run = read_training(folder)
    assert run.series["loss"].values == (4.0, 2.0)
    assert f"{folder}/log.jsonl: line 2 cannot be read, and is left out" in run.missing


def test_many_damaged_lines_are_counted_not_listed(tmp_path: Path) -> None:
    run = read_training(run_folder(tmp_path / "mine", "x\n" * 50))
    assert any("lines 1, 2, 3 and 47 more cannot be read" in line for line in run.missing)


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_a_loss_that_is_no_number_is_in_no_curve_and_is_said(tmp_path: Path, value: str) -> None:
    text = json.dumps(trained(10, 4.0)) + "\n" + f'{{"step": 20, "loss": {value}}}\n'
    run = read_training(killed(tmp_path / "mine", text))
    assert run.series["loss"].values == (4.0,)
    assert any("loss is no finite number at step 20" in line for line in run.missing)


@pytest.mark.parametrize("value", ["true", '"0.5"', "null", "[0.5]", "1" * 400])
def test_what_is_no_measure_is_no_curve(tmp_path: Path, value: str) -> None:
    text = f'{{"step": 10, "odd": {value}, "loss": 1}}\n'
    run = read_training(run_folder(tmp_path / "mine", text))
    assert set(run.series) == {"loss"}


def test_a_run_without_its_log_still_tells_its_facts(tmp_path: Path) -> None:
    folder = run_folder(tmp_path / "mine")
    (folder / "log.jsonl").unlink()
    run = read_training(folder)
    assert (run.state, run.series) == ("finished", {})
    assert facts(run)["steps"] == "40, 2 epochs"
    assert any("log.jsonl is not there" in line for line in run.missing)


def test_a_lost_recipe_is_said(tmp_path: Path) -> None:
    run = read_training(run_folder(tmp_path / "mine", with_recipe=False))
    assert any("recipe.yaml is not there" in line for line in run.missing)


def test_a_training_without_validation_says_why_there_is_no_auroc(tmp_path: Path) -> None:
    run = read_training(run_folder(tmp_path / "killed", LOG[:3]))
    assert any("has no validation:" in line for line in run.missing)
    recipe = {**RECORD["recipe"], "validate_every": 0}
    run = read_training(run_folder(tmp_path / "without", LOG[:3], recipe=recipe))
    assert any("has no validation (validate_every: 0):" in line for line in run.missing)


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "null", "3", '"x"', "[" * 100_000, '{"a": 1} trailing']
)
def test_a_damaged_record_is_an_error_that_names_the_file(tmp_path: Path, content: str) -> None:
    folder = run_folder(tmp_path / "mine")
    (folder / "run.json").write_text(content, encoding="utf-8")
    with pytest.raises(CheckpointError, match=r"mine/run\.json"):
        read_training(folder)


@pytest.mark.parametrize("name", ["nowhere", "empty", "file"])
def test_what_is_no_run_folder_is_an_error_that_says_what_one_is(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("")
    with pytest.raises(CheckpointError, match="is no run folder") as caught:
        read_training(tmp_path / name)
    assert "physprior train" in caught.value.remedy
    assert not is_run(tmp_path / name)


@pytest.mark.parametrize("value", [None, 7, "x", [], {}, True, [[]], {"a": {}}])
@pytest.mark.parametrize("field", sorted(RECORD))
def test_a_field_that_is_not_what_it_should_be_costs_no_other(
    tmp_path: Path, field: str, value: Any
) -> None:
    run = read_training(run_folder(tmp_path / "mine", **{field: value}))
    assert run.series["loss"].last == 0.5
    assert all(isinstance(said, str) for fact in run.facts for said in fact)


def test_a_record_of_another_form_is_read_as_far_as_it_goes_and_said(tmp_path: Path) -> None:
    run = read_training(run_folder(tmp_path / "mine", format=2, new_field=1))
    assert facts(run)["steps"] == "40, 2 epochs"
    assert any("format 2" in line for line in run.missing)


def test_what_a_record_says_stays_on_its_line_and_within_bounds(tmp_path: Path) -> None:
    run = read_training(run_folder(tmp_path / "mine", base="a\n\x1b[31m" + "x" * 10_000))
    said = facts(run)["base"]
    assert "\x1b" not in said
    assert "\n" not in said
    assert len(said) < 400


def test_names_and_reasons_that_break_lines_or_utf8_are_escaped(tmp_path: Path) -> None:
    results = {**RECORD["results"], "kept": {"step": 20, "why": "a\nb\ud800"}}
    line = {"step": 10, "loss/\ud800\n": 1.0, "x" * 5000: 1.0}
    run = read_training(run_folder(tmp_path / "mine", [line], results=results, format="\ud800"))
    said = [run.kept_why, *run.missing, *run.series]
    assert all(one.isprintable() and len(one) < 500 for one in said)


def test_reading_a_training_needs_no_torch(tmp_path: Path) -> None:
    import subprocess

    folder = run_folder(tmp_path / "mine")
    code = (
        "import sys; from pathlib import Path;"
        "from physprior.eval.report.training import read_training, training_charts;"
        f"training_charts(read_training(Path({str(folder)!r})));"
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# The run of a predictions file


def test_the_run_is_found_where_the_header_names_it(read: Any, tmp_path: Path) -> None:
    folder = run_folder(tmp_path / "elsewhere" / "mine")
    predictions = _predictions(read, str(folder))
    assert find_run(predictions) == folder


def test_a_name_that_was_typed_elsewhere_is_looked_for_above_the_predictions(
    read: Any, tmp_path: Path
) -> None:
    folder = run_folder(tmp_path / "runs" / "mine")
    assert find_run(_predictions(read, "runs/mine")) == folder


def test_a_run_that_was_trained_anew_since_is_not_taken(read: Any, tmp_path: Path) -> None:
    run_folder(tmp_path / "runs" / "mine", fingerprint="0" * 64)
    assert find_run(_predictions(read, "runs/mine")) is None


@pytest.mark.parametrize("model", ["gone", "", "a\0b", "x" * 5000])
def test_a_name_that_leads_nowhere_is_no_error(read: Any, model: str) -> None:
    assert find_run(_predictions(read, model)) is None


def test_a_bare_checkpoint_has_no_run(read: Any, tmp_path: Path) -> None:
    run_folder(tmp_path / "runs" / "mine")
    assert find_run(_predictions(read, "runs/mine", run_fingerprint=None)) is None


def _predictions(read: Any, model: str, **header: Any) -> Predictions:
    fields = {"model": model, "run_fingerprint": RUN, **header}
    made = read([("clip", "normal", 0.0, None)], **fields)
    assert isinstance(made, Predictions)
    return made


def test_what_a_killed_stretch_logged_beyond_its_checkpoint_is_forgotten(tmp_path: Path) -> None:
    log = [trained(10, 4.0), trained(11, 9.0), trained(12, 9.0), trained(10, 3.0)]
    series = read_training(killed(tmp_path / "mine", log)).series["loss/verdict"]
    assert (series.steps, series.values) == ((10,), (3.0,))


def test_an_epoch_that_was_logged_a_hair_too_small_adds_no_step(tmp_path: Path) -> None:
    # 21 / 0.7 is a hair more than 30.
    recipe = {**RECORD["recipe"], "epochs": 1.0}
    run = read_training(killed(tmp_path / "mine", [trained(21, 1.0, epoch=0.7)], recipe=recipe))
    assert run.state == "stopped at step 21 of 30"

"""``physprior score`` as a person starts it."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from physprior.cli.main import app
from physprior.errors import PredictionError
from physprior.eval.predictions import read_predictions
from physprior.eval.report import Report, evaluate
from physprior.eval.report.exports.markdown import markdown_report
from physprior.eval.scoring import score as score_file
from physprior.eval.thresholds import read_thresholds
from physprior.verdict import render

WriteFile = Callable[..., Path]


def rows(shift: float = 2.0, seed: int = 0, categories: tuple[str, ...] = ("clip", "fan")) -> Any:
    draw = random.Random(seed)
    return [
        (
            category,
            kind,
            draw.gauss(shift * (kind != "normal"), 1.0),
            render(kind != "normal", "So."),
        )
        for category in categories
        for kind in ["normal"] * 10 + ["stuck"] * 10
    ]


@pytest.fixture
def file(write_file: WriteFile) -> Path:
    return write_file(rows(), "test.jsonl")


def score(*words: object) -> Result:
    return CliRunner().invoke(app, ["score", *map(str, words)])


def scored(*words: object) -> Result:
    outcome = score(*words)
    assert outcome.exit_code == 0, outcome.output
    return outcome


def test_the_table_has_a_row_a_category_and_the_two_averages(file: Path) -> None:
    lines = scored(file).stdout.splitlines()
    assert lines[0].split() == ["category", "videos", "AUROC", "verdict", "AUROC"]
    assert [line.split("  ")[0] for line in lines[2:7]] == [
        "clip",
        "fan",
        "-------------",
        "macro average",
        "pooled",
    ]


@pytest.mark.parametrize("count", [0, 1, 4])
def test_the_output_is_no_wider_than_a_terminal(
    write_file: WriteFile, file: Path, count: int
) -> None:
    others = [
        write_file(rows(seed=seed), f"{seed}.jsonl", model=f"runs/quite-a-long-name-{seed}")
        for seed in range(1, count + 1)
    ]
    outcome = scored(file, *(word for other in others for word in ("--beside", other)))
    for other in others:
        assert f"AUROC {Path(read_predictions(other).header.model).name}" in outcome.stdout
    lines = outcome.stdout.splitlines()
    assert all(len(line) < 100 for line in lines if not line.startswith("report: "))


def test_unparsed_and_skipped_have_a_column_where_there_are_any(write_file: WriteFile) -> None:
    more = [("clip", "stuck", 1.0, "no idea"), ("clip", "stuck", None, None)]
    outcome = scored(write_file([*rows(), *more]))
    assert outcome.stdout.splitlines()[0].split()[-2:] == ["unparsed", "skipped"]
    assert "what the unparsed answers could change: macro verdict AUROC from 0.9" in outcome.stdout
    assert "skipped 1 video" in outcome.stderr


def test_what_has_no_prediction_has_a_remedy_of_its_source(write_file: WriteFile) -> None:
    own = write_file(rows(), total=1000)
    assert "have no prediction yet: run 'predict' again" in scored(own).stderr
    another = write_file(rows(), total=1000, source="import", mode=None, sampling=None)
    said = scored(another).stderr
    assert "have no prediction: the imported table left them out" in said
    assert "run 'predict'" not in said


def test_the_reason_of_a_skipped_video_cannot_command_a_terminal(
    write_file: WriteFile, tmp_path: Path
) -> None:
    path = write_file([*rows(), ("clip", "stuck", None, None)])
    path.write_text(path.read_text().replace("empty file", "empty\\u001b[2J\\nfile"))
    assert "0.mp4: empty\\x1b[2J\\x0afile\n" in re.sub(r"\d\.mp4", "0.mp4", scored(path).stderr)


def test_what_is_printed_as_json_is_written_where_it_is_asked_for(
    file: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "there" / "deep"
    outcome = scored(file, "--json", "-o", folder)
    assert json.loads(outcome.stdout) == json.loads((folder / "scores.json").read_text())
    assert f"scores: {folder / 'scores.json'}\n" in outcome.stderr


def test_the_files_of_a_report_are_not_replaced_unasked(file: Path, tmp_path: Path) -> None:
    (tmp_path / "scores.json").write_text("a report's")
    scored(file)
    assert (tmp_path / "scores.json").read_text() == "a report's"


def test_all_says_nothing_twice(file: Path) -> None:
    said = [line for line in scored(file, "--all").stdout.splitlines() if line.endswith(".")]
    assert len(said) == len(set(said))


def test_all_prints_every_table(file: Path) -> None:
    said = scored(file, "--all").stdout
    for title in ("By category", "By anomaly type", "At the threshold", "Calibration"):
        assert f"{title}\n\n" in said


def test_json_holds_the_numbers_as_they_are(file: Path) -> None:
    outcome = scored(file, "--json")
    found = json.loads(outcome.stdout)
    expected = score_file(read_predictions(file))
    assert found["macro"]["auroc"]["value"] == expected.macro["auroc"].value
    assert [one["category"] for one in found["categories"]] == ["clip", "fan"]
    span = expected.categories[0].measures["auroc"].interval
    assert span is not None
    assert found["categories"][0]["measures"]["auroc"]["interval"]["low"] == span.low


def test_json_has_null_and_no_nan_where_a_number_has_no_meaning(write_file: WriteFile) -> None:
    alone = write_file([("clip", "normal", 0.0, None)])
    found = json.loads(scored(alone, "--json").stdout, parse_constant=pytest.fail)
    assert found["macro"]["auroc"]["value"] is None
    assert found["macro_verdict_bounds"] is None


def test_json_holds_runs_beside_and_controls(write_file: WriteFile, file: Path) -> None:
    other = write_file(rows(0.5), "other.jsonl", model="runs/other", run_fingerprint="other")
    write_file(rows(0.0), "test.control-blank.jsonl", control="blank")
    found = json.loads(scored(file, "--beside", other, "--json").stdout)
    assert [run["name"] for run in found["beside"]] == ["other"]
    assert [run["control"] for run in found["controls"]] == ["blank"]
    assert found["controls"][0]["auroc"]["macro average"]["value"] is not None


@pytest.fixture
def validation(write_file: WriteFile) -> Path:
    made = write_file(rows(seed=7), "val.jsonl", split="val", split_hash="v" * 64)
    made.write_text(made.read_text(encoding="utf-8").replace("/test/", "/val/"), encoding="utf-8")
    return made


@pytest.mark.parametrize(("options", "rule"), [((), "youden"), (("--rule", "fpr=0.1"), "fpr=0.1")])
def test_thresholds_chosen_on_validation_are_named_and_kept(
    file: Path, validation: Path, tmp_path: Path, options: tuple[str, ...], rule: str
) -> None:
    outcome = scored(file, "--validation", validation, *options, "-o", tmp_path / "r")
    assert f"Thresholds: chosen for each category by the rule {rule} on 40 videos" in outcome.stdout
    kept = read_thresholds(tmp_path / "r" / "thresholds.json")
    assert (kept.rule, set(kept.values)) == (rule, {"clip", "fan"})


def test_kept_thresholds_give_the_same_figures_again(
    file: Path, validation: Path, tmp_path: Path
) -> None:
    one = scored(file, "--validation", validation, "--json").stdout
    other = scored(file, "--thresholds", tmp_path / "thresholds.json", "--json").stdout
    assert one == other


def test_thresholds_beside_the_predictions_are_taken_unless_others_are_named(
    file: Path, validation: Path
) -> None:
    chosen = json.loads(scored(file, "--validation", validation, "--json").stdout)
    assert json.loads(scored(file, "--json").stdout) == chosen
    other = scored(file, "--validation", validation, "--rule", "zero", "--json").stdout
    assert json.loads(other)["thresholds"]["rule"] == "zero"


def test_thresholds_beside_the_predictions_of_another_model_are_left_out_and_named(
    file: Path, validation: Path, write_file: WriteFile, tmp_path: Path
) -> None:
    scored(file, "--validation", validation)
    other = write_file(rows(), "other.jsonl", model="runs/other", run_fingerprint="o" * 64)
    outcome = scored(other)
    assert "(rule zero)" in outcome.stdout
    assert f"left out: {tmp_path / 'thresholds.json'}: the thresholds do not" in outcome.stderr


def test_damaged_thresholds_beside_the_predictions_are_left_out_and_named(
    file: Path, tmp_path: Path
) -> None:
    (tmp_path / "thresholds.json").write_text("{}")
    outcome = scored(file)
    assert "(rule zero)" in outcome.stdout
    assert f"left out: {tmp_path / 'thresholds.json'}" in outcome.stderr


def test_one_threshold_for_all_categories(file: Path, validation: Path) -> None:
    found = json.loads(scored(file, "--validation", validation, "--per", "global", "--json").stdout)
    assert len({one["threshold"] for one in found["categories"]}) == 1


def test_without_validation_the_threshold_is_zero_and_none_is_kept(
    file: Path, tmp_path: Path
) -> None:
    assert "Threshold: a score above log-odds 0 is anomalous (rule zero)." in scored(file).stdout
    assert not (tmp_path / "thresholds.json").exists()


def test_thresholds_are_never_chosen_on_what_is_scored(file: Path) -> None:
    refused = score(file, "--validation", file)
    assert isinstance(refused.exception, PredictionError)


@pytest.mark.parametrize("options", [("--rule", "f1"), ("--per", "global")])
def test_a_rule_without_validation_is_refused(file: Path, options: tuple[str, str]) -> None:
    refused = score(file, *options)
    assert refused.exit_code == 2
    assert "needs --validation" in refused.stderr


def test_two_sources_of_thresholds_are_refused(file: Path, validation: Path) -> None:
    refused = score(file, "--validation", validation, "--thresholds", "t.json")
    assert refused.exit_code == 2


def test_nothing_is_written_where_something_is_refused(
    file: Path, validation: Path, tmp_path: Path
) -> None:
    words = ("--validation", validation, "--beside", tmp_path / "none.jsonl", "-o", tmp_path / "r")
    assert isinstance(score(file, *words).exception, PredictionError)
    assert not (tmp_path / "r").exists()


def test_a_stale_control_is_left_out_and_said(write_file: WriteFile, file: Path) -> None:
    write_file(rows(0.0), "test.control-blank.jsonl", control="blank", run_fingerprint="old")
    outcome = scored(file)
    assert "left out: " in outcome.stderr
    assert "blank (" not in outcome.stdout


def test_a_control_s_own_figures_are_said_to_be_a_control_s(write_file: WriteFile) -> None:
    outcome = scored(write_file(rows(), "c.jsonl", control="shuffled"))
    assert "these are the figures of the control shuffled, not the model's own" in outcome.stdout


def test_a_header_whose_provenance_was_edited_is_scored_all_the_same(
    write_file: WriteFile,
) -> None:
    path = write_file(rows(), provenance={"versions": "mine"})
    scored(path)
    assert "- physprior: unknown" in markdown_report(Report(evaluate(read_predictions(path))))

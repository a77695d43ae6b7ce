"""``eval paeval`` and ``eval import --paeval``: tables, results, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from explained import SOUND, put_llm_score, put_paeval
from typer.testing import CliRunner, Result

from physprior.cli.main import app
from physprior.errors import JudgeError
from physprior.eval.predictions import Prediction, Predictions
from physprior.eval.published import read_table

FAULTY = "Verdict: Anomalous. Reason: The gas has left the ball."
ROWS = [
    ("ball", "normal", -2.0, SOUND),
    ("ball", "normal", 1.0, FAULTY),
    ("ball", "leak", 2.0, FAULTY),
    ("ball", "unfull", -1.0, SOUND),
    ("clip", "normal", -2.0, SOUND),
    ("clip", "unable_to_press", 2.0, FAULTY),
]
RAW = {
    "ball": {
        "descrip": {"anomaly_free": ["0.4", "0.5"], "leak": ["0.1", "n/a"]},
        "explain": {"anomaly_free": ["0.4", "0.85 out of 1."], "leak": ["0.1", "0.2"]},
    },
    "clip": {
        "descrip": {"norm": ["0.6"], "unable_press": ["0.2"]},
        "explain": {"norm": ["0.5"], "unable_press": ["10%"]},
    },
}


def call(*words: object) -> Result:
    return CliRunner().invoke(app, ["eval", *map(str, words)])


def marks(line: Prediction, task: str) -> float:
    """Explanations are good where the verdict is right; descriptions where nothing is wrong."""
    if task == "description":
        return 0.25 if line.label else 0.75
    return 0.8 if line.text == (FAULTY if line.label else SOUND) else 0.2


@pytest.fixture
def judged(read: Callable[..., Predictions]) -> Predictions:
    """Predictions that a judge was asked about."""
    predictions = read(ROWS)
    put_paeval(predictions, marks)
    return predictions


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    path = tmp_path / "theirs.json"
    path.write_text(json.dumps(RAW))
    return path


def rows_of(output: str) -> dict[str, list[str]]:
    """The rows of all tables by their first cell; of equal ones the first."""
    found: dict[str, list[str]] = {}
    for line in output.splitlines():
        name, _, cells = line.strip().partition("  ")
        found.setdefault(name, [cell.strip() for cell in cells.split("  ") if cell.strip()])
    return found


# Predictions


def test_the_three_numbers_stand_by_category_and_on_average(judged: Predictions) -> None:
    said = json.loads(call("paeval", judged.path, "--json").stdout)
    ball, clip = (said["description"]["categories"][name]["all"] for name in ("ball", "clip"))
    assert (ball["value"], ball["n"]) == (0.5, 4)
    assert said["description"]["macro"]["all"]["value"] == (ball["value"] + clip["value"]) / 2
    assert said["classification"]["categories"]["clip"]["auroc"]["value"] == 1
    assert said["classification"]["macro"]["verdict_auroc"]["value"] == 0.75


def test_they_stand_by_right_and_wrong_verdict_and_for_anomalous_videos_too(
    judged: Predictions,
) -> None:
    said = json.loads(call("paeval", judged.path, "--json").stdout)
    groups = said["explanation"]["categories"]["ball"]
    values = {name: (one["value"], one["n"]) for name, one in groups.items()}
    assert values == {
        "all": (0.5, 4),
        "right": (0.8, 2),
        "wrong": (0.2, 2),
        "anomalous": (0.5, 2),
    }
    assert said["explanation"]["categories"]["clip"]["wrong"]["value"] is None


def test_a_model_that_calls_everything_normal_is_seen_at_a_glance(
    read: Callable[..., Predictions],
) -> None:
    predictions = read([(*row[:2], -1.0, SOUND) for row in ROWS])
    put_paeval(predictions, marks)
    said = call("paeval", predictions.path).stdout
    assert "The model says Normal to all 6 videos, 3 of them wrongly" in said
    rows = rows_of(said)
    assert rows["ball"][0].startswith("0.500")
    assert rows["all videos"][3].startswith("0.500")
    assert rows["wrong verdict"][3].startswith("0.200")
    assert rows["anomalous only"][3].startswith("0.200")
    assert rows["earned"][1].startswith("0.000")


def test_the_published_rows_stand_beside_marked_as_such(judged: Predictions) -> None:
    rows = rows_of(call("paeval", judged.path).stdout)
    for row in read_table("phys-ad-5").rows.values():
        assert rows[f"{row.printed} (published)"] == [*row.numbers]
    assert rows["runs/mine"] == ["0.875", "0.500", "0.650"]


def test_a_task_that_was_not_judged_has_no_figures(read: Callable[..., Predictions]) -> None:
    predictions = read(ROWS)
    put_paeval(predictions, marks, tasks=["explanation"])
    said = call("paeval", predictions.path)
    assert json.loads(call("paeval", predictions.path, "--json").stdout)["description"] is None
    assert rows_of(said.stdout)["runs/mine"] == ["0.875", "n/a", "0.650"]
    assert "unscored" not in said.stderr


def test_a_video_that_was_not_judged_is_listed_with_the_reason(
    read: Callable[..., Predictions],
) -> None:
    predictions = read(ROWS)
    path = put_paeval(predictions, marks)
    # The last video's explanation was not reached, and it has no description.
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-2]))
    last = predictions.predictions[-1].id
    assert call("paeval", predictions.path).stderr.splitlines() == [
        "2 not judged yet: run 'physprior eval judge' again",
        "unscored 2, in no mean:",
        f"  {last} (description): no description",
        f"  {last} (explanation): not judged yet",
    ]


def test_the_result_can_be_kept_and_made_again(judged: Predictions, tmp_path: Path) -> None:
    out = tmp_path / "results" / "paeval.json"
    assert call("paeval", judged.path, "-o", out).stdout.endswith(f"result: {out}\n")
    kept = out.read_bytes()
    assert call("paeval", judged.path, "-o", out).exit_code == 0
    assert out.read_bytes() == kept
    assert json.loads(kept)["judge"]["header"]["model"] == "small-judge"


def test_replies_of_another_place_can_be_named(judged: Predictions) -> None:
    expected = call("paeval", judged.path, "--json").stdout
    (found,) = judged.path.parent.glob("*.judge-paeval.jsonl")
    elsewhere = found.rename(found.with_name("elsewhere.jsonl"))
    assert isinstance(call("paeval", judged.path).exception, JudgeError)
    said = call("paeval", judged.path, "--replies", elsewhere, "--json").stdout
    assert said == expected.replace(str(found), str(elsewhere))


def test_without_replies_the_command_that_asks_is_named(read: Callable[..., Predictions]) -> None:
    error = call("paeval", read(ROWS).path).exception
    assert isinstance(error, JudgeError)
    assert "--profile paeval" in error.remedy


def test_replies_about_other_predictions_are_refused(
    judged: Predictions, read: Callable[..., Predictions]
) -> None:
    read([*ROWS[1:], ROWS[0]])
    error = call("paeval", judged.path).exception
    assert isinstance(error, JudgeError)
    assert "is of other predictions" in error.message


def test_replies_by_another_profile_are_refused(read: Callable[..., Predictions]) -> None:
    predictions = read(ROWS)
    error = call(
        "paeval", predictions.path, "--replies", put_llm_score(predictions, lambda line: (4, 4))
    ).exception
    assert isinstance(error, JudgeError)
    assert "by the profile llm-score" in error.message


# A raw output


def test_a_raw_output_needs_no_dataset_and_is_summed_up(raw: Path) -> None:
    said = json.loads(call("import", raw, "--paeval", "--json").stdout)
    assert said["name"] == "theirs"
    assert said["explanation"]["categories"]["clip"]["all"]["value"] == pytest.approx(0.3)
    assert said["description"]["macro"]["all"]["value"] == pytest.approx((1 / 3 + 0.4) / 2)
    assert said["classification"] is None


def test_unread_replies_are_counted_by_category_and_listed_with_their_text(raw: Path) -> None:
    said = call("import", raw, "--paeval")
    heads, _, ball, clip = said.stdout.splitlines()[:4]
    assert heads.split() == [
        "category",
        *["n", "description", "unread"],
        *["n", "explanation", "unread"],
    ]
    assert ball.split()[1] == "3"
    assert ball.split()[5] == "1"
    assert clip.split()[5] == "0"
    assert "replies: 12, 3 of them no bare number (2 read all the same); unscored: 1" in said.stdout
    assert said.stderr.splitlines() == [
        "unscored 1, in no mean:",
        "  $.ball.descrip.leak[1] (description): no number: 'n/a'",
    ]


def test_a_raw_output_without_any_number_is_refused(raw: Path) -> None:
    raw.write_text(json.dumps({"ball": {"explain": {"leak": ["?", None]}}}))
    error = call("import", raw, "--paeval").exception
    assert isinstance(error, JudgeError)
    assert "$.ball.explain.leak[0], is no number" in error.message


def test_what_was_read_of_each_reply_that_is_no_bare_number_is_kept(
    raw: Path, tmp_path: Path
) -> None:
    call("import", raw, "--paeval", "-o", tmp_path / "out.json")
    kept = json.loads((tmp_path / "out.json").read_text())["raw"]["not_bare"]
    assert [(one["said"], one["value"]) for one in kept] == [
        ("n/a", None),
        ("0.85 out of 1.", 0.85),
        ("10%", 0.1),
    ]


def test_the_list_of_what_is_unread_ends_after_twenty(raw: Path) -> None:
    raw.write_text(json.dumps({"ball": {"explain": {"leak": ["?"] * 30 + ["0.5"]}}}))
    assert call("import", raw, "--paeval").stderr.splitlines()[21:] == [
        "  and 10 more; --json has all of them",
        "theirs.json: $: has no description",
    ]


def test_a_reply_cannot_break_the_terminal_or_the_result(raw: Path, tmp_path: Path) -> None:
    raw.write_text(json.dumps({"ball": {"explain": {"leak": ["\x1b[31m\ud800" * 99, "1"]}}}))
    said = call("import", raw, "--paeval", "-o", tmp_path / "out.json")
    assert said.exit_code == 0
    assert "\x1b" not in said.output
    assert len(said.stderr.splitlines()[1]) < 600


def test_every_line_fits_a_terminal(
    judged: Predictions, raw: Path, tmp_path: Path, kb: Any
) -> None:
    raw.write_text(json.dumps({name: RAW["ball"] | {"x": {}} for name in kb.categories}))
    said = (
        call("import", raw, "--paeval", "--skip-unknown").stdout
        + call("paeval", judged.path).stdout
    )
    lines = [line for line in said.splitlines() if str(tmp_path) not in line]
    assert max(map(len, lines)) <= 98


def test_a_file_of_something_else_is_not_replaced(raw: Path, judged: Predictions) -> None:
    before = raw.read_bytes()
    for words in (("import", raw, "--paeval", "-o", raw), ("paeval", judged.path, "-o", raw)):
        error = call(*words).exception
        assert isinstance(error, JudgeError)
        assert "is no earlier result of PAEval" in error.message
    assert raw.read_bytes() == before


# Misuse


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--paeval", "--split", "val"], "--split: it has no meaning with --paeval"),
        (["--paeval", "--allow-missing"], "--allow-missing: it has no meaning with --paeval"),
        (["folder", "--paeval"], "DATASET: it has no meaning with --paeval"),
        (
            ["folder", "--name", "x", "-o", "y", "--json"],
            "--json: it has a meaning with --paeval",
        ),
        ([], "DATASET: name the dataset that was predicted, or say --paeval"),
        (["folder", "-o", "y"], "--name: say what tables shall call the method"),
        (["folder", "--name", "x"], "-o: name the predictions file to write"),
    ],
)
def test_options_of_the_other_kind_of_import_are_misuse(
    raw: Path, words: list[str], said: str
) -> None:
    result = call("import", raw, *words)
    assert result.exit_code == 2
    assert said in result.stderr.replace("Invalid value for ", "")

"""Controls beside a model: found by their names, held to be the same model's, and read in words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from physprior.errors import PredictionError
from physprior.eval.predictions import read_predictions
from physprior.eval.report import Evaluation, evaluate, tables

WriteFile = Callable[..., Path]
MODEL = [*range(20), *range(15, 35)]
"""Scores of twenty normal and twenty anomalous clips: the model ranks most of them rightly."""
CHANCE = [*range(20), *range(20)]


@pytest.fixture
def write(write_file: WriteFile) -> Callable[..., Path]:
    """Writes forty clips, with a score each; ``control`` gives the file its conventional name."""

    def call(scores: list[int], control: str | None = None, **header: Any) -> Path:
        kinds = ["normal"] * 20 + ["unable_press"] * 20
        rows = [
            ("clip", kind, float(score), None) for kind, score in zip(kinds, scores, strict=True)
        ]
        name = f"test.control-{control.replace('_', '-')}.jsonl" if control else "test.jsonl"
        return write_file(rows, header.pop("name", name), control=control, **header)

    return call


def evaluation_of(path: Path, *controls: Path) -> Evaluation:
    return evaluate(read_predictions(path), controls=controls)


def reading(evaluation: Evaluation) -> str:
    (control,) = evaluation.controls
    return control.reading


def test_controls_beside_the_predictions_are_found_in_their_order(
    write: Callable[..., Path],
) -> None:
    for control in ("wrong_prior", "shuffled", "blank", "first_frame"):
        write(CHANCE, control)
    found = evaluation_of(write(MODEL)).controls
    assert [run.name for run in found] == ["blank", "first_frame", "shuffled", "wrong_prior"]


def test_a_control_that_is_named_may_lie_anywhere_and_replaces_the_one_beside(
    write: Callable[..., Path],
) -> None:
    write(MODEL, "blank")
    named = write(CHANCE, "blank", name="elsewhere.jsonl")
    (control,) = evaluation_of(write(MODEL), named).controls
    assert control.predictions.path == named


def test_what_a_control_leaves_stands_in_a_column_beside_the_model(
    write: Callable[..., Path],
) -> None:
    write(CHANCE, "shuffled")
    evaluation = evaluation_of(write(MODEL))
    table = next(one for one in tables(evaluation) if one.title == "Controls")
    assert table.heads == ("category", "AUROC", "shuffled")
    assert [row[0] for row in table.rows] == ["clip", "macro average"]
    assert all(row[1].startswith("0.969 [") and row[2].startswith("0.500 [") for row in table.rows)
    assert len(table.notes) == 1


@pytest.mark.parametrize(
    ("control", "seen"),
    [
        ("first_frame", "the first picture is not all that it uses"),
        ("shuffled", "it uses the order of the pictures, as a detector of motion must"),
        ("wrong_prior", "it depends on being told the prior that it learned"),
    ],
)
def test_a_loss_is_read_as_what_the_model_uses(
    write: Callable[..., Path], control: str, seen: str
) -> None:
    write(CHANCE, control)
    said = reading(evaluation_of(write(MODEL)))
    assert said.startswith("macro AUROC 0.500 [")
    assert "Lost: 0.469 [" in said
    assert said.endswith(f"{seen}.")


@pytest.mark.parametrize(
    ("control", "doubt"),
    [
        ("first_frame", "nothing here shows that it sees motion"),
        ("shuffled", "a detector of motion must lose without order"),
        ("wrong_prior", "it may not use what the prior says"),
    ],
)
def test_no_loss_is_read_as_doubt(write: Callable[..., Path], control: str, doubt: str) -> None:
    write(MODEL, control)
    said = reading(evaluation_of(write(MODEL)))
    assert "No loss could be seen" in said
    assert doubt in said


def test_a_gain_is_said(write: Callable[..., Path]) -> None:
    write([*range(20), *range(20, 40)], "shuffled")
    said = reading(evaluation_of(write([*range(20), *range(6, 26)])))
    assert "Gained: 0." in said


def test_a_blank_video_must_rank_like_chance(write: Callable[..., Path]) -> None:
    write([0] * 40, "blank")
    assert "About 0.5, as it must be" in reading(evaluation_of(write(MODEL)))


def test_a_blank_video_that_still_ranks_is_a_leak(write: Callable[..., Path]) -> None:
    write([*range(20), *range(10, 30)], "blank")
    assert "Not 0.5, though there was nothing to see" in reading(evaluation_of(write(MODEL)))


def test_a_few_blank_videos_are_said_to_show_little(write: Callable[..., Path]) -> None:
    write(CHANCE, "blank")
    assert "so few videos would not have shown a leak of 0.1" in reading(
        evaluation_of(write(MODEL))
    )


def test_a_model_at_chance_has_nothing_to_lose(write: Callable[..., Path]) -> None:
    write(CHANCE, "shuffled")
    assert "nothing that it could lose" in reading(evaluation_of(write(CHANCE)))


def test_whose_prior_came_in_whose_place_is_said(write: Callable[..., Path]) -> None:
    write(CHANCE, "wrong_prior", wrong_priors={"clip": "fan"})
    table = next(one for one in tables(evaluation_of(write(MODEL))) if one.title == "Controls")
    assert table.notes[-1] == "Priors: clip with that of fan."


OTHERS: list[dict[str, Any]] = [
    {"run_fingerprint": "another"},
    {"base_fingerprint": "another"},
    {"split_hash": "another"},
    {"mode": "no_phys"},
    {"history": "generated"},
    {"sampling": {"frames": 4}},
]


@pytest.mark.parametrize("header", OTHERS)
def test_another_model_s_control_is_refused_where_it_is_named(
    write: Callable[..., Path], header: dict[str, Any]
) -> None:
    control = write(CHANCE, "blank", **header)
    with pytest.raises(PredictionError):
        evaluation_of(write(MODEL), control)


@pytest.mark.parametrize("header", OTHERS)
def test_another_model_s_control_that_lies_there_is_left_out_and_said(
    write: Callable[..., Path], header: dict[str, Any]
) -> None:
    control = write(CHANCE, "blank", **header)
    evaluation = evaluation_of(write(MODEL))
    assert evaluation.controls == ()
    assert str(control) in evaluation.unfit_controls[0]


def test_a_file_under_a_control_s_name_that_is_none_is_left_out_and_said(
    write: Callable[..., Path],
) -> None:
    write(CHANCE, name="test.control-blank.jsonl")
    write(CHANCE, "shuffled", name="test.control-first-frame.jsonl")
    evaluation = evaluation_of(write(MODEL))
    assert evaluation.controls == ()
    assert "holds no control" in evaluation.unfit_controls[0]
    assert "holds the control shuffled, not first_frame" in evaluation.unfit_controls[1]


def test_a_damaged_control_is_left_out_and_said(write: Callable[..., Path]) -> None:
    write(CHANCE, "blank").write_text("no predictions\n", encoding="utf-8")
    (said,) = evaluation_of(write(MODEL)).unfit_controls
    assert "test.control-blank.jsonl:1: " in said


def test_one_control_cannot_be_named_twice(write: Callable[..., Path]) -> None:
    files = [write(CHANCE, "blank", name=name) for name in ("a.jsonl", "b.jsonl")]
    with pytest.raises(PredictionError, match="are both the control blank"):
        evaluation_of(write(MODEL), *files)


def test_predictions_without_a_control_are_refused_as_one(write: Callable[..., Path]) -> None:
    other = write(CHANCE, name="other.jsonl")
    with pytest.raises(PredictionError, match="holds no control"):
        evaluation_of(write(MODEL), other)

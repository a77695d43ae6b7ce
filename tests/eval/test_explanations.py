from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from explained import degenerate, put_llm_score, put_paeval, put_sbert

from physprior.eval.explanations.evaluation import load_explanations
from physprior.eval.predictions import Predictions
from physprior.eval.report.explained_words import accounts, readings

Read = Callable[..., Predictions]


@pytest.fixture
def predictions(read: Read) -> Predictions:
    return read(degenerate(("ball",), normal=2))


def test_without_a_file_beside_the_predictions_there_is_nothing(predictions: Predictions) -> None:
    assert load_explanations(predictions) is None


def test_sbert_and_judges_are_found_beside_the_predictions(predictions: Predictions) -> None:
    put_sbert(predictions)
    put_llm_score(predictions)
    put_paeval(predictions, lambda line, task: 0.5)

    found = load_explanations(predictions)

    assert found is not None
    assert found.sbert is not None
    assert [one.profile for one in found.judged] == ["llm-score", "paeval"]
    assert found.unfit == ()


def test_the_means_are_those_of_the_files(predictions: Predictions) -> None:
    put_sbert(predictions)
    put_llm_score(predictions)

    found = load_explanations(predictions)

    assert found is not None
    assert found.sbert is not None
    assert found.sbert.best.categories["ball"]["wrong"].value == pytest.approx(0.3)
    assert found.sbert.mean.categories["ball"]["wrong"].value == pytest.approx(0.15)
    task = found.judged[0].task("explanation")
    assert task is not None
    assert task.score.categories["ball"]["wrong"].value == pytest.approx(0.25)
    assert task.aspects["anomaly_type"].categories["ball"]["wrong"].value == 0.0
    assert task.aspects["logic"].categories["ball"]["wrong"].value == pytest.approx(0.5)


def test_paevals_tasks_are_told_apart(predictions: Predictions) -> None:
    put_paeval(predictions, lambda line, task: 0.25 if task == "description" else 0.75)

    found = load_explanations(predictions)

    assert found is not None
    judge = found.judge("paeval")
    assert judge is not None
    assert [(task.task, task.score.macro["all"].value) for task in judge.tasks] == [
        ("description", 0.25),
        ("explanation", 0.75),
    ]


def test_scores_of_other_predictions_are_left_out_by_name(
    read: Read, predictions: Predictions
) -> None:
    sbert, judged = put_sbert(predictions), put_llm_score(predictions)

    changed = read(degenerate(("ball",), normal=3))
    found = load_explanations(changed)

    assert changed.path == predictions.path
    assert found is not None
    assert found.sbert is None
    assert found.judged == ()
    assert [line.split(" is of")[0] for line in found.unfit] == [str(sbert), str(judged)]
    assert "eval sbert" in found.unfit[0]
    assert "eval judge --profile llm-score" in found.unfit[1]


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b'{"format": "other"}\n'])
def test_a_damaged_file_is_left_out_with_its_reason(
    predictions: Predictions, content: bytes
) -> None:
    paths = [put_sbert(predictions), put_llm_score(predictions)]
    for path in paths:
        path.write_bytes(content)

    found = load_explanations(predictions)

    assert found is not None
    assert found.sbert is None
    assert found.judged == ()
    for path, reason in zip(paths, found.unfit, strict=True):
        assert str(path) in reason


def test_a_damaged_file_costs_no_other(predictions: Predictions) -> None:
    put_sbert(predictions).write_text("{", encoding="utf-8")
    put_llm_score(predictions)

    found = load_explanations(predictions)

    assert found is not None
    assert len(found.judged) == 1
    assert len(found.unfit) == 1


def test_a_folder_in_the_place_of_a_file_is_no_file(predictions: Predictions) -> None:
    (predictions.path.parent / f"{predictions.path.stem}.sbert.json").mkdir()

    assert load_explanations(predictions) is None


def test_unscored_answers_keep_their_reasons(predictions: Predictions) -> None:
    first, second, third = (line.id for line in predictions.predictions[:3])
    put_sbert(predictions, unscored={first: "no reference"})
    put_llm_score(
        predictions,
        unasked={first: "no reference"},
        failed={second: "timed out"},
        replies={(third, 1): "I would say 4 of 4."},
    )

    found = load_explanations(predictions)

    assert found is not None
    assert found.sbert is not None
    assert found.sbert.unscored == ((first, "no reference"),)
    assert found.sbert.best.unscored == 1
    task = found.judged[0].task("explanation")
    assert task is not None
    assert task.score.unscored == 3
    assert [(name, bool(reason)) for name, reason in task.unscored] == [
        (first, True),
        (second, True),
        (third, True),
    ]


def test_a_mark_that_failed_once_of_three_times_is_a_mark(predictions: Predictions) -> None:
    first = predictions.predictions[0].id
    put_llm_score(predictions, repeats=3, replies={(first, 2): "no idea"})

    found = load_explanations(predictions)

    assert found is not None
    task = found.judged[0].task("explanation")
    assert task is not None
    assert task.score.unscored == 0
    assert task.unscored == ()
    assert [name for name, _ in task.fewer] == [first]
    assert accounts(found)[0].startswith("LLM score: 1 video with fewer marks than repeats")


def test_a_mark_that_failed_each_time_is_one_video_without_a_mark(
    predictions: Predictions,
) -> None:
    first = predictions.predictions[0].id
    put_llm_score(predictions, repeats=3, failed={first: "timed out"})

    found = load_explanations(predictions)

    assert found is not None
    task = found.judged[0].task("explanation")
    assert task is not None
    assert task.unscored == ((first, "timed out"),)
    assert task.score.unscored == 1
    assert task.fewer == ()
    assert accounts(found)[0].endswith("(12.5%) videos are unscored: timed out 1")


@pytest.mark.parametrize("put", [put_sbert, put_llm_score])
def test_scores_of_a_video_that_is_not_there_are_left_out(
    predictions: Predictions, put: Callable[[Predictions], Path]
) -> None:
    path, first = put(predictions), predictions.predictions[0].id
    path.write_text(path.read_text(encoding="utf-8").replace(f'"{first}"', '"elsewhere"'))

    found = load_explanations(predictions)

    assert found is not None
    assert (found.sbert, found.judged) == (None, ())
    assert "an unknown video elsewhere" in found.unfit[0]


def test_sbert_scores_that_leave_a_video_out_are_left_out(predictions: Predictions) -> None:
    path, first = put_sbert(predictions), predictions.predictions[0].id
    said = json.loads(path.read_text(encoding="utf-8"))
    del said["scores"][first]
    path.write_text(json.dumps(said), encoding="utf-8")

    found = load_explanations(predictions)

    assert found is not None
    assert found.sbert is None
    assert f"no score for the video {first}" in found.unfit[0]


def test_repeats_that_differ_lower_the_agreement(predictions: Predictions) -> None:
    first = predictions.predictions[0].id
    other = '{"reasoning": "Again.", "anomaly_type": 0, "logic": 0}'
    put_llm_score(predictions, repeats=2, replies={(first, 2): other})

    found = load_explanations(predictions)

    assert found is not None
    task = found.judged[0].task("explanation")
    assert task is not None
    assert (task.agreement.n, task.agreement.exact) == (8, 7 / 8)
    assert task.agreement.difference == pytest.approx(1 / 8)


def test_copies_are_shares_of_what_is_scored(predictions: Predictions) -> None:
    ids = [line.id for line in predictions.predictions]
    put_sbert(
        predictions, copied=lambda line: line.id in ids[:3], unscored={ids[0]: "no reference"}
    )

    found = load_explanations(predictions)

    assert found is not None
    assert found.sbert is not None
    copied = found.sbert.copied["ball"]
    assert (copied.value, copied.n) == (2 / 7, 7)


@pytest.mark.parametrize(("copies", "said"), [(3, False), (4, True)])
def test_copies_are_spoken_of_from_the_half_on(
    predictions: Predictions, copies: int, said: bool
) -> None:
    ids = [line.id for line in predictions.predictions][:copies]
    put_sbert(predictions, copied=lambda line: line.id in ids)

    found = load_explanations(predictions)

    assert found is not None
    assert any(f"{copies} of 8" in line and "taught" in line for line in readings(found)) == said

"""What fails, in which order, and what the numbers beside the sentences say of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from suggest_material import own_kb, said, suggested

from physprior.eval.predictions import Predictions, read_predictions
from physprior.eval.suggest import Suggestion
from physprior.eval.thresholds import fixed
from physprior.knowledge.load import KnowledgeBase
from physprior.verdict import render

Read = Callable[..., Predictions]
Rows = list[tuple[str, str, float | None, str | None]]
PRESS, REBOUND = "unable_to_press", "unable_to_rebound"
SOUND, JAMS = render(False, "It works."), render(True, "It jams.")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A KB of two categories, which is read sooner than the shipped one."""
    made = own_kb(tmp_path_factory.mktemp("suggest") / "kb")
    return own_kb(made, category="fan")


def rows_of(class_id: str, *said_of: tuple[int, float, str], category: str = "clip") -> Rows:
    """So many videos of a class with a score and a text, one group after the other."""
    return [(category, class_id, score, text) for n, score, text in said_of for _ in range(n)]


def kinds(found: tuple[Suggestion, ...]) -> list[tuple[str, str, int]]:
    return [(one.class_id, one.kind, one.failures) for one in found]


def says(one: Suggestion, words: str) -> bool:
    return any(words in line for line in one.advice)


def test_a_model_without_failure_is_suggested_nothing(
    folder: Path, read: Read, kb: KnowledgeBase
) -> None:
    rows = rows_of("normal", (5, -1.0, said(kb, "normal"))) + rows_of(
        PRESS, (5, 1, said(kb, PRESS))
    )
    assert suggested(read(rows), folder) == ()


def test_a_right_verdict_with_an_unknown_reason_is_no_failure(folder: Path, read: Read) -> None:
    assert (
        suggested(read(rows_of("normal", (5, -1, SOUND)) + rows_of(PRESS, (5, 1, JAMS))), folder)
        == ()
    )


def test_the_surest_failures_stand_first_and_few_last(folder: Path, read: Read) -> None:
    rows = rows_of("normal", (40, -1.0, SOUND))
    rows += rows_of(PRESS, (25, -1.0, SOUND), (16, 1.0, JAMS))
    rows += rows_of(REBOUND, (4, -1.0, SOUND))
    rows += rows_of("normal", (8, 1.0, JAMS), (40, -1.0, SOUND), category="fan")
    assert kinds(suggested(read(rows), folder)) == [
        (PRESS, "missed", 25),
        ("normal", "false alarm", 8),
        (REBOUND, "missed", 4),
    ]


def test_a_wrong_reason_of_a_right_verdict_weighs_half_of_a_wrong_verdict(
    folder: Path, read: Read, kb: KnowledgeBase
) -> None:
    rows = rows_of("normal", (20, -1.0, said(kb, "normal")))
    rows += rows_of(PRESS, (12, 1.0, said(kb, REBOUND)), (8, 1.0, said(kb, PRESS)))
    rows += rows_of(REBOUND, (9, -1.0, said(kb, "normal")), (11, 1.0, said(kb, REBOUND)))
    assert kinds(suggested(read(rows), folder)) == [
        (REBOUND, "missed", 9),
        (PRESS, "wrong reason", 12),
    ]


def test_three_failures_of_four_are_no_trend_and_it_says_so(folder: Path, read: Read) -> None:
    rows = rows_of("normal", (9, -1.0, SOUND)) + rows_of(PRESS, (3, -1.0, SOUND), (1, 1.0, JAMS))
    (one,) = suggested(read(rows), folder)
    assert "75% (30 to 95%)" in one.summary
    assert "no trend" in one.summary
    assert "Begin at" not in one.summary


def test_unparsed_words_are_a_failure_where_nothing_but_words_decides(
    folder: Path, read: Read
) -> None:
    rows = rows_of(PRESS, (6, 1.0, "Well."), (2, 1.0, JAMS)) + rows_of("normal", (8, 0, SOUND))
    found = suggested(read(rows, source="import"), folder)
    assert kinds(found) == [(PRESS, "missed", 6)]
    assert "6 of 8 videos of unable_to_press have no readable verdict: 75%" in found[0].summary


def test_what_is_not_decided_is_not_said_to_be_called_anything(
    folder: Path, write_file: Any
) -> None:
    path = write_file(rows_of(PRESS, (6, -1.0, JAMS)) + rows_of("normal", (6, -1.0, SOUND)))
    path.write_text(path.read_text().replace('"score":-1.0', '"score":null', 2))
    found = suggested(read_predictions(path), folder, thresholds=fixed(0.0))
    assert "6 of 6 videos of unable_to_press are called normal or have no score (2)" in (
        found[0].summary
    )


def test_another_method_s_scores_without_words_or_threshold_decide_nothing(
    folder: Path, read: Read
) -> None:
    file = read([("clip", PRESS, 0.1, None), ("clip", "normal", 0.2, None)] * 6, source="import")
    assert suggested(file, folder) == ()


def test_the_videos_to_watch_are_the_most_confident_failures(folder: Path, read: Read) -> None:
    rows: Rows = [("clip", "normal", -1.0, SOUND)] * 3
    rows += [("clip", PRESS, -float(score), SOUND) for score in range(1, 9)]
    (one,) = suggested(read(rows), folder)
    numbers = [int(name[-4:]) for name in one.videos]
    assert numbers == [10, 9, 8, 7, 6]


def test_a_good_ranking_at_a_bad_threshold_is_said_to_be_the_threshold(
    folder: Path, read: Read
) -> None:
    rows: Rows = [("clip", "normal", -1.0 - at / 100, SOUND) for at in range(40)]
    rows += [("clip", PRESS, at / 10, JAMS) for at in range(40)]
    (one,) = suggested(read(rows), folder, thresholds=fixed(3.0))
    assert (one.kind, one.failures) == ("missed", 31)
    assert "Move the threshold" in one.summary
    assert says(one, "lies high")
    assert says(one, "in 31 of 31 the words are right")


def test_a_threshold_that_fails_both_classes_alike_is_not_to_blame(
    folder: Path, read: Read
) -> None:
    rows = rows_of("normal", (5, 1.0, SOUND), (35, -1.0, SOUND))
    rows += rows_of(PRESS, (5, -1.0, JAMS), (35, 1.0, JAMS))
    assert not any(says(one, "the threshold 0") for one in suggested(read(rows), folder))


def test_scores_at_chance_send_the_engineer_to_the_videos(folder: Path, read: Read) -> None:
    rows: Rows = [("clip", "normal", (-1.0) ** at * at, SOUND) for at in range(40)]
    rows += [("clip", PRESS, (-1.0) ** at * at, SOUND) for at in range(40)]
    found = suggested(read(rows), folder)
    assert all("Watch the videos first" in one.summary for one in found)
    assert all(says(one, "not surely above chance") for one in found)


def test_misses_of_the_slight_ones_are_said_to_be_so(folder: Path, read: Read) -> None:
    file = read(
        rows_of("normal", (20, -1.0, SOUND)) + rows_of(PRESS, (10, -1.0, SOUND), (10, 1.0, JAMS))
    )
    anomalous = [line.id for line in file.predictions if line.label]
    slight = {name: 0.05 + at / 20 for at, name in enumerate(anomalous)}
    alike = {name: 0.05 + at % 10 / 20 for at, name in enumerate(anomalous)}
    assert says(suggested(file, folder, severities=slight)[0], "the misses are the slight ones")
    assert not says(suggested(file, folder, severities=alike)[0], "slight")
    assert not says(suggested(file, folder)[0], "slight")


def on_objects(file: Predictions, names: Callable[[int], str]) -> Predictions:
    lines = tuple(
        line.model_copy(update={"instance": names(at)}) for at, line in enumerate(file.predictions)
    )
    return dataclasses.replace(file, predictions=lines)


def test_one_object_that_fails_more_often_than_the_others_is_named(
    folder: Path, read: Read
) -> None:
    file = read(
        rows_of("normal", (10, 1.0, JAMS), (30, -1.0, SOUND)) + rows_of(PRESS, (20, 1.0, JAMS))
    )
    (one,) = suggested(on_objects(file, lambda at: "clip-7" if at < 12 else "clip-1"), folder)
    assert says(one, "10 of them are of the object clip-7")
    assert "the one object" in one.summary
    (alike,) = suggested(on_objects(file, lambda at: f"clip-{at % 2}"), folder)
    assert not says(alike, "of the object")


def test_an_onset_partway_is_said_where_few_frames_are_seen(folder: Path, read: Read) -> None:
    rows = rows_of("normal", (8, -1.0, SOUND), category="fan")
    rows += rows_of("stuck", (8, -1.0, SOUND), category="fan")
    rows += rows_of("uneven", (8, -1.0, SOUND), category="fan")
    found = {one.class_id: one for one in suggested(read(rows), folder)}
    assert says(found["stuck"], "it begins partway")
    assert not says(found["uneven"], "it begins partway")
    many = suggested(read(rows, sampling={"frames": 32}), folder)
    assert not any(says(one, "it begins partway") for one in many)


def control(write_file: Any, name: str, score: Callable[[int], float]) -> None:
    rows = [
        ("clip", class_id, score(at), None)
        for at, class_id in enumerate(["normal"] * 30 + [PRESS] * 30)
    ]
    path = f"a.control-{name.replace('_', '-')}.jsonl"
    priors = {"clip": "fan"} if name == "wrong_prior" else {}
    write_file(rows, path, control=name, wrong_priors=priors)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("wrong_prior", "with the prior of fan in the place of its own no loss can be seen"),
        ("first_frame", "with the first picture alone no loss can be seen"),
        ("shuffled", "with the pictures in another order no loss can be seen"),
    ],
)
def test_a_control_that_loses_nothing_is_told_and_one_that_loses_is_not(
    folder: Path, write_file: Any, name: str, words: str
) -> None:
    def score(at: int) -> float:
        return (at >= 30) * 1.0 + at % 10 / 5 - 1

    rows = [
        ("clip", class_id, score(at), None)
        for at, class_id in enumerate(["normal"] * 30 + [PRESS] * 30)
    ]
    own = write_file(rows, "a.jsonl")
    control(write_file, name, score)
    kept = suggested(read_predictions(own), folder)
    assert all(says(one, words) for one in kept if one.kind == "missed")
    assert any(one.kind == "missed" for one in kept)
    control(write_file, name, lambda at: at * 7 % 11 - 5)
    assert not any(says(one, words) for one in suggested(read_predictions(own), folder))


def test_a_model_that_loses_by_the_order_of_the_pictures_is_not_told_to_ignore_motion(
    folder: Path, write_file: Any
) -> None:
    def score(at: int) -> float:
        return (at >= 30) * 1.0 + at % 10 / 5 - 1

    rows = [
        ("clip", class_id, score(at), None)
        for at, class_id in enumerate(["normal"] * 30 + [PRESS] * 30)
    ]
    own = write_file(rows, "a.jsonl")
    control(write_file, "first_frame", score)
    control(write_file, "shuffled", lambda at: at * 7 % 11 - 5)
    found = suggested(read_predictions(own), folder)
    assert found
    assert not any(says(one, "may not look at motion") for one in found)


def test_a_prior_that_is_not_used_is_no_place_to_begin(write_file: Any, tmp_path: Path) -> None:
    def score(at: int) -> float:
        return (at >= 30) * 1.0 + at % 10 / 5 - 1

    rows = [
        ("clip", class_id, score(at), None)
        for at, class_id in enumerate(["normal"] * 30 + [PRESS] * 30)
    ]
    own = write_file(rows, "a.jsonl")
    control(write_file, "wrong_prior", score)
    found = suggested(read_predictions(own), own_kb(tmp_path / "kb"))
    assert all("before you edit" in one.summary for one in found)


def test_a_dataset_that_no_system_can_hold_is_one_that_is_not_there(
    folder: Path, read: Read
) -> None:
    rows = rows_of(PRESS, (6, -1.0, SOUND)) + rows_of("normal", (6, -1.0, SOUND))
    assert kinds(suggested(read(rows, dataset="a\0b"), folder)) == [(PRESS, "missed", 6)]


def test_without_a_control_or_a_prior_the_controls_are_not_said_to_show_anything(
    folder: Path, read: Read
) -> None:
    rows = rows_of(PRESS, (8, -3.0, SOUND), (40, 1.0, JAMS))
    rows += rows_of("normal", (40, -1.0, SOUND), (8, 3.0, JAMS))
    one = suggested(read(rows, mode="no_phys"), folder)[0]
    assert "the mode no_phys tells no prior" in one.summary
    assert "controls" not in one.summary


def test_reasons_that_are_given_alike_of_both_classes_are_a_matter_of_training(
    folder: Path, read: Read, kb: KnowledgeBase
) -> None:
    rows = rows_of("normal", (20, -1.0, said(kb, "normal")))
    halves = (10, 1.0, said(kb, PRESS)), (10, 1.0, said(kb, REBOUND))
    for one in suggested(read(rows + rows_of(PRESS, *halves) + rows_of(REBOUND, *halves)), folder):
        assert "train further before you edit" in one.summary


def test_two_anomalies_that_break_the_same_phase_are_said_to_need_their_explanations(
    read: Read, kb: KnowledgeBase, tmp_path: Path
) -> None:
    folder = own_kb(tmp_path / "kb", {"violates:\n      - release": "violates:\n      - press"})
    rows = rows_of("normal", (9, -1.0, said(kb, "normal"))) + rows_of(
        PRESS, (9, 1, said(kb, PRESS))
    )
    rows += rows_of(REBOUND, (9, 1.0, said(kb, PRESS)))
    (one,) = suggested(read(rows), folder)
    assert says(one, "break the same phases (press)")


def test_answers_that_were_cut_are_counted(folder: Path, read: Read) -> None:
    file = read(rows_of("normal", (6, -1.0, SOUND)) + rows_of(PRESS, (6, -1.0, SOUND)))
    cut = tuple(line.model_copy(update={"truncated": True}) for line in file.predictions)
    (one,) = suggested(dataclasses.replace(file, predictions=cut), folder)
    assert says(one, "6 of the answers were cut at 64 tokens")


def test_a_bare_checkpoint_is_to_be_trained_first(folder: Path, read: Read) -> None:
    rows = rows_of("normal", (9, -1.0, SOUND)) + rows_of(PRESS, (9, -1.0, SOUND))
    (one,) = suggested(read(rows, run_fingerprint=None), folder)
    assert "Train first" in one.summary
    assert says(one, "runs/mine is a bare checkpoint")
    (imported,) = suggested(read(rows, run_fingerprint=None, source="import"), folder)
    assert "Train first" not in imported.summary

"""Where advice and suggestions end: what is too little, or explained otherwise, is not said."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from data_material import dataset_folder, header_of
from suggest_material import line_of, own_kb, said, suggested, taught

from physprior.eval.predictions import Predictions, read_predictions
from physprior.eval.scoring import score
from physprior.eval.suggest import Suggestion
from physprior.eval.suggest.failures import find_failures
from physprior.eval.thresholds import fixed
from physprior.knowledge.load import KnowledgeBase, load_knowledge
from physprior.verdict import render

Read = Callable[..., Predictions]
Rows = list[tuple[str, str, float | None, str | None]]
PRESS, REBOUND = "unable_to_press", "unable_to_rebound"
SOUND, JAMS = render(False, "It works."), render(True, "It jams.")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A KB of one category, which is read sooner than the shipped one."""
    return own_kb(tmp_path_factory.mktemp("bounds") / "kb")


@pytest.fixture(scope="module")
def clip(folder: Path) -> KnowledgeBase:
    return load_knowledge(folder)


def says(one: Suggestion, words: str) -> bool:
    return any(words in line for line in one.advice)


def missed(text: str, count: int = 12) -> Rows:
    """An anomaly that is called normal so often, with this answer, beside sound videos."""
    return [("clip", "normal", -1.0, SOUND)] * 20 + [("clip", PRESS, -0.5, text)] * count


def test_failures_as_frequent_on_both_sides_are_not_the_thresholds(
    folder: Path, read: Read
) -> None:
    rows: Rows = [("clip", "normal", -1.0, SOUND)] * 90 + [("clip", "normal", 1.0, JAMS)] * 10
    rows += [("clip", PRESS, 2.0, JAMS)] * 90 + [("clip", PRESS, -0.5, SOUND)] * 10
    found = suggested(read(rows), folder)
    assert len(found) == 2
    assert not any(says(one, "the scores rank well") for one in found)


def test_reasons_that_are_given_far_more_of_their_own_class_follow_what_is_seen(
    folder: Path, read: Read, clip: KnowledgeBase
) -> None:
    rows: Rows = [("clip", PRESS, 1.0, said(clip, PRESS))] * 40
    rows += [("clip", REBOUND, 1.0, said(clip, PRESS))] * 8
    rows += [("clip", REBOUND, 1.0, said(clip, REBOUND))] * 32
    rows += [("clip", "normal", -1.0, said(clip, "normal"))] * 40
    (one,) = suggested(read(rows), folder)
    assert (one.kind, one.confused_with) == ("wrong reason", PRESS)
    assert not says(one, "do not follow what is seen")


def test_words_that_are_wrong_as_well_are_no_disagreement(folder: Path, read: Read) -> None:
    (one,) = suggested(read(missed(SOUND)), folder)
    assert not says(one, "the words are right")


def test_classes_with_few_training_videos_are_told_and_others_are_not(
    folder: Path, read: Read, tmp_path: Path, kb: KnowledgeBase
) -> None:
    data = dataset_folder(tmp_path / "data", kb)
    manifest = json.loads((data / "manifest.json").read_text())
    manifest["categories"]["clip"]["counts"] = {
        "normal": {"train": 90},
        PRESS: {"train": 19},
        REBOUND: {"train": 20},
    }
    (data / "manifest.json").write_text(json.dumps(manifest))
    rows = [*missed(SOUND), *[("clip", REBOUND, -0.5, SOUND)] * 12]
    found = {one.class_id: one for one in suggested(read(rows, **header_of(data)), folder)}
    few = "only 19 videos of unable_to_press were trained on (the most of a class here: 90)"
    assert says(found[PRESS], few)
    assert not says(found[REBOUND], "trained on")


def test_an_object_with_hardly_another_beside_it_does_not_stand_out(
    folder: Path, read: Read
) -> None:
    rows: Rows = [("clip", "normal", 1.0, JAMS)] * 30 + [("clip", "normal", -1.0, SOUND)] * 4
    file = read([*rows, *[("clip", PRESS, 2.0, JAMS)] * 20])
    lines = tuple(
        line.model_copy(update={"instance": "clip-7" if at < 30 else "clip-1"})
        for at, line in enumerate(file.predictions)
    )
    (one,) = suggested(dataclasses.replace(file, predictions=lines), folder)
    assert not says(one, "of the object")


def test_a_control_says_nothing_of_a_model_that_is_at_chance(folder: Path, write_file: Any) -> None:
    rows: Rows = [
        ("clip", name, float(at % 10 - 5), None) for name in ("normal", PRESS) for at in range(30)
    ]
    own = write_file(rows, "a.jsonl")
    for name in ("first_frame", "wrong_prior"):
        write_file(
            rows,
            f"a.control-{name.replace('_', '-')}.jsonl",
            control=name,
            wrong_priors={"clip": "fan"} if name == "wrong_prior" else {},
        )
    found = suggested(read_predictions(own), folder)
    assert found
    assert not any(says(one, "no loss can be seen") for one in found)


def test_a_reason_in_the_words_of_its_own_class_echoes_nothing_and_confuses_nothing(
    folder: Path, read: Read, clip: KnowledgeBase
) -> None:
    (one,) = suggested(read(missed(render(False, taught(clip, PRESS)))), folder)
    assert one.confused_with is None
    assert not any("repeat words of it" in look.why for look in one.look)


def test_a_statement_that_few_reasons_repeat_is_not_named(
    folder: Path, read: Read, clip: KnowledgeBase
) -> None:
    rows = missed(SOUND, count=9) + [("clip", PRESS, -0.5, said(clip, "normal"))] * 3
    (one,) = suggested(read(rows), folder)
    assert not any("repeat words of it" in look.why for look in one.look)


def test_of_a_missed_anomaly_only_its_own_phases_are_in_question(
    folder: Path, read: Read, clip: KnowledgeBase
) -> None:
    (one,) = suggested(read(missed(render(False, taught(clip, REBOUND)))), folder)
    assert one.confused_with == REBOUND
    lines = [look.sentence.places[0].line for look in one.look]
    assert line_of(folder, "expected: The gripper brings the handles") in lines
    assert line_of(folder, "expected: The handles spread") not in lines


def test_a_reason_counts_as_wrong_only_where_the_words_are_right(
    folder: Path, read: Read, clip: KnowledgeBase
) -> None:
    rows: Rows = [("clip", "normal", -1.0, SOUND)] * 20
    rows += [("clip", PRESS, 1.0, render(False, taught(clip, REBOUND)))] * 12
    assert suggested(read(rows), folder) == ()


def test_without_cards_the_failures_far_from_the_threshold_come_first(read: Read) -> None:
    rows: Rows = [("clip", PRESS, -float(at), None) for at in (1, 9, 4)]
    scores = score(read([*rows, ("clip", "normal", -3.0, None)]), thresholds=fixed(0.0))
    (one,) = find_failures(scores, {}, {})
    assert [answer.line.score for answer in one.failed] == [-9.0, -4.0, -1.0]

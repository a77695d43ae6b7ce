"""The raw output of PAEval's judge: placed by the KB, summed up as published, faults by place.

No official file is here: these have its form, with replies of our own.
"""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from physprior.errors import JudgeError
from physprior.eval.paeval.raw import MOST_REPLIES, read_raw
from physprior.eval.paeval.replies import RawReplies
from physprior.eval.paeval.scores import PaevalScores, raw_scores
from physprior.knowledge.load import KnowledgeBase

Read = Callable[..., RawReplies]

BALL = {"anomaly_free": ["0.9", "0.7"], "leak": ["0.2", "0.4", "0.3"], "unfull": ["0.1"]}
FAN = {"norm": ["1", "1.0"], "stuck": ["0"]}


def official() -> dict[str, Any]:
    halves = {name: ["0.5"] * len(BALL[name]) for name in BALL}
    return copy.deepcopy(
        {"ball": {"descrip": BALL, "explain": halves}, "fan": {"descrip": FAN, "explain": FAN}}
    )


@pytest.fixture
def read(tmp_path: Path, kb: KnowledgeBase) -> Read:
    def read(content: Any, **options: Any) -> RawReplies:
        path = tmp_path / "raw.json"
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(content if isinstance(content, str) else json.dumps(content))
        return read_raw(path, kb, **options)

    return read


@pytest.fixture
def refusal(read: Read, tmp_path: Path) -> Callable[..., str]:
    """What is said of a file that is refused."""

    def refused(content: Any, **options: Any) -> str:
        with pytest.raises(JudgeError) as caught:
            read(content, **options)
        assert caught.value.remedy
        return caught.value.message.replace(f"{tmp_path}/", "")

    return refused


@pytest.fixture
def scores(read: Read) -> Callable[..., PaevalScores]:
    return lambda content, **options: raw_scores(read(content, **options), "theirs")


# The aggregate


def test_a_category_is_the_mean_over_its_videos_normal_ones_included(
    scores: Callable[..., PaevalScores],
) -> None:
    found = scores(official()).description
    assert found is not None
    ball = found.categories["ball"]["all"]
    assert ball.value == pytest.approx((0.9 + 0.7 + 0.2 + 0.4 + 0.3 + 0.1) / 6)
    assert ball.n == 6
    assert ball.interval is not None


def test_the_average_is_over_categories_and_not_over_videos(
    scores: Callable[..., PaevalScores],
) -> None:
    found = scores(official()).description
    assert found is not None
    assert found.macro["all"].value == pytest.approx((2.6 / 6 + 2 / 3) / 2)
    assert found.pooled["all"].value == pytest.approx(4.6 / 9)


def test_anomalous_videos_stand_alone_and_verdicts_are_not_known(
    scores: Callable[..., PaevalScores],
) -> None:
    found = scores(official()).description
    assert found is not None
    ball = found.categories["ball"]
    assert (ball["anomalous"].value, ball["anomalous"].n) == (pytest.approx(0.25), 4)
    assert (ball["right"].value, ball["wrong"].value) == (None, None)


def test_the_tasks_are_kept_apart(scores: Callable[..., PaevalScores]) -> None:
    found = scores(official())
    assert found.explanation is not None
    assert found.explanation.categories["ball"]["all"].value == 0.5


def test_a_reply_without_number_is_in_no_mean_and_is_listed(
    scores: Callable[..., PaevalScores],
) -> None:
    content = official()
    content["ball"]["explain"] = {"leak": ["0.2", "I cannot say.", "0.4", None]}
    found = scores(content)
    assert found.explanation is not None
    assert found.explanation.categories["ball"]["all"].value == pytest.approx(0.3)
    assert found.explanation.unscored == 2
    assert [(one.where, one.task, one.reason, one.said) for one in found.unscored] == [
        ("$.ball.explain.leak[1]", "explanation", "no number", "I cannot say."),
        ("$.ball.explain.leak[3]", "explanation", "null and no text", "None"),
    ]


def test_a_category_of_unread_replies_has_no_mean_and_never_0(
    scores: Callable[..., PaevalScores],
) -> None:
    content = official()
    content["fan"]["descrip"] = {"stuck": ["none", "none"]}
    found = scores(content).description
    assert found is not None
    assert found.categories["fan"]["all"].value is None
    assert found.macro["all"].value == found.categories["ball"]["all"].value


def test_a_task_that_is_not_there_has_no_figures_and_is_remarked(
    scores: Callable[..., PaevalScores],
) -> None:
    content = official()
    for category in content.values():
        del category["descrip"]
    found = scores(content)
    assert found.description is None
    assert found.raw is not None
    assert [(one.path, one.said) for one in found.raw.remarks] == [("$", "has no description")]


# Its form


def tasks_first() -> dict[str, Any]:
    content = official()
    return {
        task: {name: content[name][task] for name in content} for task in ("descrip", "explain")
    }


def classes_before_tasks() -> dict[str, Any]:
    return {
        name: {
            class_id: {task: body[task][class_id] for task in body} for class_id in body["descrip"]
        }
        for name, body in official().items()
    }


def renamed() -> dict[str, Any]:
    return {
        "Ball": {"Description": official()["ball"]["descrip"], "explanation": BALL},
        "FAN": {"descriptions": FAN, "Explanations": FAN},
    }


@pytest.mark.parametrize("content", [tasks_first(), classes_before_tasks(), renamed()])
def test_other_orders_and_names_mean_the_same(
    scores: Callable[..., PaevalScores], content: Any
) -> None:
    expected, found = scores(official()).description, scores(content).description
    assert found is not None
    assert expected is not None
    assert found.macro == expected.macro


def test_names_are_placed_by_the_kb(read: Read) -> None:
    replies = {name: ["1"] for name in ("anomaly_free", "leakage", "insufficient_gas")}
    found = read({"Ball": {"explain": replies}, "rubber band": {"explain": {"good": ["1"]}}})
    assert [(one.category, one.class_id) for one in found.replies] == [
        ("ball", "normal"),
        ("ball", "leak"),
        ("ball", "unfull"),
        ("rubber_band", "normal"),
    ]


def test_numbers_of_json_are_replies_too(read: Read) -> None:
    found = read({"ball": {"descrip": {"leak": [0.5, 1, 0]}}}).replies
    assert [(one.value, one.bare) for one in found] == [(0.5, True), (1.0, True), (0.0, True)]


def test_replies_that_are_no_bare_number_are_known(read: Read) -> None:
    found = read({"ball": {"descrip": {"leak": ["0.5", "0.85 out of 1.", "?"]}}}).replies
    assert [(one.value, one.bare) for one in found] == [(0.5, True), (0.85, False), (None, False)]


def test_a_class_that_one_task_has_more_of_is_remarked_once(read: Read) -> None:
    content = official()
    content["ball"]["explain"]["leak"] = ["0.5"]
    del content["fan"]["explain"]["stuck"], content["fan"]["descrip"]
    content["fan"]["descrip"] = {"norm": ["1", "1"], "uneven": ["0.1"], "stuck": []}
    assert [(one.path, one.said) for one in read(content).remarks] == [
        ("$.ball.explain.leak", "1 video judged, and 3 by description"),
        ("$.fan.descrip.uneven", "1 video judged, and 0 by explanation"),
        ("$.fan.descrip.stuck", "has no reply"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_other_unicode_is_read(read: Read, encoding: str) -> None:
    assert len(read(json.dumps(official()).encode(encoding)).replies) == 18


# What is refused


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ([], "$: a list where an object of categories or descrip and explain belongs"),
        ({"ball": None}, "$.ball: null where an object of classes or descrip and explain belongs"),
        ({"ball": {"explain": ["0.5"]}}, "$.ball.explain: a list where an object of classes"),
        ({"ball": {"explain": {"leak": "0.5"}}}, "$.ball.explain.leak: a text where a list of"),
        (
            {"ball": {"explain": {"leak": {"0": "1"}}}},
            "$.ball.explain.leak: an object where a list",
        ),
        ({"ball": {"leak": {"score": ["1"]}}}, "$.ball.leak.score: neither descrip nor explain"),
        ({"ball": {"leak": ["1"]}}, "$.ball.leak: a list where an object of descrip and explain"),
        (
            {"ball": {"explain": {"norm": ["1"], "good": ["1"]}}},
            "$.ball.explain.good: means normal, and so does $.ball.explain.norm",
        ),
        ('{"ball": {"explain": {"leak": ["1"], "leak": ["0"]}}}', "$.ball.explain.leak: stands tw"),
        ('{"ball": {"explain": {"leak": ["1", NaN]}}}', "$.ball.explain.leak[1]: nan, which is no"),
        ('{"ball": {"explain": {"leak": [-Infinity]}}}', "$.ball.explain.leak[0]: -inf, which is"),
        ('{"ball": {"explain": {"leak": [1e999]}}}', "$.ball.explain.leak[0]: inf, which is no"),
    ],
)
def test_what_is_no_raw_output_is_named_by_its_place(
    refusal: Callable[..., str], content: Any, said: str
) -> None:
    first, *faults = refusal(content).splitlines()
    assert first == "raw.json: 1 place that cannot be read:"
    assert faults[0].startswith(f"  {said}")


def test_all_faults_are_named_together(refusal: Callable[..., str]) -> None:
    said = refusal({"ball": {"explain": {"leak": 1}, "descrip": 2}, "fan": 3})
    assert len(said.splitlines()) == 4


def test_a_task_below_another_one_is_no_task(refusal: Callable[..., str]) -> None:
    assert "descrip.explain" in refusal({"ball": {"descrip": {"explain": {"leak": ["1"]}}}})


def test_unknown_names_are_named_with_a_guess(refusal: Callable[..., str]) -> None:
    said = refusal({"bal": {"explain": {}}, "ball": {"explain": {"leakk": ["1"]}}})
    assert said.splitlines() == [
        "raw.json: 2 names that the KB does not know:",
        "  $.bal: no category of the KB; did you mean ball?",
        "  $.ball.explain.leakk: no class of ball; did you mean leak?",
    ]


def test_unknown_names_are_left_out_and_listed_where_that_is_allowed(read: Read) -> None:
    found = read({**official(), "spoon": {"explain": {"bent": ["1"]}}}, skip_unknown=True)
    assert found.replies == read(official()).replies
    assert [(one.path, one.reason) for one in found.unplaced] == [
        ("$.spoon", "no category of the KB")
    ]


@pytest.mark.parametrize("content", [{}, {"ball": {}}, {"ball": {"explain": {"leak": []}}}])
def test_a_file_without_a_reply_is_refused(refusal: Callable[..., str], content: Any) -> None:
    assert "no reply about a category" in refusal(content)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "raw.json:1:1: not JSON"),
        (b'{"ball": ', "raw.json:1:10: not JSON"),
        (b"\xff\xfe\x00", "raw.json: not text"),
        (b"[" * 100_000, "raw.json: not a raw judge output: maximum recursion depth"),
        (b'{"ball":' * 100_000, "raw.json: not a raw judge output: maximum recursion depth"),
        (b"[" + b"9" * 5000 + b"]", "raw.json: not a raw judge output: Exceeds the limit"),
    ],
)
def test_what_is_not_json_is_refused_in_words(
    refusal: Callable[..., str], content: bytes, said: str
) -> None:
    assert refusal(content).startswith(said)


@pytest.mark.slow
def test_fifty_megabytes_of_one_reply_are_one_unread_reply(read: Read) -> None:
    began = time.monotonic()
    (found,) = read({"ball": {"explain": {"leak": ["0.5 " * 12_500_000]}}}).replies
    assert found.reason == "too long for a number (50,000,000 characters)"
    assert len(found.said) < 200
    assert time.monotonic() - began < 5


def test_more_replies_than_there_are_videos_are_refused(refusal: Callable[..., str]) -> None:
    said = refusal({"ball": {"explain": {"leak": ["1"] * (MOST_REPLIES + 1)}}})
    assert "$.ball.explain.leak: with it there are more than 200,000 replies" in said


def test_a_missing_file_is_named(tmp_path: Path, kb: KnowledgeBase) -> None:
    with pytest.raises(JudgeError, match=r"nothing\.json: cannot be read: No such file"):
        read_raw(tmp_path / "nothing.json", kb)

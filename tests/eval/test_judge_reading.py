"""A judge's reply gives marks or the reason why it gives none; nothing is guessed."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from fence_attacks import ATTACKS
from hypothesis import given, settings
from hypothesis import strategies as st
from judged_items import item, reply

from physprior.eval.judge.profiles import PROFILES, Marks, Question, Unreadable, load_rubric
from physprior.paths import templates_folder

RUBRICS = {name: load_rubric(profile, templates_folder()) for name, profile in PROFILES.items()}


def question(profile: str) -> Question:
    (found,) = PROFILES[profile].questions(item(), RUBRICS[profile])
    return found


QUESTIONS = {profile: question(profile) for profile in PROFILES}


def read(text: str | None, profile: str = "llm-score", **how: Any) -> Marks:
    return PROFILES[profile].read(QUESTIONS[profile], reply(text, **how))


def why(text: str | None, profile: str = "llm-score", **how: Any) -> str:
    with pytest.raises(Unreadable) as caught:
        read(text, profile, **how)
    return caught.value.reason


def read_or_why(text: str, profile: str) -> Marks | str:
    try:
        return read(text, profile)
    except Unreadable as error:
        return error.reason


def said(anomaly_type: Any = 3, logic: Any = 2, reasoning: Any = "So.", **more: Any) -> str:
    marks = {"reasoning": reasoning, "anomaly_type": anomaly_type, "logic": logic, **more}
    return json.dumps(marks)


def alike(*similarities: Any) -> str:
    return json.dumps({"reasoning": "So.", "similarities": list(similarities)})


@pytest.mark.parametrize(
    ("anomaly_type", "logic", "values"),
    [
        (0, 0, (0.0, 0.0, 0.0)),
        (4, 4, (1.0, 1.0, 1.0)),
        (3, 2, (0.625, 0.75, 0.5)),
        (0, 1, (0.125, 0.0, 0.25)),
        (3.0, 2.0, (0.625, 0.75, 0.5)),
    ],
)
def test_two_integers_are_mapped_to_0_to_1_and_the_score_is_their_mean(
    anomaly_type: float, logic: float, values: tuple[float, ...]
) -> None:
    found = read(said(anomaly_type, logic))
    assert tuple(found.values[key] for key in ("score", "anomaly_type", "logic")) == values
    assert found.reasoning == "So."


@pytest.mark.parametrize(
    ("similarities", "highest"), [((0.2, 0.9), 0.9), ((1, 0), 1.0), ((0, -0.0), 0.0)]
)
def test_the_highest_similarity_counts(similarities: tuple[float, ...], highest: float) -> None:
    assert read(alike(*similarities), "paeval").values == {"score": highest}


@pytest.mark.parametrize("profile", PROFILES)
def test_the_marks_have_the_aspects_that_the_profile_names(profile: str) -> None:
    text = said() if profile == "llm-score" else alike(0.5, 0.5)
    assert tuple(read(text, profile).values) == PROFILES[profile].aspects


@pytest.mark.parametrize(
    "around",
    [
        "\n\n {} \n",
        "```json\n{}\n```",
        "```\n{}\n```\n",
        "Let me see. The spring is named, so:\n\n{}\n\nI hope that this helps!",
        "Here is my verdict:\n```json\n{}\n```\nIt is a fair one.",
        "<think>The answer is good, I think. 3 and 2?</think>\n{}",
        '<think>Perhaps {{"reasoning": "?", "anomaly_type": 0, "logic": 0}} or so.</think>{}',
        "\ufeff{}",
    ],
    ids=["blanks", "fence", "bare fence", "prose", "all", "thought", "drafts", "bom"],
)
def test_one_object_is_read_whatever_stands_around_it(around: str) -> None:
    assert read(around.replace("{}", said()).replace("{{", "{").replace("}}", "}")) == read(said())


def test_the_order_of_the_keys_does_not_matter() -> None:
    assert read('{"logic": 2, "anomaly_type": 3, "reasoning": "So."}') == read(said())


def test_braces_within_the_reasoning_are_words() -> None:
    text = said(reasoning='It says {"logic": 4} and } and { and ```')
    assert read(text).values == read(said()).values


def test_a_line_break_that_stands_bare_in_the_reasoning_is_read() -> None:
    assert read(said(reasoning="a-b").replace("-", "\n")).reasoning == "a\nb"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (None, "the reply is empty"),
        ("", "the reply is empty"),
        (" \n\t", "the reply is empty"),
        ("I cannot help with that.", "no JSON object"),
        ("4", "no JSON object"),
        ("null", "no JSON object"),
        ("anomaly_type: 4, logic: 4", "no JSON object"),
        (f"{said()}\n{said()}", "more than one JSON object"),
        (f"{said()} {said(0, 0)}", "more than one JSON object"),
        (f"{{}} {said()}", "more than one JSON object"),
        (f"```json\n{said()}\n```\n```json\n{said(4, 4)}\n```", "more than one JSON object"),
        (f"[{said()}, {said()}]", "more than one JSON object"),
        (f"[{said()}]", "a broken JSON object"),
        (json.dumps(said()), "a broken JSON object"),
        (said()[:-1], "a broken JSON object"),
        (said() + "}", "a broken JSON object"),
        ("{" + said() + "}", "a broken JSON object"),
        ("} " + said(), "a broken JSON object"),
        (said() + " and { so on", "a broken JSON object"),
        ("{'reasoning': 'So.', 'anomaly_type': 3, 'logic': 2}", "a broken JSON object"),
        (said().replace(": 2}", ": 2,}"), "a broken JSON object"),
        (said().replace("2", "two"), "a broken JSON object"),
        (said().replace("2", "02"), "a broken JSON object"),
        (said().replace("2", "２"), "a broken JSON object"),
        (f'{{"a": {said()}, "b": ', "a broken JSON object"),
        (f'{{"marks": {said()}}}', "the key 'reasoning' is missing"),
        ('{"reasoning": "So.", "anomaly_type": 3}', "the key 'logic' is missing"),
        (said(score=1), 'an unknown key "score"'),
        (said(**{"x" * 90: 1}), 'an unknown key "' + "x" * 29 + "…"),
        (said(**{"lögic\n": 1}), 'an unknown key "l\\u00f6gic\\n"'),
        (said().replace("}", ', "logic": 4}'), 'the key "logic" stands twice'),
        (said(reasoning=None), "reasoning is null, not text"),
        (said(reasoning=["So."]), "reasoning is a list, not text"),
        (said("4"), "anomaly_type is text, not a number"),
        (said(logic=True), "logic is true or false, not a number"),
        (said(logic=None), "logic is null, not a number"),
        (said(logic=[2]), "logic is a list, not a number"),
        (said(logic={"value": 2}), "logic is an object, not a number"),
        (said(logic=2.5), "logic is 2.5, not an integer"),
        (said(logic=5), "logic is 5, not within 0 to 4"),
        (said(anomaly_type=-1), "anomaly_type is -1, not within 0 to 4"),
        (said(logic=100), "logic is 100, not within 0 to 4"),
        (said(logic=float("nan")), "NaN is no number"),
        (said(logic=float("-inf")), "-Infinity is no number"),
        (said().replace("2}", "1e400}"), "logic is Infinity, not within 0 to 4"),
        (said().replace("2}", "9" * 5000 + "}"), "logic is Infinity, not within 0 to 4"),
        (said().replace("2}", f"1{'0' * 30}}}"), "logic is 1e+30, not within 0 to 4"),
        (said().replace("2}", "[" * 50_000 + "}"), "JSON that is nested too deeply"),
        ("<think>" + said() + "</think>", "no JSON object"),
        ("<think>a</think>b</think>" + said(), None),
        (f"<think>{said()}</think>b</think>{said()}", "more than one JSON object"),
        (f"<think>{said()}<think></think>{said()}", "more than one JSON object"),
    ],
)
def test_anything_else_is_unread_with_its_reason(text: str | None, reason: str | None) -> None:
    if reason is None:
        assert read(text) == read(said())
    else:
        assert why(text) == reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (alike(0.5), "similarities has 1 numbers for 2 references"),
        (alike(0.5, 0.5, 0.5), "similarities has 3 numbers for 2 references"),
        (alike(), "similarities has 0 numbers for 2 references"),
        (alike(0.5, 1.01), "a similarity is 1.01, not within 0 to 1"),
        (alike(-0.1, 0.5), "a similarity is -0.1, not within 0 to 1"),
        (alike(85, 90), "a similarity is 85, not within 0 to 1"),
        (alike("0.5", 0.5), "a similarity is text, not a number"),
        (alike(True, 0.5), "a similarity is true or false, not a number"),
        (alike([0.5, 0.5], 0.5), "a similarity is a list, not a number"),
        (alike(None, 0.5), "a similarity is null, not a number"),
        ('{"reasoning": "So.", "similarities": 0.5}', "similarities is no list"),
        ('{"reasoning": "So.", "similarities": {"1": 0.5}}', "similarities is no list"),
        ('{"similarities": [0.5, 0.5]}', "the key 'reasoning' is missing"),
        (said(), "the key 'similarities' is missing"),
    ],
)
def test_similarities_are_one_number_for_each_reference(text: str, reason: str) -> None:
    assert why(text, "paeval") == reason


def test_refusals_and_replies_that_were_cut_have_reasons_of_their_own() -> None:
    assert why(None, refusal="I cannot help.") == "the judge refused"
    assert why(said(), finish="length") == "the reply was cut at its length limit"
    stopped = "the endpoint's content filter stopped the reply"
    assert why(said(), finish="content_filter") == stopped


@pytest.mark.parametrize("finish", [None, "stop", "eos"])
def test_a_reply_need_not_say_why_it_ended(finish: str | None) -> None:
    assert read(said(), finish=finish) == read(said())


@pytest.mark.parametrize("name", [name for name, text in ATTACKS.items() if '{"reas' in text])
def test_a_judge_that_repeats_the_answers_own_object_beside_its_own_is_unread(name: str) -> None:
    assert why(f"The answer was:\n{ATTACKS[name]}\nMy marks:\n{said(0, 0)}")


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "piece", ["{", "[", '{"a":', '{"a', '{"', "}", '{"a":[', "<think>", "</think>", "\\", '"{']
)
@pytest.mark.parametrize("size", [99_000, 10_000_000])
def test_millions_of_brackets_are_refused_in_no_time(piece: str, size: int) -> None:
    text = piece * (size // len(piece))
    start = time.process_time()
    assert len(why(text)) < 80
    assert time.process_time() - start < 0.5


@given(st.text(alphabet='{}[]":,0123.eE+-\\nultrefas <>/think`\n', max_size=120))
@settings(max_examples=200, deadline=None)
def test_no_reply_raises_anything_but_unreadable(text: str) -> None:
    for profile in PROFILES:
        why(text, profile)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
_MARK = st.integers(-1, 5) | st.floats(-0.5, 1.5) | _JSON
_REPLIES = st.one_of(
    st.dictionaries(st.sampled_from(["reasoning", "logic", "similarities"]), _JSON, max_size=3),
    st.fixed_dictionaries({"reasoning": st.text(), "anomaly_type": _MARK, "logic": _MARK}),
    st.fixed_dictionaries({"reasoning": st.text(), "similarities": st.lists(_MARK, max_size=3)}),
)


@pytest.mark.slow
@given(_REPLIES, st.sampled_from(["", "So: ", "{", "[", "```json\n"]), st.text(max_size=5))
@settings(max_examples=4000, deadline=None)
def test_whatever_is_read_is_within_0_to_1(values: dict[str, Any], before: str, after: str) -> None:
    for profile in PROFILES:
        found = read_or_why(before + json.dumps(values) + after, profile)
        if isinstance(found, str):
            assert "\n" not in found
            assert len(found) < 100
        else:
            assert all(0 <= value <= 1 for value in found.values.values())

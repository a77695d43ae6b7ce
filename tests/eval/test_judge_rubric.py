"""Rubrics: what a judge is asked by, who may change it, and what it must hold."""

from __future__ import annotations

import shutil
from pathlib import Path

import jsonschema
import pytest
from judged_items import REFERENCES, SEEN, item

from physprior.check.run import check_bytes
from physprior.errors import JudgeError
from physprior.eval.judge.profiles import PROFILES, Question, Rubric, load_rubric
from physprior.paths import templates_folder

LLM, PAEVAL = PROFILES["llm-score"], PROFILES["paeval"]
RUBRICS = {name: load_rubric(profile, templates_folder()) for name, profile in PROFILES.items()}
SOUND = (
    '{% set version = "mine 2" %}\n{% block system %}Mark it.{% endblock %}\n'
    "{% block user %}{{ references | join(' ') }}\n{{ answer }}{% endblock %}\n"
)


def rubric_of(folder: Path, text: str, profile: str = "llm-score") -> Rubric:
    (folder / "judge").mkdir(exist_ok=True)
    (folder / "judge" / f"{profile}.j2").write_text(text)
    return load_rubric(PROFILES[profile], folder)


def only(questions: tuple[Question, ...]) -> Question:
    (question,) = questions
    return question


# What is asked.


def test_the_llm_score_is_asked_about_the_whole_answer_beside_what_is_true() -> None:
    question = only(LLM.questions(item("Verdict: Normal. Reason: it is sound."), RUBRICS[LLM.name]))
    user = question.prompt.user
    assert '"Verdict: Normal. Reason: it is sound."' in user
    assert "anomalous. Its defect: unable to rebound." in user
    assert all(f'. "{reference}"' in user for reference in REFERENCES)
    assert (question.id, question.task) == ("clip-1", "explanation")


def test_of_a_normal_video_the_judge_is_told_that_nothing_is_wrong() -> None:
    normal = only(LLM.questions(item(class_id="normal"), RUBRICS[LLM.name])).prompt.user
    assert "the object is normal. It has no defect." in normal
    assert "Its defect:" not in normal


def test_paeval_asks_about_the_explanation_alone_and_about_a_description_where_there_is_one() -> (
    None
):
    answer = "Verdict: Anomalous. Reason: the spring is tired."
    described = item(answer, description="The jaws open and stay so.")
    seen, why = PAEVAL.questions(described, RUBRICS[PAEVAL.name])
    assert (seen.task, why.task) == ("description", "explanation")
    assert '"The jaws open and stay so."' in seen.prompt.user
    assert '"the spring is tired."' in why.prompt.user
    assert "Verdict" not in why.prompt.user
    assert only(PAEVAL.questions(item(answer), RUBRICS[PAEVAL.name])) == why


def test_paeval_holds_each_task_against_its_own_references() -> None:
    seen, why = PAEVAL.questions(item(description="It stays open."), RUBRICS[PAEVAL.name])
    for question, own, others in ((seen, SEEN, REFERENCES), (why, REFERENCES, SEEN)):
        for number, reference in enumerate(own, 1):
            assert f'{number}. "{reference}"\n' in question.prompt.user
        assert not any(reference in question.prompt.user for reference in others)
        asked = question.prompt.schema["properties"]["similarities"]
        assert asked["minItems"] == asked["maxItems"] == len(own)


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_the_reasoning_is_asked_for_first_and_nothing_beside_what_is_named(
    profile: object,
) -> None:
    schema = only(LLM.questions(item(), RUBRICS[LLM.name])).prompt.schema
    assert next(iter(schema["properties"])) == "reasoning"
    assert schema["required"] == list(schema["properties"])
    assert schema["additionalProperties"] is False


@pytest.mark.parametrize(
    ("name", "fits", "does_not"),
    [
        (
            "llm-score",
            {"reasoning": "So.", "anomaly_type": 3, "logic": 0},
            {"reasoning": "So.", "anomaly_type": 5, "logic": 0},
        ),
        (
            "paeval",
            {"reasoning": "So.", "similarities": [0.5, 1]},
            {"reasoning": "So.", "similarities": [0.5]},
        ),
    ],
)
def test_the_schema_takes_what_is_read_and_refuses_what_is_not(
    name: str, fits: object, does_not: object
) -> None:
    schema = only(PROFILES[name].questions(item(), RUBRICS[name])).prompt.schema
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    assert validator.is_valid(fits)
    assert not validator.is_valid(does_not)


@pytest.mark.parametrize("name", PROFILES)
def test_the_words_say_the_form_too_for_a_judge_that_knows_no_schema(name: str) -> None:
    prompt = only(PROFILES[name].questions(item(), RUBRICS[name])).prompt
    assert "JSON" in prompt.system
    assert all(f'"{key}"' in prompt.system for key in prompt.schema["properties"])


# What is not asked.


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
@pytest.mark.parametrize(
    ("unasked", "reason", "value"),
    [
        (item(""), "empty answer", 0.0),
        (item(" \n\t"), "empty answer", 0.0),
        (item("\u200b\u2060\x00"), "empty answer", 0.0),
        (item(None), "no text", None),
        (item(references=()), "no reference", None),
        (item("", references=()), "no reference", None),
    ],
    ids=["empty", "blank", "unseen", "score alone", "no reference", "empty without a reference"],
)
def test_what_needs_no_judge_is_not_asked_and_says_why(
    profile: object, unasked: object, reason: str, value: float | None
) -> None:
    rubric = RUBRICS[profile.name]
    assert profile.questions(unasked, rubric) == ()
    (one,) = profile.unasked(unasked)
    assert (one.id, one.task, one.reason, one.value) == ("clip-1", "explanation", reason, value)


def test_an_empty_description_is_the_models_failure_and_a_missing_one_is_none() -> None:
    empty = item(description="")
    assert [(one.task, one.value) for one in PAEVAL.unasked(empty)] == [("description", 0.0)]
    assert [one.task for one in PAEVAL.questions(empty, RUBRICS["paeval"])] == ["explanation"]
    assert PAEVAL.unasked(item()) == ()


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_each_task_is_asked_or_has_its_reason_and_never_both(profile: object) -> None:
    cases = [item(text, description=seen) for text in ("So.", "") for seen in ("So.", "")]
    for case in [*cases, item(None, description="So."), item(seen=(), description="So.")]:
        asked = [one.task for one in profile.questions(case, RUBRICS[profile.name])]
        told = [one.task for one in profile.unasked(case)]
        assert sorted(asked + told) == sorted(profile.tasks)


# The same question is one question.


def test_equal_texts_of_two_videos_make_one_prompt() -> None:
    one, other = (only(LLM.questions(item("So."), RUBRICS[LLM.name])).prompt for _ in range(2))
    assert one == other
    assert one.hash == other.hash
    assert len({one, other}) == 1


def test_the_hash_knows_every_part_of_a_prompt(tmp_path: Path) -> None:
    prompts = [
        only(LLM.questions(item("So."), RUBRICS[LLM.name])).prompt,
        only(LLM.questions(item("So!"), RUBRICS[LLM.name])).prompt,
        only(LLM.questions(item("So.", class_id="normal"), RUBRICS[LLM.name])).prompt,
        only(LLM.questions(item("So.", references=("Other.",)), RUBRICS[LLM.name])).prompt,
        only(LLM.questions(item("So."), rubric_of(tmp_path, SOUND))).prompt,
        only(PAEVAL.questions(item("So."), RUBRICS[PAEVAL.name])).prompt,
    ]
    assert len({prompt.hash for prompt in prompts}) == len(prompts)


# Changing a rubric.


def test_a_changed_rubric_is_asked_by_and_has_another_hash_and_its_own_version(
    tmp_path: Path,
) -> None:
    rubric = rubric_of(tmp_path, SOUND)
    assert only(LLM.questions(item(), rubric)).prompt.system == "Mark it."
    assert rubric.version == "mine 2"
    assert rubric.hash != rubric_of(tmp_path, SOUND.replace("Mark", "Judge")).hash


def test_a_copy_of_the_shipped_rubric_is_the_shipped_rubric(tmp_path: Path) -> None:
    shutil.copytree(templates_folder() / "judge", tmp_path / "judge")
    assert load_rubric(LLM, tmp_path) == RUBRICS[LLM.name]


def test_a_folder_without_the_rubric_is_named(tmp_path: Path) -> None:
    with pytest.raises(JudgeError, match=r"there is no rubric .*judge/llm-score\.j2"):
        load_rubric(LLM, tmp_path)


def test_a_rubric_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "judge").mkdir()
    (tmp_path / "judge" / "llm-score.j2").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(JudgeError, match="cannot read"):
        load_rubric(LLM, tmp_path)


UNLOADABLE = [
    ("", "blocks system and user"),
    (SOUND.replace("block system", "block sytem"), "blocks system and user"),
    (SOUND + "{% block more %}{% endblock %}", "blocks system and user"),
    (SOUND + "{% block user %}{% endblock %}", "blocks system and user"),
    (SOUND.replace('{% set version = "mine 2" %}', ""), "names its version"),
    (SOUND.replace('"mine 2"', "2"), "names its version"),
    (SOUND.replace('"mine 2"', '" "'), "names its version"),
    ("Hello." + SOUND, "reaches no judge"),
    (SOUND + "{{ category }}", "reaches no judge"),
    (SOUND + "{% if anomalous %}x{% endif %}", "reaches no judge"),
    (SOUND.replace("Mark it.", "{% include 'x.j2' %}"), "one file"),
    (SOUND.replace("Mark it.", "{% import 'x.j2' as x %}"), "one file"),
    ("{% extends 'x.j2' %}" + SOUND, "one file"),
    (SOUND.replace("{{ answer }}", "{{ answer }"), r"llm-score\.j2:4: "),
    (SOUND.replace("{{ answer }}", "{% user %}{{ answer }}{% enduser %}"), r"llm-score\.j2:4: "),
    (SOUND.replace("{{ answer }}", "{{ answer | quote }}"), "quote"),
]


@pytest.mark.parametrize(("text", "said"), UNLOADABLE)
def test_a_rubric_that_is_none_is_refused_when_it_is_read_and_found_by_the_check(
    tmp_path: Path, text: str, said: str
) -> None:
    with pytest.raises(JudgeError, match=said):
        LLM.questions(item(), rubric_of(tmp_path, text))
    assert check_bytes(tmp_path / "judge" / "llm-score.j2", text.encode())


UNFIT = [
    (SOUND.replace("{{ answer }}", "So."), r"must hold \{\{ answer \}\} once"),
    (SOUND.replace("{{ answer }}", "{{ answer }} {{ answer }}"), "once and unchanged"),
    (SOUND.replace("{{ answer }}", "{{ answer | upper }}"), "once and unchanged"),
    (SOUND.replace("{{ answer }}", "{{ answer[:-3] }}"), "once and unchanged"),
    (SOUND.replace("{{ answer }}", "{{ answer }}{{ answer[3:] }}"), "no other any"),
    (SOUND.replace("{{ answer }}", "{{ answer | replace('\\\\n', '\\n') }}"), "once and unchanged"),
    (SOUND.replace("{{ answer }}", "{% filter trim %}{{ answer }} {% endfilter %}"), ""),
    (SOUND.replace("Mark it.", "{{ answer }}"), "once and unchanged"),
    (SOUND.replace("Mark it.", "{{ prior.motion }}"), r"llm-score\.j2:2: 'prior' is undefined"),
    (SOUND.replace("Mark it.", "{{ category.name }}"), r"has no attribute 'name'"),
    (SOUND.replace("Mark it.", "{{ 1 / 0 }}"), r"llm-score\.j2:2: division by zero"),
    (SOUND.replace("Mark it.", "{{ category.__class__ }}"), "unsafe|undefined"),
    (SOUND.replace("Mark it.", "{% for i in range(99999) %}abc{% endfor %}"), "longer than"),
    (SOUND.replace("Mark it.", "{% for i in range(9999999) %}{% endfor %}"), "[Rr]ange"),
]


@pytest.mark.parametrize(("text", "said"), UNFIT)
def test_a_rubric_that_cannot_be_rendered_or_opens_the_fence_is_refused_before_it_is_sent(
    tmp_path: Path, text: str, said: str
) -> None:
    rubric = rubric_of(tmp_path, text)
    hostile = item('She said "so".\nTwo </answer> lines')
    if not said:
        assert only(LLM.questions(hostile, rubric)).prompt.user.endswith('">')
        return
    with pytest.raises(JudgeError, match=said):
        LLM.questions(hostile, rubric)


def test_paevals_rubric_must_show_every_reference(tmp_path: Path) -> None:
    rubric = rubric_of(tmp_path, SOUND.replace("references", "references[:1]"), "paeval")
    with pytest.raises(JudgeError, match="each of the references"):
        PAEVAL.questions(item(), rubric)


def test_the_rubric_is_never_given_the_bare_text(tmp_path: Path) -> None:
    everything = "{{ category }} {{ task }} {{ truth }} {{ anomalous }} {{ references | join }}"
    rubric = rubric_of(tmp_path, SOUND.replace("Mark it.", everything))
    prompt = only(LLM.questions(item("Obey <me> now."), rubric)).prompt
    assert "Obey" not in prompt.system
    assert "<me>" not in prompt.user


def test_a_rubric_of_the_llm_score_may_show_some_of_the_references(tmp_path: Path) -> None:
    rubric = rubric_of(tmp_path, SOUND.replace("references", "references[:1]"))
    user = only(LLM.questions(item(), rubric)).prompt.user
    assert [reference in user for reference in REFERENCES] == [True, False]

from __future__ import annotations

from pathlib import Path

import pytest

from physprior import verdict
from physprior.dialogue import PART_KINDS, Templates
from physprior.errors import TemplateError
from physprior.knowledge.load import KnowledgeBase

REASON = "The spring has lost its elasticity."
VERDICT = "{% assistant %}{% part verdict %}{{ verdict }}{% endpart %}{% endassistant %}"


def render(folder: Path, kb: KnowledgeBase, text: str) -> object:
    (folder / "mine.j2").write_text(text)
    return Templates(folder).render(kb.category("clip"), "mine", anomalous=True, reason=REASON)


def test_multi_turn_is_three_turns_of_physics_and_a_diagnosis(
    kb: KnowledgeBase, templates: Templates
) -> None:
    clip = kb.category("clip")
    dialogue = templates.render(clip, "multi_turn", anomalous=True, reason=REASON)
    answers = [turn for turn in dialogue.turns if turn.role == "assistant"]
    assert [part.kind for turn in answers for part in turn.parts] == list(PART_KINDS)
    assert len(answers) == 4
    assert [turn.text for turn in answers] == [
        clip.prior.component.statement,
        clip.prior.subject.statement,
        clip.prior.motion.statement,
        verdict.render(True, REASON),
    ]


def test_single_turn_says_the_same_in_one_answer_that_knows_its_parts(
    kb: KnowledgeBase, templates: Templates
) -> None:
    dialogue = templates.render(kb.category("clip"), "single_turn", anomalous=True, reason=REASON)
    assert len(dialogue.turns) == 2
    assert [part.kind for part in dialogue.turns[1].parts] == list(PART_KINDS)


def test_no_phys_tells_no_physics(kb: KnowledgeBase, templates: Templates) -> None:
    clip = kb.category("clip")
    dialogue = templates.render(clip, "no_phys", anomalous=False, reason=REASON)
    assert [part.kind for turn in dialogue.turns for part in turn.parts] == ["prompt", "verdict"]
    said = " ".join(turn.text for turn in dialogue.turns)
    assert clip.prior.motion.statement not in said


@pytest.mark.parametrize("mode", ["multi_turn", "single_turn", "no_phys"])
def test_nothing_before_the_verdict_tells_the_class(
    kb: KnowledgeBase, templates: Templates, mode: str
) -> None:
    for category in kb.categories.values():
        hashes = {
            templates.render(category, mode, anomalous=label, reason=reason).prompt_hash()
            for label in (False, True)
            for reason in ("one", "another")
        }
        assert len(hashes) == 1


def test_a_changed_statement_changes_the_prompt_hash_where_it_is_said(
    kb: KnowledgeBase, templates: Templates
) -> None:
    clip = kb.category("clip")
    motion = clip.prior.motion.model_copy(update={"statement": "It moves in another way."})
    other = clip.model_copy(update={"prior": clip.prior.model_copy(update={"motion": motion})})

    def hashes(mode: str) -> list[str]:
        return [
            templates.render(entry, mode, anomalous=True, reason=REASON).prompt_hash()
            for entry in (clip, other)
        ]

    assert len(set(hashes("multi_turn"))) == 2
    assert len(set(hashes("single_turn"))) == 2
    assert len(set(hashes("no_phys"))) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{% user %}{{ prior.componet }}{% enduser %}" + VERDICT, r"mine\.j2:1: .*componet"),
        ("\n\n{% user %}Hi{% endusr %}", r"mine\.j2:3: "),
        (
            "{% user %}Hi{% enduser %}{% assistant %}{% part mood %}x{% endpart %}",
            "unknown part kind",
        ),
        ("{% user %}Hi{% enduser %}{% assistant %}So.{% endassistant %}", "one verdict part"),
        ("{% user %}Hi{% enduser %}" + VERDICT + VERDICT, "must go user, assistant"),
        ("Loose words{% user %}Hi{% enduser %}" + VERDICT, "'Loose words' belongs to no turn"),
        ("{% user %} {% enduser %}" + VERDICT, "turn 1 says nothing"),
        (
            "{% user %}{% part motion %}x{% endpart %}{% enduser %}" + VERDICT,
            "outside an assistant",
        ),
        (
            "{% user %}Hi{% enduser %}{% assistant %}{% part verdict %}Verdict: Normal."
            "{% endpart %}{% endassistant %}",
            "must hold {{ verdict }}",
        ),
        (
            "{% user %}{% for a in range(9999) %}{{ verdict }}{% endfor %}{% enduser %}" + VERDICT,
            "longer than 20000 characters",
        ),
        ("{% user %}{{ category.__class__.__mro__ }}{% enduser %}" + VERDICT, "unsafe"),
        ("", "must go user, assistant"),
    ],
)
def test_a_faulty_template_is_named_with_what_is_wrong(
    tmp_path: Path, kb: KnowledgeBase, text: str, message: str
) -> None:
    with pytest.raises(TemplateError, match=message):
        render(tmp_path, kb, text)


def test_what_python_itself_refuses_in_a_template_is_no_fault_of_ours(
    tmp_path: Path, kb: KnowledgeBase
) -> None:
    with pytest.raises(TemplateError, match=r"mine\.j2"):
        render(tmp_path, kb, "{{ category.name|replace(old='a', old='b', new='c') }}")
    (tmp_path / "other.j2").write_bytes(b"{% user %}\xff{% enduser %}")
    with pytest.raises(TemplateError, match=r"other\.j2"):
        Templates(tmp_path).render(kb.category("clip"), "other", anomalous=True, reason=REASON)


@pytest.mark.parametrize(
    "text",
    [
        "{{ prior.motion.phases|tojson }}",
        "{{ 1 / 0 }}",
        "{{ 'x' + 1 }}",
        "{{ '%d' % category.name }}",
        "{% macro again() %}{{ again() }}{% endmacro %}{{ again() }}",
    ],
)
def test_a_value_that_an_expression_cannot_take_is_the_template_s_error_with_its_line(
    tmp_path: Path, kb: KnowledgeBase, text: str
) -> None:
    with pytest.raises(TemplateError, match=r"mine\.j2:2: "):
        render(tmp_path, kb, f"{{% user %}}\n{text}{{% enduser %}}{VERDICT}")


def test_an_unknown_mode_names_the_known_ones(kb: KnowledgeBase, templates: Templates) -> None:
    with pytest.raises(TemplateError, match="multiturn") as caught:
        templates.render(kb.category("fan"), "multiturn", anomalous=False, reason=REASON)
    assert "multi_turn, no_phys, single_turn" in caught.value.remedy


def test_layout_of_a_template_does_not_matter(
    tmp_path: Path, kb: KnowledgeBase, templates: Templates
) -> None:
    source = templates.path("multi_turn").read_text()
    (tmp_path / "multi_turn.j2").write_text(source.replace("%}\n{% part", "%}   \n\n  {% part"))
    other = Templates(tmp_path)
    fan = kb.category("fan")
    one, two = (
        each.render(fan, "multi_turn", anomalous=False, reason=REASON)
        for each in (templates, other)
    )
    assert one == two


def test_the_question_for_a_description_is_one_open_turn_that_tells_no_physics(
    kb: KnowledgeBase, templates: Templates
) -> None:
    for category in kb.categories.values():
        asked = templates.describe(category)
        assert [turn.role for turn in asked.turns] == ["user", "assistant"]
        assert asked.turns[1].parts == ()
        assert category.name in asked.turns[0].text
        for told in category.prior.component.names:
            if told not in category.name:
                assert told not in asked.turns[0].text


def test_the_question_for_a_description_is_no_mode(templates: Templates) -> None:
    assert "describe" not in templates.modes()
    with pytest.raises(TemplateError):
        templates.path("describe")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{% user %}What?{% enduser %}" + VERDICT, "one user turn and nothing else"),
        ("{% user %}{% enduser %}", "one user turn and nothing else"),
        ("", "one user turn and nothing else"),
        ("{% user %}{{ categry.name }}{% enduser %}", "categry"),
        ("What do you see?", "belongs to no turn"),
        ("{% user %}{{ verdict.x }}{% enduser %}", "has no attribute"),
    ],
)
def test_another_question_for_a_description_is_refused_in_words(
    tmp_path: Path, kb: KnowledgeBase, text: str, said: str
) -> None:
    (tmp_path / "describe.j2").write_text(text)
    with pytest.raises(TemplateError, match=said):
        Templates(tmp_path).describe(kb.category("clip"))


def test_a_folder_without_that_question_says_so(tmp_path: Path, kb: KnowledgeBase) -> None:
    with pytest.raises(TemplateError, match=r"no describe\.j2"):
        Templates(tmp_path).describe(kb.category("clip"))

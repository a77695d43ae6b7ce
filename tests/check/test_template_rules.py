"""What the rules about templates find, to the column; and that they know what rendering refuses."""

from __future__ import annotations

import inspect
from pathlib import Path
from textwrap import dedent

import pytest
from template_cases import (
    ASK,
    END,
    LOOSE,
    QUESTIONS,
    RUBRICS,
    SYNTAX,
    TABLE,
    VERDICTS,
    answering,
    asking,
)

from physprior.check.diagnostic import Diagnostic
from physprior.check.rule import Rule
from physprior.check.rules import rules
from physprior.check.template import read_template
from physprior.dialogue import Templates
from physprior.errors import TemplateError
from physprior.knowledge.load import KnowledgeBase
from physprior.paths import templates_folder

RULES = {rule.code: rule for rule in rules() if rule.template is not None}
ORDER = "turns go user, assistant, user, assistant, …: write the one that is missing, or join two"


def findings(text: str | bytes, path: Path = Path("mine.j2")) -> list[Diagnostic]:
    data = text if isinstance(text, bytes) else text.encode()
    checked = read_template(path, data)
    return sorted(found for rule in RULES.values() for found in rule.on_template(checked))


QUESTION, RUBRIC = Path("describe.j2"), Path("judge/mine.j2")


def shown(text: str, path: Path = Path("mine.j2")) -> list[str]:
    """Each finding on one line: its place, its code, the words that it spans, its message."""
    lines = text.splitlines()
    return [
        f"{d.line}:{d.column} {d.code} "
        f"[{lines[d.line - 1][d.column - 1 : d.end_column - 1] if lines else ''}] {d.message}"
        for d in findings(text, path)
    ]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row[1])
def test_what_is_wrong_is_found_at_its_word_and_nothing_else_is(row: tuple[str, ...]) -> None:
    text, *expected = row
    assert shown(text) == expected


@pytest.mark.parametrize("row", QUESTIONS, ids=lambda row: row[-1])
def test_a_question_for_a_description_is_held_to_what_it_is(row: tuple[str, ...]) -> None:
    text, *expected = row
    assert shown(text, QUESTION) == expected


@pytest.mark.parametrize("row", RUBRICS, ids=lambda row: row[-1])
def test_a_judges_rubric_is_held_to_what_it_is(row: tuple[str, ...]) -> None:
    text, *expected = row
    assert shown(text, RUBRIC) == expected


def test_a_rubric_is_known_by_its_folder_wherever_the_check_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "judge").mkdir()
    monkeypatch.chdir(tmp_path / "judge")
    assert {found.code for found in findings("", Path("mine.j2"))} == {"J007"}


@pytest.mark.parametrize("code", sorted(RULES))
def test_each_rule_has_five_rows_or_more_in_the_tables(code: str) -> None:
    rows = [*TABLE, *QUESTIONS, *RUBRICS]
    assert sum(f" {code} " in said for _, *expected in rows for said in expected) >= 5


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("{% user %}Hi\n", "write {% enduser %} where it ends"),
        ("{% user %}Hi{% endusr %}", "did you mean 'enduser'?"),
        ("{% quiz %}", "the tags are user, assistant, part, and Jinja's own: if, for, set, …"),
        (answering("{% part motoin %}x{% endpart %}"), "did you mean 'motion'?"),
        (
            answering("{% part x %}x{% endpart %}"),
            "the kinds are component, subject, motion, verdict",
        ),
        (asking("{{ category.name|uper }}"), "did you mean 'upper'?"),
        (asking("{{ prior.component.statment }}"), "did you mean 'statement'?"),
        (asking("{{ category.phases }}"), "did you mean prior.motion.phases?"),
        (asking("{{ prior.colour }}"), "the fields here are component, subject, motion"),
        (asking("{{ xyz }}"), "the names here are category, prior, verdict"),
        (
            asking("{{ category.anomalies.name }}"),
            "go through its items with {% for %}, or take one of them: [0]",
        ),
        (asking("{% if category.status == 'reviwed' %}x{% endif %}"), "did you mean 'reviewed'?"),
        (ASK + ASK + END, ORDER),
    ],
)
def test_the_remedy_says_what_to_write(text: str, remedy: str) -> None:
    assert [found.remedy for found in findings(text)] == [remedy]


@pytest.mark.parametrize("path", sorted(templates_folder().rglob("*.j2")), ids=lambda p: p.name)
def test_the_shipped_templates_are_clean(path: Path) -> None:
    assert findings(path.read_bytes(), path) == []


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.name)
def test_the_examples_of_a_page_show_its_rule_and_no_other(rule: Rule) -> None:
    page = inspect.cleandoc(rule.page)
    failing, passing = page.partition("\nFails:\n\n")[2].split("\nPasses:\n\n")
    path = {"J007": RUBRIC, "J008": QUESTION}.get(rule.code, Path("mine.j2"))
    assert {found.code for found in findings(dedent(failing), path)} == {rule.code}
    assert findings(dedent(passing), path) == []
    assert rule.summary


# Rendering and check agree.

BROKEN = [text for text, *_ in (*SYNTAX, *VERDICTS, *LOOSE)] + [
    asking("{{ prior.componet }}"),
    asking("{{ prior.motion.phases.expected }}"),
    asking("{{ category.anomalies[0].nam }}"),
    asking("{{ prior['component']['names'][0].nam }}"),
    asking("{{ loop.index }}"),
    asking("{{ category._private }}"),
    asking("{% for a in category.anomalies %}{{ a.violates.id }}{% endfor %}"),
    asking("{% with c = prior.component %}{{ c.name }}{% endwith %}"),
    asking("{{ category.anomalies|map(attribute='class')|join }}"),
    asking("{{ category.anomalies|groupby('kind')|length }}"),
    asking("{% macro m(x) %}{{ x }}{{ y }}{% endmacro %}{{ m(1) }}"),
    asking("{% for a in category.anomalies %}{% set last = a.id %}{% endfor %}{{ last }}"),
    asking("{% extends 'base.j2' %}"),
    asking("{% block a %}x{% endblock %}{% block a %}y{% endblock %}"),
    ASK.replace("Hi", "{# nothing #}") + END,
    ASK + "{% if true %}Words{% endif %}" + END,
    ASK + "{% assistant %}{{ verdict }}{% endassistant %}",
    ASK,
]

SOUND = [
    ASK + END,
    asking("{{ category.aliases|join(', ') or 'so' }} {{ category.name.upper()[:3] }}"),
    asking("{% if category.aliases %}x{% endif %}"),
    asking("{% for a in category.anomalies %}{{ loop.index }} {{ a.name|capitalize }}{% endfor %}"),
    asking(
        "{% for key, texts in category.classes() %}{{ key }}: {{ texts.references[0] }}{% endfor %}"
    ),
    asking(
        "{% set ns = namespace(n=0) %}{% for a in category.anomalies %}{% set ns.n = ns.n + 1 %}"
    ).replace("{% enduser", "{% endfor %}{{ ns.n }}{% enduser"),
    asking(
        "{% if category.aliases %}{% set w = 'a' %}{% else %}{% set w = 'b' %}{% endif %}{{ w }}"
    ),
    asking(
        "{% macro m(x) %}{{ x.statement }} {{ later }}{% endmacro %}{% set later = 1 %}"
    ).replace("{% enduser", "{{ m(prior.motion) }}{% enduser"),
    asking("{{ (category.anomalies|selectattr('onset', 'equalto', 'persistent')|list)|length }}"),
    asking("{% set name = category.name %}{{ name }} {{ prior['motion'].statement|default('x') }}"),
    "{% for p in prior.motion.phases %}\n{% user %}{{ p.id }}?{% enduser %}\n"
    "{% assistant %}{{ p.expected }}{% endassistant %}\n{% endfor %}\n" + ASK + END,
    ASK + "{% if category.aliases %}" + END + "{% else %}" + END + "{% endif %}",
    (ASK + END).replace("{% part", "{% if category.aliases %}x{% endif %}{% part"),
    (ASK + END).replace("{{ verdict }}", "\n  {{ verdict|trim }}\n"),
    "{% if category.aliases %}" + ASK + "{% endif %}"
    "{% if not category.aliases %}{% user %}Ho{% enduser %}{% endif %}" + END,
    (ASK + END).replace("\n", "\r\n"),
]


def refused(folder: Path, kb: KnowledgeBase, text: str) -> bool:
    """Whether the template cannot be rendered for some category that is shipped."""
    (folder / "mine.j2").write_bytes(text.encode())
    templates = Templates(folder)
    for category in kb.categories.values():
        try:
            templates.render(category, "mine", anomalous=True, reason="The spring is worn.")
        except TemplateError:
            return True
    return False


def test_whatever_rendering_refuses_among_broken_templates_is_found(
    tmp_path: Path, kb: KnowledgeBase
) -> None:
    refused_ones = [text for text in BROKEN if refused(tmp_path, kb, text)]
    assert len(refused_ones) >= 50
    assert [text for text in refused_ones if not findings(text, tmp_path / "mine.j2")] == []


@pytest.mark.parametrize("text", SOUND)
def test_a_sound_template_renders_and_has_no_findings(
    tmp_path: Path, kb: KnowledgeBase, text: str
) -> None:
    assert not refused(tmp_path, kb, text)
    assert findings(text) == []


def test_a_template_that_includes_another_is_judged_by_what_is_certain(tmp_path: Path) -> None:
    (tmp_path / "turn.j2").write_text(ASK)
    text = "{% include 'turn.j2' %}" + END + "{{ categry }}"
    assert [found.code for found in findings(text, tmp_path / "mine.j2")] == ["J002"]

"""Where each text of a dialogue comes from, in the template and in the KB."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from mapped import CLIP, END, MapOf, read

from physprior.dialogue import Templates
from physprior.dialogue.source_map import Fragment, source_map
from physprior.knowledge.load import Entry

# Places in the template


def test_an_expression_and_the_words_around_it_have_places(
    templates: Templates, clip: Entry
) -> None:
    made = source_map(templates, clip, "multi_turn", "normal", 0)
    words, name, more = made.turns[0].parts[0].fragments
    places = [one.place for one in (words, name, more)]
    assert [(p.line, p.column, p.expression) for p in places if p] == [
        (4, 1, ""),
        (4, 11, "{{ category.name }}"),
        (4, 31, ""),
    ]
    assert {p.path for p in places if p} == {templates.path("multi_turn")}
    assert [one.text for one in (words, name)] == ["Watch the ", "spring clip"]
    assert [read(one) for one in (words, name, more)] == [[], ["name"], []]


def test_windows_line_breaks_do_not_shift_places(map_of: MapOf) -> None:
    made = map_of(f"{{% user %}}\r\nHi\r\n  {{{{ category.name }}}}\r\n{{% enduser %}}\r\n{END}")
    place = made.turns[0].parts[0].fragments[-1].place
    assert place
    assert (place.line, place.column) == (3, 3)


def test_what_a_macro_or_an_included_template_writes_is_placed_in_its_own_file(
    asked: Callable[[str], list[Fragment]], tmp_path: Path
) -> None:
    (tmp_path / "more.j2").write_text("More on {{ category.name }}")
    made = asked("{% import 'library.j2' as lib %}{{ lib.shout(category) }}{% include 'more.j2' %}")
    assert [(one.text, one.place and (one.place.path.name, one.place.line)) for one in made] == [
        ("LOUD ", ("library.j2", 2)),
        ("SPRING CLIP", ("library.j2", 2)),
        ("!", ("library.j2", 2)),
        ("More on ", ("more.j2", 1)),
        ("spring clip", ("more.j2", 1)),
    ]


def test_a_turn_that_a_macro_writes_is_mapped_too(map_of: MapOf) -> None:
    made = map_of("{% import 'library.j2' as lib %}{{ lib.turn(category.name) }}" + END)
    (fragment,) = made.turns[0].parts[0].fragments
    assert (fragment.text, read(fragment)) == ("spring clip", ["name"])


# Places in the KB


def test_a_value_has_the_line_on_which_its_words_begin(templates: Templates, clip: Entry) -> None:
    made = source_map(templates, clip, "multi_turn", "normal", 0)
    lines = CLIP.read_text().splitlines()
    values = [
        value
        for turn in made.turns
        for part in turn.parts
        for one in part.fragments
        for value in one.sources
    ]
    assert [value.name for value in values] == [
        "name",
        "prior.component.statement",
        "prior.subject.statement",
        "prior.motion.statement",
        "normal.explanations[1]",
    ]
    starts = ["spring clip", "The clip has", "The handles should", "Therefore, the", "The work of"]
    for value, start in zip(values, starts, strict=True):
        assert value.path == CLIP
        assert lines[value.line - 1][value.column - 1 :].startswith(start)


def test_the_verdict_is_the_video_s_label_and_an_explanation_of_the_kb(
    templates: Templates, clip: Entry
) -> None:
    made = source_map(templates, clip, "no_phys", "unable_to_rebound", 3)
    label, reason = made.turns[-1].parts[0].fragments
    assert (label.text, label.label, read(label)) == ("Verdict: Anomalous. Reason: ", True, [])
    assert not reason.label
    assert read(reason) == ["anomalies[unable_to_rebound].explanations[4]"]
    assert made.explanation == reason.sources[0]


@pytest.mark.parametrize(
    ("text", "written", "reads"),
    [
        ("{{ category.name|upper }}", "SPRING CLIP", ["name"]),
        ("{{ category.name|replace('clip', category.id) }}", "spring clip", ["name", "id"]),
        ("{{ prior.component.names|join(', ') }}", None, ["prior.component.names"]),
        ("{{ prior.component.names[1] }}", "spring", ["prior.component.names[2]"]),
        ("{{ prior.subject.parts|last }}", "torsion spring", ["prior.subject.parts[3]"]),
        ("{{ category['prior']['subject'].parts[0] }}", "handles", ["prior.subject.parts[1]"]),
        ("{{ prior.motion.phases|length }}", "2", ["prior.motion.phases"]),
        ("{{ category.name ~ '/' ~ category.id }}", "spring clip/clip", ["name", "id"]),
        ("{{ '%s!' % category.name }}", "spring clip!", ["name"]),
        ("{{ '{}'.format(category.name) }}", "spring clip", ["name"]),
        ("{{ category.name.split()[0] }}", "spring", ["name"]),
        ("{% set a = prior %}{{ a.component.names[0] }}", None, ["prior.component.names[1]"]),
        ("{% set a = category.name|upper %}{{ a|lower }}", "spring clip", ["name"]),
        ("{% set a = prior.motion.phases|length %}{{ a + 1 }}", "3", ["prior.motion.phases"]),
        ("{% set a %}{{ category.name }}{% endset %}{{ a|upper }}", "SPRING CLIP", ["name"]),
        ("{% set a|upper %}{{ category.name }}{% endset %}{{ a }}", "SPRING CLIP", ["name"]),
        ("{% filter upper %}{{ category.name }}{% endfilter %}", "SPRING CLIP", ["name"]),
        ("{% with a = category.name %}{{ a }}{% endwith %}", "spring clip", ["name"]),
        (
            "{{ prior.motion.phases|map(attribute='id')|join('/') }}",
            "press/release",
            ["prior.motion.phases[press].id", "prior.motion.phases[release].id"],
        ),
        (
            "{{ category.anomaly('unable_to_press').name }}",
            "unable to press",
            ["anomalies[unable_to_press].name"],
        ),
        (
            "{% set ns = namespace(a='') %}{% set ns.a = category.name %}{{ ns.a|upper }}",
            "SPRING CLIP",
            ["name"],
        ),
        (
            "{% macro m(a) %}{{ a|upper }}{% endmacro %}{{ m(category.name)|lower }}",
            "spring clip",
            ["name"],
        ),
    ],
)
def test_what_an_expression_reads_is_known_through_whatever_jinja_does(
    asked: Callable[[str], list[Fragment]], text: str, written: str | None, reads: list[str]
) -> None:
    (fragment,) = asked(text)
    assert read(fragment) == reads
    assert written is None or fragment.text == written


def test_each_turn_of_a_loop_knows_its_own_item(asked: Callable[[str], list[Fragment]]) -> None:
    made = asked("{% for one in prior.motion.phases %}{{ one.expected }} {% endfor %}")
    assert [read(one) for one in made] == [
        ["prior.motion.phases[press].expected", "(prior.motion.phases)"],
        ["prior.motion.phases[release].expected", "(prior.motion.phases)"],
    ]


def test_items_that_a_filter_has_changed_are_those_of_the_list(
    asked: Callable[[str], list[Fragment]],
) -> None:
    made = asked("{% for one in prior.component.names|map('upper') %}{{ one }} {% endfor %}")
    assert [one.text.strip() for one in made] == ["TORSION SPRING", "SPRING"]
    assert all(read(one) == ["prior.component.names"] for one in made)


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("{% if category.aliases %}A{% else %}B{% endif %}", ["(aliases)"]),
        ("{% if category.status == 'draft' %}A{% else %}B{% endif %}", ["(status)"]),
        (
            "{% if category.aliases %}A{% elif category.name %}B{% endif %}",
            ["(aliases)", "(name)"],
        ),
        ("{{ 'A' if category.aliases else 'B' }}", ["(aliases)"]),
        ("{{ category.id if category.aliases else category.name }}", ["name", "(aliases)"]),
        ("{% set a = category.aliases %}{% if not a %}B{% endif %}", ["(aliases)"]),
        (
            "{% if category.status %}{% set a = category.name %}{% endif %}{{ a }}",
            ["name", "(status)"],
        ),
    ],
)
def test_what_a_condition_read_is_said_to_be_read_by_it(
    asked: Callable[[str], list[Fragment]], text: str, reads: list[str]
) -> None:
    (fragment,) = asked(text)
    assert read(fragment) == reads

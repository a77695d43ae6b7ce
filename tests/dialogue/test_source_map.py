"""Where each text of a dialogue comes from; and that looking for it changes no character of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from physprior.dialogue import Templates
from physprior.dialogue.source_map import Fragment, SourceMap, source_map
from physprior.errors import TemplateError
from physprior.knowledge.load import Entry, KnowledgeBase, load_entry
from physprior.paths import kb_folder

CLIP = kb_folder() / "clip.yaml"
ASK = "{% user %}Hi{% enduser %}\n"
END = "{% assistant %}{% part verdict %}{{ verdict }}{% endpart %}{% endassistant %}"
LIBRARY = """\
{% macro shout(one) %}
LOUD {{ one.name|upper }}!
{%- endmacro %}
{% macro wrapped(key) %}[{{ caller() }} {{ key }}]{% endmacro %}
{% macro turn(question) %}{% user %}{{ question }}{% enduser %}{% endmacro %}
"""
MapOf = Callable[..., SourceMap]


@pytest.fixture(scope="module")
def clip() -> Entry:
    return load_entry(CLIP)


@pytest.fixture
def map_of(tmp_path: Path, clip: Entry) -> MapOf:
    """The source map of a template text, with a library beside it."""

    def make(text: str, class_id: str = "unable_to_press", index: int = 2) -> SourceMap:
        (tmp_path / "library.j2").write_text(LIBRARY)
        (tmp_path / "mine.j2").write_text(text)
        return source_map(Templates(tmp_path), clip, "mine", class_id, index)

    return make


@pytest.fixture
def asked(map_of: MapOf) -> Callable[[str], list[Fragment]]:
    """The fragments of a user turn with this text."""

    def make(text: str) -> list[Fragment]:
        made = map_of(f"{{% user %}}{text}{{% enduser %}}{END}")
        return list(made.turns[0].parts[0].fragments)

    return make


def read(fragment: Fragment) -> list[str]:
    """What was read for a fragment; what a condition read, in brackets."""
    return [f"({one.name})" if one.decides else one.name for one in fragment.sources]


def spread(made: SourceMap) -> list[tuple[str, list[tuple[str, str]]]]:
    """The turns of a map, put together from its fragments alone."""
    return [
        (
            turn.role,
            [(part.kind, "".join(one.text for one in part.fragments)) for part in turn.parts],
        )
        for turn in made.turns
    ]


def plain(made: SourceMap) -> list[tuple[str, list[tuple[str, str]]]]:
    """The turns of the dialogue as it is rendered for training."""
    return [
        (turn.role, [(part.kind, part.text) for part in turn.parts]) for turn in made.dialogue.turns
    ]


# The same text


@pytest.mark.parametrize("mode", ["multi_turn", "single_turn", "no_phys"])
def test_every_dialogue_of_the_kb_is_made_up_of_its_fragments(
    kb: KnowledgeBase, templates: Templates, mode: str
) -> None:
    for path in kb.sources.values():
        entry = load_entry(path)
        for number, (class_id, texts) in enumerate(entry.category.classes()):
            index = number % len(texts.explanations)
            made = source_map(templates, entry, mode, class_id, index)
            assert spread(made) == plain(made)
            assert made.dialogue == templates.render(
                entry.category,
                mode,
                anomalous=class_id != "normal",
                reason=texts.explanations[index],
            )


VALUES = st.sampled_from(
    [
        "category.name",
        "category['id']",
        "prior.component.statement",
        "prior.component.names",
        "prior.component.names[0]",
        "prior['subject'].parts[-1]",
        "prior.motion.phases",
        "prior.motion.phases|map(attribute='expected')|join(' ')",
        "prior.motion.phases|map(attribute='id')|list",
        "category.aliases",
        "category.status == 'draft'",
        "category.anomalies|length",
        "category.classes()|map('first')|join",
        "category.anomalies[0]",
        "category.name ~ ' of ' ~ category.id",
        "category.name if category.aliases else category.id",
        "category.nothing is defined",
        "category.aliases or category.name",
        "'%s!'|format(category.name)",
        "'{} {}'.format(category.id, category.name)",
        "category.name.split()",
        "{'a': category.name}['a']",
        "prior.component.names + prior.subject.parts",
        "category.name[1:4]",
        "category.name * 2",
        "category.name is string",
        "lib.shout(category)",
        "verdict",
        "kept",
        "ns.kept",
        "'words'",
        "none",
        "1.5",
    ]
)
FILTERS = st.sampled_from(
    ["", "|upper", "|list", "|length", "|first", "|string", "|tojson", "|e", "|safe", "|pprint"]
)
EXPRESSIONS = st.builds(lambda value, name: f"({value}){name}", VALUES, FILTERS)
WRAPPED = [
    "{{% if {0} %}}{1}{{% elif kept %}}{{{{ kept }}}}{{% else %}}no {1}{{% endif %}}",
    "{{% for each in [{0}, 1] %}}{{{{ loop.index }}}}{{{{ each }}}} {1}{{% else %}}-{{% endfor %}}",
    "{{% for each in [{0}] if each %}}{{{{ each }}}}{1}{{% endfor %}}",
    "{{% set kept = {0} %}}{1}{{{{ kept }}}}",
    "{{% set kept %}}{1}{{{{ {0} }}}}{{% endset %}}{{{{ kept|length }}}} {{{{ kept }}}}",
    "{{% set kept | upper | replace('A', 'b') %}}{1}{{% endset %}}{{{{ kept }}}}",
    "{{% set ns.kept = {0} %}}{1}",
    "{{% with kept = {0} %}}{1}{{% endwith %}}",
    "{{% filter upper|replace('E', ' 3 ') %}}{1}{{% endfilter %}}",
    "{{% call lib.wrapped({0}) %}}{1}{{% endcall %}}",
    "{{% autoescape true %}}<b>{{{{ {0} }}}} & {1}</b>{{% endautoescape %}}",
    "{{% macro own(a, b=category.name) %}}{{{{ a }}}} {1}{{% endmacro %}}{{{{ own({0}) }}}}",
    "{{% print {0} %}}{1}{{% raw %}}{{{{ raw }}}}{{% endraw %}}",
]
STATEMENTS = st.recursive(
    st.builds("words {{{{ {0} }}}} & <more>\n".format, EXPRESSIONS),
    lambda inner: st.builds(
        lambda form, value, body: form.format(value, "".join(body)),
        st.sampled_from(WRAPPED),
        EXPRESSIONS,
        st.lists(inner, min_size=1, max_size=3),
    ),
    max_leaves=8,
)


@given(st.lists(STATEMENTS, min_size=1, max_size=3))
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.filter_too_much,
    ],
)
def test_looking_for_origins_changes_no_character_whatever_the_template(
    tmp_path: Path, clip: Entry, map_of: MapOf, statements: list[str]
) -> None:
    head = "{% import 'library.j2' as lib %}{% set kept = 'k' %}{% set ns = namespace(kept=1) %}"
    text = f"{head}{{% user %}}Hi {' '.join(statements)}{{% enduser %}}{END}"
    (tmp_path / "library.j2").write_text(LIBRARY)
    (tmp_path / "mine.j2").write_text(text)
    try:
        Templates(tmp_path).render(clip.category, "mine", anomalous=True, reason="Why.")
    except TemplateError:
        # A filter that does not fit its value: such a template makes no dataset.
        reject()
    made = map_of(text)
    assert spread(made) == plain(made)


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

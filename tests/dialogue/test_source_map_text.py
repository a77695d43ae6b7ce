"""Looking for where a text comes from changes no character of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from mapped import END, LIBRARY, MapOf, plain, spread

from physprior.dialogue import Templates
from physprior.dialogue.source_map import source_map
from physprior.errors import TemplateError
from physprior.knowledge.load import Entry, KnowledgeBase, load_entry

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


@pytest.mark.slow
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

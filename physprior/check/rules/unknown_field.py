"""A name or field in a template that the schema does not have.

A template knows `category`, `prior` and `verdict`, with the fields of the KB's schema; the question
in `describe.j2` no `verdict` yet; a judge's rubric `category`, `task`, `anomalous`, `truth`,
`references` and `answer`, which have no fields. A misspelt field is found here before anything is
rendered: also in a branch that few categories take, and also under `default`, which would hide it
for ever. Fields are followed through loops, `set`, indices and filters; where a type cannot be
told, nothing is said.

Fails:

    {% user %}
    Which component makes the {{ category.name }} work?
    {% enduser %}
    {% assistant %}
    {{ prior.component.statment }}
    {% part verdict %}{{ verdict }}{% endpart %}
    {% endassistant %}

Passes:

    {% user %}
    Which component makes the {{ category.name }} work?
    {% enduser %}
    {% assistant %}
    {{ prior.component.statement }}
    {% part verdict %}{{ verdict }}{% endpart %}
    {% endassistant %}
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from physprior.check.diagnostic import Edit, Fix, Position
from physprior.check.rule import Rule, TemplateFinding
from physprior.knowledge.spans import typed
from physprior.knowledge.text import quoted
from physprior.knowledge.validation import did_you_mean

if TYPE_CHECKING:
    from physprior.check.template import CheckedTemplate
    from physprior.check.template.names import Unknown


def check(checked: CheckedTemplate) -> Iterator[TemplateFinding]:
    """One finding for each name or field that there is not."""
    for unknown in checked.names.unknown if checked.names else ():
        place = checked.word(unknown.start)
        yield TemplateFinding(
            place, _message(unknown), _remedy(unknown), _fix(checked, place, unknown)
        )


def _fix(checked: CheckedTemplate, place: Position, unknown: Unknown) -> Fix | None:
    """The word that is meant, where the remedy names one and no other."""
    meant = re.fullmatch(r"did you mean '?(\w+)'?\?", _remedy(unknown))
    if meant is None or typed(checked.lines, place) != unknown.word:
        return None
    return Fix(f"write {meant[1]!r} for {unknown.word!r}", (Edit(place, meant[1]),), safe=False)


def _message(unknown: Unknown) -> str:
    from physprior.check.template.types import Loop, is_entity, is_text

    word, value = quoted(unknown.word), unknown.value
    if value is None:
        return f"a template has no name {word}"
    if unknown.word.startswith("_"):
        return f"the field {word} of {value.described} is closed to templates"
    if isinstance(value.type, Loop):
        return f"Jinja's loop has no field {word}"
    if unknown.word.isdigit():
        return f"the schema has no item {unknown.word} in {value.described}"
    kind = (
        ""
        if is_entity(value.type)
        else ", which is "
        + ("text" if is_text(value.type) else "a number" if _is_number(value.type) else "a list")
    )
    return f"the schema has no field {word} in {value.described}{kind}"


def _remedy(unknown: Unknown) -> str:
    from physprior.check.template.types import homes, is_entity, is_list

    word, value = unknown.word, unknown.value
    is_part = value is not None and is_entity(value.type)
    elsewhere = " or ".join(list(homes(word))[:3]) if is_part else ""
    meant = "" if word.startswith("_") else did_you_mean(word, unknown.known)
    if elsewhere or meant:
        return f"did you mean {elsewhere or repr(meant)}?"
    if value is None:
        return f"the names here are {', '.join(unknown.known)}"
    if is_list(value.type):
        return "go through its items with {% for %}, or take one of them: [0]"
    if is_part:
        return f"the fields here are {', '.join(unknown.known)}"
    return "write it without this field"


def _is_number(of: object) -> bool:
    return of in (int, bool)


RULE = Rule("J002", "unknown-field", __doc__, template=check, fixes="unsafe")

"""A place where a template writes out something that is no text.

`prior` is made of fields, and `prior.subject.parts` is a list. Written out as they are, they come
as Python shows them, brackets and quotation marks included, and the model would be taught them.

Fails:

    {% user %}
    Which parts of the {{ category.name }} move?
    {% enduser %}
    {% assistant %}
    These parts move: {{ prior.subject.parts }}.
    {% part verdict %}{{ verdict }}{% endpart %}
    {% endassistant %}

Passes:

    {% user %}
    Which parts of the {{ category.name }} move?
    {% enduser %}
    {% assistant %}
    These parts move: {{ prior.subject.parts | join(", ") }}.
    {% part verdict %}{{ verdict }}{% endpart %}
    {% endassistant %}
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from physprior.check.rule import Rule, TemplateFinding

if TYPE_CHECKING:
    from physprior.check.template import CheckedTemplate
    from physprior.check.template.types import Value


def check(checked: CheckedTemplate) -> Iterator[TemplateFinding]:
    """One finding for each such place."""
    for printed in checked.names.printed if checked.names else ():
        what, remedy = _said(printed.value)
        yield TemplateFinding(
            checked.word(printed.start),
            f"{printed.value.described} is {what}, and is written out as Python shows it",
            remedy,
        )


def _said(value: Value) -> tuple[str, str]:
    from physprior.check.template.types import Method, fields, is_entity, is_list

    if is_entity(value.type):
        return "made of fields", f"write out one of them: {', '.join(fields(value.type))}"
    if is_list(value.type):
        return "a list", f"write {value.label} | join(', '), or go through it with {{% for %}}"
    if isinstance(value.type, Method):
        return "a function", "call it: put () behind it"
    return "no text", "write out a part of it"


RULE = Rule("J006", "printed-structure", __doc__, template=check)

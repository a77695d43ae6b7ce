"""A template that Jinja cannot read.

A tag that is not closed or not known, a part of an unknown kind, a filter that Jinja does not have:
no dialogue can be rendered from such a template. The part kinds are component, subject, motion and
verdict; the tags are `user`, `assistant` and `part`, and those of Jinja.

Fails:

    {% user %}
    Is the {{ category.name }} normal or anomalous?
    {% enduser %}
    {% assistant %}
    {% part verdct %}{{ verdict }}{% endpart %}
    {% endassistant %}

Passes:

    {% user %}
    Is the {{ category.name }} normal or anomalous?
    {% enduser %}
    {% assistant %}
    {% part verdict %}{{ verdict }}{% endpart %}
    {% endassistant %}
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from physprior.check.rule import Rule, TemplateFinding

if TYPE_CHECKING:
    from physprior.check.template import CheckedTemplate


def check(checked: CheckedTemplate) -> Iterator[TemplateFinding]:
    """The error that ended the reading; else one finding for each thing that Jinja lacks."""
    if checked.error is not None:
        yield checked.error
        return
    from physprior.check.template.parse import faults

    yield from faults(checked)


RULE = Rule("J001", "template-syntax", __doc__, template=check, fixes="safe or unsafe")

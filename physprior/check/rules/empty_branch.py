"""A branch, turn or part of a template that can never render text.

An `else` that was left empty, a loop whose body only sets a variable, a part without words, a test
that is the same for every category: each looks as if the template said something there. A text
that was meant is missing, or the branch is a leftover.

Fails:

    {% user %}
    Is the {{ category.name }} normal or anomalous?
    {% if category.aliases %}
    {# name them? #}
    {% endif %}
    {% enduser %}
    {% assistant %}
    {% part verdict %}{{ verdict }}{% endpart %}
    {% endassistant %}

Passes:

    {% user %}
    Is the {{ category.name }} normal or anomalous?
    {% if category.aliases %}
    It is also called {{ category.aliases|join(" or ") }}.
    {% endif %}
    {% enduser %}
    {% assistant %}
    {% part verdict %}{{ verdict }}{% endpart %}
    {% endassistant %}
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from physprior.check.rule import Rule, TemplateFinding
from physprior.knowledge.text import quoted
from physprior.knowledge.validation import did_you_mean

if TYPE_CHECKING:
    from jinja2 import nodes

    from physprior.check.template import CheckedTemplate
    from physprior.check.template.outline import Branch, Item, Outline, Span

_DELETE = "write what it should say, or delete it"


def check(checked: CheckedTemplate) -> Iterator[TemplateFinding]:
    """One finding for each innermost thing that never renders text, and each constant test."""
    if checked.outline is None or checked.names is None:
        return
    yield from _Emptiness(checked, checked.outline).among(checked.outline.items)
    for never in checked.names.never:
        from physprior.check.template.types import allowed

        values = allowed(never.value.type)
        meant = did_you_mean(never.text, values)
        yield TemplateFinding(
            checked.span(never.start, len(never.text) + 2),
            f"{never.value.described} is never {quoted(never.text)}, so this test never varies",
            f"did you mean '{meant}'?" if meant else f"its values are {', '.join(values)}",
        )


class _Emptiness:
    def __init__(self, checked: CheckedTemplate, outline: Outline) -> None:
        self.checked, self.uses = checked, outline.uses

    def among(self, items: Sequence[Item]) -> Iterator[TemplateFinding]:
        """The findings in these items; what holds an empty thing is not reported again."""
        from physprior.check.template.outline import Choice, Loop, Span

        for item in items:
            if isinstance(item, Span):
                yield from self._span(item)
            elif isinstance(item, Choice):
                for branch in item.branches:
                    yield from self._constant(branch)
                    yield from self._branch(branch, f"this '{branch.tag.word}' branch", sets=True)
            elif isinstance(item, Loop):
                if _is_empty_list(item.over):
                    yield self._at(item.start, "this loop goes over an empty list", _DELETE)
                yield from self._branch(item.body, "the body of this 'for'", sets=False)
                if item.other is not None:
                    yield from self._branch(item.other, "this 'else' branch", sets=True)

    def _span(self, span: Span) -> Iterator[TemplateFinding]:
        inner = list(self.among(span.items))
        yield from inner
        # An empty verdict part is J004's.
        if not inner and span.name != "verdict" and not self._writes(span.items, sets=False):
            what = f"this {span.name} turn" if span.is_turn else f"this part '{span.name}'"
            yield self._at(span.start, f"{what} is empty", _DELETE)

    def _branch(self, branch: Branch, what: str, *, sets: bool) -> Iterator[TemplateFinding]:
        inner = list(self.among(branch.items))
        yield from inner
        if not inner and not self._writes(branch.items, sets=sets):
            yield self._at(branch.tag.start, f"{what} renders nothing", _DELETE)

    def _constant(self, branch: Branch) -> Iterator[TemplateFinding]:
        from jinja2 import nodes

        test = branch.test
        if test is None or isinstance(test, nodes.Name) or test.find(nodes.Name) is not None:
            return
        yield self._at(
            branch.tag.start,
            f"the test of this '{branch.tag.word}' is the same for every category",
            "test a field of the schema, or keep only the branch that is taken",
        )

    def _writes(self, items: Sequence[Item], *, sets: bool) -> bool:
        """Whether any path through the items writes something; or sets a name that is read."""
        from physprior.check.template.outline import Loop, Setting, Words, held

        for item in items:
            if isinstance(item, Words) or getattr(item, "name", "") == "verdict":
                return True
            if isinstance(item, Setting):
                if (sets or item.lasting) and self.uses.intersection(item.names):
                    return True
            else:
                # What a loop sets is forgotten when it ends.
                kept = sets and not isinstance(item, Loop)
                if any(self._writes(inner, sets=kept) for inner in held(item)):
                    return True
        return False

    def _at(self, start: int, message: str, remedy: str) -> TemplateFinding:
        return TemplateFinding(self.checked.word(start), message, remedy)


def _is_empty_list(over: nodes.Node) -> bool:
    from jinja2 import nodes

    return isinstance(over, nodes.List | nodes.Tuple) and not over.items


RULE = Rule("J003", "empty-branch", __doc__, template=check)

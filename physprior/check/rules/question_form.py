"""A question for a description that is not one user turn.

`describe.j2` asks the model what it sees, in a conversation of its own: one user turn, and nothing
else. What follows is the model's own, so there is no assistant turn to write, and no verdict yet.

Fails:

    {% user %}
    Describe what happens to the {{ category.name }}.
    {% enduser %}
    {% assistant %}
    {{ prior.motion.statement }}
    {% endassistant %}

Passes:

    {% user %}
    Describe what happens to the {{ category.name }}.
    {% enduser %}
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from physprior.check.diagnostic import START
from physprior.check.rule import Rule, TemplateFinding

if TYPE_CHECKING:
    from physprior.check.template import CheckedTemplate
    from physprior.check.template.outline import Item, Span

_ASK = "write one {% user %} … {% enduser %} that is always there"


def check(checked: CheckedTemplate) -> Iterator[TemplateFinding]:
    """What would make the question none, two, or one with its answer, where that is certain."""
    if checked.kind != "question" or checked.outline is None or not checked.outline.whole:
        return
    from physprior.check.template.outline import Span, walk

    items = checked.outline.items
    turns = [item for item in walk(items) if isinstance(item, Span) and item.is_turn]
    for turn in turns:
        if turn.name == "assistant":
            message = "the answer to this question is the model's own"
            yield TemplateFinding(checked.word(turn.start), message, "delete this turn")
    asked = [turn for turn in turns if turn.name == "user"]
    if not asked:
        yield TemplateFinding(START, "nothing is asked: there is no user turn", _ASK)
        return
    yield from _number(checked, items, asked)


def _number(
    checked: CheckedTemplate, items: Sequence[Item], asked: Sequence[Span]
) -> Iterator[TemplateFinding]:
    """What is wrong with the number of user turns that a path meets."""
    from physprior.check.template.outline import Choice, walk

    least, most = _turns(items)
    # Two ifs may well test opposite things; of what depends on both, nothing is certain.
    certain = sum(isinstance(item, Choice) for item in walk(items)) < 2
    if most > 1 and (certain or least > 1):
        place, message = checked.word(asked[-1].start), "a second question; one alone is asked"
        yield TemplateFinding(place, message, "join it with the first, or delete it")
    elif least < 1 and certain:
        place, message = checked.word(asked[0].start), "this question is not asked on every path"
        yield TemplateFinding(place, message, _ASK)


def _turns(items: Sequence[Item]) -> tuple[int, int]:
    """The least and the most user turns that a path through the items meets."""
    from physprior.check.template.outline import Choice, Loop, Span

    least = most = 0
    for item in items:
        ends = [(0, 0)]
        if isinstance(item, Span):
            ends = [(1, 1)] if item.name == "user" else ends
        elif isinstance(item, Choice):
            ends = [_turns(branch.items) for branch in item.branches]
            ends += [] if item.exhaustive else [(0, 0)]
        elif isinstance(item, Loop):
            once = _turns(item.body.items)
            ends = [(2 * number, 2 * number) for number in once]
            ends.append(_turns(item.other.items) if item.other else (0, 0))
        least += min(end[0] for end in ends)
        most += max(end[1] for end in ends)
    return least, most


RULE = Rule("J008", "question-form", __doc__, template=check)

"""Text outside the turns, a part outside an answer, or turns out of order.

A dialogue is made of turns that alternate: user, assistant, user, assistant. Words between them
would belong to nobody; a part marks what an answer says, so it stands in an assistant turn; a turn
within a turn, or two of one side in a row, is no conversation.

Fails:

    Look closely.
    {% user %}
    Is the {{ category.name }} normal or anomalous?
    {% enduser %}
    {% assistant %}
    {% part verdict %}{{ verdict }}{% endpart %}
    {% endassistant %}

Passes:

    {# Comments may stand anywhere. #}
    {% user %}
    Look closely. Is the {{ category.name }} normal or anomalous?
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

if TYPE_CHECKING:
    from physprior.check.template import CheckedTemplate
    from physprior.check.template.outline import Item, Span

_ORDER = "turns go user, assistant, user, assistant, …: write the one that is missing, or join two"


def check(checked: CheckedTemplate) -> Iterator[TemplateFinding]:
    """What ``read_turns`` would refuse when the template is rendered, where that is certain."""
    outline = checked.outline
    if checked.kind in ("rubric", "request") or outline is None or not outline.whole:
        return
    yield from _loose(checked, outline.items, None)
    if checked.kind == "dialogue":
        yield from _Order(checked).findings(outline.items)


def _loose(
    checked: CheckedTemplate, items: Sequence[Item], around: Span | None
) -> Iterator[TemplateFinding]:
    from physprior.check.template.outline import Span, Words, held

    for item in items:
        if isinstance(item, Words) and around is None:
            yield _words(checked, item)
        elif isinstance(item, Span):
            if _stands_ill(item, around):
                yield _misplaced(checked, item, around)
            yield from _loose(checked, item.items, item)
        for inner in held(item) if not isinstance(item, Span) else ():
            yield from _loose(checked, inner, around)


def _words(checked: CheckedTemplate, words: Item) -> TemplateFinding:
    text = getattr(words, "text", "").partition("\n")[0].rstrip()
    position = checked.span(words.start, len(text)) if text else checked.word(words.start)
    what = f"the text {quoted(text)}" if text else "this expression"
    return TemplateFinding(
        position,
        f"{what} belongs to no turn",
        "move it into a {% user %} or {% assistant %} turn, or make it a comment: {# … #}",
    )


def _stands_ill(span: Span, around: Span | None) -> bool:
    if span.is_turn:
        return around is not None
    return around is None or around.name != "assistant"


def _misplaced(checked: CheckedTemplate, span: Span, around: Span | None) -> TemplateFinding:
    what = f"a {span.name} turn" if span.is_turn else f"the part '{span.name}'"
    if around is None:
        where, remedy = "outside an assistant turn", "move it into one"
    else:
        line = checked.line(around.start)
        holder = f"{around.name} turn" if around.is_turn else f"part '{around.name}'"
        where = f"inside the {holder} of line {line}"
        end = f"end{around.name}" if around.is_turn else "endpart"
        remedy = f"write {{% {end} %}} before it"
    if not span.is_turn and around is not None and around.name == "user":
        remedy = "parts mark what an answer says; move it into an assistant turn"
    return TemplateFinding(checked.word(span.start), f"{what} stands {where}", remedy)


class _Order:
    """Follows every path through the turns; a state is the side that spoke last, "" for none."""

    def __init__(self, checked: CheckedTemplate) -> None:
        self.checked = checked
        self.certain = False
        self.found: dict[int, TemplateFinding] = {}

    def findings(self, items: Sequence[Item]) -> Iterator[TemplateFinding]:
        """One finding for each turn that follows a turn of its own side on some path."""
        turns = list(_turns(items))
        # Two ifs may well test opposite things: then only what all paths have is reported.
        self.certain = _choices(items) > 1
        ends = self._after(items, frozenset([""]))
        yield from self.found.values()
        if "user" in ends and (not self.certain or ends == {"user"}):
            last = [turn for turn in turns if turn.name == "user"][-1]
            position = self.checked.word(last.start)
            yield TemplateFinding(position, "no assistant turn follows this user turn", _ORDER)

    def _after(self, items: Sequence[Item], states: frozenset[str]) -> frozenset[str]:
        from physprior.check.template.outline import Choice, Loop, Span

        for item in items:
            if isinstance(item, Span) and item.is_turn:
                self._speaks(item, states)
                states = frozenset([item.name])
            elif isinstance(item, Choice):
                ends = [self._after(branch.items, states) for branch in item.branches]
                states = frozenset().union(*ends, *([] if item.exhaustive else [states]))
            elif isinstance(item, Loop):
                once = self._after(item.body.items, states)
                again = self._after(item.body.items, once)
                never = self._after(item.other.items, states) if item.other else states
                states = once | again | never
        return states

    def _speaks(self, turn: Span, states: frozenset[str]) -> None:
        wrong = states & ({"user"} if turn.name == "user" else {"assistant", ""})
        if not wrong or (self.certain and wrong != states) or turn.start in self.found:
            return
        message = f"a second {turn.name} turn in a row"
        if wrong == {""}:
            message = "the dialogue begins with an assistant turn"
        self.found[turn.start] = TemplateFinding(self.checked.word(turn.start), message, _ORDER)


def _turns(items: Sequence[Item]) -> Iterator[Span]:
    """The turns that stand in no other turn."""
    from physprior.check.template.outline import Span, held

    for item in items:
        if isinstance(item, Span):
            if item.is_turn:
                yield item
        else:
            for inner in held(item):
                yield from _turns(inner)


def _choices(items: Sequence[Item]) -> int:
    """How many ``if`` hold turns."""
    from physprior.check.template.outline import Choice, Span, held

    count = 0
    for item in items:
        if not isinstance(item, Span):
            count += isinstance(item, Choice) and any(True for _ in _turns([item]))
            count += sum(_choices(inner) for inner in held(item))
    return count


RULE = Rule("J005", "loose-text", __doc__, template=check)

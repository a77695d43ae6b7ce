"""A mode whose dialogue does not end, on every path, in one verdict part.

The verdict is what is scored, and what prediction leaves open for the model to say. So each
dialogue ends in one `{% part verdict %}` that holds `{{ verdict }}` and nothing else: not in a
loop, not in an `if` without an `else` that has one too, and with nothing after it.

Fails:

    {% user %}
    Is the {{ category.name }} normal or anomalous?
    {% enduser %}
    {% assistant %}
    {% if category.aliases %}{% part verdict %}{{ verdict }}{% endpart %}{% endif %}
    {% endassistant %}

Passes:

    {% user %}
    Is the {{ category.name }} normal or anomalous?
    {% enduser %}
    {% assistant %}
    {% if category.aliases %}That is {{ category.aliases[0] }}.{% endif %}
    {% part verdict %}{{ verdict }}{% endpart %}
    {% endassistant %}
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from physprior.check.diagnostic import START
from physprior.check.rule import Rule, TemplateFinding

if TYPE_CHECKING:
    from physprior.check.template import CheckedTemplate
    from physprior.check.template.outline import Branch, Choice, Item, Loop, Outline, Span

_PART = "{% part verdict %}{{ verdict }}{% endpart %}"
_SAME = ("trim", "string", "safe")


@dataclass(frozen=True)
class _Site:
    """One verdict part and its way down from the whole template."""

    span: Span
    way: tuple[tuple[Item, Branch | None], ...]
    """The turns, choices and loops around it, with the branch that it stands in."""
    after: tuple[tuple[tuple[Item, ...], bool], ...]
    """What follows at each level, and whether that level is within a turn."""

    @property
    def choices(self) -> list[Choice]:
        """The ``if`` around it, the outermost first."""
        from physprior.check.template.outline import Choice

        return [item for item, _ in self.way if isinstance(item, Choice)]

    @property
    def loops(self) -> list[Loop]:
        """The loops around it."""
        from physprior.check.template.outline import Loop

        return [item for item, _ in self.way if isinstance(item, Loop)]

    def excludes(self, other: _Site) -> bool:
        """Whether the two stand in different branches of one ``if``."""
        branches = {id(item): branch for item, branch in self.way if branch is not None}
        return any(branches.get(id(item), branch) is not branch for item, branch in other.way)


def check(checked: CheckedTemplate) -> Iterator[TemplateFinding]:
    """What keeps the dialogue from ending in its one verdict part, where that is certain."""
    outline = checked.outline
    if outline is None or not outline.whole or checked.kind != "dialogue":
        return
    sites = list(_sites(outline.items, (), ()))
    if not sites:
        yield _none(checked, outline)
        return
    yield from _renamed(checked, outline)
    for site in sites:
        if not _holds_verdict(site.span):
            message = "the verdict part must hold {{ verdict }} and nothing else"
            yield _at(checked, site, message, f"write {_PART}")
    looped = [site for site in sites if site.loops]
    for site in looped:
        line = checked.line(site.loops[0].start)
        message = f"the verdict part stands in the loop of line {line}, so it may come any number"
        yield _at(checked, site, f"{message} of times", "move it behind the loop")
    if not looped:
        yield from _paths(checked, outline, sites)


def _paths(
    checked: CheckedTemplate, outline: Outline, sites: Sequence[_Site]
) -> Iterator[TemplateFinding]:
    """What is wrong with single paths through a template without verdicts in loops."""
    # Two ifs may well test opposite things; of what depends on both, nothing is certain.
    apart = len({site.choices[0].start for site in sites if site.choices}) > 1
    if not apart and not _covers(outline.items):
        site = next(site for site in sites if site.choices)
        line = checked.line(_gap(site).start)
        yield _at(
            checked,
            site,
            f"the verdict part is not reached on every path: it hangs on the 'if' of line {line}",
            "move it behind the 'endif', or give each branch one, the 'else' included",
        )
    for number, site in enumerate(sites):
        for first in sites[:number]:
            if not first.excludes(site) and not (apart and (first.choices or site.choices)):
                line = checked.line(first.span.start)
                message = f"a second verdict part on one path; the first is in line {line}"
                yield _at(checked, site, message, "keep the one that stands last")
                break
        else:
            yield from _behind(checked, site)


def _behind(checked: CheckedTemplate, site: _Site) -> Iterator[TemplateFinding]:
    """At most one finding: the first thing that is written after a verdict part."""
    for items, within_turn in site.after:
        for item, sure in _written(items, sure=True):
            words_outside = not within_turn and not hasattr(item, "items")
            if words_outside or _has_verdict(item) or (site.choices and not sure):
                continue
            line = checked.line(site.span.start)
            yield TemplateFinding(
                checked.word(item.start),
                f"this stands after the verdict part of line {line}, which must be the last",
                "move it before the verdict part, or delete it",
            )
            return


def _sites(
    items: Sequence[Item],
    way: tuple[tuple[Item, Branch | None], ...],
    after: tuple[tuple[tuple[Item, ...], bool], ...],
) -> Iterator[_Site]:
    from physprior.check.template.outline import Choice, Loop, Span

    within = any(isinstance(item, Span) for item, _ in way)
    for at, item in enumerate(items):
        behind = ((tuple(items[at + 1 :]), within), *after)
        if isinstance(item, Span) and item.name == "verdict":
            yield _Site(item, way, behind)
        elif isinstance(item, Span):
            yield from _sites(item.items, (*way, (item, None)), behind)
        elif isinstance(item, Choice):
            for branch in item.branches:
                yield from _sites(branch.items, (*way, (item, branch)), behind)
        elif isinstance(item, Loop):
            for branch in filter(None, (item.body, item.other)):
                yield from _sites(branch.items, (*way, (item, branch)), behind)


def _written(items: Sequence[Item], *, sure: bool) -> Iterator[tuple[Item, bool]]:
    """The outermost words, turns and parts, and whether they are there on every path."""
    from physprior.check.template.outline import Span, Words, held

    for item in items:
        if isinstance(item, Words | Span):
            yield item, sure
        else:
            for inner in held(item):
                yield from _written(inner, sure=False)


def _covers(items: Sequence[Item]) -> bool:
    """Whether every path through the items meets a verdict part."""
    from physprior.check.template.outline import Choice, Span

    for item in items:
        if isinstance(item, Span) and (item.name == "verdict" or _covers(item.items)):
            return True
        branches = item.branches if isinstance(item, Choice) and item.exhaustive else ()
        if branches and all(_covers(branch.items) for branch in branches):
            return True
    return False


def _has_verdict(item: Item) -> bool:
    from physprior.check.template.outline import walk

    return any(getattr(inner, "name", "") == "verdict" for inner in walk([item]))


def _gap(site: _Site) -> Choice:
    """The outermost ``if`` around a verdict part that has a path without one."""
    return next((choice for choice in site.choices if not _covers([choice])), site.choices[0])


def _holds_verdict(span: Span) -> bool:
    from jinja2 import nodes

    from physprior.check.template.outline import Words

    if len(span.items) != 1 or not isinstance(span.items[0], Words):
        return False
    value = span.items[0].value
    while isinstance(value, nodes.Filter) and value.name in _SAME and value.node is not None:
        value = value.node
    return isinstance(value, nodes.Name) and value.name == "verdict"


def _renamed(checked: CheckedTemplate, outline: Outline) -> Iterator[TemplateFinding]:
    from physprior.check.template.outline import Setting, walk

    for item in walk(outline.items):
        if isinstance(item, Setting) and "verdict" in item.names:
            yield TemplateFinding(
                checked.word(item.start),
                "the name 'verdict' is given another meaning",
                "use another name; 'verdict' is the sentence that the last part must hold",
            )


def _none(checked: CheckedTemplate, outline: Outline) -> TemplateFinding:
    from physprior.check.template.outline import Span, walk

    answers = [i for i in walk(outline.items) if isinstance(i, Span) and i.name == "assistant"]
    return TemplateFinding(
        checked.word(answers[-1].start) if answers else START,
        f"the mode '{checked.path.stem}' has no verdict part",
        f"end its last assistant turn with {_PART}",
    )


def _at(checked: CheckedTemplate, site: _Site, message: str, remedy: str) -> TemplateFinding:
    return TemplateFinding(checked.word(site.span.start), message, remedy)


RULE = Rule("J004", "no-verdict-part", __doc__, template=check)

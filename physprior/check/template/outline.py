"""A template as the rules of its shape see it: turns, parts, texts, branches and loops, nested.

The tags of a dialogue leave marks in Jinja's tree (see ``physprior.dialogue.tags``), each pair of
them in one list of nodes; between a pair stands what the tag holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from jinja2 import nodes

from physprior.check.template.tags import Tag, branches
from physprior.dialogue.tags import MARKS

_OPEN, _NAME_ENDS, _CLOSE = tuple(MARKS)
TURNS = ("user", "assistant")


@dataclass(frozen=True)
class Words:
    """Something that is written out: a piece of text, or an expression."""

    start: int
    """Its offset; for a text, that of its first character that is not white space."""
    text: str = ""
    """The text; empty for an expression."""
    value: nodes.Expr | None = None
    """The expression, without those that write nothing whatever they are given."""


@dataclass(frozen=True)
class Setting:
    """A ``set``, which writes nothing."""

    start: int
    names: tuple[str, ...]
    lasting: bool
    """Whether it sets an attribute of a namespace, which outlives a loop."""


@dataclass(frozen=True)
class Span:
    """A turn or a part."""

    start: int
    """The offset of the tag's word."""
    name: str
    """``user``, ``assistant``, or the part's kind."""
    items: tuple[Item, ...]

    @property
    def is_turn(self) -> bool:
        """Whether it is a turn."""
        return self.name in TURNS


@dataclass(frozen=True)
class Branch:
    """One branch of an ``if``, or the body or ``else`` of a ``for``."""

    tag: Tag
    test: nodes.Node | None
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Choice:
    """An ``if`` with its branches; one of them is taken, or none where it has no ``else``."""

    start: int
    branches: tuple[Branch, ...]

    @property
    def exhaustive(self) -> bool:
        """Whether one of the branches is always taken."""
        return self.branches[-1].tag.word == "else"


@dataclass(frozen=True)
class Loop:
    """A ``for``: its body, taken any number of times, and its ``else``."""

    start: int
    over: nodes.Node
    body: Branch
    other: Branch | None


Item = Words | Setting | Span | Choice | Loop


@dataclass(frozen=True)
class Outline:
    """The whole template."""

    items: tuple[Item, ...]
    whole: bool
    """False where turns may come from elsewhere: macros, other templates, texts that were set."""
    uses: frozenset[str]
    """The names that are read somewhere."""


def outline_of(tree: nodes.Template, tags: Sequence[Tag]) -> Outline:
    """The outline of a tree whose nodes are numbered by offsets."""
    builder = _Builder(branches(tags))
    items = tuple(builder.items(tree.body))
    uses = {node.name for node in tree.find_all(nodes.Name) if node.ctx == "load"}
    return Outline(items, builder.whole, frozenset(uses))


def walk(items: Sequence[Item]) -> Iterator[Item]:
    """All items and what they hold, in the order of the text."""
    for item in items:
        yield item
        for inner in held(item):
            yield from walk(inner)


def held(item: Item) -> tuple[tuple[Item, ...], ...]:
    """The lists of items that an item holds."""
    if isinstance(item, Span):
        return (item.items,)
    if isinstance(item, Choice):
        return tuple(branch.items for branch in item.branches)
    if isinstance(item, Loop):
        return (item.body.items, item.other.items) if item.other else (item.body.items,)
    return ()


def is_mark(node: nodes.Node, sign: str = _OPEN) -> bool:
    """Whether a node is the mark that a tag of a dialogue leaves where it opens, or closes."""
    return (
        isinstance(node, nodes.Output)
        and len(node.nodes) == 1
        and isinstance(node.nodes[0], nodes.TemplateData)
        and node.nodes[0].data.startswith(sign)
    )


def _has_turns(node: nodes.Node) -> bool:
    return any(data.data.startswith(_OPEN) for data in node.find_all(nodes.TemplateData))


@dataclass
class _Builder:
    branches: dict[int, tuple[Tag, ...]]
    whole: bool = True

    def items(self, body: Sequence[nodes.Node]) -> Iterator[Item]:
        """The items of a list of nodes, in which marks come in pairs."""
        at = 0
        while at < len(body):
            if is_mark(body[at], _OPEN):
                end = _closing(body, at)
                yield self._spanned(body[at], body[at + 1 : end])
                at = end
            else:
                yield from self._item(body[at])
            at += 1

    def _spanned(self, mark: nodes.Node, body: Sequence[nodes.Node]) -> Span:
        assert isinstance(mark, nodes.Output)
        data = mark.nodes[0]
        assert isinstance(data, nodes.TemplateData)
        name = data.data[len(_OPEN) : -len(_NAME_ENDS)]
        return Span(mark.lineno, name, tuple(self.items(body)))

    def _item(self, node: nodes.Node) -> Iterator[Item]:
        if isinstance(node, nodes.Output):
            yield from _written(node)
        elif isinstance(node, nodes.If):
            yield self._choice(node)
        elif isinstance(node, nodes.For):
            yield self._loop(node)
        elif isinstance(node, nodes.Assign | nodes.AssignBlock):
            self.whole &= not _has_turns(node)
            yield _setting(node)
        elif isinstance(node, nodes.With | nodes.Scope | nodes.ScopedEvalContextModifier):
            yield from self.items(node.body)
        elif isinstance(node, nodes.Macro):
            self.whole &= not _has_turns(node)
        elif isinstance(node, nodes.Import | nodes.FromImport):
            self.whole = False
        else:
            # An include, a block, a call with a body, a filtered text: what it writes is open.
            self.whole &= isinstance(node, nodes.FilterBlock) and not _has_turns(node)
            yield Words(node.lineno, value=nodes.Name("it", "load", lineno=node.lineno))

    def _choice(self, node: nodes.If) -> Choice:
        tags = self.branches[node.lineno]
        tests = [node, *node.elif_]
        bodies = [(each.test, each.body) for each in tests]
        found = [
            Branch(tag, test, tuple(self.items(body)))
            for tag, (test, body) in zip(tags, bodies, strict=False)
        ]
        if len(tags) > len(bodies):
            found.append(Branch(tags[-1], None, tuple(self.items(node.else_))))
        return Choice(node.lineno, tuple(found))

    def _loop(self, node: nodes.For) -> Loop:
        tags = self.branches[node.lineno]
        body = Branch(tags[0], None, tuple(self.items(node.body)))
        other = Branch(tags[1], None, tuple(self.items(node.else_))) if len(tags) > 1 else None
        return Loop(node.lineno, node.iter, body, other)


def _closing(body: Sequence[nodes.Node], at: int) -> int:
    depth = 0
    for number in range(at, len(body)):
        depth += is_mark(body[number], _OPEN) - is_mark(body[number], _CLOSE)
        if depth == 0:
            return number
    raise AssertionError("each mark that opens has one that closes, in one list of nodes")


def _written(node: nodes.Output) -> Iterator[Words]:
    for piece in node.nodes:
        if isinstance(piece, nodes.TemplateData):
            text = piece.data
            if text.strip():
                yield Words(piece.lineno + len(text) - len(text.lstrip()), text=text.strip())
        elif not _is_blank(piece):
            yield Words(_start(piece), value=piece)


def _setting(node: nodes.Assign | nodes.AssignBlock) -> Setting:
    spaces = [target.name for target in node.find_all(nodes.NSRef)]
    plain = [name.name for name in node.find_all(nodes.Name) if name.ctx == "store"]
    return Setting(node.lineno, (*spaces, *plain), lasting=bool(spaces))


def _is_blank(value: nodes.Expr) -> bool:
    return isinstance(value, nodes.Const) and not str(value.value).strip()


def _start(node: nodes.Node) -> int:
    """The offset at which an expression begins; Jinja leaves some inner nodes without a number."""
    starts = [inner.lineno for inner in (node, *node.find_all(nodes.Node))]
    return min(start for start in starts if start is not None)

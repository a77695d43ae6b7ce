"""Puts the calls of tracing into a template's tree, and knows the place of all that it writes.

Jinja numbers nodes by lines. Here its parser is fed tokens that are numbered by their offsets in
the text, so that each expression has a column.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jinja2 import nodes
from jinja2.lexer import Lexer
from jinja2.visitor import NodeTransformer

from physprior.dialogue.tags import MARKS

BEGAN, INSERTED, STORED = "physprior:began", "physprior:inserted", "physprior:stored"
"""The filters by which the text of a block is traced; no template can name them."""

_LINE_BREAK = re.compile(r"\r\n|\r|\n")
_ENDS = {"variable_begin": "variable_end", "block_begin": "block_end"}


@dataclass(frozen=True)
class Place:
    """Where a template writes a text."""

    path: Path
    line: int
    column: int
    expression: str
    """``{{ category.name }}`` as typed, on one line; empty for the template's own words."""
    governing: tuple[int, ...]
    """The numbers of the conditions and loops that it stands in."""


@dataclass
class TemplateText:
    """A template's text, with the tokens that Jinja cuts it into."""

    path: Path
    text: str
    """With ``\\n`` for each line break."""
    tags: list[tuple[int, int]] = field(default_factory=list)
    """Start and end of each ``{{ … }}`` and ``{% … %}``, in order."""

    @classmethod
    def of(cls, path: Path, source: str) -> TemplateText:
        """The text of a template as Jinja loads it."""
        return cls(path, "\n".join(_LINE_BREAK.split(source)))

    def tokens(self, lexer: Lexer, state: str | None) -> Iterator[tuple[int, str, str]]:
        """Jinja's tokens, numbered by offsets. White space that it drops is all that is skipped."""
        at = 0
        start, end = 0, ""
        for _, kind, piece in lexer.tokeniter(self.text, None, None, state):
            at = self.text.index(piece, at)
            if kind in _ENDS:
                start, end = at, _ENDS[kind]
            yield at, kind, piece
            at += len(piece)
            if kind == end:
                self.tags.append((start, at))

    def own_words(self, offset: int, governing: Sequence[int]) -> Place:
        """The place of the words that follow an offset."""
        blank = len(self.text[offset:]) - len(self.text[offset:].lstrip())
        return self._place(offset + blank, "", governing)

    def inserted(self, offset: int, governing: Sequence[int]) -> Place:
        """The place of the tag that an offset lies in."""
        start, end = self.tags[bisect.bisect_right(self.tags, (offset, len(self.text))) - 1]
        return self._place(start, " ".join(self.text[start:end].split()), governing)

    def _place(self, offset: int, expression: str, governing: Sequence[int]) -> Place:
        before = self.text[:offset]
        line, column = before.count("\n") + 1, offset - before.rfind("\n")
        return Place(self.path, line, column, expression, tuple(governing))


class Instrument(NodeTransformer):
    """Changes a tree in place so that it calls the environment that it is rendered in.

    ``places`` gets the places of what is written; a call names a place by its number there.
    """

    def __init__(self, source: TemplateText, places: list[Place], first_condition: int) -> None:
        self._source = source
        self._places = places
        self._governing: list[int] = []
        self.conditions = first_condition
        """The number that the next condition gets."""

    def get_visitor(self, node: nodes.Node) -> Callable[..., nodes.Node] | None:
        """The method for a kind of node."""
        name = _METHODS.get(type(node))
        return None if name is None else getattr(self, name)

    # What is written

    def _output(self, node: nodes.Output) -> nodes.Node:
        """Trace the template's words and its expressions."""
        node.nodes = [self._written(child) for child in node.nodes]
        return node

    def _written(self, child: nodes.Expr) -> nodes.Expr:
        if not isinstance(child, nodes.TemplateData):
            number = self._tag(child)
            return _call("inserted", child, _const(number), _opened(), self.visit(child))
        if not child.data.strip() or child.data[0] in MARKS:
            return child
        self._places.append(self._source.own_words(child.lineno, self._governing))
        return _call("wrote", child, _const(len(self._places) - 1), child)

    def _filter_block(self, node: nodes.FilterBlock) -> nodes.Node:
        """Trace what the filters make of the block's text."""
        number = self._tag(node)
        node.body = self._bodies(node.body)
        node.filter = _filter(self._chain(node.filter), INSERTED, number)
        return node

    def _call_block(self, node: nodes.CallBlock) -> nodes.Node:
        """Trace what the macro makes of the block's text."""
        number = self._tag(node)
        self.generic_visit(node.call)
        node.defaults = [self.visit(default) for default in node.defaults]
        node.body = self._bodies(node.body)
        traced = _filter(_filter(None, BEGAN), INSERTED, number)
        return nodes.FilterBlock([node], traced, lineno=node.lineno)

    # What decides

    def _choice(self, node: nodes.If) -> nodes.Node:
        """Trace the tests; each governs its own branch and those after it."""
        before = len(self._governing)
        for each in (node, *node.elif_):
            each.test = self._decision("decided", each.test)
            each.body = self._bodies(each.body)
        node.else_ = self._bodies(node.else_)
        del self._governing[before:]
        return node

    def _loop(self, node: nodes.For) -> nodes.Node:
        """Trace what is looped over; it governs the loop's body."""
        before = len(self._governing)
        names = _const(_names(node.target))
        node.iter = self._decision("iterated", node.iter, names)
        if node.test is not None:
            node.test = self._decision("decided", node.test)
        node.body = self._bodies(node.body)
        node.else_ = self._bodies(node.else_)
        del self._governing[before:]
        return node

    def _conditional(self, node: nodes.CondExpr) -> nodes.Node:
        """Trace ``a if test else b``."""
        test = node.test
        self.generic_visit(node)
        node.test = _call("asked", test, _opened(), node.test)
        return _call("valued", node, _opened(), node)

    def _decision(self, name: str, value: nodes.Node, *more: nodes.Expr) -> nodes.Expr:
        number = self.conditions
        self.conditions += 1
        made = _call(name, value, _const(number), *more, _opened(), self.visit(value))
        self._governing.append(number)
        return made

    # What is kept

    def _assignment(self, node: nodes.Assign) -> nodes.Node:
        """Trace ``set x = …``."""
        node.node = self._stored(node.target, node.node)
        return node

    def _block_assignment(self, node: nodes.AssignBlock) -> nodes.Node:
        """Trace ``set x`` with a block."""
        node.body = self._bodies(node.body)
        chain = _filter(None, BEGAN) if node.filter is None else self._chain(node.filter)
        node.filter = _filter(chain, STORED, _names(node.target), tuple(self._governing))
        return node

    def _with_block(self, node: nodes.With) -> nodes.Node:
        """Trace ``with x = …``."""
        pairs = zip(node.targets, node.values, strict=True)
        node.values = [self._stored(target, value) for target, value in pairs]
        node.body = self._bodies(node.body)
        return node

    def _stored(self, target: nodes.Node, value: nodes.Node) -> nodes.Expr:
        about = (_const(_names(target)), _const(tuple(self._governing)))
        return _call("stored", value, *about, _opened(), self.visit(value))

    # What is read

    def _name(self, node: nodes.Name) -> nodes.Node:
        """Trace a name that is read."""
        if node.ctx != "load":
            return node
        return _call("named", node, _const(node.name), _opened(), node)

    def _attribute(self, node: nodes.Getattr) -> nodes.Node:
        """Trace a field; that of a namespace is kept by its name."""
        inner = node.node
        name = f"{inner.name}.{node.attr}" if isinstance(inner, nodes.Name) else ""
        return _call("named", node, _const(name), _opened(), self.generic_visit(node))

    def _valued(self, node: nodes.Expr) -> nodes.Node:
        return _call("valued", node, _opened(), self.generic_visit(node))

    def _as_it_is(self, node: nodes.Node) -> nodes.Node:
        return node

    def _bodies(self, body: Iterable[nodes.Node]) -> list[nodes.Node]:
        return [self.visit(node) for node in body]

    def _chain(self, outer: nodes.Filter) -> nodes.Filter:
        """The filters of a block, the innermost of which takes the block's text."""
        inner = outer
        while True:
            inner.args = [self.visit(value) for value in inner.args]
            inner.kwargs = [self.visit(value) for value in inner.kwargs]
            if inner.node is None:
                inner.node = _filter(None, BEGAN)
                return outer
            assert isinstance(inner.node, nodes.Filter)
            inner = inner.node

    def _tag(self, node: nodes.Node) -> int:
        self._places.append(self._source.inserted(_start(node), self._governing))
        return len(self._places) - 1


_METHODS: dict[type[nodes.Node], str] = {
    nodes.Output: "_output",
    nodes.FilterBlock: "_filter_block",
    nodes.CallBlock: "_call_block",
    nodes.If: "_choice",
    nodes.For: "_loop",
    nodes.CondExpr: "_conditional",
    nodes.Assign: "_assignment",
    nodes.AssignBlock: "_block_assignment",
    nodes.With: "_with_block",
    nodes.Name: "_name",
    nodes.Getattr: "_attribute",
    **dict.fromkeys((nodes.Getitem, nodes.Filter, nodes.Call, nodes.Concat), "_valued"),
    **dict.fromkeys((nodes.Add, nodes.Mul, nodes.Mod, nodes.And, nodes.Or), "_valued"),
    # The templates that these name are traced where they are compiled.
    **dict.fromkeys((nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends), "_as_it_is"),
}


def _call(name: str, about: nodes.Node, *values: Any) -> nodes.Call:
    function = nodes.EnvironmentAttribute(name, lineno=about.lineno)
    return nodes.Call(function, list(values), [], None, None, lineno=about.lineno)


def _opened() -> nodes.Call:
    return nodes.Call(nodes.EnvironmentAttribute("opened"), [], [], None, None)


def _filter(inner: nodes.Filter | None, name: str, *values: Any) -> nodes.Filter:
    return nodes.Filter(inner, name, [_const(value) for value in values], [], None, None)


def _const(value: Any) -> nodes.Const:
    return nodes.Const(value)


def _names(target: nodes.Node) -> tuple[str, ...]:
    if isinstance(target, nodes.NSRef):
        return (f"{target.name}.{target.attr}",)
    if isinstance(target, nodes.Name):
        return (target.name,)
    return tuple(name for part in target.iter_child_nodes() for name in _names(part))


def _start(node: nodes.Node) -> int:
    """The offset at which an expression begins; Jinja leaves some inner nodes without a number."""
    starts = [inner.lineno for inner in (node, *node.find_all(nodes.Node))]
    return min(start for start in starts if start is not None)

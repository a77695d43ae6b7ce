"""The names and fields that a template uses, held against the context and the schema.

The tree is walked in the order in which it is rendered, with the type of each variable at hand.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from jinja2 import nodes

from physprior.check.template import Kind
from physprior.check.template import types as kinds
from physprior.check.template.types import NOTHING, UNKNOWN, Value
from physprior.check.template.values import Names, Printed, Unknown, Values, joined

__all__ = ["Names", "Printed", "Unknown", "names_of"]

_OF_MACROS = ("caller", "varargs", "kwargs")


def names_of(tree: nodes.Template, text: str, kind: Kind) -> Names:
    """What a template of a kind names and is not given."""
    walk = _Walk(
        text, kind, {name.name for name in tree.find_all(nodes.Name) if name.ctx == "store"}
    )
    walk.body(tree.body)
    return walk.found


class _Walk(Values):
    def __init__(self, text: str, kind: Kind, stored: set[str]) -> None:
        super().__init__(text, kind)
        self.stored = stored

    def body(self, body: Sequence[nodes.Node]) -> None:
        """Walk statements, and expressions that stand alone."""
        for node in body:
            statement = _STATEMENTS.get(type(node))
            if statement is not None:
                statement(self, node)
            elif isinstance(node, nodes.Expr):
                self.value(node)
            else:
                self.body(list(node.iter_child_nodes()))

    def _output(self, node: nodes.Output) -> None:
        for each in node.nodes:
            value = self.value(each)
            if value.label and kinds.is_structure(value.type):
                first: nodes.Node = each
                while not isinstance(first, nodes.Name):
                    first = next(first.iter_child_nodes())
                self.found.printed.append(Printed(first.lineno, value))

    def _for(self, node: nodes.For) -> None:
        over = self.value(node.iter)
        item = kinds.item_of(over.type)
        self.scope = self.scope.new_child()
        self._bind(node.target, Value(item, origin=f"each of {over.label}" if over.label else ""))
        self.value(node.test)
        self.scope["loop"] = Value(kinds.Loop(item), "loop")
        self.body(node.body)
        self.scope = self.scope.parents
        self._inside(node.else_)

    def _if(self, node: nodes.If) -> None:
        before, after = dict(self.scope.maps[0]), []
        self.value(node.test)
        for test, body in [(None, node.body), *((e.test, e.body) for e in node.elif_)]:
            self.scope.maps[0] = dict(before)
            self.value(test)
            self.body(body)
            after.append(self.scope.maps[0])
        self.scope.maps[0] = dict(before)
        self.body(node.else_)
        after.append(self.scope.maps[0])
        # A name that some branch has set may be there; it has a type where all agree.
        self.scope.maps[0] = {
            name: joined([each.get(name, NOTHING) for each in after])
            for name in dict.fromkeys(name for each in after for name in each)
        }

    def _assign(self, node: nodes.Assign) -> None:
        self._bind(node.target, self.value(node.node))

    def _assign_block(self, node: nodes.AssignBlock) -> None:
        self._inside(node.body)
        self.value(node.filter)
        self._bind(node.target, Value(str))

    def _with(self, node: nodes.With) -> None:
        values = [self.value(value) for value in node.values]
        self.scope = self.scope.new_child()
        for target, value in zip(node.targets, values, strict=True):
            self._bind(target, value)
        self.body(node.body)
        self.scope = self.scope.parents

    def _macro(self, node: nodes.Macro | nodes.CallBlock) -> None:
        if isinstance(node, nodes.CallBlock):
            self.value(node.call)
        else:
            self.scope[node.name] = NOTHING
        for default in node.defaults:
            self.value(default)
        # A macro is called later, when any name may have been set.
        later = [name for name in self.stored if name not in self.scope]
        self.scope = self.scope.new_child(dict.fromkeys((*_OF_MACROS, *later), NOTHING))
        for target in node.args:
            self._bind(target, NOTHING)
        self.body(node.body)
        self.scope = self.scope.parents

    def _block(self, node: nodes.Block) -> None:
        self.scope = self.scope.new_child({"super": NOTHING})
        self.body(node.body)
        self.scope = self.scope.parents

    def _import(self, node: nodes.Import | nodes.FromImport) -> None:
        self.value(node.template)
        names = [node.target] if isinstance(node, nodes.Import) else node.names
        for name in names:
            self.scope[name if isinstance(name, str) else name[1]] = NOTHING

    def _inside(self, body: Sequence[nodes.Node]) -> None:
        self.scope = self.scope.new_child()
        self.body(body)
        self.scope = self.scope.parents

    def _bind(self, target: nodes.Node, value: Value) -> None:
        if isinstance(target, nodes.Name):
            # An alias goes by its own name, and says what it stands for.
            origin = value.origin if not value.label else value.label
            self.scope[target.name] = Value(value.type, target.name, origin)
        elif isinstance(target, nodes.Tuple):
            for at, part in enumerate(target.items):
                fits = kinds.is_pair(value.type) or kinds.is_list(value.type)
                inner = kinds.item_at(value.type, at)[1] if fits else UNKNOWN
                self._bind(part, Value(inner))


_STATEMENTS: dict[type, Callable[[_Walk, Any], None]] = {
    nodes.Output: _Walk._output,
    nodes.For: _Walk._for,
    nodes.If: _Walk._if,
    nodes.Assign: _Walk._assign,
    nodes.AssignBlock: _Walk._assign_block,
    nodes.With: _Walk._with,
    nodes.Macro: _Walk._macro,
    nodes.CallBlock: _Walk._macro,
    nodes.Block: _Walk._block,
    nodes.Import: _Walk._import,
    nodes.FromImport: _Walk._import,
}

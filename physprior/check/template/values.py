"""The expressions of a template with what the schema says about their values.

Each finds what it needs and notes what there is not. Where a type cannot be told, nothing is said.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from jinja2 import nodes
from jinja2.defaults import DEFAULT_NAMESPACE

from physprior.check.template import Kind
from physprior.check.template import types as kinds
from physprior.check.template.types import LOST, NOTHING, UNKNOWN, Value

_OF_ITEMS = {  # filters that look at an attribute of items: the argument's place
    "groupby": 0,
    "selectattr": 0,
    "rejectattr": 0,
    "join": 1,
    "sum": 0,
    "map": None,
    "sort": None,
    "unique": None,
    "max": None,
    "min": None,
}


@dataclass(frozen=True)
class Unknown:
    """A name or field that there is not."""

    start: int
    """The offset of the word."""
    word: str
    value: Value | None
    """What it was looked for in; None for a name that stands alone."""
    known: tuple[str, ...]
    """What there is instead."""


@dataclass(frozen=True)
class Never:
    """A comparison of a closed field with a text that it does not allow."""

    start: int
    """The offset of the text."""
    text: str
    value: Value


@dataclass(frozen=True)
class Printed:
    """A place where a value is written out that is no text."""

    start: int
    """The offset of the expression."""
    value: Value


@dataclass
class Names:
    """What was found."""

    unknown: list[Unknown] = field(default_factory=list)
    never: list[Never] = field(default_factory=list)
    printed: list[Printed] = field(default_factory=list)


class Values:
    """Looks at expressions, given the variables that are in scope."""

    def __init__(self, text: str, kind: Kind) -> None:
        self.text = text
        self.found = Names()
        self.given = kinds.context(kind)
        given = {name: Value(of, name) for name, of in self.given.items()}
        self.scope: ChainMap[str, Value] = ChainMap(
            {}, given, dict.fromkeys((*DEFAULT_NAMESPACE, "self"), NOTHING)
        )

    def value(self, node: nodes.Node | None) -> Value:
        """The value of an expression, all of whose parts are looked at."""
        if node is None:
            return NOTHING
        expression = _EXPRESSIONS.get(type(node))
        if expression is not None:
            return expression(self, node)
        for child in node.iter_child_nodes():
            self.value(child)
        return Value(_PLAIN_TYPES.get(type(node), UNKNOWN))

    def _name(self, node: nodes.Name) -> Value:
        if node.ctx == "load" and node.name not in self.scope:
            local = [name for each in reversed(self.scope.maps[:-2]) for name in each]
            known = tuple(dict.fromkeys((*self.given, *local)))
            self.found.unknown.append(Unknown(node.lineno, node.name, None, known))
            return Value(LOST)
        return self.scope.get(node.name, NOTHING)

    def _getattr(self, node: nodes.Getattr) -> Value:
        value = self.value(node.node)
        dot = node.lineno + 1
        start = dot + len(self.text[dot:]) - len(self.text[dot:].lstrip())
        return self._attribute(value, node.attr, start)

    def _getitem(self, node: nodes.Getitem) -> Value:
        value = self.value(node.node)
        if isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str):
            return self._attribute(value, node.arg.value, node.arg.lineno + 1)
        self.value(node.arg)
        if isinstance(node.arg, nodes.Slice):
            return value if kinds.item_of(value.type) is not UNKNOWN else NOTHING
        index = node.arg.value if isinstance(node.arg, nodes.Const) else UNKNOWN
        there, inner = kinds.item_at(value.type, index)
        if not there:
            known = kinds.fields(value.type)
            self.found.unknown.append(Unknown(node.arg.lineno, str(index), value, known))
        return Value(inner, f"{value.label}[{index}]" if value.label and index is not None else "")

    def _attribute(self, value: Value, name: str, start: int) -> Value:
        there, inner = kinds.attribute(value.type, name)
        if there:
            return Value(inner, f"{value.label}.{name}" if value.label else "")
        self.found.unknown.append(Unknown(start, name, value, kinds.fields(value.type)))
        return Value(LOST)

    def _call(self, node: nodes.Call) -> Value:
        value = self.value(node.node)
        self._arguments(node)
        returns = value.type.returns if isinstance(value.type, kinds.Method) else UNKNOWN
        return Value(returns, f"{value.label}()" if value.label else "")

    def _filter(self, node: nodes.Filter) -> Value:
        value = self.value(node.node)
        self._arguments(node)
        inner = UNKNOWN
        if node.name in _OF_ITEMS and kinds.item_of(value.type) is not UNKNOWN:
            inner = self._of_items(node, value)
        if node.name == "map":
            named = node.args and isinstance(node.args[0], nodes.Const)
            if named and not node.kwargs:
                inner = kinds.filtered(kinds.item_of(value.type), node.args[0].as_const())
            return Value(kinds.list_of(inner))
        if node.name in ("default", "d"):
            return value
        return Value(kinds.filtered(value.type, node.name))

    def _of_items(self, node: nodes.Filter, value: Value) -> Any:
        """Look at the attribute of the items that a filter names; its type."""
        place = _OF_ITEMS[node.name]
        given = [word.value for word in node.kwargs if word.key == "attribute"]
        if place is not None:
            given += node.args[place : place + 1]
        inner = UNKNOWN
        for each in given:
            if not isinstance(each, nodes.Const) or not isinstance(each.value, str):
                continue
            start = each.lineno + 1
            for path in each.value.split(","):
                label = f"each of {value.label}" if value.label else ""
                at = Value(kinds.item_of(value.type), label)
                for word in path.split("."):
                    at = NOTHING if word.isdigit() else self._attribute(at, word, start)
                    start += len(word) + 1
                inner = at.type
        return inner

    def _arguments(self, node: nodes.Call | nodes.Filter) -> None:
        for argument in (*node.args, *(word.value for word in node.kwargs)):
            self.value(argument)
        self.value(node.dyn_args)
        self.value(node.dyn_kwargs)

    def _either(self, node: nodes.CondExpr) -> Value:
        self.value(node.test)
        return joined([self.value(node.expr1), self.value(node.expr2)])

    def _both(self, node: nodes.And | nodes.Or) -> Value:
        return joined([self.value(node.left), self.value(node.right)])

    def _add(self, node: nodes.Add) -> Value:
        return Value(joined([self.value(node.left), self.value(node.right)]).type)

    def _const(self, node: nodes.Const) -> Value:
        return Value(type(node.value) if isinstance(node.value, str | int) else UNKNOWN)

    def _list(self, node: nodes.List) -> Value:
        item = joined([self.value(each) for each in node.items] or [NOTHING]).type
        return Value(kinds.list_of(item))

    def _compare(self, node: nodes.Compare) -> Value:
        left = self.value(node.expr)
        for operand in node.ops:
            right = self.value(operand.expr)
            if operand.op in ("eq", "ne"):
                self._closed(left, operand.expr)
                self._closed(right, node.expr)
            elif operand.op in ("in", "notin") and hasattr(operand.expr, "items"):
                for each in operand.expr.items:
                    self._closed(left, each)
        return Value(bool)

    def _closed(self, value: Value, other: nodes.Node) -> None:
        values = kinds.allowed(value.type)
        if values and isinstance(other, nodes.Const) and other.value not in values:
            self.found.never.append(Never(other.lineno, str(other.value), value))


def joined(values: Sequence[Value]) -> Value:
    """What is known about a value that is one of several."""
    first = values[0]
    return first if all(value.type == first.type for value in values) else NOTHING


_PLAIN_TYPES: dict[type, Any] = {nodes.Concat: str, nodes.Not: bool, nodes.Test: bool}

_EXPRESSIONS: dict[type, Callable[[Values, Any], Value]] = {
    nodes.Name: Values._name,
    nodes.Getattr: Values._getattr,
    nodes.Getitem: Values._getitem,
    nodes.Call: Values._call,
    nodes.Filter: Values._filter,
    nodes.CondExpr: Values._either,
    nodes.And: Values._both,
    nodes.Or: Values._both,
    nodes.Add: Values._add,
    nodes.Const: Values._const,
    nodes.List: Values._list,
    nodes.Compare: Values._compare,
}

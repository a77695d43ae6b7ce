"""What the schema says about a value in a template: its type, and what its attributes are."""

from __future__ import annotations

import types
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from jinja2.runtime import LoopContext

from physprior.check.template import Kind
from physprior.dialogue.rubric import DraftContext, RubricContext
from physprior.dialogue.templates import Context
from physprior.knowledge.schema import Category, Entity

UNKNOWN: Any = None
"""The type of what cannot be told; nothing is said about its attributes."""

LOST: Any = object()
"""The type of a field that there is not; that has been said, and nothing more is."""

_TEXT_TO_TEXT = (
    *("capitalize", "casefold", "center", "expandtabs", "format", "join", "ljust", "lower"),
    *("lstrip", "removeprefix", "removesuffix", "replace", "rjust", "rstrip", "strip", "swapcase"),
    *("title", "translate", "upper", "zfill"),
)
_FILTERS_TO_TEXT = (
    *("capitalize", "center", "e", "escape", "forceescape", "format", "indent", "join", "lower"),
    *("pprint", "replace", "safe", "string", "striptags", "title", "tojson", "trim", "truncate"),
    *("upper", "urlencode", "urlize", "wordwrap"),
)
_FILTERS_TO_LIST = (
    "list",
    "reject",
    "rejectattr",
    "reverse",
    "select",
    "selectattr",
    "sort",
    "unique",
)
_FILTERS_TO_ITEM = ("first", "last", "max", "min", "random")


@dataclass(frozen=True)
class Method:
    """The type of a method that has not been called."""

    returns: Any


@dataclass(frozen=True)
class Loop:
    """The type of ``loop`` in a loop over items of a type."""

    item: Any


@dataclass(frozen=True)
class Value:
    """What is known about one expression."""

    type: Any
    label: str = ""
    """The expression as a person would write it; empty where it has no short name."""
    origin: str = ""
    """What a loop's variable stands for."""

    @property
    def described(self) -> str:
        """The expression for a message."""
        return f"{self.label} ({self.origin})" if self.origin else self.label or "this value"


NOTHING = Value(UNKNOWN)


def plain(annotation: Any) -> Any:
    """An annotation without metadata and without ``| None``."""
    if get_origin(annotation) is Annotated:
        return plain(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        others = [arg for arg in get_args(annotation) if arg is not type(None)]
        return plain(others[0]) if len(others) == 1 else UNKNOWN
    return annotation


@lru_cache(maxsize=4)
def context(kind: Kind = "dialogue") -> dict[str, Any]:
    """The names that a template of a kind is given, with their types."""
    if kind == "rubric":
        return get_type_hints(RubricContext)
    if kind == "request":
        return get_type_hints(DraftContext)
    given = get_type_hints(Context)
    # A question is asked before there is a verdict.
    return {name: of for name, of in given.items() if kind == "dialogue" or name != "verdict"}


def is_entity(of: Any) -> bool:
    """Whether a type is a part of the schema."""
    return isinstance(of, type) and issubclass(of, Entity)


def is_text(of: Any) -> bool:
    """Whether a type is text."""
    return of is str or get_origin(of) is Literal


def allowed(of: Any) -> tuple[str, ...]:
    """The texts that a closed type allows; empty for other types."""
    return get_args(of) if get_origin(of) is Literal else ()


def is_list(of: Any) -> bool:
    """Whether a type is a list of items of one type."""
    return get_origin(of) is not None and not is_text(of) and not is_pair(of)


def is_structure(of: Any) -> bool:
    """Whether a value of a type, written out, would read as code and not as a text."""
    return is_entity(of) or is_list(of) or is_pair(of) or isinstance(of, Method | Loop)


def is_pair(of: Any) -> bool:
    """Whether a type is a tuple of fixed length."""
    return get_origin(of) is tuple and get_args(of)[-1] is not Ellipsis


def item_of(of: Any) -> Any:
    """The type of the items that a loop over a value meets."""
    if is_list(of):
        return plain(get_args(of)[0])
    return str if is_text(of) else UNKNOWN


def fields(of: Any) -> tuple[str, ...]:
    """The names that make sense after a dot, for remedies."""
    if is_entity(of):
        return (*of.model_fields, *(name for name in vars(of) if _is_method(of, name)))
    if isinstance(of, Loop):
        return tuple(name for name in dir(LoopContext) if not name.startswith("_"))
    return tuple(name for name in dir(str) if not name.startswith("_")) if is_text(of) else ()


def attribute(of: Any, name: str) -> tuple[bool, Any]:
    """Whether a type has an attribute, and the attribute's type; what is unknown has all."""
    if of is LOST:
        return True, LOST
    if name.startswith("_"):
        return False, UNKNOWN
    if is_entity(of):
        if name in of.model_fields:
            return True, plain(of.model_fields[name].annotation)
        if name in fields(of):
            return True, Method(plain(get_type_hints(getattr(of, name)).get("return")))
        return hasattr(of, name), UNKNOWN
    if isinstance(of, Loop):
        return hasattr(LoopContext, name), {"previtem": of.item, "nextitem": of.item}.get(name)
    if is_text(of):
        return hasattr(str, name), Method(str) if name in _TEXT_TO_TEXT else UNKNOWN
    if is_list(of) or is_pair(of):
        return hasattr(list, name) or hasattr(types.GeneratorType, name), UNKNOWN
    if of in (int, bool):
        return hasattr(of, name), UNKNOWN
    return True, UNKNOWN


def item_at(of: Any, index: object) -> tuple[bool, Any]:
    """Whether a type can be indexed by a number (None: one that is not known), and to what type."""
    if is_pair(of) and isinstance(index, int):
        kinds = get_args(of)
        inside = -len(kinds) <= index < len(kinds)
        return inside, plain(kinds[index]) if inside else UNKNOWN
    closed = index is not None and (is_entity(of) or isinstance(of, Loop))
    return not closed, item_of(of)


def filtered(of: Any, name: str) -> Any:
    """The type of a value after a filter."""
    if name in _FILTERS_TO_TEXT:
        return str
    if name in ("length", "count", "wordcount"):
        return int
    if name in _FILTERS_TO_ITEM:
        return item_of(of)
    return list_of(item_of(of)) if name in _FILTERS_TO_LIST else UNKNOWN


def list_of(item: Any) -> Any:
    """The type of a list of items of a type."""
    return UNKNOWN if item is UNKNOWN else types.GenericAlias(list, (item,))


def homes(name: str) -> Iterator[str]:
    """The fields of the context that have this name, however deep: ``prior.motion.statement``."""
    for root in ("prior", "category"):
        if root in context():
            yield from _homes(name, context()[root], root)


def _homes(name: str, of: Any, label: str) -> Iterator[str]:
    for key, found in of.model_fields.items():
        if key == name:
            yield f"{label}.{key}"
        inner = plain(found.annotation)
        if is_entity(inner) and not (of is Category and key == "prior"):
            yield from _homes(name, inner, f"{label}.{key}")


def _is_method(of: Any, name: str) -> bool:
    return not name.startswith("_") and isinstance(vars(of)[name], types.FunctionType)

"""What each field of a model is for: the docstring below it in the model's source."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator
from functools import cache

from pydantic import BaseModel


@cache
def field_docs(model: type[BaseModel]) -> dict[str, str]:
    """The docstring of each field, on one line and as it is typed; those of its bases too."""
    found: dict[str, str] = {}
    for owner in reversed(model.__mro__):
        if issubclass(owner, BaseModel) and owner is not BaseModel:
            found |= dict(_documented(owner))
    return {name: found[name] for name in model.model_fields if name in found}


def as_markdown(text: str) -> str:
    """A docstring with its ``code`` as Markdown has it, in single backticks."""
    return re.sub(r"``(.+?)``", r"`\1`", text)


def as_plain(text: str) -> str:
    """A docstring with its ``code`` in single quotes, for what shows no Markdown."""
    return re.sub(r"``(.+?)``", r"'\1'", text)


def _documented(owner: type[BaseModel]) -> Iterator[tuple[str, str]]:
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(owner))).body
    assert isinstance(definition, ast.ClassDef)
    for field, below in zip(definition.body, definition.body[1:], strict=False):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(below, ast.Expr)
            and isinstance(below.value, ast.Constant)
            and isinstance(below.value.value, str)
        ):
            yield field.target.id, " ".join(below.value.value.split())

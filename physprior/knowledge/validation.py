"""What pydantic says about a KB file, as findings at the right place and in the KB's own words."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar, get_args

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from physprior.knowledge import codes, schema_fixes
from physprior.knowledge.complaint import QUOTE_IT
from physprior.knowledge.compose import DataPath
from physprior.knowledge.diagnostic import Diagnostic
from physprior.knowledge.schema import Category, Entity
from physprior.knowledge.source import Source
from physprior.knowledge.text import quoted

__all__ = ["did_you_mean", "fitting_id", "quoted", "validate", "validate_as"]

_SENTENCES = ("descriptions", "explanations", "references")
_NEEDED = {
    "string_type": "text",
    "tuple_type": "a list",
    "model_type": "a mapping of keys",
    "dict_type": "a mapping of words",
}
_BULLETS = tuple("•·‣–—")
_NUMBERS = ("int_parsing", "int_parsing_size", "int_from_float", "greater_than_equal")
_KEY = "[key]"
"""How pydantic ends the path of a key, where the keys themselves are validated."""

Model = TypeVar("Model", bound=Entity)


def validate(source: Source) -> tuple[Category | None, list[Diagnostic]]:
    """The category that a source describes, or None; and all that breaks the schema, sorted."""
    return validate_as(Category, source)


def validate_as(model: type[Model], source: Source) -> tuple[Model | None, list[Diagnostic]]:
    """What a source describes by ``model``, or None; and all that breaks the model, sorted."""
    if source.data is None:
        return None, []
    try:
        return model.model_validate(source.data), []
    except ValidationError as error:
        return None, sorted(_findings(model, source, error.errors(include_url=False)))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The known word that ``word`` resembles most, or the empty string."""
    folded = {name.casefold(): name for name in known}
    close = difflib.get_close_matches(word.casefold(), folded, n=1, cutoff=0.6)
    return folded[close[0]] if close else ""


def _findings(
    model: type[Entity], source: Source, details: list[ErrorDetails]
) -> Iterator[Diagnostic]:
    absent = [detail["loc"] for detail in details if detail["type"] == "missing"]
    for detail in details:
        if detail["type"] == "extra_forbidden":
            path = detail["loc"]
            meant = did_you_mean(
                str(path[-1]), [str(other[-1]) for other in absent if other[:-1] == path[:-1]]
            )
            if meant:
                # A misspelt key is one mistake, and not a missing key beside an unknown one.
                absent.remove((*path[:-1], meant))
            yield _unknown(model, source, path, meant)
    for path in absent:
        yield _missing(source, path)
    for detail in details:
        if detail["type"] not in ("missing", "extra_forbidden"):
            yield from _wrong_value(model, source, detail)


def _wrong_value(model: type[Entity], source: Source, detail: ErrorDetails) -> Iterator[Diagnostic]:
    path, kind, value = detail["loc"], detail["type"], detail["input"]
    context: dict[str, Any] = detail.get("ctx", {})
    if path[-1:] == (_KEY,) and path not in source.values:
        yield _bad_key(source, path[:-1], value)
    elif value is None or kind == "string_too_short":
        yield _empty(model, source, path)
    elif kind == "too_short":
        # Items that are wrong themselves do not count for pydantic; they are reported already.
        if len(value) < context["min_length"]:
            yield _too_few(source, path, len(value), context["min_length"])
    elif kind == "string_pattern_mismatch":
        yield _bad_id(source, path, value)
    elif kind in _NUMBERS and isinstance(value, str):
        yield _bad_number(source, path, value, context)
    elif kind == "literal_error" and isinstance(value, str):
        yield _bad_value(source, path, value, context["expected"])
    else:
        yield _wrong_type(model, source, path, value, _NEEDED.get(kind, "one word"))


def _unknown(model: type[Entity], source: Source, path: DataPath, meant: str) -> Diagnostic:
    known = list(_fields(model, path[:-1]))
    meant = meant or did_you_mean(str(path[-1]), known)
    return codes.UNKNOWN_KEY.at(
        source.path,
        source.key(path),
        f"unknown key {quoted(str(path[-1]))}{_within(source, path[:-1])}",
        f"did you mean {meant!r}?" if meant else f"the keys here are {', '.join(known)}",
        schema_fixes.of_key(source, path, meant),
    )


def _missing(source: Source, path: DataPath) -> Diagnostic:
    return codes.MISSING_KEY.at(
        source.path,
        source.key(path[:-1]),
        f"the key {str(path[-1])!r} is missing{_within(source, path[:-1])}",
        f"add '{path[-1]}:' among its keys",
    )


def _empty(model: type[Entity], source: Source, path: DataPath) -> Diagnostic:
    field = _fields(model, path[:-1]).get(str(path[-1]))
    optional = field is not None and not field.is_required()
    remedy = "write what belongs here" + (", or delete the key" if optional else "")
    line = source.value(path).end_line
    if any(comment.line == line and not comment.alone for comment in source.comments()):
        remedy += f"; what stands behind the '#' is a comment: {QUOTE_IT} if it is meant"
    return codes.EMPTY_VALUE.at(
        source.path,
        source.key(path),
        f"{label(source, path)} is empty",
        remedy,
        schema_fixes.of_empty(source, path) if optional else None,
    )


def _too_few(source: Source, path: DataPath, found: int, needed: int) -> Diagnostic:
    is_mapping = isinstance(_at(source, path), dict)
    noun = "sentence" if path[-1] in _SENTENCES else "word" if is_mapping else "item"
    count = f"{found or 'no'} {noun}{'' if found == 1 else 's'}"
    return codes.TOO_FEW.at(
        source.path,
        source.key(path),
        f"{label(source, path)} has {count}; at least {needed} {_is(needed)} needed",
        f"add {needed - found} more",
    )


def _is(count: int) -> str:
    return "is" if count == 1 else "are"


def _bad_id(source: Source, path: DataPath, value: str) -> Diagnostic:
    return codes.BAD_ID.at(
        source.path,
        source.value(path),
        f"{label(source, path)} is {quoted(value)}, which is no id",
        _id_like(value),
        schema_fixes.of_id(source, path, value, fitting_id(value)),
    )


def _bad_key(source: Source, path: DataPath, key: str) -> Diagnostic:
    """A finding about a word that stands as a key of a list of words."""
    place, within = source.key(path), _within(source, path[:-1])
    if not key.strip():
        return codes.EMPTY_VALUE.at(
            source.path, place, f"a key is empty{within}", "write the word that it stands for"
        )
    fix = schema_fixes.of_key_id(source, path, key, fitting_id(key))
    message = f"{quoted(key)}{within} is no id"
    return codes.BAD_ID.at(source.path, place, message, _id_like(key), fix)


def fitting_id(text: str) -> str:
    """The id that is nearest to a text: ``Door closer`` is ``door_closer``, ``Tür`` is ``tur``.

    The empty string where a letter would be lost: what is left of ``tørk`` would be no word.
    """
    parts = unicodedata.normalize("NFKD", text)
    plain = "".join(sign for sign in parts if not unicodedata.combining(sign)).casefold()
    if any(sign.isalpha() and not sign.isascii() for sign in plain):
        return ""
    return re.sub(r"[^a-z0-9]+", "_", plain).lstrip("_0123456789").rstrip("_")


def _id_like(text: str) -> str:
    example = fitting_id(text) or "unable_to_press"
    return f"use lower-case words joined by underscores, such as {example!r}"


def _bad_value(source: Source, path: DataPath, value: str, expected: str) -> Diagnostic:
    meant = did_you_mean(value, re.findall("'([^']*)'", expected))
    return codes.BAD_VALUE.at(
        source.path,
        source.value(path),
        f"{label(source, path)} is {quoted(value)}; it must be {expected}",
        f"did you mean {meant!r}?" if meant else f"write {expected}",
        schema_fixes.of_choice(source, path, value, expected, meant),
    )


def _bad_number(source: Source, path: DataPath, value: str, context: dict[str, Any]) -> Diagnostic:
    needed = "a whole number"
    if "ge" in context:
        needed += f" of at least {context['ge']}"
    return codes.BAD_VALUE.at(
        source.path,
        source.value(path),
        f"{label(source, path)} is {quoted(value)}; it must be {needed}",
        f"write {needed}, in digits",
    )


def _wrong_type(
    model: type[Entity], source: Source, path: DataPath, value: Any, needed: str
) -> Diagnostic:
    kind = (
        "text" if isinstance(value, str) else "a list" if isinstance(value, list) else "a mapping"
    )
    message = f"{label(source, path)} is {kind}, where {needed} is needed"
    typed = _mistyped(value, needed) if isinstance(value, str) else ""
    if typed:
        remedy = typed
    elif needed == "a list":
        remedy = "write each item on a line of its own, beginning with '- '"
    elif needed == "a mapping of words":
        remedy = "write each word below it, indented, with a colon, a space and its meaning"
    elif needed == "a mapping of keys":
        remedy = f"write its keys below it, indented: {', '.join(_fields(model, path))}"
    elif isinstance(value, dict):
        message += "; ': ' in a text without quotes makes a key of what stands before it"
        remedy = QUOTE_IT
    else:
        remedy = "write one text, without '- ' or brackets"
    fix = schema_fixes.of_type(source, path, value, needed)
    return codes.WRONG_TYPE.at(source.path, source.value(path), message, remedy, fix)


def _mistyped(text: str, needed: str) -> str:
    """What to do about a text that would be a list or mapping but for a sign, or nothing."""
    if needed == "a list":
        if re.match(r"-[^\s-]", text):
            return "write a space after each '-', and each item on a line of its own"
        if text[:1] in _BULLETS:
            return f"begin each item with '- ', not with {text[0]!r}"
    if needed.startswith("a mapping") and (found := re.match(r"(\w+)(?::(?=\S)|：)", text)):
        return f"write '{found[1]}: ', with a colon and a space"
    return ""


def _fields(model: type[Entity], path: DataPath) -> dict[str, FieldInfo]:
    """The fields that a model has at a path, by key; none where it has no mapping of keys."""
    place: Any = model
    for part in path:
        if _is_entity(place):
            place = place.model_fields[str(part)].annotation
        else:
            # The items of a tuple come first in its type, the values of a dict last.
            place = get_args(place)[0 if isinstance(part, int) else -1]
    return dict(place.model_fields) if _is_entity(place) else {}


def _is_entity(model: Any) -> bool:
    return isinstance(model, type) and issubclass(model, Entity)


def _within(source: Source, path: DataPath) -> str:
    return f" in {label(source, path)}" if path else ""


def label(source: Source, path: DataPath) -> str:
    """A path in words: ``anomalies[unable_to_press].violates``, ``normal.references[2]``."""
    words, value = "", source.data
    for part in path:
        value = _inside(value, part)
        if isinstance(part, str):
            words += f".{part}" if words else part
        else:
            name = value.get("id") if isinstance(value, dict) else None
            words += f"[{name}]" if isinstance(name, str) else f"[{part + 1}]"
    return words


def _at(source: Source, path: DataPath) -> Any:
    value: Any = source.data
    for part in path:
        value = _inside(value, part)
    return value


def _inside(value: Any, part: str | int) -> Any:
    try:
        return value[part]
    except (KeyError, IndexError, TypeError):
        return None

"""A pydantic model as a JSON Schema, draft-07, in the form that editors make the most of.

Every field carries what it is for, each choice its meaning, and what an editor says about a wrong
value is said in the words of the check. Nothing is shared by reference: draft-07 would pass over
a description that stands beside one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as a_field
from typing import Any, get_args

from pydantic import BaseModel

from physprior.knowledge.field_docs import as_markdown, as_plain, field_docs

Schema = dict[str, Any]

DRAFT = "http://json-schema.org/draft-07/schema#"
ITEMS = "[]"
_LIST_NEEDED = "A list is needed here: each item on a line of its own, beginning with '- '."
_TEXT_NEEDED = (
    "One text is needed here. If ': ' or ' #' stands in it, put it between double quotes."
)
_ID_NEEDED = "An id is lower-case words joined by underscores, such as 'unable_to_press'."
_NOTHING = "Write what belongs here."
_SAID = {
    "integer": "A whole number is needed here.",
    "number": "A number is needed here.",
    "boolean": "Write true or false.",
}
_TEXT = ["string"]
"""A list of one: yaml-language-server numbers the places of a snippet wrongly where it is none."""
_LIMITS = ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum")


@dataclass(frozen=True)
class Choices:
    """The values that a field may have, each with what it means."""

    meanings: Mapping[str, str]
    refusal: str = ""
    """What is said about any other value; the editor lists the choices where nothing is."""


@dataclass(frozen=True)
class Form:
    """What a schema says beyond its model. Paths are written ``anomalies[].violates[]``."""

    choices: Mapping[str, Choices] = a_field(default_factory=dict)
    """The choices of a field, by its path."""
    docs: Mapping[str, str] = a_field(default_factory=dict)
    """What is said of a field instead of its docstring, by its path."""
    suggestions: Mapping[str, tuple[Any, ...]] = a_field(default_factory=dict)
    """Values to propose for a field that takes others too, by its path."""
    example: Any = None
    """Data by this schema; its values explain the fields."""
    example_of: str = ""
    """What the example is about."""
    as_typed: bool = False
    """Whether the file is read as text as typed, so that ``12`` is as good a text as any."""
    complete: bool = True
    """Whether a file must have all that is required; else it may come from elsewhere."""


def schema_of(model: type[BaseModel], title: str, form: Form | None = None) -> Schema:
    """The schema of a model, draft-07, with ``title`` as its own."""
    raw = model.model_json_schema()
    models = {found.__name__: found for found in _models(model)}
    builder = _Builder(raw.get("$defs", {}), models, form or Form())
    purpose = _Purpose(" ".join((model.__doc__ or "").split()))
    return {
        "$schema": DRAFT,
        **builder.node(raw, "", purpose, builder.form.example),
        "title": title,
    }


def schema_text(schema: Schema) -> str:
    """A schema as it is written to a file: in its own order, which is that of an editor's list."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


@dataclass(frozen=True)
class _Purpose:
    """What a node is for, in the words of its docstring."""

    doc: str
    example: str = ""

    def said(self) -> Schema:
        """The two descriptions that editors know."""
        return {
            "description": as_plain(self.doc),
            "markdownDescription": as_markdown(self.doc) + self.example,
        }


@dataclass(frozen=True)
class _Builder:
    parts: Mapping[str, Schema]
    """The models that pydantic names apart, by their names."""
    models: Mapping[str, type[BaseModel]]
    form: Form

    def node(self, raw: Schema, path: str, purpose: _Purpose, example: Any) -> Schema:
        """One node in the editor's form; ``example`` is a value of it, or None."""
        raw = _plain(raw, self.parts)
        worth = raw.get("default") not in (None, [], {}) and "properties" not in raw
        extra = {"default": raw["default"]} if worth else {}
        return {
            "title": path.rpartition(".")[2].removesuffix(ITEMS),
            **purpose.said(),
            **self._kind(raw, path, purpose, example),
            **extra,
        }

    def _kind(self, raw: Schema, path: str, purpose: _Purpose, example: Any) -> Schema:
        if "properties" in raw:
            return self._mapping(raw, path, example)
        if raw["type"] == "object":
            return self._words(raw, path, purpose)
        if raw["type"] == "array":
            first = example[0] if isinstance(example, list) and example else None
            items = self.node(raw["items"], path + ITEMS, purpose, first)
            least = {"minItems": raw["minItems"]} if "minItems" in raw else {}
            return {"type": "array", "items": items, **least, "errorMessage": _LIST_NEEDED}
        choices = self.form.choices.get(path)
        if "enum" in raw or choices is not None:
            return _chosen(raw.get("enum"), choices or Choices({}))
        suggested = self.form.suggestions.get(path)
        return _scalar(raw, self.form.as_typed) | ({"examples": [*suggested]} if suggested else {})

    def _mapping(self, raw: Schema, path: str, example: Any) -> Schema:
        docs = field_docs(self.models[raw["title"]])
        own = self.models[raw["title"]].__annotations__
        properties = {}
        # What a model adds comes before what it inherits: an anomaly's id before its sentences.
        for name, below in sorted(raw["properties"].items(), key=lambda item: item[0] not in own):
            value = example.get(name) if isinstance(example, dict) else None
            where = f"{path}.{name}" if path else name
            doc = self.form.docs.get(where) or docs.get(name, "")
            purpose = _Purpose(doc, self._shown(value))
            properties[name] = self.node(below, where, purpose, value)
        required = raw.get("required") if self.form.complete else None
        label = path.rpartition(".")[2].removesuffix(ITEMS)
        return {
            "title": f"{label}: {', '.join(properties)}",
            "type": "object",
            "properties": properties,
            **({"required": required} if required else {}),
            "additionalProperties": False,
        }

    def _words(self, raw: Schema, path: str, purpose: _Purpose) -> Schema:
        """A mapping whose keys are words of the writer's own, or of a closed list."""
        ((pattern, below),) = raw.get(
            "patternProperties", {"": raw.get("additionalProperties")}
        ).items()
        names = {**raw.get("propertyNames", {"pattern": pattern})}
        if names.pop("minLength", None):
            names["pattern"] = r"\S"
        least = {"minProperties": raw["minProperties"]} if "minProperties" in raw else {}
        return {
            "type": "object",
            "propertyNames": {**names, **purpose.said()},
            "additionalProperties": self.node(below, path + ITEMS, purpose, None),
            **least,
        }

    def _shown(self, value: Any) -> str:
        """An example of a value, or of the first where it is a list, as a paragraph of Markdown."""
        value = value[0] if isinstance(value, list) and value else value
        if not isinstance(value, str):
            return ""
        return f"\n\nIn the entry of the {self.form.example_of}, for example: *{value}*"


def _plain(raw: Schema, parts: Mapping[str, Schema]) -> Schema:
    """A node without a reference, and with its null among its types."""
    default = {"default": raw["default"]} if "default" in raw else {}
    if "$ref" in raw:
        return _plain({**parts[raw["$ref"].rpartition("/")[2]], **default}, parts)
    kinds = [kind for kind in raw.get("anyOf", ()) if kind != {"type": "null"}]
    if not kinds:
        return raw
    (kind,) = kinds
    return {**_plain(kind, parts), **default, "nullable": True}


def _chosen(values: list[Any] | None, choices: Choices) -> Schema:
    values = [*choices.meanings] if values is None else values
    return {
        "type": _TEXT,
        "enum": values,
        "enumDescriptions": [choices.meanings.get(value, "") for value in values],
        "errorMessage": choices.refusal or f"Write one of: {', '.join(map(str, values))}.",
    }


def _scalar(raw: Schema, as_typed: bool) -> Schema:
    kind, kinds = raw["type"], [raw["type"]]
    limits = {key: raw[key] for key in _LIMITS if key in raw}
    if "pattern" in raw:
        said = {"pattern": raw["pattern"], "patternErrorMessage": _ID_NEEDED}
        refusal = _ID_NEEDED
    elif kind == "string":
        said = {"pattern": r"\S", "patternErrorMessage": _NOTHING} if raw.get("minLength") else {}
        refusal = _TEXT_NEEDED
        if as_typed:
            kinds.append("number")
    else:
        said, refusal = {}, _SAID[kind]
        if as_typed and kind == "integer":
            # In quotes or not, it is the same text to the check.
            kinds.append("string")
            said = {"pattern": _from(raw.get("minimum", 0)), "patternErrorMessage": refusal}
    if raw.get("nullable"):
        kinds.append("null")
    return {"type": kinds, **limits, **said, "errorMessage": refusal}


def _from(least: int) -> str:
    """The pattern of a whole number of at least ``least``, which has one digit."""
    return rf"^0*([{least}-9]|[1-9]\d+)$"


def _models(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """A model and those of its fields, down to the last."""
    yield model
    for field in model.model_fields.values():
        for kind in (field.annotation, *get_args(field.annotation)):
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                yield from _models(kind)

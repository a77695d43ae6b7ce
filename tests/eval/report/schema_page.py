"""docs/scores.md keeps its tables in step with the schema: run this file to write them anew."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from physprior.eval.report.exports import scores_schema

PAGE = Path(__file__).resolve().parents[3] / "docs" / "scores.md"
MARK = "<!-- Below: made from the schema by tests/eval/report/schema_page.py -->\n"


def field_tables(schema: Mapping[str, Any]) -> str:
    """A section for the whole and for each part of it, with a row a key."""
    parts = [section("scores.json", schema)]
    parts += [section(name, part) for name, part in schema["$defs"].items()]
    return "\n".join(parts)


def section(name: str, part: Mapping[str, Any]) -> str:
    rows = [
        f"| `{key}` | {kind(field)} | {field['description']} |"
        for key, field in part["properties"].items()
    ]
    lines = [f"### {name}", "", part["description"], "", "| key | type | what it is |"]
    return "\n".join([*lines, "|---|---|---|", *rows, ""])


def kind(field: Mapping[str, Any]) -> str:
    """What a field may hold, in words."""
    return " or ".join(kinds(field))


def kinds(field: Mapping[str, Any]) -> Iterator[str]:
    if "anyOf" in field:
        for one in field["anyOf"]:
            yield from kinds(one)
    elif "$ref" in field:
        name = field["$ref"].rpartition("/")[2]
        yield f"[{name}](#{name.lower()})"
    elif "const" in field:
        yield f"`{str(field['const']).lower()}`"
    elif "enum" in field:
        yield from (f"`{one}`" if one else "null" for one in field["enum"])
    else:
        named = field["type"]
        for one in [named] if isinstance(named, str) else named:
            yield compound(one, field)


def compound(name: str, field: Mapping[str, Any]) -> str:
    if name == "array":
        two = field.get("maxItems") == 2
        return f"two {kind(field['items'])}s" if two else f"list of {kind(field['items'])}"
    if name == "object" and "additionalProperties" in field:
        return f"by name: {kind(field['additionalProperties'])}"
    return name


if __name__ == "__main__":
    head = PAGE.read_text(encoding="utf-8").partition(MARK)[0]
    PAGE.write_text(head + MARK + "\n" + field_tables(scores_schema()), encoding="utf-8")

"""``physprior data explain``: where every sentence of a record comes from."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from physprior.cli.console import say
from physprior.cli.options import Dataset, Kb, TemplatesFolder, open_kb, open_templates, the_dataset
from physprior.paths import as_typed

if TYPE_CHECKING:
    from physprior.dataset.explain import Explained, Origin
    from physprior.dialogue.source_map import Fragment, KbValue, MappedPart

_WIDTH = 98
_HEAD = 72
"""Most characters of a fragment that stand above its origin."""
_OWN_WORDS = "the template's own words"
_DECIDES = "  (read by a condition or loop around it)"


def explain_command(
    dataset: Dataset = None,
    record: Annotated[
        str | None,
        typer.Argument(help="A record's id, or a video's path.", show_default="required"),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    kb: Kb = None,
    templates: TemplatesFolder = None,
) -> None:
    """Show a record turn by turn, with the template and the KB values that each text comes from.

    Exits with 1 where the KB entry or the template has changed since the dataset was built: then
    it says so, and shows what the record says, without places.
    """
    from physprior.dataset import folder
    from physprior.dataset.explain import explain

    place, named = _dataset_and_record(dataset, record)
    opened = folder.Dataset.open(place)
    found = explain(opened, named, open_kb(kb), open_templates(templates))
    if as_json:
        say(json.dumps({"records": [_as_json(one) for one in found]}, indent=2, ensure_ascii=False))
    else:
        for number, one in enumerate(found):
            if number:
                say(f"\n{'=' * _WIDTH}\n")
            _print(one)
    if any(one.changed for one in found):
        raise typer.Exit(1)


def _dataset_and_record(dataset: Path | None, record: str | None) -> tuple[Path, str]:
    """In a project one word is enough: the record. Raises BadParameter, ProjectError."""
    if dataset is None:
        raise typer.BadParameter("name a record's id, or a video's path", param_hint="RECORD")
    if record is None:
        return the_dataset(None), str(dataset)
    return dataset, record


def _print(one: Explained) -> None:
    record = one.record
    say(f"{record.id}  ({record.mode}, {record.split})\n")
    _print_fact("video", record.video)
    _print_fact("label", _why(one.label))
    _print_fact("explanation", _why(one.choice))
    if one.map is None:
        for change in one.changed:
            _print_fact("changed", change)
        say("\nWhere its texts stand cannot be told. The record says:")
        for number, turn in enumerate(record.turns, 1):
            for part in turn.parts:
                _print_text(number, turn.role, part.kind, part.text)
        say("\nBuild the dataset again, or name what it was built from with --kb and --templates.")
        return
    parts = [part for turn in one.map.turns for part in turn.parts]
    rows = [row for part in parts for fragment in part.fragments for row in _rows(fragment)]
    width = max(len(where) for where, _ in rows)
    for number, mapped in enumerate(one.map.turns, 1):
        for own in mapped.parts:
            _print_text(number, mapped.role, own.kind, own.text)
            _print_origins(own, width)


def _print_fact(name: str, text: str) -> None:
    say(_wrapped(text, f"{name:<13}"))


def _wrapped(text: str, head: str) -> str:
    # Paths stay whole, so that one can copy them.
    return textwrap.fill(
        text,
        _WIDTH,
        initial_indent=head,
        subsequent_indent=" " * len(head),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _why(origin: Origin) -> str:
    return origin.why + (f" ({_place(origin.place)})" if origin.place else "")


def _print_text(number: int, role: str, kind: str, text: str) -> None:
    title = role if kind in ("prompt", "plain") else f"{role}, {kind}"
    say(f"\n{number} {title}")
    say(_wrapped(text, "  "))


def _print_origins(part: MappedPart, width: int) -> None:
    for fragment in part.fragments:
        if len(part.fragments) > 1:
            say(f"    “{textwrap.shorten(fragment.text, _HEAD, placeholder=' …')}”")
        for where, what in _rows(fragment):
            say(f"      {where:<{width}}  {what}")


def _rows(fragment: Fragment) -> Iterator[tuple[str, str]]:
    """Where a fragment comes from: the KB's values, then the template's expression."""
    if fragment.label:
        yield "the video's label", "see above; its form is that of every verdict"
    for value in fragment.sources:
        yield _place(value), value.name + (_DECIDES if value.decides else "")
    if fragment.place is not None:
        place = fragment.place
        where = f"{as_typed(place.path)}:{place.line}:{place.column}"
        yield where, place.expression or _OWN_WORDS


def _place(value: KbValue) -> str:
    return f"{as_typed(value.path)}:{value.line}:{value.column}"


def _as_json(one: Explained) -> dict[str, Any]:
    return {
        **one.record.model_dump(mode="json", exclude={"turns"}),
        "label_from": {"why": one.label.why, "kb": _value_json(one.label.place)},
        "explanation_from": {"why": one.choice.why, "kb": _value_json(one.choice.place)},
        "changed": list(one.changed),
        "turns": [
            {"role": turn.role, "parts": [_part_json(part) for part in turn.parts]}
            for turn in one.map.turns
        ]
        if one.map
        else one.record.model_dump(mode="json")["turns"],
    }


def _part_json(part: MappedPart) -> dict[str, Any]:
    return {
        "kind": part.kind,
        "text": part.text,
        "fragments": [
            {
                "text": fragment.text,
                "label": fragment.label,
                "template": {
                    "file": str(fragment.place.path),
                    "line": fragment.place.line,
                    "column": fragment.place.column,
                    "expression": fragment.place.expression,
                }
                if fragment.place
                else None,
                "kb": [_value_json(value) for value in fragment.sources],
            }
            for fragment in part.fragments
        ],
    }


def _value_json(value: KbValue | None) -> dict[str, Any] | None:
    if value is None:
        return None
    return {
        "value": value.name,
        "file": str(value.path),
        "line": value.line,
        "column": value.column,
        "decides": value.decides,
    }

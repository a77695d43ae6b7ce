"""Defects that YAML reads without an error, for the codes of the reader."""

from __future__ import annotations

from editing import MARK, Entry, Injected
from injection import defect

from physprior.knowledge.compose import DataPath


def _cut(entry: Entry, path: DataPath, inserted: str) -> Injected:
    """A '#' in the last line of a text, where YAML passes the rest over without an error."""
    start, end = entry.span(path)
    raw = entry.text[start:end]
    at = raw.rfind(" ") + 1
    return entry.edited((start + at, start + at, f"{MARK}{inserted} "))


@defect("S020", "a number sign in a name")
def _(entry: Entry) -> Injected:
    name = entry.category.name
    return entry.edited(entry.put(("name",), f"{name} {MARK}#2"))


@defect(
    "S020",
    "a number sign before the last word of an explanation",
    T007="what is left of the sentence has no full stop",
)
def _(entry: Entry) -> Injected:
    return _cut(entry, entry.sentence("explanation", "S020").path, "#3")


@defect(
    "S020",
    "a sign with a blank behind it",
    T007="what is left of the sentence has no full stop",
)
def _(entry: Entry) -> Injected:
    return _cut(entry, entry.sentence("description", "S020").path, "# 3")


@defect("S020", "a number sign in a text that goes on on the next line")
def _(entry: Entry) -> Injected:
    told = [*entry.sentences("explanation"), *entry.sentences("description")]
    wrapped = [one for one in told if "\n" in entry.raw(one.path)]
    start, _ = entry.span(entry.any(wrapped, "wrapped").path)
    at = entry.text.rindex(" ", start, entry.text.index("\n", start)) + 1
    return entry.edited((at, at, f"{MARK}#3 "))


def _item(entry: Entry, kind: str, at: int, class_id: str) -> int:
    """The offset of an item's dash."""
    sentence = entry.sentences(kind, of=class_id)[at]
    start, _ = entry.span(sentence.path)
    return entry.text.rindex("-", 0, start)


@defect("S021", "an item that is indented too far")
def _(entry: Entry) -> Injected:
    class_id = entry.any(["normal", entry.category.anomalies[-1].id], "S021")
    dash = _item(entry, "explanation", 2, class_id)
    return entry.edited((dash, dash, f"  {MARK}"))


@defect("S022", "marks of a word processor")
def _(entry: Entry) -> Injected:
    sentence = entry.sentence("description", "S022")
    if entry.raw(sentence.path)[0] in "'\"":
        sentence = entry.sentences("description")[0]
    start, end = entry.span(sentence.path)
    left, right = entry.any(["“”", "„“", "«»", "‘’"], "S022")
    return entry.edited((start, start, MARK + left), (end, end, right))

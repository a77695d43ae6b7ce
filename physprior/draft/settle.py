"""Proposals held to the rules one after the other, and those that pass put into the entry's text.

Each is judged as a sentence of a reviewed entry, beside all that stands there by then.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from physprior.check.entry import CheckedEntry, with_heads
from physprior.check.prose import names, stems, stems_of, words
from physprior.check.rules import rules
from physprior.check.rules.unreviewed_draft import MARK
from physprior.draft.entry import at_path, is_gap, is_placeholder
from physprior.draft.reading import Proposal
from physprior.draft.whole import made_whole
from physprior.edit.insert import Uninsertable, insert
from physprior.errors import KnowledgeError
from physprior.knowledge.compose import DataPath
from physprior.knowledge.diagnostic import Diagnostic
from physprior.knowledge.schema import Category
from physprior.knowledge.source import Source, parse_source
from physprior.knowledge.text import unwanted
from physprior.knowledge.validation import validate
from physprior.knowledge.vocabulary import Vocabulary

_LONGEST_NAME = 60
# These are about an entry as a whole, or about the mark itself: no proposal can pass or fail them.
_OF_THE_WHOLE = frozenset({"D001", "R002", "R003", "R004", "T005", "T009"})
_FOREIGN = "foreign: it names no part of this object, so that it may be about another"


@dataclass(frozen=True)
class Settled:
    """What became of a proposal."""

    proposal: Proposal
    failed: tuple[str, ...] = ()
    """The rules that it fails, each with its message; or why it cannot be put in."""
    line: int = 0
    """The line that it stands on in the new text; 0 where it does not."""


def settle(
    path: Path,
    data: bytes,
    proposals: Iterable[Proposal],
    vocabulary: Vocabulary | None,
    model: str = "",
) -> tuple[bytes, list[Settled]]:
    """The entry's text with the proposals that pass, and what became of each.

    All that stood in the text stays as it was, byte by byte. Raises KnowledgeError as
    refuse_broken does.
    """
    refuse_broken(parse_source(path, data))
    note, found = marked(model), []
    for proposal in proposals:
        before = parse_source(path, data)
        try:
            made, at = _put(path, data, before, proposal, note)
        except Uninsertable as error:
            found.append(Settled(proposal, (error.reason,)))
            continue
        after = parse_source(path, made)
        failed = tuple(dict.fromkeys(_fails(before, after, at, proposal, vocabulary)))
        if not failed:
            data = made
        found.append(Settled(proposal, failed, 0 if failed else after.value(at).line))
    # What came later may have moved what came first.
    return data, _with_lines(parse_source(path, data), found)


def refuse_broken(source: Source) -> None:
    """Raise KnowledgeError where more is wrong with an entry than that something is missing."""
    if source.data is not None and made_whole(source.data)[0] is not None:
        return
    _, broken = validate(source)
    found = "\n".join(f"  {one.concise()}" for one in broken)
    raise KnowledgeError(
        f"{source.path} has to be mended before anything is put into it:\n{found}",
        remedy=f"'physprior check {source.path}' shows each with its remedy; what is missing may"
        " stay so",
    )


def marked(model: str) -> str:
    """The comment for a text that ``model`` proposed: on one line, whatever it calls itself."""
    name = " ".join("".join(sign if sign.isprintable() else " " for sign in model).split())
    name = name[:_LONGEST_NAME]
    return f"{MARK} (model {name})" if name and not unwanted(name) else MARK


def _put(
    path: Path, data: bytes, source: Source, proposal: Proposal, note: str
) -> tuple[bytes, DataPath]:
    """The text with a proposal in it, and where it stands in there. Raises Uninsertable."""
    if "\n" in proposal.text or "\r" in proposal.text or "\t" in proposal.text:
        raise Uninsertable("it holds a line break or a tab; a sentence is one line")
    if not isinstance(proposal.value, str):
        return _put_phase(path, data, source, proposal, note)
    there = at_path(source.data, proposal.path)
    if not proposal.is_item:
        old = there if isinstance(there, str) and is_placeholder(there) else ""
        made = insert(path, data, proposal.path, proposal.value, note=note, instead_of=old)
        return made, proposal.path
    items = there if isinstance(there, list) else []
    for number, item in enumerate(items):
        if isinstance(item, str) and is_placeholder(item):
            at = (*proposal.path, number)
            return insert(path, data, at, proposal.value, note=note, instead_of=item), at
    at = (*proposal.path, len(items))
    return insert(path, data, at, proposal.value, note=note), at


def _put_phase(
    path: Path, data: bytes, source: Source, proposal: Proposal, note: str
) -> tuple[bytes, DataPath]:
    """A phase goes into a gap of its id, else into one that has no id yet, else behind them all."""
    assert isinstance(proposal.value, Mapping)
    there = at_path(source.data, proposal.path)
    items = there if isinstance(there, list) else []
    name, expected = proposal.value["id"], proposal.value["expected"]
    for number, phase in enumerate(items):
        if not isinstance(phase, dict):
            continue
        at = (*proposal.path, number)
        if phase.get("id") == name:
            old = str(phase.get("expected") or "")
            return insert(
                path,
                data,
                (*at, "expected"),
                expected,
                note=note,
                instead_of=old if is_placeholder(old) else "",
            ), at
        if is_gap(phase.get("id")) and is_gap(phase.get("expected")):
            old, later = str(phase.get("id") or ""), str(phase.get("expected") or "")
            made = insert(path, data, (*at, "id"), name, note=note, instead_of=old)
            return insert(path, made, (*at, "expected"), expected, instead_of=later), at
    at = (*proposal.path, len(items))
    return insert(path, data, at, dict(proposal.value), note=note), at


def _fails(
    before: Source, after: Source, at: DataPath, proposal: Proposal, vocabulary: Vocabulary | None
) -> Iterator[str]:
    """What the check would say of a proposal that it does not say of the entry without it."""
    known = {(found.code, place) for found, place in _findings(before, vocabulary)}
    for found, place in _findings(after, vocabulary):
        if (found.code, place) not in known and found.code not in _OF_THE_WHOLE:
            yield f"{found.code} {found.name}: {found.message}"
    category, filled = made_whole(after.data or {})
    if category is None:
        yield from _invalid(after, at)
    elif proposal.path[-1] == "descriptions" and _is_foreign(proposal.text, category, filled):
        yield _FOREIGN


def _findings(
    source: Source, vocabulary: Vocabulary | None
) -> Iterator[tuple[Diagnostic, DataPath]]:
    """What the rules find in an entry, each with the value that it is about."""
    category, filled = made_whole(source.data or {})
    if category is None:
        return
    # What is a placeholder still is not judged either.
    texts = ((path, at_path(source.data, path)) for path in source.values)
    todo = {path for path, text in texts if isinstance(text, str) and is_placeholder(text)}
    checked = CheckedEntry(category, source, vocabulary, filled | todo)
    for rule in rules():
        if rule.entry and rule.code not in _OF_THE_WHOLE:
            for found in rule.on_entry(checked):
                yield found, _innermost(source, found)


def _innermost(source: Source, found: Diagnostic) -> DataPath:
    """The longest path of a value that holds the place of a finding."""
    place = (found.line, found.column)
    holding = [
        path
        for path, span in source.values.items()
        if (span.line, span.column) <= place <= (span.end_line, span.end_column)
    ]
    return max(holding, key=len, default=())


def _invalid(source: Source, at: DataPath) -> Iterator[str]:
    """What the schema says of the values at a path."""
    _, broken = validate(source)
    span = source.value(at)
    for found in broken:
        if span.line <= found.line <= span.end_line:
            yield f"{found.code} {found.name}: {found.message}"


def _is_foreign(text: str, category: Category, filled: frozenset[DataPath]) -> bool:
    """Whether a description names nothing of this object: no part, not itself, not what acts."""
    prior = category.prior
    if filled & {("prior", "subject", "parts"), ("prior", "component", "names")}:
        return False
    own = [*prior.component.names, *prior.subject.parts, category.name, *category.aliases]
    own += [category.interaction.actuator.replace("_", " "), category.id.replace("_", " ")]
    return not names(stems_of(words(text)), with_heads(tuple(own))) and bool(stems(text))


def _with_lines(source: Source, settled: list[Settled]) -> list[Settled]:
    lines: dict[tuple[DataPath, str], int] = {}
    for path, span in source.values.items():
        value = at_path(source.data, path)
        if isinstance(value, str):
            lines.setdefault((path[:-1] if isinstance(path[-1], int) else path, value), span.line)
        elif isinstance(value, dict) and set(value) == {"id", "expected"}:
            text = f"{value['id']}: {value['expected']}"
            lines.setdefault((path[:-1], text), span.line)
    return [
        one
        if one.failed
        else replace(one, line=lines.get((one.proposal.path, one.proposal.text), one.line))
        for one in settled
    ]

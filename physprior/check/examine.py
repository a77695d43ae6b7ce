"""One file under check: everything that can be said of it alone, in a form that can be kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from physprior.check import suppress
from physprior.check.diagnostic import Diagnostic
from physprior.check.entry import CheckedEntry
from physprior.check.mend import mend
from physprior.check.rule import Rule
from physprior.check.rules import rules, unfinished
from physprior.check.suppress import Suppression
from physprior.knowledge.claims import Claim, folder_claims
from physprior.knowledge.load import VOCABULARY
from physprior.knowledge.schema import Category
from physprior.knowledge.source import Source, parse_source
from physprior.knowledge.validation import validate, validate_as
from physprior.knowledge.vocabulary import Vocabulary

TEMPLATE_SUFFIX = ".j2"
_OF_AN_ENTRY = frozenset({"interaction", "prior", "normal", "anomalies"})
_OF_A_TEMPLATE = ("user", "assistant", "part")


@dataclass(frozen=True)
class Record:
    """What one file holds, as far as the check is concerned."""

    diagnostics: tuple[Diagnostic, ...] = ()
    """What is wrong with the file alone, before suppressions."""
    claims: tuple[Claim, ...] = ()
    """The folder names that its category claims."""
    suppressions: tuple[Suppression, ...] = ()
    ran: tuple[str, ...] = ()
    """The codes of the rules that the file was held to."""
    foreign: bool = False
    """Whether it is something else than the check is for, as a recipe is."""
    unwritten: int = 0
    """Of a draft: how many of its texts and ids are still to be written."""


def examine(path: Path, data: bytes, vocabulary: Vocabulary | None) -> Record:
    """Check one file: an entry, a vocabulary or a template, by its name.

    ``vocabulary`` holds the closed lists that go for an entry. Never raises over the content.
    """
    if path.suffix == TEMPLATE_SUFFIX:
        return _template(path, data)
    source = parse_source(path, data)
    if path.name == VOCABULARY:
        _, broken = validate_as(Vocabulary, source)
        return Record(tuple(sorted([*source.diagnostics, *broken])))
    category, broken = validate(source)
    diagnostics = [*source.diagnostics, *broken]
    suppressions = tuple(suppress.in_source(source))
    if category is None:
        foreign = source.data is not None and not _OF_AN_ENTRY & source.data.keys()
        diagnostics += _beside_slips(source, vocabulary)
        return Record(tuple(sorted(diagnostics)), (), suppressions, (), foreign)
    held = _held(category)
    checked = CheckedEntry(category, source, vocabulary)
    diagnostics += _by_rules(checked, held)
    return Record(
        tuple(sorted(diagnostics)),
        folder_claims(category, source),
        suppressions,
        tuple(rule.code for rule in held),
        unwritten=0 if unfinished.RULE in held else sum(1 for _ in unfinished.check(checked)),
    )


def _held(category: Category) -> tuple[Rule, ...]:
    """The rules that an entry is held to: all, or in a draft those that go for drafts."""
    return tuple(
        rule
        for rule in rules()
        if (rule.entry or rule.claims) and (rule.drafts or category.status == "reviewed")
    )


def _by_rules(checked: CheckedEntry, held: Sequence[Rule]) -> list[Diagnostic]:
    written = checked
    if unfinished.RULE in held and any(True for _ in unfinished.check(checked)):
        # What is still to be written is told once, and not judged by its style as well.
        left = {path for path, _ in unfinished.open_values(checked.category)}
        written = replace(checked, mended=checked.mended | left)
    return [
        found
        for rule in held
        for found in rule.on_entry(checked if rule is unfinished.RULE else written)
    ]


def _beside_slips(source: Source, vocabulary: Vocabulary | None) -> list[Diagnostic]:
    """What the rules find in an entry that is invalid for slips of the keys alone."""
    if source.data is None:
        return []
    category, mended = mend(source.data)
    if category is None:
        return []
    return _by_rules(CheckedEntry(category, source, vocabulary, mended), _held(category))


def _template(path: Path, data: bytes) -> Record:
    from physprior.check.template import read_template

    checked = read_template(path, data)
    held = [rule for rule in rules() if rule.template]
    tags = [f"{{% {tag}" for tag in _OF_A_TEMPLATE]
    return Record(
        tuple(sorted(found for rule in held for found in rule.on_template(checked))),
        (),
        # Bytes that are no text have no places to edit.
        tuple(suppress.in_template(path, checked.lines)) if checked.text else (),
        # What does not parse was not looked at: what it suppresses may be there all the same.
        () if checked.tree is None else tuple(rule.code for rule in held),
        foreign=checked.kind == "dialogue"
        and not any(tag in line for line in checked.lines for tag in tags),
    )

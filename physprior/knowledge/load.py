"""The loaded knowledge base: every category of a folder, valid, with the file it came from."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from physprior import fingerprint
from physprior.errors import KnowledgeError
from physprior.knowledge import codes
from physprior.knowledge.claims import Claim, folder_claims
from physprior.knowledge.diagnostic import Diagnostic
from physprior.knowledge.folders import place_category, place_class
from physprior.knowledge.schema import Category
from physprior.knowledge.source import Source, read_source
from physprior.knowledge.validation import did_you_mean, validate
from physprior.paths import is_pipe_or_device

SUFFIXES = (".yaml", ".yml")
VOCABULARY = "vocabulary.yaml"
"""The file of a KB folder that holds words and no category."""


@dataclass(frozen=True)
class Entry:
    """One KB file: its category, and its source with the place of every key and value."""

    category: Category
    source: Source

    @property
    def path(self) -> Path:
        """The file."""
        return self.source.path

    def claims(self) -> tuple[Claim, ...]:
        """The folder names under which this category's videos are looked for."""
        return folder_claims(self.category, self.source)


@dataclass(frozen=True)
class KnowledgeBase:
    """The categories of a KB folder, by id and sorted by it."""

    categories: dict[str, Category]
    sources: dict[str, Path]
    """The file of each category."""

    def category(self, category_id: str) -> Category:
        """The category of this id. Raises KnowledgeError, with the nearest id, if there is none."""
        if category_id in self.categories:
            return self.categories[category_id]
        meant = did_you_mean(category_id, self.categories)
        raise KnowledgeError(
            f"the knowledge base holds no category {category_id!r}",
            remedy=f"did you mean {meant!r}?"
            if meant
            else f"name one of these: {', '.join(self.categories) or '(it is empty)'}",
        )

    def only(self, category_ids: Iterable[str]) -> KnowledgeBase:
        """The part with these categories. Raises KnowledgeError where one is not there."""
        chosen = sorted({self.category(category_id).id for category_id in category_ids})
        return KnowledgeBase(
            categories={name: self.categories[name] for name in chosen},
            sources={name: self.sources[name] for name in chosen},
        )

    def fingerprint(self, category_id: str) -> str:
        """SHA-256 of a category's content, whatever the layout and comments of its file."""
        # Without defaults, so that a field added to the schema leaves older entries as they were.
        content = self.category(category_id).model_dump(mode="json", exclude_defaults=True)
        return fingerprint.of_json(content)

    def place_category(self, name: str) -> Category | None:
        """The category that a folder name means by id or alias, or None."""
        return place_category(name, self.categories.values())

    def place_class(self, category: Category, name: str) -> str | None:
        """The class id that a folder name means within a category, or None."""
        return place_class(category, name)


def load_entry(path: Path) -> Entry:
    """Load one KB file. Raises KnowledgeError with every problem it has."""
    entry, findings = examine(path)
    if entry is None:
        raise problems(path, findings)
    return entry


def load_knowledge(folder: Path) -> KnowledgeBase:
    """Load every KB file under a folder. Raises KnowledgeError with every problem of all files."""
    entries: list[Entry] = []
    findings: list[Diagnostic] = []
    for path in entry_files(folder):
        entry, found = examine(path)
        findings.extend(found)
        if entry is not None:
            entries.append(entry)
    findings.extend(repeated_categories(claim for entry in entries for claim in entry.claims()))
    if findings:
        raise problems(folder, findings)
    entries.sort(key=lambda entry: entry.category.id)
    return KnowledgeBase(
        categories={entry.category.id: entry.category for entry in entries},
        sources={entry.category.id: entry.path for entry in entries},
    )


def examine(path: Path) -> tuple[Entry | None, list[Diagnostic]]:
    """Read and validate a file: its entry where nothing is wrong, else all that is, sorted.

    Raises KnowledgeError where the file cannot be opened.
    """
    source = read_source(path)
    category, broken = validate(source)
    findings = sorted([*source.diagnostics, *broken])
    if category is None or findings:
        return None, findings
    return Entry(category, source), []


def entry_files(folder: Path) -> list[Path]:
    """The KB files in a folder and the folders below it, sorted, without hidden ones and pipes.

    Raises KnowledgeError where the folder is missing or holds none.
    """
    if not folder.is_dir():
        raise KnowledgeError(
            f"{folder} is not a folder", remedy="name the folder that holds the KB's YAML files"
        )
    found = []
    for parent, below, names in os.walk(folder):
        below[:] = [name for name in below if not name.startswith(".")]
        found += [Path(parent, name) for name in names if is_entry_file(Path(name))]
    found = [path for path in found if not is_pipe_or_device(path)]
    if not found:
        raise KnowledgeError(
            f"{folder} holds no KB entry",
            remedy="name the folder that holds the KB's YAML files, one for each category",
        )
    return sorted(found)


def is_entry_file(path: Path) -> bool:
    """Whether a file of this name is taken for a KB entry when a folder is searched."""
    hidden = path.name.startswith(".")
    return path.suffix.lower() in SUFFIXES and path.name != VOCABULARY and not hidden


def repeated_categories(claims: Iterable[Claim]) -> list[Diagnostic]:
    """A finding for each category id that an earlier file already has."""
    first: dict[str, Path] = {}
    return [
        codes.DUPLICATE_CATEGORY.at(
            claim.path,
            claim.position,
            f"the category {claim.name!r} is already described in {first[claim.name]}",
            "give this category an id of its own, or delete one of the files",
        )
        for claim in claims
        if claim.is_id and first.setdefault(claim.name, claim.path) != claim.path
    ]


def problems(place: Path, findings: Sequence[Diagnostic]) -> KnowledgeError:
    """The error that lists every finding of a file or folder."""
    count = f"{len(findings)} problem{'' if len(findings) == 1 else 's'}"
    listed = "\n".join(f"  {finding.concise()}" for finding in findings)
    return KnowledgeError(
        f"{place} has {count}:\n{listed}",
        remedy=f"'physprior check {place}' shows each with its line and its remedy",
    )

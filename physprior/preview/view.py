"""What a page shows at one moment: the entry as it is saved, what is wrong, and what it says."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from physprior.check import check_paths
from physprior.dialogue import Templates
from physprior.errors import KnowledgeError, PhyspriorError
from physprior.knowledge.diagnostic import Diagnostic
from physprior.knowledge.load import Entry
from physprior.knowledge.schema import NORMAL, Category
from physprior.knowledge.source import Source, read_source
from physprior.knowledge.validation import validate
from physprior.preview.colouring import Line, entry_lines, template_lines
from physprior.preview.talks import Mode, make_modes


@dataclass(frozen=True)
class Sample:
    """A video of a class."""

    path: Path
    name: str
    """Its path below the videos' folder."""


@dataclass(frozen=True)
class Samples:
    """Videos of a category's classes."""

    place: str = ""
    """Where they were looked for; empty where nobody said where they are."""
    chosen: dict[str, tuple[Sample, ...]] = field(default_factory=dict)
    """By class id, a few of each."""
    counts: dict[str, int] = field(default_factory=dict)
    """By class id, how many there are."""
    notes: tuple[str, ...] = ()
    """What could not be placed, and what else a person should know."""


FindSamples = Callable[[Category, Path], Samples]
"""Given a category and its KB file. Raises PhyspriorError where the videos cannot be used."""


@dataclass(frozen=True)
class Folders:
    """Where the pieces of a page come from."""

    kb: Path
    """The KB's folder, whose other files count for the check."""
    entry: Path
    """The file of the category."""
    templates: Path
    find_samples: FindSamples


@dataclass(frozen=True)
class ShownFile:
    """A file whose lines are shown."""

    path: Path
    lines: tuple[Line, ...]
    findings: tuple[Diagnostic, ...]


@dataclass(frozen=True)
class ClassName:
    """A class as a tab shows it."""

    id: str
    name: str
    count: int
    """How many explanations it has."""


@dataclass(frozen=True)
class View:
    """The whole of a page at one moment."""

    title: str
    """The category's name, or the file's."""
    status: str
    """``draft``, ``reviewed``, or empty where the entry cannot be read."""
    files: tuple[ShownFile, ...]
    """The KB file first, then the templates."""
    unchecked: str
    """Why the check could not look; empty where it did."""
    trouble: str
    """Why the entry makes no dialogue now; empty where it does."""
    classes: tuple[ClassName, ...]
    modes: tuple[Mode, ...]
    stale: bool
    """Whether the dialogues and samples are those of an earlier moment."""
    samples: Samples

    @property
    def findings(self) -> tuple[Diagnostic, ...]:
        """All that the check says, in the order of the files."""
        return tuple(finding for file in self.files for finding in file.findings)


def make_view(folders: Folders, last: View | None = None) -> View:
    """What the files say now. Where they are broken, the dialogues are those of ``last``."""
    source, category, trouble = _read(folders.entry)
    found, unchecked = _check(folders)
    if source is None:
        unchecked = trouble
    files = _files(folders, source, found)
    if source is None or category is None:
        return replace(_broken(folders, files, trouble, last), unchecked=unchecked)
    modes = make_modes(Templates(folders.templates), Entry(category, source))
    return View(
        title=category.name,
        status=category.status,
        files=files,
        unchecked=unchecked,
        trouble="" if modes else f"{folders.templates} holds no template",
        classes=tuple(_classes(category)),
        modes=tuple(_or_last(mode, last) for mode in modes),
        stale=False,
        samples=_samples(folders, category),
    )


def _read(path: Path) -> tuple[Source | None, Category | None, str]:
    """The entry, as far as it can be read, and why it makes no dialogue."""
    try:
        source = read_source(path)
    except KnowledgeError as error:
        return None, None, error.message
    category, broken = validate(source)
    if category is not None and not source.diagnostics:
        return source, category, ""
    count = len(broken) + len(source.diagnostics)
    return source, None, f"{path.name} has {count} {'error' if count == 1 else 'errors'}"


def _broken(
    folders: Folders, files: tuple[ShownFile, ...], trouble: str, last: View | None
) -> View:
    if last is None:
        empty = Samples()
        return View(folders.entry.name, "", files, "", trouble, (), (), stale=False, samples=empty)
    had = any(mode.talks for mode in last.modes)
    return replace(last, status="", files=files, trouble=trouble, stale=had)


def _or_last(mode: Mode, last: View | None) -> Mode:
    """A mode that failed, with the dialogues that it had before."""
    if not mode.trouble or last is None:
        return mode
    before = next((one for one in last.modes if one.name == mode.name), mode)
    return replace(mode, talks=before.talks)


def _classes(category: Category) -> Iterable[ClassName]:
    for class_id, texts in category.classes():
        anomaly = category.anomaly(class_id)
        name = NORMAL if anomaly is None else anomaly.name
        yield ClassName(class_id, name, len(texts.explanations))


def _files(
    folders: Folders, source: Source | None, found: Sequence[Diagnostic]
) -> tuple[ShownFile, ...]:
    files = [(folders.entry, () if source is None else entry_lines(source))]
    for path in sorted(folders.templates.glob("*.j2")):
        # One that goes in this moment is not there the next.
        with contextlib.suppress(OSError):
            text = path.read_text(encoding="utf-8", errors="replace")
            files.append((path, template_lines(text)))
    return tuple(
        ShownFile(path, lines, tuple(one for one in found if one.path == path))
        for path, lines in files
    )


def _check(folders: Folders) -> tuple[tuple[Diagnostic, ...], str]:
    """What the check finds, in all files of the folders, and why it could not look, or nothing."""
    try:
        return check_paths([folders.kb, folders.templates]).diagnostics, ""
    except PhyspriorError as error:
        return (), error.message


def _samples(folders: Folders, category: Category) -> Samples:
    try:
        return folders.find_samples(category, folders.entry)
    except PhyspriorError as error:
        return Samples(notes=(str(error),))

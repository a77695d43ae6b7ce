"""The entry that is drafted for, also where it is not finished: what it says, and what it lacks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from physprior.check.rules.unfinished import is_unfinished
from physprior.errors import KnowledgeError
from physprior.knowledge.compose import DataPath
from physprior.knowledge.load import entry_files
from physprior.knowledge.schema import NORMAL
from physprior.knowledge.source import Source, parse_source, read_source, unreadable
from physprior.knowledge.text import LARGEST
from physprior.knowledge.validation import did_you_mean


@dataclass(frozen=True)
class DraftEntry:
    """One KB file, as it was read."""

    path: Path
    data: bytes
    source: Source

    @property
    def id(self) -> str:
        """The category's id."""
        return self.text(("id",)) or self.path.stem

    @property
    def name(self) -> str:
        """What a person calls the object."""
        return self.text(("name",)) or self.id.replace("_", " ")

    def at(self, path: DataPath) -> Any:
        """What stands at a path; None where nothing does."""
        return at_path(self.source.data, path)

    def text(self, path: DataPath) -> str:
        """The finished text at a path; empty where there is none."""
        value = self.at(path)
        return value if isinstance(value, str) and not is_gap(value) else ""

    def texts(self, path: DataPath) -> list[str]:
        """The finished texts of a list."""
        value = self.at(path)
        items = value if isinstance(value, list) else []
        return [item for item in items if isinstance(item, str) and not is_gap(item)]

    def phases(self) -> list[tuple[str, str]]:
        """The phases of the motion that have an id: the id, and what is expected or nothing."""
        value = self.at(("prior", "motion", "phases"))
        found = []
        for phase in value if isinstance(value, list) else []:
            said = phase if isinstance(phase, dict) else {}
            name, expected = said.get("id"), said.get("expected")
            if isinstance(name, str) and not is_gap(name):
                written = expected if isinstance(expected, str) else ""
                found.append((name, "" if is_gap(written) else written))
        return found

    def classes(self) -> Iterator[tuple[str, DataPath]]:
        """Each class that has an id, with the path of its texts: normal first."""
        yield NORMAL, ("normal",)
        anomalies = self.at(("anomalies",))
        for number, _ in enumerate(anomalies if isinstance(anomalies, list) else []):
            name = self.text(("anomalies", number, "id"))
            if name:
                yield name, ("anomalies", number)

    def class_path(self, class_id: str) -> DataPath:
        """The path of a class. Raises KnowledgeError, with the nearest id, if there is none."""
        known = dict(self.classes())
        if class_id in known:
            return known[class_id]
        meant = did_you_mean(class_id, known)
        raise KnowledgeError(
            f"{self.path} has no class {class_id!r}",
            remedy=f"did you mean {meant!r}?" if meant else f"name one of: {', '.join(known)}",
        )


def find_entry(folder: Path, category: str) -> DraftEntry:
    """The entry of a category in a KB folder, finished or not.

    Raises KnowledgeError where there is none, or its file cannot be read as YAML.
    """
    names: dict[str, Path] = {}
    for path in entry_files(folder):
        data = read_source(path).data
        name = data.get("id") if data is not None else None
        names.setdefault(name if isinstance(name, str) else path.stem, path)
    if category not in names:
        meant = did_you_mean(category, names)
        raise KnowledgeError(
            f"{folder} holds no category {category!r}",
            remedy=f"did you mean {meant!r}?"
            if meant
            else f"begin one: 'physprior new {category}'",
        )
    return read_entry(names[category])


def read_entry(path: Path) -> DraftEntry:
    """Read a KB file. Raises KnowledgeError where it is not there, or is not sound as YAML."""
    try:
        with path.open("rb") as stream:
            data = stream.read(LARGEST + 1)
    except OSError as error:
        raise unreadable(path, error, "give yourself the right") from error
    source = parse_source(path, data)
    if source.data is None or source.diagnostics:
        found = "\n".join(f"  {one.concise()}" for one in source.diagnostics)
        raise KnowledgeError(
            f"{path} has to be mended before anything is put into it:\n{found}",
            remedy=f"'physprior check {path}' shows each with its remedy",
        )
    return DraftEntry(path, data, source)


def is_gap(value: Any) -> bool:
    """Whether nothing has been written yet: nothing at all, or a TODO."""
    if value is None or value == []:
        return True
    if isinstance(value, list):
        return all(is_gap(item) for item in value)
    return isinstance(value, str) and is_placeholder(value)


def is_placeholder(text: str) -> bool:
    """Whether a text as a whole stands for one to come, as ``physprior new`` writes them.

    A sentence with a TODO in it is somebody's sentence.
    """
    begins = text.startswith(("TODO", "todo")) or (text[:1] == "[" and text[-1:] == "]")
    return begins and is_unfinished(text)


def at_path(data: Any, path: DataPath) -> Any:
    """What stands at a path of plain data; None where nothing does."""
    for step in path:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return None
    return data

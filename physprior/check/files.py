"""The files of a check: which ones the paths mean, and which vocabulary goes for each."""

from __future__ import annotations

import os
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from physprior.errors import KnowledgeError
from physprior.knowledge.load import SUFFIXES, VOCABULARY
from physprior.knowledge.source import parse_source, unreadable
from physprior.knowledge.text import LARGEST
from physprior.knowledge.validation import validate_as
from physprior.knowledge.vocabulary import Vocabulary
from physprior.paths import is_pipe_or_device, kb_folder

CHECKED = (*SUFFIXES, ".j2")
"""The file names that a searched folder is searched for."""


@dataclass(frozen=True)
class CheckedFiles:
    """The files of one check."""

    paths: tuple[Path, ...]
    """All of them, sorted, each once."""
    searched: tuple[Path, ...]
    """Those that were not named but found in a folder."""
    roots: tuple[Path, ...] = ()
    """The folders that were searched."""
    _contents: dict[Path, bytes] = field(default_factory=dict, compare=False, repr=False)
    _vocabularies: dict[Path, Vocabulary | None] = field(
        default_factory=dict, compare=False, repr=False
    )
    _nearest: dict[Path, Path] = field(default_factory=dict, compare=False, repr=False)

    def vocabulary(self, path: Path) -> Vocabulary | None:
        """The closed lists that go for an entry; None where they are broken."""
        place = self._place(path)
        if place not in self._vocabularies:
            source = parse_source(place, self.vocabulary_content(path))
            self._vocabularies[place], _ = validate_as(Vocabulary, source)
        return self._vocabularies[place]

    def vocabulary_content(self, path: Path) -> bytes:
        """The content of the vocabulary that goes for an entry."""
        place = self._place(path)
        if place not in self._contents:
            self._contents[place] = read_file(place)
        return self._contents[place]

    def refuse_nothing(self, checked: Container[Path]) -> None:
        """Raise KnowledgeError where nothing is left to check."""
        if not any(path in checked for path in self.paths):
            places = ", ".join(str(root) for root in self.roots)
            raise KnowledgeError(
                f"{places} holds no KB entry and no template",
                remedy="name the folder that holds the KB's YAML files, one for each category",
            )

    def _place(self, path: Path) -> Path:
        """The vocabulary nearest above an entry within what is searched, else the shipped one."""
        folder = path.parent
        if folder not in self._nearest:
            candidates = (above / VOCABULARY for above in self._above(folder))
            found = next((place for place in candidates if place.is_file()), None)
            self._nearest[folder] = found or kb_folder() / VOCABULARY
        return self._nearest[folder]

    def _above(self, folder: Path) -> Iterator[Path]:
        yield folder
        while folder not in self.roots and any(root in folder.parents for root in self.roots):
            folder = folder.parent
            yield folder


def find_files(
    paths: Sequence[Path], unsaved: Mapping[Path, bytes] = MappingProxyType({})
) -> CheckedFiles:
    """The files that the paths mean, folders searched to the bottom but for hidden ones.

    What is found there and is no file, as a pipe is, is passed over; it is read where it is named.

    ``unsaved`` are contents that go before those of the files on the disk.

    Raises KnowledgeError where a path does not exist, or a folder holds no such file.
    """
    missing = [str(path) for path in paths if not path.exists()]
    if missing:
        raise KnowledgeError(
            f"no such file or folder: {', '.join(missing)}",
            remedy="name KB files, templates, or folders that hold them",
        )
    roots = tuple(path for path in paths if path.is_dir())
    named = [path for path in paths if not path.is_dir()]
    searched = [path for root in roots for path in _search(root)]
    once = {os.path.realpath(path): path for path in (*reversed(searched), *reversed(named))}
    files = tuple(sorted(once.values()))
    searched = [path for path in files if path not in set(named)]
    return CheckedFiles(files, tuple(searched), roots, dict(unsaved))


def beside(path: Path) -> CheckedFiles:
    """The other entries of a file's folder; none for a template, which claims nothing.

    Neither the file nor its folder need exist.
    """
    root, real = path.parent, os.path.realpath(path)
    listed = sorted(root.iterdir()) if path.suffix.lower() in SUFFIXES and root.is_dir() else ()
    others = tuple(
        other
        for other in listed
        if other.suffix.lower() in SUFFIXES
        and not other.name.startswith(".")
        and os.path.realpath(other) != real
        and other.is_file()
    )
    return CheckedFiles((*others, path), others, (root,))


def read_file(path: Path) -> bytes:
    """The content of a file. Raises KnowledgeError where it cannot be opened."""
    try:
        with path.open("rb") as stream:
            return stream.read(LARGEST + 1)
    except OSError as error:
        raise unreadable(path, error, "name a file that exists and that you may read") from error


def _refuse(error: OSError) -> None:
    """A folder that cannot be looked into is not to pass as one without entries."""
    raise KnowledgeError(
        f"cannot read the folder {error.filename}: {error.strerror or error}",
        remedy="make it one that you may read",
    ) from error


def _search(root: Path) -> list[Path]:
    found = []
    for parent, below, names in os.walk(root, onerror=_refuse):
        below[:] = [name for name in below if not name.startswith(".")]
        found += [
            Path(parent, name)
            for name in names
            if Path(name).suffix.lower() in CHECKED
            and not name.startswith(".")
            and not is_pipe_or_device(Path(parent, name))
        ]
    if not found:
        raise KnowledgeError(
            f"{root} holds no KB entry and no template",
            remedy="name the folder that holds the KB's YAML files, one for each category",
        )
    return found

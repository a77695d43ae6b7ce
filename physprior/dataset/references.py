"""References for scoring: sentences of each class that a model's explanation is compared with.

They come from a label file of others (``label_file.read_labels``) and live in a file of their own.
They never enter the KB: what stands there may be taught, and a sentence is taught or tested.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from physprior import files, fingerprint
from physprior.dataset.label_json import MAX_BYTES
from physprior.errors import DatasetError, OutputError
from physprior.knowledge.load import VOCABULARY

FORMAT = "physprior-references"


class ClassReferences(BaseModel):
    """The sentences of one class."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    descriptions: tuple[str, ...] = ()
    """What is seen."""
    explanations: tuple[str, ...] = ()
    """Why."""


class Unplaced(BaseModel):
    """A name in the label file that the KB does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str
    """Where it stands: ``$.clip.explanation_label.unable_press``."""
    reason: str
    """What it would have to be, with a guess at what is meant."""


class Remark(BaseModel):
    """Something in the label file that is not as it should be, and what was made of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str
    """Where it stands."""
    said: str
    """What was met, and what was done."""


class Taught(BaseModel):
    """A sentence of the label file that the KB teaches: a score by it would be worthless."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str
    """Where it stands in the label file."""
    category: str
    """The category of the KB that teaches it."""
    where: str
    """The field that does: ``anomalies[unable_to_press].explanations[3]``, counted from 1."""
    sentence: str
    """The sentence."""


class References(BaseModel):
    """The references of a label file, placed among the KB's categories and classes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["physprior-references"] = "physprior-references"
    """Tells this file from others."""
    format_version: Literal[1] = 1
    """Raised when the file changes so that older readers would go wrong."""
    physprior_version: str
    """The version of physprior that read the label file."""
    source: str
    """The label file's name."""
    source_sha256: str
    """Hash of the label file."""
    knowledge: dict[str, str]
    """Category to the hash of the KB entry that its names were placed by."""
    categories: dict[str, dict[str, ClassReferences]]
    """Category id, then class id, to the sentences; ``normal`` stands first."""
    unplaced: tuple[Unplaced, ...] = ()
    """Names that were left out."""
    taught: tuple[Taught, ...] = ()
    """Sentences that the KB teaches too."""
    remarks: tuple[Remark, ...] = ()
    """What was not as it should be."""

    @property
    def hash(self) -> str:
        """Hash over the sentences alone: two scores by the same ones can be compared."""
        return fingerprint.of_json(self.model_dump(mode="json")["categories"])

    def of(self, category: str, class_id: str) -> ClassReferences:
        """The sentences of one class; none where the label file has none."""
        return self.categories.get(category, {}).get(class_id, ClassReferences())


def read_references(path: Path) -> References:
    """The references in a file that ``write_references`` made.

    Raises DatasetError where it is missing, or is something else.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise DatasetError(
                f"{path}: too large to be a references file",
                remedy="name a file that physprior data references has written",
            )
        return References.model_validate_json(path.read_bytes())
    except OSError as error:
        raise DatasetError(
            f"{path}: cannot be read: {error.strerror}",
            remedy="name a file that physprior data references has written",
        ) from error
    except ValidationError as error:
        problem = error.errors()[0]
        where = "".join(f".{step}" for step in problem["loc"])
        raise DatasetError(
            f"{path}: not a references file of this version: ${where}: {problem['msg']}",
            remedy="make it again with physprior data references",
        ) from error


def check_references_place(out: Path, source: Path, kb_folders: Iterable[Path]) -> None:
    """Refuse an ``out`` in a KB folder, or in the way of something that is no references file.

    Raises OutputError.
    """
    place = out.resolve()
    for folder in (*place.parents, place):
        if folder in {kb.resolve() for kb in kb_folders} or (folder / VOCABULARY).is_file():
            raise OutputError(
                f"{out}: lies in the knowledge base {folder}, whose sentences may be taught",
                remedy="name a place outside the KB: a sentence is taught or tested",
            )
    if place == source.resolve():
        raise OutputError(f"{out}: is the label file itself", remedy="name another output file")
    if out.is_dir():
        raise OutputError(f"{out}: a folder is in the way", remedy="name an output file")
    if out.exists() and not _is_references(out):
        raise OutputError(
            f"{out}: is there, and no references file", remedy="name another output file"
        )


def write_references(
    references: References, out: Path, *, source: Path, kb_folders: Iterable[Path]
) -> None:
    """Write references as a JSON file, whole or not at all.

    ``kb_folders`` are those that it must not lie in. Raises OutputError.
    """
    check_references_place(out, source, kb_folders)
    content = references.model_dump(mode="json")
    files.write_text(out, json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def _is_references(path: Path) -> bool:
    try:
        read_references(path)
    except DatasetError:
        return False
    return True

"""The closed lists of words in ``kb/vocabulary.yaml``, from which every entry takes its own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from physprior.knowledge.diagnostic import Diagnostic
from physprior.knowledge.load import VOCABULARY, problems
from physprior.knowledge.schema import Entity, Identifier, Words
from physprior.knowledge.source import Source, read_source
from physprior.knowledge.validation import validate_as

__all__ = ["VOCABULARY", "Vocabulary", "load_vocabulary", "read_vocabulary"]

Identifiers = Annotated[dict[Identifier, Words], Field(min_length=1)]
Terms = Annotated[dict[Words, Words], Field(min_length=1)]


class Vocabulary(Entity):
    """The words that entries share, each with its meaning in one line."""

    actuators: Identifiers
    """What acts on an object: ``gripper``."""
    actions: Identifiers
    """What an actuator does: ``press``."""
    properties: Terms
    """What the motion of a component depends on: ``low bearing friction``."""


def load_vocabulary(path: Path) -> Vocabulary:
    """Load a vocabulary. Raises KnowledgeError with every problem it has."""
    vocabulary, _, findings = read_vocabulary(path)
    if vocabulary is None:
        raise problems(path, findings)
    return vocabulary


def read_vocabulary(path: Path) -> tuple[Vocabulary | None, Source, list[Diagnostic]]:
    """A vocabulary where nothing is wrong with it, its file as read, and what is wrong, sorted.

    Raises KnowledgeError where the file cannot be opened.
    """
    source = read_source(path)
    vocabulary, broken = validate_as(Vocabulary, source)
    findings = sorted([*source.diagnostics, *broken])
    return None if findings else vocabulary, source, findings

"""One question to a model: what it is told, what it is asked, and the form its answer must have."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any


@dataclass(frozen=True)
class Prompt:
    """One question to a model; equal prompts are one question, whoever asks them."""

    system: str
    """What the model is told of its task."""
    user: str
    """What it is asked."""
    schema: dict[str, Any]
    """JSON schema of the answer; the order of its properties is the order of writing."""
    name: str
    """The schema's name: letters, digits and underscores."""
    images: tuple[str, ...] = ()
    """Pictures that go before the question, each as a ``data:`` URL; the model must have eyes."""

    @cached_property
    def hash(self) -> str:
        """SHA-256 over all of it, the order of the schema's properties included."""
        # ASCII: a text may hold half a surrogate pair, which UTF-8 has no bytes for.
        # Pictures only where there are any: a question without has the hash that it always had.
        content = json.dumps([self.system, self.user, self.schema, self.name, *self.images])
        return hashlib.sha256(content.encode("ascii")).hexdigest()

    def __hash__(self) -> int:
        return hash(self.hash)

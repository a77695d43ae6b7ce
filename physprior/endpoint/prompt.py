"""One question to a judge: what it is told, what it is asked, and the form its answer must have."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any


@dataclass(frozen=True)
class Prompt:
    """One question to a judge; equal prompts are one question, whoever asks them."""

    system: str
    """What the judge is told of its task."""
    user: str
    """What is judged."""
    schema: dict[str, Any]
    """JSON schema of the answer; the order of its properties is the order of writing."""
    name: str
    """The schema's name: letters, digits and underscores."""

    @cached_property
    def hash(self) -> str:
        """SHA-256 over all of it, the order of the schema's properties included."""
        # ASCII: a text may hold half a surrogate pair, which UTF-8 has no bytes for.
        content = json.dumps([self.system, self.user, self.schema, self.name])
        return hashlib.sha256(content.encode("ascii")).hexdigest()

    def __hash__(self) -> int:
        return hash(self.hash)

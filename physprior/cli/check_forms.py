"""The forms in which ``physprior check`` can be asked to answer."""

from __future__ import annotations

from enum import StrEnum


class Format(StrEnum):
    """How each problem is shown."""

    FULL = "full"
    CONCISE = "concise"
    JSON = "json"
    GITHUB = "github"
    SARIF = "sarif"
    JUNIT = "junit"

    @property
    def is_document(self) -> bool:
        """Whether all of it is one document for a program, which nothing may stand beside."""
        return self in (Format.JSON, Format.SARIF, Format.JUNIT)

"""PLACEHOLDER, to be overwritten: baselines that need no training are another's work."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path


def predict_baselines(
    dataset: Path,  # noqa: ARG001
    out: Path,  # noqa: ARG001
    *,
    base: Path,  # noqa: ARG001
    cache: Path,  # noqa: ARG001
    frames: int = 8,  # noqa: ARG001
    workers: int = 2,  # noqa: ARG001
    progress: Callable[..., None] = lambda *said: None,  # noqa: ARG001
) -> list[Path]:
    """PLACEHOLDER."""
    return []

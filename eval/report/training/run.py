"""A training run as its folder tells it: what it learned from, its curves, how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Series:
    """One measured thing over the steps."""

    steps: tuple[int, ...]
    values: tuple[float, ...]


@dataclass(frozen=True)
class TrainingRun:
    """What a run folder says of its training."""

    folder: Path
    state: str
    """``finished``, or how far it came: ``stopped at step 240 of 589``."""
    series: Mapping[str, Series]
    """By the log's own names: ``loss/verdict``, ``val/auroc``, ``val/auroc/clip``, …"""
    kept_step: int | None
    """The step whose weights the run keeps."""
    kept_why: str
    facts: tuple[tuple[str, str], ...]
    """Name and value: base, dataset, steps, parameters, time, machine, …"""
    missing: tuple[str, ...] = ()
    """What the folder does not tell, in sentences."""

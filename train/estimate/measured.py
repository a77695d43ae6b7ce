"""Runs that were measured on a card, as bench/gpu_train.py keeps them, beside their estimate."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from physprior.train.estimate.base import Base
from physprior.train.estimate.memory import Load, estimate_memory
from physprior.train.recipe import Recipe

STEP_PHASES = ("vision", "forward", "loss", "backward", "optimizer")
"""What a run of the benchmark goes through: it neither validates nor probes gradients."""


@dataclass(frozen=True)
class Measured:
    """One measured run of a recipe's kind."""

    source: str
    """The card and the file that it stands in."""
    batch: int
    tokens: int
    """Tokens of a dialogue."""
    peak: int
    """Bytes of tensors at their most."""
    tokens_per_second: float
    share: float
    """Of the card's matrix rate; 0 where it was not measured."""
    estimated: int = 0
    """What the arithmetic says for that run."""

    @property
    def error(self) -> float:
        """How far the estimate is off, as a share of what was measured."""
        return self.estimated / self.peak - 1


def results_folder() -> Path | None:
    """The folder of measured runs, which a checkout has and a wheel has not."""
    folder = Path(__file__).resolve().parents[2] / "bench" / "results"
    return folder if folder.is_dir() else None


def measured_runs(base: Base, recipe: Recipe, folder: Path | None) -> list[Measured]:
    """The measured runs of this base's shape, ``tune``, checkpointing and source of the videos,
    of any batch size; each with its estimate. Files that hold something else are passed over.
    """
    found = []
    for path in sorted(folder.glob("*.json")) if folder else ():
        for run, longest, words in _runs(path, base, recipe):
            estimated = step_peak(base, recipe, run.batch, tokens=longest, words=words)
            found.append(dataclasses.replace(run, estimated=estimated))
    return found


def step_peak(
    base: Base, recipe: Recipe, batch: int, *, tokens: int, words: int, on_card: bool = True
) -> int:
    """What the estimate says that tensors take at their most, in bytes, in a step of the benchmark.

    ``tokens``: of the longest dialogue; ``words``: how many of a dialogue's; every batch is a step.
    """
    own = recipe.model_copy(
        update={"batch_size": batch, "gradient_accumulation": 1, "gradient_every": 0}
    )
    load = Load(tokens=tokens, columns=max(1, words))
    memory = estimate_memory(base, own, load, on_card=on_card)
    return max(memory.phases[name] for name in STEP_PHASES)


def _runs(path: Path, base: Base, recipe: Recipe) -> Iterator[tuple[Measured, int, int]]:
    """Each run, with the tokens of its longest dialogue and how many of the mean one are words."""
    from physprior.train.estimate.base import describe_base
    from physprior.vlm.shapes import video_llava_7b

    content = _read(path)
    settings = content.get("settings")
    if not isinstance(settings, dict) or settings.get("shape") != "7b":
        return
    if base.total != describe_base("", video_llava_7b()).total:
        return
    if bool(settings.get("no_checkpointing")) == recipe.gradient_checkpointing:
        return
    if recipe.frozen_layers:
        return  # all that were measured trained every layer
    runs = content.get("runs")
    for run in runs if isinstance(runs, list) else ():
        if not isinstance(run, dict) or run.get("tune") != recipe.tune:
            continue
        if run.get("variant"):
            continue  # a way to step that was tried, and that no recipe takes
        if run.get("source") != ("features" if recipe.cache_features else "frames"):
            continue
        if not run.get("peak_bytes") or not run.get("tokens_per_s"):
            continue
        measured = _measured(run, f"{content.get('card')} ({path.name})")
        longest = int(run.get("longest_tokens") or measured.tokens)
        yield measured, longest, int(run["text_tokens"])


def _measured(run: dict[str, Any], source: str) -> Measured:
    return Measured(
        source=source,
        batch=int(run["batch"]),
        tokens=int(run["tokens"]),
        peak=int(run["peak_bytes"]),
        tokens_per_second=float(run["tokens_per_s"]),
        share=float(run.get("rate_share") or 0.0),
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}

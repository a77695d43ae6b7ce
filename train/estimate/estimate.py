"""The estimate of a training: its tokens, memory and time, and how far such estimates were off."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from physprior.dataset.folder import Dataset
from physprior.errors import CheckpointError
from physprior.train.estimate.base import Base, open_base
from physprior.train.estimate.fit import Fitting, device_memory, fitting_recipe
from physprior.train.estimate.measured import Measured, measured_runs
from physprior.train.estimate.memory import Memory, estimate_memory
from physprior.train.estimate.tokens import Tokens, count_tokens
from physprior.train.estimate.work import Duration, Work, duration, estimate_work, measure_rate
from physprior.train.recipe import Recipe

LARGE = 10**9
"""A base of more parameters is taken to be trained on a card, also where there is none here."""


@dataclass(frozen=True)
class Estimate:
    """What a training takes."""

    recipe: Recipe
    base: Base
    tokens: Tokens
    memory: Memory
    work: Work
    duration: Duration | None
    """None where no rate is known."""
    measured: tuple[Measured, ...]
    """Measured runs of this kind."""
    device_bytes: int | None
    """Memory of the device that it is judged by; None where there is none."""
    other: Fitting | None
    """A shipped recipe that fits where this one does not."""

    @property
    def fits(self) -> bool | None:
        """Whether the device holds it; None where there is no device to judge by."""
        return None if self.device_bytes is None else self.memory.peak <= self.device_bytes


def estimate(
    recipe: Recipe,
    dataset: Dataset | None = None,
    *,
    device_bytes: int | None = None,
    rate: float | None = None,
    results: Path | None = None,
) -> Estimate:
    """Estimate a training without its weights, on the dataset that the recipe names or another.

    ``device_bytes``: memory of a card to judge by, else that of the device here. ``rate``: the
    card's matrix rate in operations a second; measured on the device here if None, where training
    would run on it. ``results``: folder of measured runs.

    Raises CheckpointError where the base's config cannot be had, DatasetError.
    """
    base = open_base(recipe.base)
    if base is None:
        raise CheckpointError(
            f"there is no config of a Video-LLaVA at {recipe.base}",
            remedy="name a checkpoint folder, or fetch it: hf download ID",
        )
    opened = dataset or Dataset.open(recipe.dataset, videos_root=recipe.videos)
    tokens = count_tokens(base, recipe, opened)
    has_card, here = device_memory()
    on_card = has_card or device_bytes is not None or base.total > LARGE
    have = device_bytes if device_bytes is not None else here if has_card == on_card else None
    rows = min(recipe.batch_size, tokens.dialogues)
    heaviest = recipe.model_copy(update={"batch_size": rows})
    memory = estimate_memory(base, heaviest, tokens.load, on_card=on_card)
    other = None
    if have and memory.peak > have:
        other = fitting_recipe(base, heaviest, tokens.load, have, on_card=on_card)
    work = estimate_work(base, recipe, tokens)
    measured = measured_runs(base, recipe, results) if on_card else []
    return Estimate(
        recipe=recipe,
        base=base,
        tokens=tokens,
        memory=memory,
        work=work,
        duration=_duration(work, rate, measured, on_card=on_card, is_here=has_card == on_card),
        measured=tuple(measured),
        device_bytes=have or None,
        other=other,
    )


def _duration(
    work: Work, rate: float | None, measured: list[Measured], *, on_card: bool, is_here: bool
) -> Duration | None:
    if rate is not None:
        return duration(work, rate, "given", measured)
    if not is_here:
        return None
    return duration(work, measure_rate(on_card=on_card), "measured here just now", measured)

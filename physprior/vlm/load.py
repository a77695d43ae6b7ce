"""Loading what predicts: a run folder, or a bare checkpoint (folder or hub id)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch

from physprior.errors import CheckpointError
from physprior.vlm.adapter import attach_adapter
from physprior.vlm.checkpoint import Checkpoint, load_checkpoint
from physprior.vlm.merged import read_merge
from physprior.vlm.run_folder import ADAPTER, MODEL, RunRecord, is_run, read_run


@dataclass
class LoadedModel:
    """A checkpoint, tuned or not, and the run that tuned it."""

    checkpoint: Checkpoint
    run: RunRecord | None
    """None for a bare checkpoint."""


def load_model(source: str | Path, *, device: torch.device | None = None) -> LoadedModel:
    """Load a run folder, a merged run, or a bare checkpoint.

    A run that was trained over 4 bits (``qlora``) predicts with its adapter on the whole base.
    Raises CheckpointError where it cannot be loaded, the run did not finish, or the base is not
    the one that the run tuned.
    """
    folder = Path(source)
    if not is_run(folder):
        merged = read_merge(folder)
        return LoadedModel(load_checkpoint(source, device=device), merged.run if merged else None)
    run = read_finished(folder)
    if run.tune == "layers":
        return LoadedModel(load_checkpoint(folder / MODEL, device=device), run)
    base = load_checkpoint(run.base, device=device)
    refuse_other_base(base, run, folder)
    return LoadedModel(_with_adapter(base, folder / ADAPTER), run)


def read_finished(folder: Path) -> RunRecord:
    """The record of a run that has finished. Raises CheckpointError where it has not."""
    run = read_run(folder)
    if run.state != "finished":
        raise CheckpointError(
            f"the run {folder} has not finished",
            remedy="give the same 'physprior train' command again: it goes on where it stopped",
        )
    return run


def refuse_other_base(base: Checkpoint, run: RunRecord, folder: Path) -> None:
    """Raise CheckpointError where ``base`` is not what the run in ``folder`` tuned."""
    if base.fingerprint != run.base_fingerprint:
        raise CheckpointError(
            f"the base {base.source} is not the one that {folder} was trained on, {run.base}",
            remedy="restore that base, or train again on this one",
        )


def _with_adapter(base: Checkpoint, adapter: Path) -> Checkpoint:
    # Merged, prediction costs what the base costs, and generate() needs no wrapper.
    base.model = attach_adapter(base.model, adapter).merge_and_unload().eval()
    return base

"""Loading what predicts: a run folder, or a bare checkpoint (folder or hub id)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch

from physprior.errors import CheckpointError
from physprior.vlm.checkpoint import Checkpoint, load_checkpoint
from physprior.vlm.run_folder import ADAPTER, MODEL, RunRecord, is_run, read_run


@dataclass
class LoadedModel:
    """A checkpoint, tuned or not, and the run that tuned it."""

    checkpoint: Checkpoint
    run: RunRecord | None
    """None for a bare checkpoint."""


def load_model(source: str | Path, *, device: torch.device | None = None) -> LoadedModel:
    """Load a run folder or a bare checkpoint.

    Raises CheckpointError where it cannot be loaded, the run did not finish, or the base is not
    the one that the run tuned.
    """
    folder = Path(source)
    if not is_run(folder):
        return LoadedModel(load_checkpoint(source, device=device), None)
    run = read_run(folder)
    if run.state != "finished":
        raise CheckpointError(
            f"the run {folder} has not finished",
            remedy="give the same 'physprior train' command again: it goes on where it stopped",
        )
    if run.tune == "layers":
        return LoadedModel(load_checkpoint(folder / MODEL, device=device), run)
    base = load_checkpoint(run.base, device=device)
    if base.fingerprint != run.base_fingerprint:
        raise CheckpointError(
            f"the base {run.base} is not the one that {folder} was trained on",
            remedy="restore that base, or train again on this one",
        )
    return LoadedModel(_with_adapter(base, folder / ADAPTER), run)


def _with_adapter(base: Checkpoint, adapter: Path) -> Checkpoint:
    from peft import PeftModel, get_peft_model_state_dict
    from safetensors import SafetensorError, safe_open

    try:
        model = PeftModel.from_pretrained(base.model, str(adapter))
        with safe_open(adapter / "adapter_model.safetensors", "pt") as weights:
            held = set(weights.keys())
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        raise CheckpointError(
            f"the adapter {adapter} cannot be loaded: {str(error).splitlines()[0]}",
            remedy="train again; the adapter is incomplete or damaged",
        ) from error
    # PEFT only warns of weights that are lacking, and leaves them as they were drawn.
    wanted = get_peft_model_state_dict(model, save_embedding_layers=False)
    if stray := sorted(held ^ set(wanted)):
        raise CheckpointError(
            f"the adapter {adapter} does not fit its base: {len(stray)} weights are lacking or too "
            f"many, such as {stray[0]}",
            remedy="train again; the adapter is incomplete or damaged",
        )
    # Merged, prediction costs what the base costs, and generate() needs no wrapper.
    base.model = model.merge_and_unload().eval()
    return base

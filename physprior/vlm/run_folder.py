"""A run folder: one training with all that came of it, as train writes and eval reads it.

run.json        what made it: this record
recipe.yaml     the recipe with every default filled in
adapter/        LoRA weights in PEFT's format (tune: lora, qlora), or
model/          the whole checkpoint in the hub's format (tune: layers)
log.jsonl       what was logged while training
checkpoints/    where training goes on after a kill
README.md       the same in words
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from physprior import files
from physprior.errors import CheckpointError
from physprior.video.sample import Sampling
from physprior.vlm.checkpoint import read_json

RUN_FILE = "run.json"
ADAPTER = "adapter"
MODEL = "model"


class RunRecord(BaseModel):
    """What a run was made from; enough to predict with it and to make it again."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[1] = 1
    """Version of this record's form."""
    state: Literal["running", "finished"]
    """``running`` until the weights are written; a killed run stays so until it is resumed."""
    fingerprint: str
    """Hash of all that decides the result: recipe, base, dataset."""
    base: str
    """Checkpoint that was tuned: folder or hub id."""
    base_fingerprint: str
    """Recognises the base."""
    tune: Literal["lora", "qlora", "layers"]
    """How it was tuned."""
    continued_from: str = ""
    """Fingerprint of the run whose weights it started from; empty if it started from the base."""
    mode: str
    """The dialogue's mode."""
    prompts: dict[str, str]
    """Per category, the hash of everything that stands before the verdict."""
    sampling: Sampling
    """Which frames of a video the model saw."""
    dataset: dict[str, str]
    """The dataset's folder, and the hashes of its manifest and its split."""
    recipe: dict[str, Any]
    """The recipe, every field."""
    provenance: dict[str, Any]
    """Versions and commit."""
    results: dict[str, Any] = {}
    """What training measured: steps, seconds, loss, what was skipped."""


def is_run(folder: Path) -> bool:
    """Whether ``folder`` is a run folder."""
    return (folder / RUN_FILE).is_file()


def read_run(folder: Path) -> RunRecord:
    """The record of a run folder. Raises CheckpointError where it cannot be understood."""
    path = folder / RUN_FILE
    try:
        return RunRecord.model_validate(read_json(path))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"])
        raise CheckpointError(
            f"{path} is not a run record of this version: $.{where}: {first['msg']}",
            remedy="train again with this version of physprior",
        ) from error


def write_run(folder: Path, record: RunRecord) -> None:
    """Write the record, atomically."""
    files.write_json(folder / RUN_FILE, record.model_dump(mode="json"))

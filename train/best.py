"""The weights of the best validation so far, kept beside the checkpoints while a run trains."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import save_file

from physprior import files

FOLDER = "best"


@dataclass(frozen=True)
class Kept:
    """A validation whose weights were kept."""

    step: int
    metrics: dict[str, float]
    """What it found."""


class Best:
    """One file in the run folder: the trained weights alone, replaced as a better one comes."""

    def __init__(self, out: Path, *, writes: bool) -> None:
        self._path = out / FOLDER / "weights.safetensors"
        self._writes = writes

    def save(
        self, model: Any, state: dict[str, torch.Tensor], step: int, metrics: dict[str, float]
    ) -> None:
        """Keep the trained weights out of ``state``, in the place of what was kept before."""
        if not self._writes:
            return
        trained = {name for name, one in model.named_parameters() if one.requires_grad}
        weights = {name: state[name].contiguous() for name in sorted(trained)}
        part = self._path.with_suffix(".part")
        with files.writing_to(self._path):
            self._path.parent.mkdir(exist_ok=True)
            noted = {"step": str(step), "metrics": json.dumps(metrics)}
            save_file(weights, part, metadata={"format": "pt", **noted})
            part.replace(self._path)

    def read(self) -> Kept | None:
        """What is kept; None where nothing is."""
        if not self._path.is_file():
            return None
        with safe_open(self._path, "pt") as stream:
            noted = stream.metadata()
        return Kept(int(noted["step"]), json.loads(noted["metrics"]))

    def weights(self) -> dict[str, torch.Tensor]:
        """The kept weights, by their names in the model."""
        with safe_open(self._path, "pt") as stream:
            return {name: stream.get_tensor(name) for name in stream.keys()}  # noqa: SIM118

    def remove(self) -> None:
        """Remove the file once the run holds its weights."""
        self._path.unlink(missing_ok=True)
        if self._path.parent.is_dir():
            self._path.parent.rmdir()

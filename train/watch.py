"""What a training says while it runs: log.jsonl, the progress line, and its end."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

from transformers import TrainerCallback

from physprior import files
from physprior.errors import TrainingError

Progress = Callable[[int, int, str], None]
"""Called with (done, total, what is known so far)."""


def read_log(path: Path) -> list[dict[str, Any]]:
    """The lines of a run's log; a last line that a kill cut short is left out."""
    lines = []
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    for line in text.splitlines(keepends=True):
        if line.endswith("\n"):
            lines.append(json.loads(line))
    return lines


def cut_log(path: Path, step: int) -> None:
    """Take out what was logged after ``step``: a run that goes on from there logs it again."""
    kept = [line for line in read_log(path) if line["step"] <= step]
    files.write_text(path, "".join(json.dumps(line) + "\n" for line in kept))


class Watch(TrainerCallback):
    """Writes what is logged, shows progress, and stops at a loss that is no number."""

    def __init__(self, path: Path, progress: Progress, *, writes: bool) -> None:
        self._path = path
        self._progress = progress
        self._writes = writes
        self._said: dict[str, str] = {}

    def on_train_begin(self, args: Any, state: Any, control: Any, **rest: Any) -> None:
        """Take out of the log what a killed stretch wrote after its last checkpoint."""
        if self._writes:
            cut_log(self._path, state.global_step)

    def on_log(
        self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **rest: Any
    ) -> None:
        """Write a line, and note what the progress line is to show."""
        logs = dict(logs or {})
        if self._writes:
            with files.writing_to(self._path), self._path.open("a", encoding="utf-8") as stream:
                stream.write(json.dumps({"step": state.global_step, **logs}) + "\n")
        # train_loss comes at the end, also where no step was logged before.
        loss = logs.get("loss", logs.get("train_loss"))
        if loss is not None and not math.isfinite(loss):
            raise TrainingError(
                f"the loss is not a number at step {state.global_step}",
                remedy="lower learning_rate, or raise warmup, in the recipe",
            )
        if "loss" in logs:
            self._said["loss"] = f"loss {logs['loss']:.3f}"
        if "val/auroc" in logs:
            self._said["auroc"] = f"val AUROC {logs['val/auroc']:.3f}"

    def on_step_end(self, args: Any, state: Any, control: Any, **rest: Any) -> None:
        """Show where the training is."""
        self._progress(state.global_step, state.max_steps, "  ".join(self._said.values()))

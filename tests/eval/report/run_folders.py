"""Run folders written by hand, as training leaves them: whole, killed, torn or damaged."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

RUN = "4b" * 32
RECIPE: dict[str, Any] = {
    "base": "models/base",
    "dataset": "data",
    "out": "runs/mine",
    "epochs": 2.0,
    "batch_size": 4,
    "learning_rate": 1e-3,
    "validate_every": 20,
    "keep": "best",
    "seed": 3,
}
RESULTS: dict[str, Any] = {
    "steps": 40,
    "seconds": 370.2,
    "train_loss": 0.5,
    "videos": 80,
    "skipped": ["a.mp4: cut short"],
    "trained_parameters": 50,
    "all_parameters": 1000,
    "device": "cpu, 2 threads",
    "processes": 1,
    "peak_memory": None,
    "kept": {"step": 20, "why": "best val/auroc 0.9000"},
}
RECORD: dict[str, Any] = {
    "format": 1,
    "state": "finished",
    "fingerprint": RUN,
    "base": "models/base",
    "base_fingerprint": "b" * 64,
    "tune": "lora",
    "continued_from": "",
    "mode": "multi_turn",
    "prompts": {"ball": "1" * 64, "clip": "2" * 64},
    "sampling": {"kind": "uniform", "frames": 8, "window_seconds": None, "stride": 1},
    "dataset": {"folder": "data", "manifest": "d" * 64, "split": "5" * 64},
    "recipe": RECIPE,
    "provenance": {
        "versions": {"physprior": "0.1.0", "python": "3.11.7", "torch": "2.13.0"},
        "code": {"commit": "0123456789abcdef", "dirty": False},
    },
    "results": RESULTS,
}


def trained(step: int, loss: float, **more: float) -> dict[str, Any]:
    """A line of training: twenty steps make an epoch."""
    return {
        "step": step,
        "loss": loss,
        "loss/verdict": loss,
        "loss/motion": loss / 10,
        "accuracy/verdict": 0.5,
        "learning_rate": 1e-3,
        "epoch": step / 20,
        **more,
    }


def validated(step: int, ball: float, clip: float, **more: float) -> dict[str, Any]:
    """A line of validation."""
    return {
        "step": step,
        "val/loss": 1.0,
        "val/loss/verdict": 1.0,
        "val/accuracy/verdict": 0.75,
        "val/auroc": (ball + clip) / 2,
        "val/auroc_error": 0.05,
        "val/auroc/ball": ball,
        "val/auroc/clip": clip,
        "epoch": step / 20,
        **more,
    }


LOG = [
    trained(1, 8.0),
    trained(10, 4.0),
    trained(20, 2.0),
    validated(20, 1.0, 0.8),
    trained(30, 1.0),
    trained(40, 0.5),
    validated(40, 0.9, 0.7),
]


def run_folder(
    folder: Path,
    log: Sequence[dict[str, Any]] | str | None = None,
    *,
    with_recipe: bool = True,
    **record: Any,
) -> Path:
    """A run folder; ``log``: its lines, or its very text; ``record``: other fields of run.json."""
    folder.mkdir(parents=True)
    (folder / "run.json").write_text(json.dumps({**RECORD, **record}), encoding="utf-8")
    lines = LOG if log is None else log
    text = lines if isinstance(lines, str) else "".join(json.dumps(one) + "\n" for one in lines)
    (folder / "log.jsonl").write_text(text, encoding="utf-8")
    if with_recipe:
        (folder / "recipe.yaml").write_text(json.dumps(RECIPE), encoding="utf-8")
    return folder


def killed(folder: Path, log: Sequence[dict[str, Any]] | str | None = None, **record: Any) -> Path:
    """The folder of a run that has not ended: no results yet."""
    return run_folder(folder, log, state="running", results={}, **record)

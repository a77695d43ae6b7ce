"""A training run as its folder tells it: what it learned from, its curves, how it ended."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from physprior.eval.report.training.facts import brief, facts
from physprior.eval.report.training.log import Log, read_log
from physprior.eval.report.training.record import RunFile, read_run_file
from physprior.eval.report.training.series import Series

RECIPE_FILE = "recipe.yaml"
FINISHED = "finished"


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

    @property
    def finished(self) -> bool:
        """Whether the weights are written."""
        return self.state == FINISHED


def read_training(folder: Path) -> TrainingRun:
    """What a run folder tells of its training: run.json, log.jsonl and recipe.yaml alone.

    A killed run, a torn log or lost files cost no more than what they held; ``missing`` says it.
    Raises CheckpointError where ``folder`` is no run folder or its run.json is damaged.
    """
    record = read_run_file(folder)
    log = read_log(folder)
    kept = record.count("results", "kept", "step")
    return TrainingRun(
        folder,
        _state(record, log),
        log.series,
        kept,
        brief(record.text("results", "kept", "why")) if kept is not None else "",
        facts(record, _total(record, log)),
        tuple(_missing(folder, record, log)),
    )


def _state(record: RunFile, log: Log) -> str:
    if record.finished:
        return FINISHED
    if log.last_step is None:
        return "stopped before its first step was logged"
    total = _total(record, log)
    return f"stopped at step {log.last_step}" + (f" of {total}" if total else "")


def _total(record: RunFile, log: Log) -> int | None:
    """The steps that the recipe's epochs come to: the log says which step was how far in them."""
    epochs, walked = record.number("recipe", "epochs"), log.series.get("epoch")
    if walked is None or not epochs or not walked.last > 0:
        return None
    per_epoch = walked.steps[-1] / walked.last
    # Of a ratio that was logged as a float, a hair above a whole number is that number.
    total = max(walked.steps[-1], math.ceil(epochs * per_epoch - 1e-6))
    return total if total < 10**12 else None


def _missing(folder: Path, record: RunFile, log: Log) -> Iterator[str]:
    if not record.known:
        yield (
            f"{folder}/run.json is of a form that this version does not know "
            f"(format {brief(str(record.at('format')))[:20]}): what it says may not be all"
        )
    if not record.finished:
        yield (
            f"the training in {folder} has not ended: what it kept, its time and its counts are "
            "not known yet; the same 'physprior train' goes on from its last checkpoint"
        )
    yield from log.missing
    if not (folder / RECIPE_FILE).is_file():
        yield f"{folder}/{RECIPE_FILE} is not there: no command can train this run again"
    if log.series and not any(name.startswith("val/") for name in log.series):
        why = " (validate_every: 0)" if record.count("recipe", "validate_every") == 0 else ""
        yield f"{folder} has no validation{why}: there is no curve of its AUROC"

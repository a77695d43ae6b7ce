"""How each arm's trainings ended, what the verdict's share of the gradient was, and what it cost.

All of it is read from the run folders: ``run.json`` and ``log.jsonl``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from physprior.errors import CheckpointError
from physprior.eval.report.training import Series, TrainingRun, read_training
from physprior.eval.report.training.record import RunFile, read_run_file
from physprior.pipeline.ablate.report.asked import Asked
from physprior.pipeline.ablate.report.layout import Layout
from physprior.pipeline.ablate.report.model import Trained
from physprior.pipeline.ablate.report.spread import mean_of, means_by_name

LOSS, VALIDATION = "loss/", "val/loss/"
SHARE = "gradient/share"
_Run = tuple[int, TrainingRun, RunFile]


def read_trained(
    asked: Sequence[Asked], layout: Layout
) -> tuple[tuple[Trained, ...], tuple[str, ...]]:
    """A line an arm that has a run folder; and what could not be read, in sentences."""
    made, said = [], []
    for one in asked:
        if one.kind != "arm":
            continue
        runs, complaints = _runs(one, layout)
        said += complaints
        if runs:
            made.append(_trained(one.name, runs))
    return tuple(made), tuple(said)


def _runs(one: Asked, layout: Layout) -> tuple[list[_Run], list[str]]:
    found, said = [], []
    for seed, file in zip(one.seeds, one.files, strict=True):
        folder = layout.run(one.arm, seed)
        try:
            run, record = read_training(folder), read_run_file(folder)
        except CheckpointError as error:
            said.append(error.message)
            continue
        known = file.header.run_fingerprint
        if known is not None and record.at("fingerprint") != known:
            said.append(
                f"{file.path} was predicted by another run than the one that lies in {folder}: "
                "that run's losses and cost are left out"
            )
            continue
        found.append((seed, run, record))
        said += [] if run.finished else [f"{one.name}, seed {seed}: {run.state}"]
    return found, said


def _trained(arm: str, runs: Sequence[_Run]) -> Trained:
    shares = [run.series[SHARE] for _, run, _ in runs if SHARE in run.series]
    records = [record for _, _, record in runs]
    return Trained(
        arm=arm,
        seeds=tuple(seed for seed, _, _ in runs),
        finished=sum(run.finished for _, run, _ in runs),
        losses=means_by_name([_last(run.series) for _, run, _ in runs]),
        validation=means_by_name([_kept(run) for _, run, _ in runs]),
        share_first=mean_of([one.values[0] for one in shares]),
        share_mean=mean_of([mean_of(one.values) for one in shares]),
        share_last=mean_of([one.last for one in shares]),
        steps=mean_of([one.count("results", "steps") for one in records]),
        batch=mean_of([_batch(one) for one in records]),
        seconds=mean_of([one.number("results", "seconds") for one in records]),
        videos=mean_of([one.count("results", "videos") for one in records]),
        tokens=mean_of([one.count("results", "tokens") for one in records]),
        parameters=mean_of([one.count("results", "trained_parameters") for one in records]),
        bases=tuple(sorted({one.text("base_fingerprint") for one in records} - {""})),
    )


def _last(series: Mapping[str, Series]) -> dict[str, float]:
    """The last logged loss of each part, without the sum of all."""
    return {
        name.removeprefix(LOSS): one.last for name, one in series.items() if name.startswith(LOSS)
    }


def _kept(run: TrainingRun) -> dict[str, float]:
    """The validation's loss of each part, of the kept weights; the last where none is known."""
    found = {}
    for name, one in run.series.items():
        if name.startswith(VALIDATION):
            at = one.at(run.kept_step)
            found[name.removeprefix(VALIDATION)] = one.last if at is None else at
    return found


def _batch(record: RunFile) -> float | None:
    size = record.count("recipe", "batch_size")
    return None if size is None else size * (record.count("recipe", "gradient_accumulation") or 1)

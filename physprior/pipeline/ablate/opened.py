"""The test split of a study: opened once, when every run has finished, and for these runs alone.

What is learned from a test split must not come back into what is tested on it. So the moment is
written down, with the fingerprints of all that is tested; whatever changes later is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from physprior import files, fingerprint, provenance
from physprior.dataset.manifest import MANIFEST
from physprior.errors import StudyError
from physprior.pipeline.ablate.places import Places
from physprior.pipeline.ablate.plan import PLAN_FILE, StudyPlan

_ONCE = (
    "a test split is opened once, for all runs: restore what has changed, or begin a study in "
    "another folder"
)


class OpenedRun(BaseModel):
    """A run as it was when the test split was opened."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fingerprint: str
    """Hash of all that decided it: recipe, base, dataset."""
    record: str
    """Hash of its ``run.json``."""
    weights: str
    """Hash over the files of its weights."""


class Opened(BaseModel):
    """What the test split was opened for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[1] = 1
    """Version of this file's form."""
    time: str
    """When, in UTC."""
    versions: dict[str, Any]
    """Versions and commit of what opened it."""
    plan: str
    """Hash of the study's plan, without its versions and what follows from the datasets."""
    split: str
    """Hash of the split."""
    base: str
    """Fingerprint of the base that every run tuned."""
    datasets: dict[str, str]
    """Dataset to the hash of its manifest."""
    runs: dict[str, OpenedRun]
    """``<arm>/seed-<n>`` to the run."""


def refuse_early(places: Places) -> None:
    """Raise StudyError where predictions of the test split lie there before it was opened."""
    found = sorted(places.test.rglob("*.jsonl")) if places.test.is_dir() else []
    if found:
        raise StudyError(
            f"{found[0]} holds predictions of the test split, which was never opened: there is no "
            f"{places.opened.name} in {places.out}",
            remedy="restore that file; if it is lost, what was seen of the test split is not known "
            "any more: begin a study in another folder",
        )


def read_opened(places: Places) -> Opened:
    """What the test split was opened for. Raises StudyError where it cannot be understood."""
    try:
        return Opened.model_validate_json(places.opened.read_bytes())
    except (OSError, ValidationError) as error:
        raise StudyError(
            f"{places.opened} cannot be understood: it says when and for what the test split was "
            "opened",
            remedy="restore the file; without it the study cannot go on",
        ) from error


def open_test(plan: StudyPlan, places: Places, datasets: Iterable[str]) -> Opened:
    """Write down that the test split is opened now, for these runs.

    Raises StudyError where a run has not finished.
    """
    refuse_early(places)
    opened = _now(plan, places, datasets)
    files.write_json(places.opened, opened.model_dump(mode="json"))
    return opened


def verify(opened: Opened, plan: StudyPlan, places: Places) -> None:
    """Raise StudyError where something is no longer what the test split was opened for."""
    now = _now(plan, places, opened.datasets)
    when = f"the test split of {places.out} was opened at {opened.time}"
    changed = _changed("run", opened.runs, now.runs)
    changed += _changed("dataset", opened.datasets, now.datasets)
    changed += [PLAN_FILE] * (opened.plan != now.plan) + ["the base"] * (opened.base != now.base)
    if changed:
        raise StudyError(f"{when}, and has changed since: {', '.join(changed)}", remedy=_ONCE)


def _changed(what: str, then: Mapping[str, object], now: Mapping[str, object]) -> list[str]:
    names = sorted(then.keys() | now.keys())
    return [f"the {what} {name}" for name in names if then.get(name) != now.get(name)]


def _now(plan: StudyPlan, places: Places, datasets: Iterable[str]) -> Opened:
    from physprior.dataset.manifest import read_manifest

    runs = {
        f"{arm.name}/seed-{seed}": places.run(arm, seed)
        for arm in plan.arms
        for seed in range(plan.seeds)
    }
    made = {name: _run(folder, name) for name, folder in runs.items()}
    names = sorted(datasets)
    return Opened(
        time=datetime.now(UTC).isoformat(timespec="seconds"),
        versions=provenance.describe(),
        plan=fingerprint.of_json(
            plan.model_dump(mode="json", exclude={"versions", "wrong_priors"})
        ),
        split=read_manifest(places.dataset(names[0])).split,
        base=_base(runs.values()),
        datasets={name: fingerprint.of_file(places.dataset(name) / MANIFEST) for name in names},
        runs=made,
    )


def _base(folders: Iterable[Path]) -> str:
    from physprior.vlm.run_folder import read_run

    bases = {read_run(folder).base_fingerprint for folder in folders}
    if len(bases) != 1:
        raise StudyError("the runs tuned different bases", remedy="begin the study again")
    return bases.pop()


def _run(folder: Path, name: str) -> OpenedRun:
    from physprior.vlm.run_folder import ADAPTER, MODEL, RUN_FILE, is_run, read_run

    if not is_run(folder) or read_run(folder).state != "finished":
        raise StudyError(
            f"the run {name} has not finished, or is gone: {folder}",
            remedy="the test split is opened when every run has finished; if it was opened "
            "already, restore the run",
        )
    weights = sorted(
        path for kind in (MODEL, ADAPTER) for path in (folder / kind).glob("*.safetensors")
    )
    return OpenedRun(
        fingerprint=read_run(folder).fingerprint,
        record=fingerprint.of_file(folder / RUN_FILE),
        weights=fingerprint.of_json([[one.name, fingerprint.of_file(one)] for one in weights]),
    )

"""Data last: model, knowledge, split, versions, machine, and the commands that repeat it all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from physprior.dataset.doctor.collection import SIMULATION
from physprior.dataset.manifest import Manifest
from physprior.dataset.records import SPLITS, SplitName
from physprior.eval.predictions import Header
from physprior.eval.report.evaluation import Evaluation
from physprior.eval.report.origin import Origin, Run, origin_of, template_now
from physprior.eval.report.reproduce import commands_of
from physprior.eval.report.training.facts import brief, duration, machine, sampling, short
from physprior.eval.report.training.record import RunFile
from physprior.eval.report.training.run import TrainingRun
from physprior.eval.thresholds import Thresholds
from physprior.knowledge.schema import NORMAL
from physprior.paths import as_typed

Group = tuple[str, tuple[tuple[str, str], ...]]
_UNKNOWN = "unknown"
_PLAIN = ("physprior", "python", "torch", "transformers")
"""Versions that are named first; the others follow."""


def data_of(
    evaluation: Evaluation | None,
    training: Sequence[TrainingRun] = (),
    *,
    dataset: Path | None = None,
    knowledge: Path | None = None,
    templates: Path | None = None,
) -> tuple[tuple[Group, ...], tuple[str, ...]]:
    """Groups of facts with their titles, and the commands that reproduce the numbers, in order.

    From the predictions' header, the run's record, the dataset's manifest and the thresholds.
    ``dataset``, ``knowledge``, ``templates`` say where they lie now, if not where they lay or where
    the shipped ones lie. What is gone, or has changed since, is said in its group.
    """
    origin = origin_of(evaluation, training, dataset, knowledge, templates)
    made = [
        ("Model", _model(origin, evaluation)),
        *((f"Model of {as_typed(run.folder)}", _run(run)) for run in origin.others),
        ("Knowledge base and template", _knowledge(origin)),
        ("Dataset and split", _dataset(origin)),
        ("Versions", _versions(origin)),
        ("Machine", _machine(origin, evaluation)),
    ]
    groups = ((title, tuple(_said(found))) for title, found in made)
    return tuple(group for group in groups if group[1]), commands_of(origin, evaluation)


def _said(found: Iterator[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for name, value in found:
        if value:
            yield brief(name), brief(value)


def _model(origin: Origin, evaluation: Evaluation | None) -> Iterator[tuple[str, str]]:
    header, run = origin.header, origin.run
    if header is not None and header.source == "import":
        yield "method", header.model
        yield "source", f"imported{_table(header)}"
        return
    if header is not None and header.source == "baseline":
        yield from _baseline(header)
        return
    if run is not None:
        yield from _run(run)
    elif header is not None:
        yield "model", header.model
        if header.run_fingerprint:
            yield "run", f"{short(header.run_fingerprint)}; its folder is not here any more"
        yield "frames", sampling(header.sampling.model_dump() if header.sampling else {})
    if header is not None:
        yield "weights", short(header.base_fingerprint or "")
        yield "mode", f"{header.mode}, history {header.history}"
        yield "accepted though changed", ", ".join(header.accepted_changed_prior)
    yield from _thresholds(evaluation.scores.thresholds if evaluation else None)


def _run(run: Run) -> Iterator[tuple[str, str]]:
    record = run.record
    yield "run", f"{as_typed(run.folder)} ({short(record.text('fingerprint'))})"
    yield "state", "" if record.finished else "not finished when this was made"
    yield "tuned", record.text("tune")
    base, digest = record.text("base"), short(record.text("base_fingerprint"))
    yield "base", f"{as_typed(base)} ({digest})" if digest not in ("", base) else as_typed(base)
    yield "goes on from", short(record.text("continued_from"))
    yield "kept", _kept(record)
    yield "frames", sampling(record.table("sampling"))


def _baseline(header: Header) -> Iterator[tuple[str, str]]:
    told = header.provenance.get("baseline")
    known = told if isinstance(told, dict) else {}
    yield "baseline", header.model
    yield "source", "a baseline that nobody trains"
    if isinstance(parameters := known.get("parameters"), dict):
        yield from ((name.replace("_", " "), str(value)) for name, value in parameters.items())
    yield "base", f"{as_typed(str(known.get('base', '')))} ({short(header.base_fingerprint or '')})"
    yield "frames", sampling(header.sampling.model_dump() if header.sampling else {})


def _table(header: Header) -> str:
    table = header.provenance.get("table")
    if not isinstance(table, dict) or not table.get("file"):
        return ""
    return f" from {table['file']} ({short(str(table.get('sha256', '')))})"


def _kept(record: RunFile) -> str:
    step = record.count("results", "kept", "step")
    return "" if step is None else f"the weights of step {step}"


def _thresholds(chosen: Thresholds | None) -> Iterator[tuple[str, str]]:
    if chosen is None:
        return
    if chosen.validation is None:
        yield "threshold", f"{chosen.value:g}, chosen by nobody (rule {chosen.rule})"
        return
    videos = sum(map(sum, chosen.validation.counts.values()))
    yield (
        "thresholds",
        f"rule {chosen.rule}, per {chosen.per}, on {videos} videos of "
        f"{as_typed(chosen.validation.path)} ({short(chosen.validation.sha256)})",
    )


def _knowledge(origin: Origin) -> Iterator[tuple[str, str]]:
    manifest = origin.manifest
    if manifest is None:
        return
    trained = origin.run.record.table("prompts") if origin.run else {}
    now = template_now(origin, manifest.mode)
    for template in sorted({made.template for made in manifest.categories.values()}):
        yield f"template {manifest.mode}", f"{short(template)}{_since(template, now)}"
    if origin.knowledge is None:
        yield "knowledge base", f"cannot be read now: {origin.knowledge_gone}"
    for name, made in sorted(manifest.categories.items()):
        said = f"{short(made.entry)}, {made.status}"
        if origin.knowledge is not None:
            known = name in origin.knowledge.categories
            said += _since(made.entry, origin.knowledge.fingerprint(name) if known else None)
        if name in trained and trained[name] != made.prompt:
            said += "; the run was trained on another prompt"
        yield name, said
    yield "references", short(manifest.references)


def _since(then: str, now: str | None) -> str:
    """What has become of a file since the dataset was built."""
    if now is None:
        return "; it is not there any more"
    return "" if then == now else f"; changed since the dataset was built: {short(now)} now"


def _dataset(origin: Origin) -> Iterator[tuple[str, str]]:
    header, manifest = origin.header, origin.manifest
    if origin.dataset is not None:
        digest = header.dataset_hash if header else ""
        digest = digest or (origin.run.record.text("dataset", "manifest") if origin.run else "")
        yield "dataset", f"{as_typed(origin.dataset)} ({short(digest)})"
    split = header.split_hash if header else ""
    split = split or (origin.run.record.text("dataset", "split") if origin.run else "")
    if manifest is None:
        yield "split", short(split)
        yield "not at hand", origin.manifest_gone
        return
    yield "split", f"{manifest.protocol}, seed {manifest.seed} ({short(manifest.split)})"
    yield "asked for", ", ".join(_options(manifest))
    yield "to be said with every number", manifest.note
    for one in SPLITS:
        yield one, _counts(manifest, one)
    grouped = sorted(n for n, made in manifest.categories.items() if made.grouping == "instance")
    yield "objects kept apart", ", ".join(grouped) or "no: videos of one object may straddle splits"
    yield "skipped", str(len(manifest.skipped) or "")
    yield "leaks accepted", "; ".join(f"{one.path}: {one.reason}" for one in manifest.leaks.waived)
    yield "videos", f"{short(manifest.videos)}{_simulated(origin)}"


def _simulated(origin: Origin) -> str:
    if origin.dataset is None or origin.manifest is None:
        return ""
    record = origin.dataset / origin.manifest.videos_root / SIMULATION
    return "; simulated by 'physprior data simulate'" if record.is_file() else ""


def _options(manifest: Manifest) -> Iterator[str]:
    yield "train, val, test " + ", ".join(f"{part:g}" for part in manifest.fractions)
    for name in ("k", "folds", "fold", "split_file"):
        if manifest.options.get(name) is not None:
            yield f"{name} {manifest.options[name]}"
    if manifest.variants > 1:
        yield f"{manifest.variants} records a training video"
    if manifest.balance:
        yield "training records balanced"


def _counts(manifest: Manifest, split: SplitName) -> str:
    classes = [
        (name, counts.get(split, 0))
        for made in manifest.categories.values()
        for name, counts in made.counts.items()
    ]
    normal = sum(count for name, count in classes if name == NORMAL)
    anomalous = sum(count for name, count in classes if name != NORMAL)
    return f"{normal + anomalous} videos: {normal} normal, {anomalous} anomalous"


def _versions(origin: Origin) -> Iterator[tuple[str, str]]:
    trained = origin.run.record.table("provenance") if origin.run else {}
    asked = origin.header.provenance if origin.header else {}
    both = {"trained with": trained, "predicted with": asked}
    said = {name: _version(found) for name, found in both.items() if found}
    if len(said) == 2 and len(set(said.values())) == 1:
        yield "trained and predicted with", said["predicted with"]
        return
    yield from said.items()


def _version(found: Mapping[str, Any]) -> str:
    versions, code = found.get("versions"), found.get("code")
    known = versions if isinstance(versions, Mapping) else {}
    names = [*(n for n in _PLAIN if n in known), *sorted(n for n in known if n not in _PLAIN)]
    said = ", ".join(f"{name} {known[name]}" for name in names)
    commit = code.get("commit") if isinstance(code, Mapping) else None
    if not isinstance(code, Mapping) or not commit:
        return said or _UNKNOWN
    dirty = " with changes that are in no commit" if code.get("dirty") else ""
    return ", ".join(filter(None, (said, f"commit {str(commit)[:12]}{dirty}")))


def _machine(origin: Origin, evaluation: Evaluation | None) -> Iterator[tuple[str, str]]:
    if origin.run is not None:
        for name, value in machine(origin.run.record):
            yield f"training: {name}" if name != "machine" else "trained on", value
    if evaluation is None:
        return
    spent = [line.seconds for line in evaluation.scores.predictions.predictions if line.seconds]
    if spent:
        whole = duration(sum(spent))
        yield "prediction", f"{whole} of the model's work, decoding left out"

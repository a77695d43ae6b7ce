"""What a report's numbers were made from, as far as it is at hand: header, run, dataset, KB."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from physprior import fingerprint
from physprior.dataset.depend import template_hash
from physprior.dataset.manifest import MANIFEST, Manifest, read_manifest
from physprior.dialogue import Templates
from physprior.errors import CheckpointError, DatasetError, KnowledgeError, TemplateError
from physprior.eval.predictions import Header
from physprior.eval.report.evaluation import Evaluation
from physprior.eval.report.training.find import find_run
from physprior.eval.report.training.record import RunFile, read_run_file
from physprior.eval.report.training.run import TrainingRun
from physprior.knowledge.load import KnowledgeBase, load_knowledge
from physprior.paths import as_typed, kb_folder, templates_folder


@dataclass(frozen=True)
class Run:
    """The run folder that made the predictions, or whose training is shown."""

    folder: Path
    record: RunFile


@dataclass(frozen=True)
class Origin:
    """Where the numbers come from."""

    header: Header | None
    """Of the report's own predictions."""
    run: Run | None
    """The run that made them; without predictions, the first that is shown."""
    others: tuple[Run, ...]
    """Further runs whose training is shown."""
    dataset: Path | None
    """Where the dataset lies, or lay."""
    manifest: Manifest | None
    """None where it is not there, or is another one now."""
    manifest_gone: str
    """Why it is None, in a sentence; empty where it is there."""
    knowledge: KnowledgeBase | None
    knowledge_gone: str
    templates: Templates


def origin_of(
    evaluation: Evaluation | None,
    training: Sequence[TrainingRun],
    dataset: Path | None,
    knowledge: Path | None,
    templates: Path | None,
) -> Origin:
    """Look up what is still there; the paths say where it lies now."""
    header = evaluation.scores.predictions.header if evaluation else None
    run, others = _runs(evaluation, training)
    place, digest = _dataset(header, run)
    manifest, gone = _manifest(dataset or place, digest, is_run=run is not None)
    known, why = _knowledge(knowledge or kb_folder())
    words = Templates(templates or templates_folder())
    return Origin(header, run, others, dataset or place, manifest, gone, known, why, words)


def template_now(origin: Origin, mode: str) -> str | None:
    """The hash of a mode's template as it is now; None where there is none."""
    try:
        return template_hash(origin.templates, mode)
    except (TemplateError, OSError):
        return None


def _runs(
    evaluation: Evaluation | None, training: Sequence[TrainingRun]
) -> tuple[Run | None, tuple[Run, ...]]:
    """The run that made the predictions, or the first, and the others that are shown."""
    shown = [run for run in (_read(one.folder) for one in training) if run]
    if evaluation is None:
        return (shown[0], tuple(shown[1:])) if shown else (None, ())
    predictions = evaluation.scores.predictions
    name = predictions.header.run_fingerprint
    if name is None:
        return None, tuple(shown)
    own = [run for run in shown if run.record.at("fingerprint") == name]
    others = tuple(run for run in shown if run not in own)
    found = None if own else find_run(predictions)
    return (own[0] if own else _read(found) if found else None), others


def _read(folder: Path) -> Run | None:
    try:
        return Run(folder, read_run_file(folder))
    except CheckpointError:
        return None


def _dataset(header: Header | None, run: Run | None) -> tuple[Path | None, str]:
    """The dataset's folder, and the hash of its manifest."""
    if header is not None:
        return Path(header.dataset), header.dataset_hash
    folder = run.record.text("dataset", "folder") if run else ""
    return (Path(folder) if folder else None), run.record.text("dataset", "manifest") if run else ""


def _manifest(folder: Path | None, digest: str, *, is_run: bool) -> tuple[Manifest | None, str]:
    if folder is None:
        return None, "run.json names no dataset" if is_run else ""
    try:
        if fingerprint.of_file(folder / MANIFEST) != digest:
            return None, (
                f"{as_typed(folder)} holds another dataset than the one that was used, or the same "
                "one built anew with other content; name the old one with --dataset"
            )
        return read_manifest(folder), ""
    except (OSError, ValueError):
        # ValueError: a header may name a path that no file system can have.
        return None, f"no dataset lies in {as_typed(folder)} any more; name it with --dataset"
    except DatasetError as error:
        return None, error.message


def _knowledge(folder: Path) -> tuple[KnowledgeBase | None, str]:
    try:
        return load_knowledge(folder), ""
    except KnowledgeError as error:
        return None, error.message.splitlines()[0]

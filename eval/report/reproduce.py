"""The commands that make a report's numbers again, from what is on record; never with a key in it.

Quoted for a shell, with paths as they are typed here. What is not on record, such as the batch
size, is left out where it changes no number; else a word in capitals stands for it.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from physprior.dataset.names import shown
from physprior.dataset.status import build_command
from physprior.errors import PredictionError
from physprior.eval.explanations.encoder_folder import PACKAGED
from physprior.eval.explanations.evaluation import Explanations, JudgeScores
from physprior.eval.predictions import Header, Predictions, read_predictions
from physprior.eval.report.controls import ControlRun, control_file
from physprior.eval.report.evaluation import Evaluation
from physprior.eval.report.origin import Origin, Run
from physprior.eval.report.training.find import find_run
from physprior.eval.report.training.run import RECIPE_FILE
from physprior.eval.report.typed import found
from physprior.paths import as_typed
from physprior.video.sample import Sampling

TOKENS = 128
"""Most tokens of an answer where ``predict`` is told nothing."""
JUDGE_TOKENS = 2048
"""The same of ``eval judge``."""
RULE, PER = "youden", "category"
"""How thresholds are chosen where nobody says how."""


def commands_of(origin: Origin, evaluation: Evaluation | None) -> tuple[str, ...]:
    """Build, train, predict, score explanations, report: in the order in which they are given."""
    made = [*_build(origin)]
    for run in filter(None, (origin.run, *origin.others)):
        made += _train(origin, run)
    if evaluation is not None:
        made += [
            *_validation(origin, evaluation),
            *_own(origin, evaluation),
            *_beside(origin, evaluation),
            *_explained(evaluation.explanations, evaluation.scores.predictions.path),
        ]
    made += _report(origin, evaluation)
    # Names may hold anything, and go to a page and to files of lines.
    # One command makes all baselines.
    return tuple(dict.fromkeys(map(shown, made)))


def _build(origin: Origin) -> Iterator[str]:
    manifest, folder = origin.manifest, origin.dataset
    if manifest is None or folder is None:
        return
    source = Path(os.path.normpath(folder / manifest.source))
    yield build_command(Path(as_typed(folder)), Path(as_typed(source)), manifest)


def _train(origin: Origin, run: Run) -> Iterator[str]:
    recipe = run.folder / RECIPE_FILE
    if not recipe.is_file():
        return
    words = ["physprior", "train", as_typed(recipe)]
    # In its own folder the run is done already; and a recipe's paths begin where it was started.
    told = {"out": f"{as_typed(run.folder)}-again", **dict(_moved(origin, run))}
    for name, value in told.items():
        words += ["--set", f"{name}={value}"]
    yield shlex.join(words)


def _moved(origin: Origin, run: Run) -> Iterator[tuple[str, str]]:
    """Base and dataset, where the recipe's own words do not lead to them from here."""
    recipe, record = run.record.table("recipe"), run.record
    held = record.text("dataset", "folder")
    if run is origin.run and origin.dataset is not None:
        held = str(origin.dataset)
    for name, place in (("base", record.text("base")), ("dataset", held)):
        told = recipe.get(name)
        if place and told != place and not _is_same(told, place):
            yield name, as_typed(place)


def _is_same(told: Any, place: str) -> bool:
    try:
        return isinstance(told, str) and os.path.realpath(told) == os.path.realpath(place)
    except (OSError, ValueError):
        # A record may name what no file system can hold.
        return False


def _validation(origin: Origin, evaluation: Evaluation) -> Iterator[str]:
    own, chosen = evaluation.scores.predictions, evaluation.scores.thresholds
    if chosen is None or chosen.validation is None:
        return
    path = found(chosen.validation.path, own.path)
    try:
        yield _made(read_predictions(path), origin, [])
    except PredictionError:
        if own.header.source == "predict":
            # Scores are all that is needed of it.
            model = _model(own, origin)
            yield _predict(own.header, origin, model, str(path), split="val", text=False)


def _own(origin: Origin, evaluation: Evaluation) -> Iterator[str]:
    own = evaluation.scores.predictions
    elsewhere = [run for run in evaluation.controls if _is_elsewhere(run, own)]
    beside = [run.name for run in evaluation.controls if run not in elsewhere]
    yield _made(own, origin, [name.replace("_", "-") for name in beside])
    for run in elsewhere:
        yield _made(run.predictions, origin, [])


def _is_elsewhere(run: ControlRun, own: Predictions) -> bool:
    return run.predictions.path != control_file(own.path, run.name)


def _beside(origin: Origin, evaluation: Evaluation) -> Iterator[str]:
    for other in evaluation.beside:
        yield _made(other.predictions, origin, [])


def _made(predictions: Predictions, origin: Origin, controls: list[str]) -> str:
    """The command that made a predictions file, with those controls beside it."""
    header, path = predictions.header, predictions.path
    if header.source == "import":
        return _import(header, origin, path)
    if header.source == "baseline":
        return _baselines(header, origin, path)
    if header.control is not None:
        # 'predict' writes a control beside the file that it is told.
        name = header.control.replace("_", "-")
        controls = [name]
        stem = path.name.removesuffix(".jsonl").removesuffix(f".control-{name}")
        path = path.with_name(f"{stem}.jsonl")
    return _predict(
        header,
        origin,
        _model(predictions, origin),
        str(path),
        split=header.split,
        # A control has no text, whether or not the file beside which it lies has.
        text=header.max_new_tokens is not None or header.control is not None,
        controls=controls,
    )


def _import(header: Header, origin: Origin, path: Path) -> str:
    told = header.provenance.get("table")
    table = told.get("file") if isinstance(told, dict) else None
    words = ["physprior", "eval", "import", str(table or "TABLE"), _dataset(header, origin)]
    words += ["--name", header.model, "-o", as_typed(path)]
    return shlex.join(words + ([] if header.split == "test" else ["--split", header.split]))


def _baselines(header: Header, origin: Origin, path: Path) -> str:
    told = header.provenance.get("baseline")
    base = told.get("base") if isinstance(told, dict) else None
    words = ["physprior", "eval", "baselines", _dataset(header, origin)]
    words += ["-o", as_typed(path.parent), "--base", as_typed(found(str(base or "BASE"), path))]
    split = [] if header.split == "test" else ["--split", header.split]
    return shlex.join([*words, *split, *_sampling(header)])


def _predict(
    header: Header,
    origin: Origin,
    model: str,
    out: str,
    *,
    split: str,
    text: bool = True,
    controls: list[str] | None = None,
) -> str:
    words = ["physprior", "predict", model, _dataset(header, origin), "-o", as_typed(out)]
    if split != "test":
        words += ["--split", split]
    if header.history == "generated":
        words += ["--history", "generated"]
    for control in controls or []:
        words += ["--control", control]
    if not text:
        words.append("--score-only")
    elif header.max_new_tokens not in (None, TOKENS):
        words += ["--max-new-tokens", str(header.max_new_tokens)]
    if header.described and text:
        words.append("--describe")
    if header.run_fingerprint is None:
        words += _sampling(header)
    return shlex.join(words + ["--accept-changed-prior"] * bool(header.accepted_changed_prior))


def _sampling(header: Header) -> list[str]:
    """The frames of a bare checkpoint; a run knows its own."""
    said = header.sampling
    if said is None:
        return []
    usual = Sampling()
    words = [] if said.frames == usual.frames else ["--frames", str(said.frames)]
    words += [] if said.kind == usual.kind else ["--sampling", said.kind]
    if said.window_seconds is not None:
        words += ["--window-seconds", f"{said.window_seconds:g}"]
    return words + ([] if said.stride == usual.stride else ["--stride", str(said.stride)])


def _dataset(header: Header, origin: Origin) -> str:
    same = origin.header is not None and header.dataset_hash == origin.header.dataset_hash
    return as_typed(origin.dataset if same and origin.dataset else header.dataset)


def _model(predictions: Predictions, origin: Origin) -> str:
    """The model as one types it here: its run folder where it was found, else as it was typed."""
    header, run = predictions.header, origin.run
    if run is not None and run.record.at("fingerprint") == header.run_fingerprint:
        return as_typed(run.folder)
    own = find_run(predictions)
    return as_typed(own or found(header.model, predictions.path))


def _explained(explanations: Explanations | None, path: Path) -> Iterator[str]:
    if explanations is None:
        return
    if explanations.sbert is not None:
        result = explanations.sbert.result
        words = ["physprior", "eval", "sbert", as_typed(path)]
        if result.references_source != "kb":
            words += ["--references", result.references_source]
        if result.encoder_name != PACKAGED:
            words += ["--encoder", result.encoder_name]
        yield shlex.join(words)
    for judge in explanations.judged:
        yield _judge(judge, path)


def _judge(judge: JudgeScores, path: Path) -> str:
    # The header holds the address without credentials; the key is the environment's.
    header = judge.judged.header
    words = ["physprior", "eval", "judge", as_typed(path), "--profile", header.profile]
    words += ["--base-url", header.base_url, "--model", header.model]
    if header.repeat != 1:
        words += ["--repeat", str(header.repeat)]
    if header.structured != "auto":
        words += ["--structured", header.structured]
    if header.max_tokens != JUDGE_TOKENS:
        words += ["--max-tokens", str(header.max_tokens)]
    return shlex.join(words)


def _report(origin: Origin, evaluation: Evaluation | None) -> Iterator[str]:
    words = ["physprior", "report"]
    runs = [as_typed(run.folder) for run in origin.others]
    if evaluation is None:
        if origin.run is not None:
            yield shlex.join([*words, as_typed(origin.run.folder), *runs])
        return
    files = [evaluation.scores.predictions, *(other.predictions for other in evaluation.beside)]
    words += [*(as_typed(file.path) for file in files), *runs]
    yield shlex.join([*words, *_chosen(evaluation), *_controls(evaluation)])


def _chosen(evaluation: Evaluation) -> list[str]:
    thresholds, own = evaluation.scores.thresholds, evaluation.scores.predictions
    if thresholds is None or thresholds.validation is None:
        return []
    words = ["--validation", as_typed(found(thresholds.validation.path, own.path))]
    if thresholds.rule != RULE:
        words += ["--rule", thresholds.rule]
    return words + ([] if thresholds.per == PER else ["--per", thresholds.per])


def _controls(evaluation: Evaluation) -> list[str]:
    own = evaluation.scores.predictions
    return [
        word
        for run in evaluation.controls
        if _is_elsewhere(run, own)
        for word in ("--control", as_typed(run.predictions.path))
    ]

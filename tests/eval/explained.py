"""Explanation scores made by hand: files as ``eval sbert`` and ``eval judge`` leave them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from physprior.endpoint.reply import Reply
from physprior.eval.explanations.content import predictions_hash
from physprior.eval.explanations.evaluation import Explanations, load_explanations
from physprior.eval.explanations.sbert_file import SbertResult, SbertScore, sbert_path, write_sbert
from physprior.eval.judge.lines import (
    FailureLine,
    Header,
    ReplyLine,
    UnaskedLine,
    dump,
)
from physprior.eval.judge.replies import judged_path
from physprior.eval.predictions import Prediction, Predictions
from physprior.verdict import render

Rows = list[tuple[str, str, float | None, str | None]]
"""Category, class, score and text of each video, as ``write_file`` takes them."""
SOUND = render(False, "Every part moves as it should, evenly and through its whole range.")
FAULTY = render(True, "The part jams halfway and never comes back to its place.")
RIGHT, WRONG = 0.9, 0.3


FAULT = {"ball": "leak", "clip": "unable_to_press"}
GOOD: Rows = [
    (category, kind, score, render(kind != "normal", f"What is seen in video {number}."))
    for category in ("ball", "clip")
    for number in range(12)
    for kind, score in [("normal", -1.0), (FAULT[category], 1.0)]
]
"""A model that says what is true of each video, each time in other words."""


def loaded(predictions: Predictions) -> Explanations:
    found = load_explanations(predictions)
    assert found is not None
    return found


def degenerate(categories: Sequence[str] = ("ball", "clip"), normal: int = 15) -> Rows:
    """A model that says ``Verdict: Normal.`` to everything, always with the same reason."""
    classes = {"ball": "leak", "clip": "unable_to_press"}
    return [
        (category, kind, -1.0, SOUND)
        for category in categories
        for kind in ["normal"] * normal + [classes[category]] * 3 * normal
    ]


def as_right(line: Prediction) -> float:
    """A score that is high where the verdict is right."""
    said = (line.text or "").startswith("Verdict: Anomalous")
    return RIGHT if said == bool(line.label) else WRONG


def put_sbert(
    predictions: Predictions,
    value: Callable[[Prediction], float] = as_right,
    *,
    copied: Callable[[Prediction], bool] = lambda line: False,
    unscored: Mapping[str, str] | None = None,
    **fields: Any,
) -> Path:
    """Writes SBERT scores beside a predictions file."""
    left = unscored or {}
    scores = {
        line.id: SbertScore(
            max=value(line),
            mean=value(line) / 2,
            nearest=0,
            copied=copied(line),
            copied_own=copied(line),
            cut=False,
        )
        for line in predictions.predictions
        if line.id not in left
    }
    made: dict[str, Any] = {
        "predictions_hash": predictions_hash(predictions.predictions),
        "references_source": "kb",
        "references_hash": "a" * 64,
        "taught_hash": "7" * 64,
        "encoder_name": "small-encoder",
        "encoder_hash": "e" * 64,
        "encoder_max_tokens": 256,
        "libraries": {},
        "provenance": {},
        "scores": scores,
        "unscored": dict(left),
    }
    path = sbert_path(predictions.path)
    write_sbert(path, SbertResult.model_validate(made | fields))
    return path


Marks = Callable[[Prediction], tuple[int, int]]


def put_llm_score(
    predictions: Predictions,
    marks: Marks = lambda line: (4, 4) if as_right(line) == RIGHT else (0, 2),
    *,
    repeats: int = 1,
    replies: Mapping[tuple[str, int], str] | None = None,
    failed: Mapping[str, str] | None = None,
    unasked: Mapping[str, str] | None = None,
    asked: int | None = None,
    called: str = "small-judge-1",
    **header: Any,
) -> Path:
    """Writes a judge's replies beside a predictions file.

    ``replies``: other replies than the marks' own, by id and repeat; ``asked``: how many videos.
    """
    said, lines = replies or {}, []
    for line in predictions.predictions[:asked]:
        common: dict[str, Any] = {"ids": (line.id,), "task": "explanation"}
        if line.id in (unasked or {}):
            lines.append(UnaskedLine(**common, reason=(unasked or {})[line.id], value=None))
            continue
        for repeat in range(1, repeats + 1):
            common |= {"repeat": repeat, "key": f"{line.id}#{repeat}"}
            if line.id in (failed or {}):
                lines.append(FailureLine(**common, reason=(failed or {})[line.id]))
                continue
            kind, logic = marks(line)
            text = json.dumps({"reasoning": "Compared.", "anomaly_type": kind, "logic": logic})
            lines.append(_reply(common, said.get((line.id, repeat), text), model=called))
    return _write(predictions, "llm-score", 1, repeats, lines, header)


def put_paeval(
    predictions: Predictions,
    value: Callable[[Prediction, str], float],
    tasks: Sequence[str] = ("description", "explanation"),
    **header: Any,
) -> Path:
    """Writes PAEval's replies beside a predictions file; ``value``: by line and task."""
    lines = []
    for line in predictions.predictions:
        for task in tasks:
            similar = [value(line, task), 0.0]
            text = json.dumps({"reasoning": "Compared.", "similarities": similar})
            key = f"{line.id}#{task}"
            lines.append(
                _reply({"ids": (line.id,), "task": task, "repeat": 1, "key": key}, text, 2)
            )
    return _write(predictions, "paeval", len(tasks), 1, lines, header)


def _reply(
    common: Mapping[str, Any], text: str, references: int = 5, model: str = "small-judge-1"
) -> ReplyLine:
    reply = Reply(
        text=text,
        refusal=None,
        finish="stop",
        model=model,
        prompt_tokens=100,
        completion_tokens=20,
        seconds=0.1,
        attempts=1,
    )
    form = _form(references)
    return ReplyLine(**common, asking=1, form=form, source="judge", reply=reply)


def _form(references: int) -> dict[str, Any]:
    similarities = {"type": "array", "minItems": references, "maxItems": references}
    return {"type": "object", "properties": {"similarities": similarities}}


def _write(
    predictions: Predictions,
    profile: str,
    tasks: int,
    repeats: int,
    lines: Sequence[Any],
    header: Mapping[str, Any],
) -> Path:
    made: dict[str, Any] = {
        "profile": profile,
        "profile_version": 1,
        "rubric_version": "1",
        "rubric_hash": "c" * 64,
        "model": "small-judge",
        "base_url": "http://127.0.0.1:8000/v1",
        "temperature": 0.0,
        "max_tokens": 1024,
        "structured": "auto",
        "predictions": str(predictions.path),
        "predictions_hash": predictions_hash(predictions.predictions),
        "references_hash": "a" * 64,
        "questions_hash": "9" * 64,
        "total": tasks * len(predictions.predictions),
        "repeat": repeats,
        "provenance": {},
    }
    path = judged_path(predictions.path, profile)
    every = [Header.model_validate(made | dict(header)), *lines]
    path.write_text("".join(map(dump, every)), encoding="utf-8")
    return path

"""Studies written by hand: predictions by the existing writer, run folders, sidecars."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from physprior import fingerprint
from physprior.eval.explanations.content import predictions_hash
from physprior.eval.explanations.sbert_file import (
    SbertResult,
    SbertScore,
    sbert_path,
    write_sbert,
)
from physprior.eval.predictions import (
    Header,
    Prediction,
    PredictionWriter,
    SkippedVideo,
    read_predictions,
)
from physprior.verdict import render

Row = tuple[str, str, float | None, str | None]
"""Category, class, score (None: skipped) and text of a video."""
YES, NO = render(True, "It jams."), render(False, "It runs.")
CATEGORIES = ("ball", "clip", "fan", "slide")


def predictions(path: Path, rows: Sequence[Row], **header: Any) -> Path:
    """A predictions file of these videos, whose ids are their places."""
    path.parent.mkdir(parents=True, exist_ok=True)
    name = "/".join(path.parts[-3:])
    fields: dict[str, Any] = {
        "fingerprint": fingerprint.of_json(name),
        "model": "arms/any",
        "base_fingerprint": "b" * 64,
        "run_fingerprint": "r" * 64,
        "dataset": "gone",
        "dataset_hash": "d" * 64,
        "split_hash": "5" * 64,
        "split": "test",
        "mode": "multi_turn",
        "sampling": {},
        "max_new_tokens": 64,
        "total": len(rows),
        "provenance": {},
    }
    with PredictionWriter(path, Header.model_validate({**fields, **header})) as writer:
        writer.append(
            _line(place, row, header.get("split", "test")) for place, row in enumerate(rows)
        )
    return path


def _line(place: int, row: Row, split: str) -> Prediction | SkippedVideo:
    category, class_id, score, text = row
    name = f"{category}/{split}/{class_id}/{place:04d}"
    video: dict[str, Any] = {
        "id": name,
        "video": f"{name}.mp4",
        "category": category,
        "class_id": class_id,
        "label": int(class_id != "normal"),
        "instance": "",
    }
    if score is None:
        return SkippedVideo(**video, reason="empty file")
    return Prediction(
        **video, score=score, log_normal=-1.0, log_anomalous=-1.0, mass=0.5, text=text
    )


def drawn(
    shift: float,
    seed: object,
    *,
    each: int = 20,
    categories: Sequence[str] = CATEGORIES,
    says: Callable[[float], str | None] = lambda score: YES if score > 0 else NO,
) -> list[Row]:
    """Videos whose anomalous half scores higher by ``shift`` standard deviations."""
    made: list[Row] = []
    for category in categories:
        draw = random.Random(f"{category} {seed}")
        for kind, off in (("normal", -shift / 2), ("stuck", shift / 2)):
            scores = [draw.gauss(off, 1) for _ in range(each)]
            made += [(category, kind, score, says(score)) for score in scores]
    return made


def arm(folder: Path, name: str, seeds: Mapping[int, Sequence[Row]], **header: Any) -> None:
    """The test predictions of an arm."""
    for seed, rows in seeds.items():
        predictions(
            folder / "test" / name / f"seed-{seed}.jsonl",
            rows,
            **{"mode": name, "model": f"arms/{name}/seed-{seed}", **header},
        )


def run(folder: Path, name: str, seed: int, log: Sequence[dict[str, Any]], **record: Any) -> Path:
    """The run folder of a training."""
    out = folder / "arms" / name / f"seed-{seed}"
    out.mkdir(parents=True)
    content = {
        "format": 1,
        "state": "finished",
        "fingerprint": "r" * 64,
        "mode": name,
        "recipe": {"batch_size": 8, "gradient_accumulation": 1, "epochs": 1.0},
        "results": {
            "steps": 100,
            "seconds": 60.0 * seed,
            "videos": 800,
            "tokens": 1000 * (seed + 1),
            "trained_parameters": 50,
            "kept": {"step": 50, "why": "best"},
        },
        **record,
    }
    (out / "run.json").write_text(json.dumps(content), encoding="utf-8")
    (out / "recipe.yaml").write_text("{}", encoding="utf-8")
    text = "".join(json.dumps(line) + "\n" for line in log)
    (out / "log.jsonl").write_text(text, encoding="utf-8")
    return out


def severities(folder: Path, rows: Sequence[Row], severity: Callable[[int], float]) -> None:
    """Sidecars in the study's own videos."""
    for place, (category, class_id, _, _) in enumerate(rows):
        if class_id != "normal":
            path = folder / "videos" / f"{category}/test/{class_id}/{place:04d}.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps({"severity": severity(place)}), encoding="utf-8")


def put_sbert(path: Path, value: float) -> None:
    """SBERT scores beside a predictions file, all alike."""
    lines = read_predictions(path).predictions
    score = SbertScore(max=value, mean=value, nearest=0, copied=False, copied_own=False, cut=False)
    result = SbertResult(
        predictions_hash=predictions_hash(lines),
        references_source="kb",
        references_hash="a" * 64,
        taught_hash="7" * 64,
        encoder_name="small-encoder",
        encoder_hash="e" * 64,
        encoder_max_tokens=256,
        libraries={},
        provenance={},
        scores={line.id: score for line in lines},
        unscored={},
    )
    write_sbert(sbert_path(path), result)


def log(verdict: float, share: float) -> list[dict[str, Any]]:
    """A log of two logged steps, with one validation at the kept step."""
    return [
        {"step": 1, "loss": 9.0, "loss/verdict": 9.0, "gradient/share": 0.5},
        {"step": 50, "val/loss/verdict": verdict + 1, "val/auroc": 0.9},
        {"step": 100, "loss": verdict, "loss/verdict": verdict, "gradient/share": share},
    ]

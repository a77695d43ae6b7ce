"""Reports of predictions that are written by hand, to be exported."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from explained import put_llm_score, put_sbert

from physprior.eval.compare import compare_all
from physprior.eval.confusion import CategoryConfusion, Confusion
from physprior.eval.predictions import (
    Header,
    Line,
    Prediction,
    Predictions,
    SkippedVideo,
    dump,
    read_predictions,
)
from physprior.eval.report import Report, evaluate
from physprior.eval.report.cards.card import Place, Sentence
from physprior.eval.report.severity import severity_scores
from physprior.eval.report.training import Series, TrainingRun
from physprior.eval.suggest import Look, Said, Suggestion
from physprior.verdict import render

YES, NO = render(True, "It jams."), render(False, "It runs.")
Rows = list[tuple[str, str, float | None, str | None]]
ROWS: Rows = [
    *[("ball", "normal", score, NO) for score in (-3.0, -2.0, 1.5)],
    *[("ball", "leak", score, YES) for score in (-2.5, 2.0, 3.0)],
    *[("clip", "normal", score, "no idea") for score in (-1.0, 0.5)],
    *[("clip", "unable_press", score, YES) for score in (1.0, 2.0)],
    ("clip", "unable_press", None, None),
]
IMPORTED: dict[str, Any] = {
    "source": "import",
    "mode": None,
    "history": None,
    "sampling": None,
    "base_fingerprint": None,
    "run_fingerprint": None,
}
WORD = Sentence("The arm swings \u201cfreely\u201d.", (Place("kb/clip.yaml", 12, "prior.motion"),))
SUGGESTION = Suggestion(
    category="clip",
    class_id="unable_press",
    kind="missed",
    failures=3,
    of=4,
    auroc=0.75,
    summary="Three of four are missed.",
    instead=(Said("It opens and closes.", 2, "normal"),),
    confused_with="normal",
    near=((WORD, WORD, 0.91),),
    look=(Look(WORD, "it says the same of both"),),
    videos=("clip/test/unable_press/0008",),
    advice=("Take more frames.",),
)


def write_rows(path: Path, rows: Rows, **header: Any) -> Path:
    """A predictions file of these videos, as the fixture ``write_file`` writes them, anywhere."""
    fields: dict[str, Any] = {
        **dict.fromkeys(("fingerprint", "base_fingerprint", "run_fingerprint"), "f" * 64),
        **dict.fromkeys(("dataset_hash", "split_hash"), "5" * 64),
        **{"model": "runs/mine", "dataset": "data", "split": "test", "mode": "multi_turn"},
        **{"sampling": {}, "max_new_tokens": 64, "total": len(rows), "provenance": {}},
    }
    lines: list[Line] = [Header.model_validate(fields | header)]
    for place, (category, kind, score, text) in enumerate(rows):
        name = f"{category}/test/{kind}/{place:04d}"
        video: dict[str, Any] = {
            **{"id": name, "video": f"{name}.mp4", "category": category, "class_id": kind},
            **{"label": int(kind != "normal"), "instance": ""},
        }
        lines.append(
            SkippedVideo(**video, reason="empty file")
            if score is None
            else Prediction(**video, score=score, log_normal=-1.0, log_anomalous=-2.0, text=text)
        )
    path.write_text("".join(map(dump, lines)), encoding="utf-8")
    return path


def report_of(file: Path, beside: Sequence[Path] = (), **parts: Any) -> Report:
    """A report of predictions alone, or with further parts."""
    return Report(evaluate(read_predictions(file), beside=beside), **parts)


def whole_report(file: Path, other: Path) -> Report:
    """A report that has something of everything."""
    own = read_predictions(file)
    put_sbert(own)
    put_llm_score(own)
    put_sbert(read_predictions(other))
    evaluation = evaluate(own, beside=[other])
    return Report(
        evaluation,
        comparisons=compare_all(own, [read_predictions(other)]),
        training=(a_training(),),
        severity=severity_scores(evaluation.scores, _severities(own)),
        confusion=a_confusion(own),
        suggestions=(SUGGESTION,),
        data=(("Model", (("base", "the/base"), ("base", "named twice"))),),
        commands=("physprior predict run data",),
        missing=("The videos are gone: name their folder with --videos.",),
    )


def a_training() -> TrainingRun:
    return TrainingRun(
        folder=Path("runs/mine"),
        state="stopped at step 20 of 40",
        series={
            "loss/verdict": Series((10, 20), (1.25, 1 / 3)),
            "val/auroc/clip": Series((20,), (0.75,)),
        },
        kept_step=20,
        kept_why="the best validation",
        facts=(("base", "the/base"),),
        missing=("The recipe is gone.",),
    )


def a_confusion(predictions: Predictions) -> Confusion:
    clip = CategoryConfusion(
        "clip", ("normal", "unable_press"), ((11, 1, 0), (4, 7, 1)), (11, 4), (1, 8)
    )
    spoken: dict[str, str | None] = {line.id: line.class_id for line in predictions.predictions}
    return Confusion((clip,), spoken, "By taught words.")


def _severities(predictions: Predictions) -> dict[str, float]:
    faulty = [line.id for line in predictions.predictions if line.label]
    return {name: place / len(faulty) for place, name in enumerate(faulty)}

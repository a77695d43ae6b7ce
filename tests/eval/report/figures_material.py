"""What the tests of figures and of severity are made from."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from physprior.eval.predictions import read_predictions
from physprior.eval.report.evaluation import Evaluation, evaluate

WriteFile = Callable[..., Path]


def rows(labels: Sequence[int], scores: Sequence[float], category: str = "ball") -> list[Any]:
    """Predictions of a category with one anomaly, as ``write_file`` takes them."""
    return [
        (category, "leak" if label else "normal", score, None)
        for label, score in zip(labels, scores, strict=True)
    ]


def evaluated(write_file: WriteFile, own: list[Any], *beside: list[Any]) -> Evaluation:
    """A run whose name does not matter beside others, ``base 1``, ``base 2``, …"""
    others = [
        write_file(one, f"other-{at}.jsonl", model=f"base {at}") for at, one in enumerate(beside, 1)
    ]
    return evaluate(read_predictions(write_file(own)), beside=others)


def without_scores(path: Path) -> Path:
    """The same predictions as another method's that has words alone."""
    text = re.sub(r'"score":[-\d.e]+', '"score":null', path.read_text(encoding="utf-8"))
    path.write_text(text.replace('"source":"predict"', '"source":"import"'), encoding="utf-8")
    return path

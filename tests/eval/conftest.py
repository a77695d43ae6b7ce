from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from physprior.dialogue import Templates
from physprior.eval.predictions import (
    Header,
    Prediction,
    Predictions,
    SkippedVideo,
    read_predictions,
)
from physprior.knowledge.load import KnowledgeBase

WriteFile = Callable[..., Path]


@pytest.fixture(scope="session")
def videos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Phys-AD tree of 24 short videos in each of two categories."""
    from physprior.simulate import Options, simulate

    root = tmp_path_factory.mktemp("eval") / "videos"
    options = Options(categories=("ball", "clip"), count=24, size=64, frames=16)
    simulate(root, options, workers=1, progress=lambda done, total: None)
    return root


@pytest.fixture(scope="session")
def dataset(videos: Path, kb: KnowledgeBase, templates: Templates) -> Path:
    """Those videos as a multi-turn dataset."""
    from physprior.dataset.compile import build

    out = videos.parent / "dataset"
    build(videos, out, knowledge=kb, templates=templates, mode="multi_turn")
    return out


@pytest.fixture(scope="session")
def frames_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("frames")


@pytest.fixture(scope="session")
def run(
    tmp_path_factory: pytest.TempPathFactory, tiny_base: Path, dataset: Path, frames_cache: Path
) -> Path:
    """A short LoRA run on that dataset: enough to be another model than its base."""
    from physprior.train.recipe import Recipe
    from physprior.train.run import train

    out = tmp_path_factory.mktemp("runs") / "lora"
    fields: dict[str, Any] = {
        "base": str(tiny_base),
        "dataset": dataset,
        "out": out,
        "cache": frames_cache,
        "lora_rank": 4,
        "batch_size": 8,
        "learning_rate": 1e-3,
        "workers": 1,
    }
    train(Recipe.model_validate(fields))
    return out


@pytest.fixture
def write_file(tmp_path: Path) -> WriteFile:
    """Writes a predictions file by hand.

    ``rows``: (category, class, score, text); a row of None as score is a skipped video.
    """

    def write(
        rows: list[tuple[str, str, float | None, str | None]],
        name: str = "predictions.jsonl",
        **header: Any,
    ) -> Path:
        fields: dict[str, Any] = {
            "fingerprint": "f" * 64,
            "model": "runs/mine",
            "base_fingerprint": "b" * 64,
            "run_fingerprint": "r" * 64,
            "dataset": "data",
            "dataset_hash": "d" * 64,
            "split_hash": "5" * 64,
            "split": "test",
            "mode": "multi_turn",
            "sampling": {},
            "max_new_tokens": 64,
            "accepted_changed_prior": (),
            "total": len(rows),
            "provenance": {"versions": {"physprior": "0"}},
        }
        lines = [Header.model_validate({**fields, **header}).model_dump_json(), *map(line, rows)]
        path = tmp_path / name
        path.write_text("".join(f"{text}\n" for text in lines), encoding="utf-8")
        return path

    made = iter(range(10_000))

    def line(row: tuple[str, str, float | None, str | None]) -> str:
        category, class_id, score, text = row
        name = f"{category}/test/{class_id}/{next(made):04d}"
        video: dict[str, Any] = {
            "id": name,
            "video": f"{name}.mp4",
            "category": category,
            "class_id": class_id,
            "label": int(class_id != "normal"),
            "instance": "",
        }
        if score is None:
            return SkippedVideo(**video, reason="empty file").model_dump_json()
        return Prediction(
            **video,
            score=score,
            log_normal=-1.0,
            log_anomalous=-1.0,
            mass=0.5,
            text=text,
            truncated=False,
        ).model_dump_json()

    def write_twice_alike(*arguments: Any, **named: Any) -> Path:
        # The ids begin anew in each file, so that two files can speak of the same videos.
        nonlocal made
        made = iter(range(10_000))
        return write(*arguments, **named)

    return write_twice_alike


@pytest.fixture
def read(write_file: WriteFile) -> Callable[..., Predictions]:
    """Writes a predictions file by hand, as ``write_file`` does, and reads it."""

    def call(rows: Any, name: str = "a.jsonl", **header: object) -> Predictions:
        return read_predictions(write_file(rows, name, **header))

    return call


@pytest.fixture
def make_judging(write_file: WriteFile, kb: KnowledgeBase) -> Callable[..., Any]:
    """Judges predictions: a file, rows that are written by hand, or so many that all differ."""
    from judging import judging, rows

    def call(said: Any = 4, profile: str = "llm-score", **endpoint: Any) -> Any:
        if not isinstance(said, Path):
            said = write_file(rows(said) if isinstance(said, int) else said)
        return judging(said, kb, profile, **endpoint)

    return call

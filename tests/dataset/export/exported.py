"""What an export holds, for the tests of exports."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from physprior.dataset.export.formats import FORMATS
from physprior.dataset.records import Record

Export = Callable[..., Path]

CLIPS = (
    "clip/train/0000.mp4",
    "clip/train/0001.mp4",
    'clip/train/it\'s a "clip", 弹簧夹.mp4',
    "clip/test/unable_press/0000.mp4",
    "clip/test/unable_press/0001.mp4",
    "clip/test/unable_press/0002.mp4",
)


def content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def rows(folder: Path, form: str, split: str = "train") -> list[dict[str, Any]]:
    path = folder / f"{split}{FORMATS[form].ending}"
    if form == "parquet":
        import pyarrow.parquet as pq

        return pq.read_table(path).to_pylist()
    if form == "trl":
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return json.loads(path.read_text(encoding="utf-8"))


def texts(row: dict[str, Any], form: str) -> list[str]:
    """What a row's turns say, without the mark of the video."""
    if form == "parquet":
        return [" ".join(part["text"] for part in turn["parts"]) for turn in row["turns"]]
    if form == "trl":
        return [turn["content"][-1]["text"] for turn in row["messages"]]
    return [turn["value"].removeprefix("<video>\n") for turn in row["conversations"]]


def said(record: Record) -> list[str]:
    return [turn.text for turn in record.turns]

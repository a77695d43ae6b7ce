"""Predictions with the dataset folder that they are of, as far as its manifest goes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from run_folders import RECORD, RUN

from physprior import fingerprint
from physprior.dataset.depend import template_hash
from physprior.dialogue import Templates
from physprior.knowledge.load import KnowledgeBase
from physprior.paths import kb_folder, templates_folder

ROWS: list[Any] = [
    ("ball", "normal", -1.0, None),
    ("ball", "leak", 1.0, None),
    ("clip", "normal", -1.0, None),
    ("clip", "unable_to_press", 1.0, None),
]


def dataset_folder(folder: Path, kb: KnowledgeBase, **manifest: Any) -> Path:
    """A dataset of ball and clip as the KB has them now: its manifest alone, no records."""
    categories = {name: _category(kb, name) for name in ("ball", "clip")}
    folder.mkdir(parents=True)
    content = {**_MANIFEST, "categories": categories, **manifest}
    (folder / "manifest.json").write_text(json.dumps(content), encoding="utf-8")
    return folder


def small_kb(folder: Path) -> Path:
    """A KB folder of ball and clip alone, which is read in no time."""
    folder.mkdir(parents=True)
    for name in ("ball.yaml", "clip.yaml"):
        shutil.copy(kb_folder() / name, folder)
    return folder


def header_of(folder: Path, **header: Any) -> dict[str, Any]:
    """The fields of predictions of that dataset by the run ``runs/mine``."""
    return {
        "model": "runs/mine",
        "run_fingerprint": RUN,
        "dataset": str(folder),
        "dataset_hash": fingerprint.of_file(folder / "manifest.json"),
        "provenance": RECORD["provenance"],
        **header,
    }


def _category(kb: KnowledgeBase, name: str) -> dict[str, Any]:
    return {
        "entry": kb.fingerprint(name),
        "status": "reviewed",
        "template": template_hash(Templates(templates_folder()), "multi_turn"),
        "prompt": RECORD["prompts"][name],
        "videos": "7" * 64,
        "split": "6" * 64,
        "key": "8" * 64,
        "grouping": "instance" if name == "ball" else "video",
        "counts": {
            "normal": {"train": 30, "val": 4, "test": 6},
            "odd": {"train": 20, "val": 3, "test": 5},
        },
        "records": {"normal": 30, "odd": 20},
    }


_MANIFEST: dict[str, Any] = {
    "format": "physprior-dataset",
    "format_version": 2,
    "physprior_version": "0.1.0",
    "request": "1" * 64,
    "split_request": "2" * 64,
    "mode": "multi_turn",
    "seed": 3,
    "protocol": "supervised",
    "note": "say this",
    "fractions": [0.7, 0.1, 0.2],
    "options": {"protocol": "supervised", "seed": 3, "fractions": [0.7, 0.1, 0.2]},
    "variants": 2,
    "balance": True,
    "split": "5" * 64,
    "source": "../my videos",
    "source_hash": "",
    "videos_root": "../my videos",
    "videos": "9" * 64,
    "references": "a" * 64,
    "skipped": [],
    "ignored": {},
    "duplicates": [],
    "notes": [],
    "missing": [],
    "leaks": {"waived": [], "nearest": []},
    "files": {},
}

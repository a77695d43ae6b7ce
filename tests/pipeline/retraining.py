"""Places to retrain in: a KB of three machines, videos on paper or simulated, and a run on two."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from physprior import fingerprint
from physprior.dataset.compile import build
from physprior.dataset.folder import Dataset
from physprior.dataset.index import Index, Video
from physprior.dataset.index_file import write_index
from physprior.dataset.split import SplitOptions
from physprior.dialogue import Templates
from physprior.knowledge.load import load_knowledge
from physprior.paths import kb_folder, templates_folder
from physprior.pipeline.retrain import Before, Change, Changes, RetrainOrder, find_changes
from physprior.video.probe import VideoInfo
from physprior.video.sample import Sampling
from physprior.vlm.run_folder import RunRecord

INFO = VideoInfo(frames=60, fps=30, width=96, height=96, duration_s=2, codec="h264")
HALVES = SplitOptions(fractions=(0.5, 0.25, 0.25))
ENTRIES = ("ball", "clip", "slide")
TOLD = "The work of pressing is stored as elastic energy in the torsion spring and given back when"
PRIOR = "has a torsion spring at its hinge, which"
"""Words of the clip's entry: an explanation, and its component's statement."""


def copy_kb(folder: Path, names: Iterable[str] = ENTRIES) -> Path:
    folder.mkdir(parents=True)
    for name in (*names, "vocabulary"):
        shutil.copy(kb_folder() / f"{name}.yaml", folder)
    return folder


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) >= 1, old
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def video(path: str, class_id: str = "normal", **changes: Any) -> Video:
    """A video that exists on paper alone."""
    fields = {
        "path": path,
        "category": path.partition("/")[0],
        "class_id": class_id,
        "label": int(class_id != "normal"),
        "instance": None,
        "sha256": fingerprint.of_text(path),
        "info": INFO,
    }
    return Video(**{**fields, **changes})


def collection(*, count: int = 16, categories: Iterable[str] = ("clip", "slide")) -> list[Video]:
    anomaly = {"ball": "leak", "clip": "unable_to_press", "slide": "jam"}
    return [
        video(f"{category}/test/{class_id}/{number:04d}.mp4", class_id)
        for category in categories
        for class_id in ("normal", anomaly[category])
        for number in range(count)
    ]


@dataclass
class Paper:
    """A place whose videos stand in an index alone: enough for all that trains nothing."""

    folder: Path
    options: SplitOptions = HALVES

    @property
    def kb(self) -> Path:
        return self.folder / "kb"

    @property
    def templates(self) -> Path:
        return self.folder / "templates"

    def save(self, videos: Iterable[Video]) -> None:
        ordered = tuple(sorted(videos, key=lambda one: one.path))
        index = Index(
            root=self.folder / "videos", videos=ordered, skipped=(), ignored={}, duplicates=()
        )
        write_index(index, self.folder / "index.jsonl")

    def build(self, **told: Any) -> None:
        build(
            self.folder / "index.jsonl",
            self.folder / "dataset",
            knowledge=load_knowledge(self.kb),
            templates=Templates(self.templates),
            mode="multi_turn",
            options=self.options,
            **told,
        )

    @property
    def dataset(self) -> Dataset:
        return Dataset.open(self.folder / "dataset")

    def before(self, *, only: Iterable[str] = ()) -> Before:
        """A finished run on the dataset, of all its categories or of ``only`` some."""
        held = self.dataset.manifest.categories
        trained = set(only) or set(held)
        record = RunRecord(
            state="finished",
            fingerprint="run",
            base="base",
            base_fingerprint="base",
            tune="lora",
            mode="multi_turn",
            prompts={name: made.prompt for name, made in held.items() if name in trained},
            sampling=Sampling(),
            dataset={"folder": str(self.folder / "dataset"), "manifest": "", "split": ""},
            recipe={},
            provenance={},
        )
        return Before(self.folder / "run", record, self.dataset, self.folder / "index.jsonl")

    def changes(self, *, before: Before | None = None, **asked: Any) -> Changes:
        order = RetrainOrder(self.folder / "run", kb=self.kb, templates=self.templates, workers=1)
        return find_changes(replace(order, **asked), before or self.before())

    def found(self, **asked: Any) -> dict[str, Change]:
        return self.changes(**asked).by_category


def make_paper(folder: Path, options: SplitOptions = HALVES) -> Paper:
    paper = Paper(folder, options)
    copy_kb(paper.kb)
    shutil.copytree(templates_folder(), paper.templates)
    paper.save(collection())
    paper.build()
    return paper


def link_tree(source: Path, target: Path) -> Path:
    """A copy of a folder of videos that takes no room."""
    return Path(shutil.copytree(source, target, copy_function=os.link, dirs_exist_ok=True))


@dataclass(frozen=True)
class Trained:
    """A finished run on simulated videos: ``run``, ``dataset``, ``videos``, ``kb``; and ``all``."""

    root: Path

    @property
    def run(self) -> Path:
        return self.root / "run"

    @property
    def dataset(self) -> Path:
        return self.root / "dataset"

    @property
    def kb(self) -> Path:
        return self.root / "kb"

    @property
    def all_videos(self) -> Path:
        """The videos of all three machines."""
        return self.root / "all"

    def order(self, out: Path, **asked: Any) -> RetrainOrder:
        return replace(RetrainOrder(self.run, out=out / "new", kb=self.kb, workers=1), **asked)


def state(folder: Path) -> dict[str, int]:
    """When each file of a folder was written."""
    return {str(one): one.stat().st_mtime_ns for one in folder.rglob("*") if one.is_file()}

"""What has changed since a run: per category, whether its training records would be others now.

The records are made, in a folder that is thrown away, by what a build makes them with, and compared
with those of the run's dataset. So a comment, another layout of a file, or a sentence that is never
taught is no change, and whatever reaches a record is one.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from physprior.check import refuse_errors
from physprior.dataset.examine import Progress, no_progress
from physprior.dataset.index import Index
from physprior.dataset.leaks import Waiver, find_leaks
from physprior.dataset.manifest import CategoryManifest
from physprior.dataset.open import open_videos
from physprior.dataset.records import Record, read_records
from physprior.dataset.request import Request
from physprior.dataset.split import SplitOptions
from physprior.dialogue import Templates
from physprior.errors import DatasetError
from physprior.knowledge.load import KnowledgeBase, load_knowledge
from physprior.paths import kb_folder, templates_folder
from physprior.pipeline.retrain.difference import difference
from physprior.pipeline.retrain.order import Before, RetrainOrder
from physprior.pipeline.retrain.split import KeptSplit, keep_split

Kind = Literal["unchanged", "changed", "added", "removed"]


@dataclass(frozen=True)
class Change:
    """What has become of one category."""

    category: str
    """Its id."""
    kind: Kind
    """``unchanged`` where a training on it would be given the very same."""
    why: tuple[str, ...]
    """What has changed, in words; for an unchanged one what has, but does not matter."""
    records: int
    """Its training records as they are now."""


@dataclass(frozen=True)
class Changes:
    """What has changed since a run, and all that is needed to build a dataset of it."""

    categories: tuple[Change, ...]
    """Every category of then and of now, in the order of their ids."""
    records: tuple[Record, ...]
    """All training records as they are now."""
    kept: KeptSplit
    """The split, in which no video moves."""
    knowledge: KnowledgeBase
    templates: Templates
    waivers: tuple[Waiver, ...]
    """The old leaks that were waived and are there still."""
    prompts: dict[str, str]
    """Category to the hash of what stands before its verdict now."""
    index: Index
    """The videos of now."""

    @cached_property
    def by_category(self) -> dict[str, Change]:
        """Category id to what has become of it."""
        return {change.category: change for change in self.categories}

    @property
    def to_train(self) -> tuple[str, ...]:
        """The changed and added categories that have anything to train on."""
        return tuple(
            change.category
            for change in self.categories
            if change.kind in ("changed", "added") and change.records
        )

    def of_kind(self, kind: Kind) -> tuple[str, ...]:
        """The categories of one kind."""
        return tuple(change.category for change in self.categories if change.kind == kind)


def find_changes(
    order: RetrainOrder, before: Before, *, progress: Progress = no_progress
) -> Changes:
    """Compare what a run was trained on with what its dataset would hold now; writes nothing.

    Raises KnowledgeError for a KB that the check refuses, TemplateError, and DatasetError for
    videos that do not fit it or that have nothing in common with the run's.
    """
    manifest = before.dataset.manifest
    templates = Templates(order.templates or templates_folder())
    knowledge = load_knowledge(order.kb or kb_folder())
    refuse_errors([order.kb or kb_folder(), templates.path(manifest.mode)])
    index = open_videos(before.place, knowledge, workers=order.workers, progress=progress)
    kept = keep_split(before.dataset, index.videos, before.place)
    request = Request(
        place=before.place,
        out=before.dataset.folder,
        opened=lambda: index,
        knowledge=knowledge,
        templates=templates,
        mode=manifest.mode,
        options=kept.options or SplitOptions(),
        variants=manifest.variants,
        balance=manifest.balance,
    )
    made, records = _make(request, kept)
    if not any(part == order.split for part in kept.split.assignment.values()):
        raise DatasetError(
            f"no video stands in the split {order.split}, on which old and new are compared",
            remedy=f"compare on --split {'test' if order.split == 'val' else 'val'}",
        )
    return Changes(
        categories=tuple(_compare(before, made, records, knowledge)),
        records=tuple(record for name in sorted(records) for record in records[name]),
        kept=kept,
        knowledge=knowledge,
        templates=templates,
        waivers=_waivers(before, index, kept),
        prompts={category: one.prompt for category, one in made.items()},
        index=index,
    )


def _make(
    request: Request, kept: KeptSplit
) -> tuple[dict[str, CategoryManifest], dict[str, list[Record]]]:
    """What a build would make of each category now, and its training records."""
    from physprior.dataset.write import Writer

    with tempfile.TemporaryDirectory(prefix="physprior-retrain-") as folder:
        writer = Writer(Path(folder), request, kept.split)
        for category in request.videos:
            writer.add(category)
        files = {name: Path(folder, "train", f"{name}.jsonl") for name in writer.categories}
        records = {
            name: read_records(path) if path.is_file() else [] for name, path in files.items()
        }
    return writer.categories, records


def _waivers(before: Before, index: Index, kept: KeptSplit) -> tuple[Waiver, ...]:
    old = before.dataset.manifest.leaks.waived
    if not old:
        return ()
    leaking = {path for one in find_leaks(index.videos, kept.split).shared for path in one.videos}
    return tuple(Waiver(path=one.path, reason=one.reason) for one in old if one.path in leaking)


def _compare(
    before: Before,
    made: Mapping[str, CategoryManifest],
    records: Mapping[str, list[Record]],
    knowledge: KnowledgeBase,
) -> Iterator[Change]:
    held = before.dataset.manifest.categories
    for category in sorted(held.keys() | made.keys()):
        now = records.get(category, [])
        if category not in made:
            known = category in knowledge.categories
            why = "its videos are gone" if known else "the knowledge base no longer holds it"
            yield Change(category, "removed", (why,), 0)
        elif category not in held:
            yield Change(category, "added", ("the run's dataset has none of it",), len(now))
        elif category not in before.trained:
            yield Change(category, "added", ("the run was not trained on it",), len(now))
        else:
            then = _old_records(before, category)
            told = held[category].model_copy(update={"prompt": before.record.prompts[category]})
            reasons, matters = difference(then, now, told, made[category])
            yield Change(category, "changed" if matters else "unchanged", reasons, len(now))


def _old_records(before: Before, category: str) -> list[Record]:
    path = before.dataset.folder / "train" / f"{category}.jsonl"
    return read_records(path) if path.is_file() else []

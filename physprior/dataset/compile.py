"""Building a dataset: videos, KB and templates become split, labelled, rendered records."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from physprior import __version__, fingerprint
from physprior.dataset.examine import Progress, no_progress
from physprior.dataset.index import Index, Video, index_videos
from physprior.dataset.manifest import MANIFEST, CategoryManifest, Manifest
from physprior.dataset.records import SPLITS, Record
from physprior.dataset.render import Rendered, render_category
from physprior.dataset.replace import check_place, replace_dataset
from physprior.dataset.split import DEFAULT_FRACTIONS, Fractions, Split, find_protocol
from physprior.dialogue.templates import Templates
from physprior.errors import DatasetError
from physprior.knowledge.load import KnowledgeBase


class BuildReport(BaseModel):
    """What a build has made, and everything it met that a person should know."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    out: Path
    """The dataset's folder."""
    manifest: Manifest
    """Its manifest: counts, grouping, skipped and duplicate videos, missing classes."""


def build(
    videos_root: Path,
    out: Path,
    *,
    knowledge: KnowledgeBase,
    templates: Templates,
    mode: str,
    seed: int = 0,
    fractions: Fractions = DEFAULT_FRACTIONS,
    protocol: str = "supervised",
    strict: bool = False,
    workers: int = 1,
    progress: Progress = no_progress,
) -> BuildReport:
    """Write the dataset of a Phys-AD tree into ``out``, whole or not at all.

    ``strict`` refuses where a video was skipped; ``progress`` gets (videos looked at, all).
    Raises DatasetError for videos that do not fit the KB or each other, TemplateError for a
    template that cannot be rendered, OutputError where ``out`` holds something else.
    """
    # What a person may have mistyped is looked at before the videos are, which takes minutes.
    templates.path(mode)
    make_split = find_protocol(protocol, fractions)
    check_place(out, videos_root)
    index = index_videos(videos_root, knowledge, workers=workers, progress=progress)
    if strict and index.skipped:
        raise _skipped_error(index)
    split = make_split(index.videos, seed, fractions)
    rendered = {
        category: render_category(knowledge, templates, category, mode)
        for category in sorted({video.category for video in index.videos})
    }
    records = [_record(video, split, rendered[video.category]) for video in index.videos]
    files = _files(records, split)
    categories = {
        category: CategoryManifest(
            entry=knowledge.fingerprint(category),
            template=templates.fingerprint(mode),
            prompt=dialogues.prompt_hash,
            grouping=split.grouping[category],
            counts=_counts(records, category, dialogues),
        )
        for category, dialogues in rendered.items()
    }
    manifest = _manifest(mode, index, split, categories, files, _relative_root(videos_root, out))
    replace_dataset(out, {**files, MANIFEST: manifest.model_dump_json(indent=2) + "\n"})
    return BuildReport(out=out, manifest=manifest)


def _manifest(
    mode: str,
    index: Index,
    split: Split,
    categories: dict[str, CategoryManifest],
    files: dict[str, str],
    videos_root: str,
) -> Manifest:
    return Manifest(
        physprior_version=__version__,
        mode=mode,
        seed=split.seed,
        protocol=split.protocol,
        fractions=split.fractions,
        split=split.hash,
        videos_root=videos_root,
        videos=fingerprint.of_json([[video.path, video.sha256] for video in index.videos]),
        categories=categories,
        skipped=index.skipped,
        ignored=index.ignored,
        duplicates=index.duplicates,
        missing=split.missing,
        files={name: fingerprint.of_text(text) for name, text in files.items()},
    )


def _record(video: Video, split: Split, rendered: Rendered) -> Record:
    texts = rendered.classes[video.class_id]
    chosen = texts[fingerprint.pick(len(texts), str(split.seed), video.id)]
    return Record(
        id=video.id,
        video=video.path,
        sha256=video.sha256,
        category=video.category,
        class_id=video.class_id,
        label=video.label,
        instance=video.instance or "",
        split=split.assignment[video.path],
        mode=chosen.dialogue.mode,
        prompt_hash=rendered.prompt_hash,
        reason_index=chosen.index,
        reason=chosen.reason,
        turns=chosen.dialogue.turns,
    )


def _files(records: Sequence[Record], split: Split) -> dict[str, str]:
    files = {
        f"{name}.jsonl": "".join(record.line() for record in records if record.split == name)
        for name in SPLITS
    }
    content = {"hash": split.hash, **split.model_dump(mode="json")}
    files["split.json"] = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    return files


def _counts(
    records: Sequence[Record], category: str, rendered: Rendered
) -> dict[str, dict[str, int]]:
    counts = {class_id: dict.fromkeys(SPLITS, 0) for class_id in rendered.classes}
    for record in records:
        if record.category == category:
            counts[record.class_id][record.split] += 1
    return {class_id: {str(name): n for name, n in row.items()} for class_id, row in counts.items()}


def _skipped_error(index: Index) -> DatasetError:
    listed = "\n".join(f"  {skip.path}: {skip.reason}" for skip in index.skipped)
    return DatasetError(
        f"{index.root}: {len(index.skipped)} videos cannot be used, and --strict is set:\n{listed}",
        remedy="mend or remove them, or build without --strict, which leaves them out",
    )


def _relative_root(videos_root: Path, out: Path) -> str:
    return Path(os.path.relpath(videos_root.resolve(), out.resolve())).as_posix()

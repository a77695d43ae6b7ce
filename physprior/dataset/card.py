"""The dataset card: README.md with the front matter that the Hugging Face hub reads."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator, Sequence

from physprior.dataset.manifest import Manifest
from physprior.dataset.protocols import PROTOCOLS
from physprior.dataset.records import SPLITS
from physprior.dataset.replace import FIGURE, SPLIT_FILE
from physprior.dataset.split import Split
from physprior.knowledge.schema import NORMAL

_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1 << 62, "100K<n<1M"))
_SHOWN = 20
"""Of a long list, how many are named; the manifest has all."""


def write_card(manifest: Manifest, split: Split) -> str:
    """The card of a dataset, from what its manifest and its split say. It holds no time."""
    return "\n".join(
        [
            *_front_matter(manifest),
            *_head(manifest),
            *_counts(manifest),
            *_split(manifest, split),
            *_leaks(manifest),
            *_knowledge(manifest),
            *_gaps(manifest, split),
            *_hashes(manifest),
            *_use(),
        ]
    )


def _front_matter(manifest: Manifest) -> Iterator[str]:
    records = _records(manifest)
    yield "---"
    yield "license: unknown"
    yield "language:\n- en"
    yield f"pretty_name: {_title(manifest)}"
    yield "task_categories:\n- video-text-to-text\n- video-classification"
    yield "tags:\n- anomaly-detection\n- industrial-inspection\n- physics\n- video\n- physprior"
    yield f"size_categories:\n- {next(name for most, name in _SIZES if records < most)}"
    yield "configs:\n- config_name: default\n  data_files:"
    for split in SPLITS:
        # The hub refuses a pattern that no file matches.
        if manifest.record_files(split):
            yield f"  - split: {split}\n    path: {split}/*.jsonl"
    yield "---\n"


def _head(manifest: Manifest) -> Iterator[str]:
    yield "<!-- Written by physprior build; the next replaces it, unless it was changed. -->\n"
    yield f"# {_title(manifest)}\n"
    yield (
        f"Videos of {_number(len(manifest.categories), 'category', 'categories')} with dialogues"
        f" about their physics, in the mode `{manifest.mode}`: one line of JSON a record, one file"
        " a category and split. The videos are not in this folder: a record names its video, and"
        " its hash. Their licence is that of their collection, which nobody has told physprior.\n"
    )
    yield f"![Videos of each category in each split]({FIGURE})\n"


def _counts(manifest: Manifest) -> Iterator[str]:
    rows = [
        (f"{name}/{class_id}", *counts.values(), sum(counts.values()))
        for name, made in manifest.categories.items()
        for class_id, counts in made.counts.items()
    ]
    total = ("**all**", *(sum(column) for column in zip(*(row[1:] for row in rows), strict=True)))
    yield "## Videos\n"
    yield from _table(("class", *SPLITS, "all"), [*rows, total])
    if manifest.variants > 1 or manifest.balance:
        yield from _more_records(manifest)


def _more_records(manifest: Manifest) -> Iterator[str]:
    yield "### Training records\n"
    if manifest.variants > 1:
        yield f"A training video has up to {manifest.variants} records, one an explanation."
    if manifest.balance:
        yield (
            "Training records of smaller classes are repeated, with further explanations, until"
            " normal and anomalous ones are as many in each category, and each anomaly has its"
            " equal share."
        )
    yield ""
    yield from _table(
        ("class", "training videos", "training records"),
        [
            (f"{name}/{class_id}", made.counts[class_id]["train"], records)
            for name, made in manifest.categories.items()
            for class_id, records in made.records.items()
        ],
    )


def _split(manifest: Manifest, split: Split) -> Iterator[str]:
    yield "## Split\n"
    yield (
        f"Protocol `{manifest.protocol}`, seed {manifest.seed}, fractions of train, val and test:"
        f" {', '.join(f'{part:g}' for part in manifest.fractions)}{_own_options(split)}."
        f" Hash `{manifest.split}`. Every video's split stands in [{SPLIT_FILE}]({SPLIT_FILE}).\n"
    )
    protocol = PROTOCOLS.get(manifest.protocol)
    if protocol is not None:
        yield inspect.cleandoc(protocol.__doc__ or "") + "\n"
    if manifest.note:
        yield f"**Note:** {manifest.note}\n"
    if split.published:
        yield f"Taken from a published split with the hash `{split.published}`.\n"
    kept = {"instance": "whole objects", "video": "videos, copies of a file together"}
    for grouping, words in kept.items():
        names = [name for name, made in manifest.categories.items() if made.grouping == grouping]
        if names:
            yield f"Split by {words}: {', '.join(names)}.\n"
    moved = sum(len(paths) for classes in split.moved.values() for paths in classes.values())
    yield f"Anomalous videos that train: {moved}. They are listed under `moved` in {SPLIT_FILE}.\n"


def _own_options(split: Split) -> str:
    own = {"k": split.k, "folds": split.folds, "fold": split.fold}
    return "".join(f", {name} {value}" for name, value in own.items() if value is not None)


def _leaks(manifest: Manifest) -> Iterator[str]:
    leaks = manifest.leaks
    yield "## Leaks\n"
    yield (
        "No reference sentence, which is kept for scoring, stands in a record; no answer stands in"
        " a prompt. "
        + (
            "The same pictures stand in two splits only where that was allowed by name:\n"
            if leaks.waived
            else "No two splits share a video with the same content.\n"
        )
    )
    for waived in leaks.waived:
        where = ", ".join(f"{path} ({name})" for path, name in waived.videos.items())
        yield f"- {_plain(where)}: {_plain(waived.reason)}"
    if leaks.waived:
        yield ""
    if leaks.nearest:
        yield (
            "The two videos of different splits that are most alike, of each category: in how many"
            " of 64 bits the perceptual hashes of their frames differ, on average.\n"
        )
        nearest = {}
        for one in sorted(leaks.nearest, key=lambda one: one.distance, reverse=True):
            nearest[one.category] = one
        yield from _table(
            ("category", "bits", "splits", "videos"),
            [
                (name, f"{one.distance:.1f}", " and ".join(one.splits), ", ".join(one.paths))
                for name, one in sorted(nearest.items())
            ],
        )
    if leaks.unprinted:
        listed = ", ".join(f"{name} ({count})" for name, count in leaks.unprinted.items())
        yield f"Not compared, because their frames were not looked at: videos of {listed}.\n"


def _knowledge(manifest: Manifest) -> Iterator[str]:
    yield "## Knowledge base\n"
    for status, words in (
        ("reviewed", "Read through by an engineer of the object"),
        ("draft", "**Drafts**, which no engineer of the object has read through"),
    ):
        names = [name for name, made in manifest.categories.items() if made.status == status]
        if names:
            yield f"{words}: {', '.join(names)}.\n"


def _gaps(manifest: Manifest, split: Split) -> Iterator[str]:
    yield "## Known gaps\n"
    unseen = [
        f"{name}/{class_id}"
        for name, made in manifest.categories.items()
        for class_id, counts in made.counts.items()
        if not any(counts.values())
    ]
    untrained = [
        f"{name}/{class_id}"
        for name, made in manifest.categories.items()
        for class_id, counts in made.counts.items()
        if any(counts.values()) and not counts["train"] and class_id != NORMAL
    ]
    lists = (
        ("Classes of the knowledge base without a video", unseen),
        ("Anomalies that no training video shows", untrained),
        (
            "Classes that should have a video in a split, and have none",
            [f"{name}/{class_id} in {part}" for name, class_id, part in manifest.missing],
        ),
        (
            "Videos that could not be used",
            [f"{skip.path} ({skip.reason})" for skip in manifest.skipped],
        ),
        ("Videos of the published split that are not here", split.absent),
        ("Videos that the published split does not name", split.left_out),
        ("Notes on the videos", manifest.notes),
        ("Sets of copies of one file", [" = ".join(same) for same in manifest.duplicates]),
    )
    named = [line for words, found in lists if found for line in _listed(words, found)]
    yield from named or ["None that the build could see.\n"]


def _listed(words: str, found: Sequence[str]) -> Iterator[str]:
    yield f"{words}: {len(found)}.\n"
    for one in found[:_SHOWN]:
        yield f"- {_plain(one)}"
    if len(found) > _SHOWN:
        yield f"- and {len(found) - _SHOWN} more"
    yield ""


def _hashes(manifest: Manifest) -> Iterator[str]:
    yield "## What made it\n"
    yield (
        f"physprior {manifest.physprior_version}. SHA-256 of the split `{manifest.split}`, of all"
        f" that is known of the videos `{manifest.videos}`, of the references that are withheld"
        f" `{manifest.references}`. Of each category:\n"
    )
    yield from _table(
        ("category", "entry", "template", "prompt"),
        [
            (name, *(f"`{value[:16]}`" for value in (made.entry, made.template, made.prompt)))
            for name, made in manifest.categories.items()
        ],
    )


def _use() -> Iterator[str]:
    yield "## Use\n"
    yield (
        '```python\nfrom datasets import load_dataset\n\ndata = load_dataset("path/to/this/folder")'
        "\n```\n"
    )
    yield (
        "`physprior data status` says whether it is up to date with the knowledge base, the"
        " templates and the videos.\n"
    )


def _records(manifest: Manifest) -> int:
    return sum(
        sum(made.records.values())
        + sum(counts[split] for counts in made.counts.values() for split in ("val", "test"))
        for made in manifest.categories.values()
    )


def _title(manifest: Manifest) -> str:
    count = _number(len(manifest.categories), "category", "categories")
    return f"Physics dialogues about videos, {count}, {manifest.mode}"


def _table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{'|'.join('---' for _ in heads)}|"
    for row in rows:
        yield f"| {' | '.join(_plain(str(cell)) for cell in row)} |"
    yield ""


def _plain(text: str) -> str:
    """A text, such as a path, that cannot end a cell, a line or begin a tag."""
    return re.sub(r"[\s\x00-\x1f]+", " ", text).replace("|", "\\|").replace("<", "&lt;")


def _number(count: int, one: str, more: str) -> str:
    return f"{count:,} {one if count == 1 else more}"

"""Where every sentence of a record comes from, and why this video has this label and explanation.

What has changed since the dataset was built is said, and then nothing is guessed: positions in a
file that is another one would be wrong.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from physprior import __version__, fingerprint, verdict
from physprior.dataset.depend import template_hash
from physprior.dataset.folder import Dataset
from physprior.dataset.records import SPLITS, Record
from physprior.dialogue.source_map import KbValue, SourceMap, kb_value, source_map
from physprior.dialogue.templates import Templates
from physprior.errors import DatasetError, TemplateError
from physprior.knowledge.folders import NORMAL_FOLDERS, folded
from physprior.knowledge.load import Entry, KnowledgeBase, load_entry
from physprior.knowledge.schema import NORMAL


@dataclass(frozen=True)
class Origin:
    """Why something is as it is, in words, with the place of the KB that says so."""

    why: str
    place: KbValue | None = None


@dataclass(frozen=True)
class Explained:
    """A record with the origin of all that it says."""

    record: Record
    label: Origin
    """Why the video has its label."""
    choice: Origin
    """Why this explanation was taken."""
    changed: tuple[str, ...]
    """What is not as it was when the dataset was built; then there is no ``map``."""
    map: SourceMap | None
    """Where each text stands."""


def explain(
    dataset: Dataset, name: str, knowledge: KnowledgeBase, templates: Templates
) -> list[Explained]:
    """The records that a record's id, or a video's path, names.

    ``knowledge`` and ``templates`` are those that the dataset was built from, as they are now.
    Raises DatasetError where the dataset has no such record.
    """
    return [_explained(dataset, record, knowledge, templates) for record in find(dataset, name)]


def find(dataset: Dataset, name: str) -> list[Record]:
    """The record of this id; or all of a video, by its path in the collection or on this machine.

    Raises DatasetError, with the nearest name, where there is none.
    """
    records = [record for split in SPLITS for record in dataset.records(split)]
    paths = {name.removeprefix("./")}
    located = Path(name).resolve()
    if located.is_relative_to(dataset.videos_root):
        paths.add(located.relative_to(dataset.videos_root).as_posix())
    found = [record for record in records if record.id == name or record.video in paths]
    if found:
        return found
    names = {word for record in records for word in (record.id, record.video)}
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.8)
    example = records[0].id if records else "none"
    raise DatasetError(
        f"{dataset.folder}: no record or video '{name}'",
        remedy=f"did you mean '{close[0]}'?"
        if close
        else f"name a record's id, such as {example}, or a video's path",
    )


def map_record(
    dataset: Dataset, record: Record, knowledge: KnowledgeBase, templates: Templates
) -> tuple[SourceMap | None, tuple[str, ...]]:
    """Where each text of a record stands now; or None, and what has changed since the build."""
    changed = tuple(_changes(dataset, record, knowledge, templates))
    if changed:
        return None, changed
    entry = load_entry(knowledge.sources[record.category])
    made = source_map(templates, entry, record.mode, record.class_id, record.reason_index)
    if made.dialogue.turns != record.turns:
        built = dataset.manifest.physprior_version
        other = (
            f"physprior {built} built the dataset, this is {__version__}; what it renders differs"
        )
        return None, (other,)
    return made, ()


def _explained(
    dataset: Dataset, record: Record, knowledge: KnowledgeBase, templates: Templates
) -> Explained:
    made, changed = map_record(dataset, record, knowledge, templates)
    if made is None:
        return Explained(
            record, _label(dataset, record), Origin(_choice(dataset, record)), changed, None
        )
    entry = load_entry(knowledge.sources[record.category])
    choice = Origin(_choice(dataset, record, entry), made.explanation)
    return Explained(record, _label(dataset, record, entry), choice, (), made)


def _changes(
    dataset: Dataset, record: Record, knowledge: KnowledgeBase, templates: Templates
) -> Iterator[str]:
    """What of the record's sources is not what it was built from."""
    built = dataset.manifest.categories[record.category]
    if record.category not in knowledge.categories:
        yield f"the KB has no category {record.category}"
    elif (now := knowledge.fingerprint(record.category)) != built.entry:
        path = knowledge.sources[record.category]
        yield _differs(path, built.entry, now)
    try:
        now = template_hash(templates, record.mode)
    except TemplateError:
        yield f"{templates.folder} has no template {record.mode}.j2"
    else:
        if now != built.template:
            yield _differs(templates.path(record.mode), built.template, now)


def _differs(path: Path, built: str, now: str) -> str:
    return f"{path} has changed since the build: its hash was {built[:12]} and is {now[:12]}"


def _label(dataset: Dataset, record: Record, entry: Entry | None = None) -> Origin:
    """Why a video has its label: the folder that it lies in, or the list or index that was used."""
    word = f"{verdict.label(bool(record.label))} ({record.class_id})"
    folder = PurePosixPath(record.video).parent.name
    means, place = _meaning(folder, record, entry)
    manifest = dataset.manifest
    if manifest.source == manifest.videos_root:
        return Origin(f"{word}, by its folder '{folder}'{means}", place)
    source = os.path.relpath(dataset.folder / manifest.source)
    agrees = f", and by its folder '{folder}'{means}" if means else ""
    return Origin(f"{word}, by {source}, which the dataset was built from{agrees}", place)


def _meaning(folder: str, record: Record, entry: Entry | None) -> tuple[str, KbValue | None]:
    """What a folder's name says of the record's class, and where the KB says so."""
    if record.class_id == NORMAL:
        if folder.casefold() == "train":
            return ", which holds normal videos alone", None
        return (", which means normal", None) if folded(folder) in NORMAL_FOLDERS else ("", None)
    if entry is None:
        return "", None
    number, anomaly = next(
        (number, anomaly)
        for number, anomaly in enumerate(entry.category.anomalies)
        if anomaly.id == record.class_id
    )
    if folded(anomaly.id) == folded(folder):
        return ", which is its id", kb_value(entry.source, ("anomalies", number, "id"))
    for at, alias in enumerate(anomaly.aliases):
        if folded(alias) == folded(folder):
            path = ("anomalies", number, "aliases", at)
            return ", which is its alias", kb_value(entry.source, path)
    return "", None


def _choice(dataset: Dataset, record: Record, entry: Entry | None = None) -> str:
    """Which explanation of the class was taken, and why this one."""
    taken = f"number {record.reason_index + 1} of those that {record.class_id} has"
    if entry is None:
        return taken
    texts = dict(entry.category.classes())[record.class_id].explanations
    taken = f"number {record.reason_index + 1} of the {len(texts)} of {record.class_id}"
    video, _, further = record.id.partition("#")
    number = int(further) - 1 if further.isdigit() else 0
    seed = dataset.manifest.seed
    ranked = fingerprint.rank(texts, str(seed), video)
    if ranked[number % len(ranked)] != record.reason_index:
        return f"{taken}, as the record says; this version would take another"
    taken += f", drawn by a stable hash of the video, the sentence and seed {seed}"
    return f"{taken}: place {number + 1} in its order" if number else taken

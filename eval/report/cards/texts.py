"""The texts that the cards of a category share, from the dataset and the KB as far as they are
there: what is not there, or is not as it was, is said.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from physprior import fingerprint
from physprior.dataset.explain import map_record
from physprior.dataset.folder import Dataset
from physprior.dataset.manifest import MANIFEST
from physprior.dataset.names import shown
from physprior.dataset.records import SPLITS, Record
from physprior.dialogue import Templates
from physprior.dialogue.source_map import SourceMap
from physprior.errors import DatasetError, KnowledgeError, PhyspriorError
from physprior.eval.predictions import Header
from physprior.eval.report.cards.card import CardTurn, CategoryTexts, ClassTexts
from physprior.eval.report.cards.sentences import class_texts, until_verdict
from physprior.knowledge.load import KnowledgeBase, load_entry, load_knowledge
from physprior.paths import as_typed, kb_folder, templates_folder


@dataclass(frozen=True)
class Sources:
    """What the texts are taken from; None where it is not to be had."""

    dataset: Dataset | None
    knowledge: KnowledgeBase | None
    templates: Templates
    missing: tuple[str, ...]
    """What is not to be had, and what would bring it, in sentences."""


def open_sources(
    header: Header, dataset: Path | None, knowledge: Path | None, templates: Path | None
) -> Sources:
    """Open the dataset that the header names, or another folder of it, the KB and the templates.

    Raises PhyspriorError where a dataset, a KB or templates are named that are none, or damaged.
    """
    missing: list[str] = []
    if templates is not None and header.mode is not None:
        Templates(templates).path(header.mode)
    opened = _open_dataset(header, dataset, missing)
    known = _open_knowledge(knowledge, missing)
    return Sources(opened, known, Templates(templates or templates_folder()), tuple(missing))


def _open_dataset(header: Header, named: Path | None, missing: list[str]) -> Dataset | None:
    folder = named or Path(header.dataset)
    place = shown(as_typed(folder))
    # It may be any text: os.path takes what no system allows for a file that is not there.
    if named is None and not os.path.isfile(folder / MANIFEST):
        missing.append(
            f"The dialogues: the dataset {place} is not there any more; name the folder that it"
            " has moved to with --dataset."
        )
        return None
    try:
        found, same = _opened(folder, header)
    except PhyspriorError as error:
        if named is not None:
            raise
        missing.append(f"The dialogues: {error.message}; {error.remedy}.")
        return None
    if not same:
        missing.append(
            f"The dialogues: {place} is another dataset than the one that was predicted, or was"
            " built anew since; name that one with --dataset, or predict again."
        )
        return None
    return found


def _opened(folder: Path, header: Header) -> tuple[Dataset, bool]:
    """A dataset, and whether it is the one that was predicted."""
    try:
        return Dataset.open(folder), fingerprint.of_file(folder / MANIFEST) == header.dataset_hash
    except OSError as error:
        raise DatasetError(
            f"{folder} cannot be read: {error.strerror or error}",
            remedy="name a dataset folder that you may read",
        ) from error


def _open_knowledge(named: Path | None, missing: list[str]) -> KnowledgeBase | None:
    folder = named or kb_folder()
    try:
        return load_knowledge(folder)
    except KnowledgeError as error:
        if named is not None:
            raise
        first = error.message.splitlines()[0].rstrip(":")
        missing.append(
            f"References, and the places of sentences: {first}; 'physprior check"
            f" {as_typed(folder)}' says what to mend."
        )
        return None


def category_texts(
    header: Header, categories: Iterable[str], sources: Sources
) -> tuple[dict[str, CategoryTexts], tuple[str, ...]]:
    """The texts of each category, and what of them is missing."""
    records = _records(header, sources.dataset)
    found: dict[str, CategoryTexts] = {}
    for name in categories:
        record = records.get(name)
        dialogue, changed = _dialogue(header, record, sources)
        found[name] = CategoryTexts(
            name=_called(name, sources.knowledge),
            dialogue=dialogue,
            classes=_classes(name, sources.knowledge),
            changed=changed,
        )
    return found, tuple(_missing(found, sources))


def _records(header: Header, dataset: Dataset | None) -> dict[str, Record]:
    """A record of each category; before the verdict, all of a category say the same."""
    if dataset is None:
        return {}
    split = next((name for name in SPLITS if name == header.split), None)
    records = dataset.records(split) if split else []
    return {record.category: record for record in reversed(records)}


def _dialogue(
    header: Header, record: Record | None, sources: Sources
) -> tuple[tuple[CardTurn, ...], tuple[str, ...]]:
    # A baseline is asked nothing; what another method was asked nobody has recorded.
    if record is None or sources.dataset is None or header.source != "predict":
        return (), ()
    made: SourceMap | None = None
    changed: tuple[str, ...] = ()
    if sources.knowledge is not None:
        try:
            made, changed = map_record(
                sources.dataset, record, sources.knowledge, sources.templates
            )
        except PhyspriorError as error:
            changed = (error.message,)
    turns = made.turns if made else record.turns
    return tuple(until_verdict(turns, generated=header.history == "generated")), changed


def _called(category: str, knowledge: KnowledgeBase | None) -> str:
    known = knowledge.categories.get(category) if knowledge else None
    return known.name if known else category


def _classes(category: str, knowledge: KnowledgeBase | None) -> dict[str, ClassTexts]:
    if knowledge is None or category not in knowledge.sources:
        return {}
    return class_texts(load_entry(knowledge.sources[category]))


def _missing(texts: Mapping[str, CategoryTexts], sources: Sources) -> Iterator[str]:
    changed: dict[tuple[str, ...], list[str]] = {}
    for name, one in texts.items():
        if one.changed:
            changed.setdefault(one.changed, []).append(name)
    for why, names in changed.items():
        yield (
            f"The places of the sentences of {', '.join(names)}: {'; '.join(why)}. Build the"
            " dataset and predict again, or name what it was built from with --kb and --templates."
        )
    unknown = [name for name, one in texts.items() if not (one.classes or one.changed)]
    if sources.knowledge is not None and unknown:
        yield (
            f"The references of {', '.join(unknown)}: the KB has no such category. Name the KB that"
            " the dataset was built with: --kb."
        )

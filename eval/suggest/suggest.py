"""From a model's failures to what an engineer can look at, watch and edit."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from physprior import fingerprint
from physprior.dataset.manifest import MANIFEST, read_manifest
from physprior.errors import DatasetError
from physprior.eval.confusion import Confusion
from physprior.eval.report.words import videos
from physprior.eval.suggest.advice import advise, percent
from physprior.eval.suggest.case import Case
from physprior.eval.suggest.conclusion import conclude
from physprior.eval.suggest.facts import Facts
from physprior.eval.suggest.failures import Failures, find_failures
from physprior.eval.suggest.look import look
from physprior.eval.suggest.sources import Nearness, Pair, entries_of
from physprior.eval.suggest.suggestion import Suggestion
from physprior.knowledge.load import KnowledgeBase

if TYPE_CHECKING:
    from physprior.eval.explanations.encoder import Encoder
    from physprior.eval.predictions import Header
    from physprior.eval.report.cards.card import Deck
    from physprior.eval.report.evaluation import Evaluation

_PAIRS = 3
_VIDEOS = 5


def suggest(
    evaluation: Evaluation,
    confusion: Confusion | None,
    deck: Deck | None,
    knowledge: KnowledgeBase,
    encoder: Encoder | None,
    *,
    dataset: Path | None = None,
) -> tuple[Suggestion, ...]:
    """What to look at for each class that fails, the surest failures first; nothing if none does.

    ``dataset``: where it lies now, for the number of training videos; else where the predictions
    say. Raises KnowledgeError where an entry cannot be read, CheckpointError where the encoder
    gives no finite numbers.
    """
    spoken = confusion.spoken if confusion else {}
    cards = deck.cards if deck else ()
    order = {card.id: place for place, card in enumerate(cards)}
    found = find_failures(evaluation.scores, spoken, order)
    entries = entries_of(knowledge, [one.category for one in found])
    nearness = Nearness.of(entries.values(), encoder)
    header = evaluation.scores.predictions.header
    trained = _trained(header, dataset)
    severities = {card.id: card.severity for card in cards if card.severity is not None}
    made = []
    for one in found:
        texts = deck.categories.get(one.category) if deck else None
        facts = _facts(evaluation, one, confusion, severities, trained)
        entry = entries.get(one.category)
        made.append(_suggestion(Case(one, entry, nearness, texts, header.mode, spoken, facts)))
    return tuple(made)


def _suggestion(case: Case) -> Suggestion:
    failures = case.failures
    return Suggestion(
        category=failures.category,
        class_id=failures.class_id,
        kind=failures.kind,
        failures=len(failures.failed),
        of=failures.of,
        auroc=case.facts.auroc.value,
        summary=_summary(case),
        instead=case.shown_instead,
        confused_with=case.confused_with,
        near=_near(case),
        look=look(case),
        videos=tuple(one.line.id for one in failures.failed[:_VIDEOS]),
        advice=advise(case),
    )


def _near(case: Case) -> tuple[Pair, ...]:
    if case.entry is None or case.nearness is None or case.confused_with is None:
        return ()
    own, other = (case.entry.taught(name) for name in (case.failures.class_id, case.confused_with))
    return tuple(case.nearness.pairs(own, other, _PAIRS))


def _summary(case: Case) -> str:
    failures, other = case.failures, case.confused_with
    said = (
        f"{len(failures.failed)} of {videos(failures.of)} of {failures.class_id} "
        f"{_what(failures)}: {percent(failures.rate)}."
    )
    if other is not None and (times := case.times(other)):
        said += f" {times} of their reasons {'is' if times == 1 else 'are'} of {other}."
    return f"{said} {conclude(case)}"


def _what(failures: Failures) -> str:
    """What is wrong with those that fail: one that nothing is said of is not called anything."""
    called = {
        "missed": "are called normal",
        "false alarm": "are called anomalous",
        "wrong reason": "are judged right, with the reason of another class",
    }[failures.kind]
    unsaid = [one for one in failures.failed if one.called is None]
    if not unsaid:
        return called
    lacking = "have no " + ("readable verdict" if unsaid[0].threshold is None else "score")
    if len(unsaid) == len(failures.failed):
        return lacking
    return f"{called} or {lacking} ({len(unsaid)})"


def _facts(
    evaluation: Evaluation,
    failures: Failures,
    confusion: Confusion | None,
    severities: Mapping[str, float],
    trained: Mapping[str, Mapping[str, int]] | None,
) -> Facts:
    scores = evaluation.scores
    category = next(one for one in scores.categories if one.category == failures.category)
    kinds = {one.class_id: one.auroc for one in category.types}
    said = confusion.categories if confusion else ()
    return Facts(
        header=scores.predictions.header,
        category=category,
        controls=evaluation.controls,
        severities=severities,
        trained=None if trained is None else trained.get(failures.category, {}),
        auroc=kinds.get(failures.class_id, category.measures["auroc"]),
        confusion=next((one for one in said if one.category == failures.category), None),
    )


def _trained(header: Header, dataset: Path | None) -> dict[str, dict[str, int]] | None:
    """Category and class to training videos; None where the dataset is gone, or another one."""
    folder = dataset or Path(header.dataset)
    try:
        if fingerprint.of_file(folder / MANIFEST) != header.dataset_hash:
            return None
        manifest = read_manifest(folder)
    except (OSError, ValueError, DatasetError):
        # ValueError: a header may name a path that no file system can have.
        return None
    return {
        name: {class_id: splits.get("train", 0) for class_id, splits in one.counts.items()}
        for name, one in manifest.categories.items()
    }

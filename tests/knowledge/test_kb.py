"""The shipped entries: complete, each sentence once, and none both taught and scored."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from difflib import SequenceMatcher

import pytest

from physprior.check import check_paths
from physprior.knowledge.load import KnowledgeBase, load_knowledge
from physprior.knowledge.schema import Category
from physprior.paths import kb_folder, templates_folder

KNOWLEDGE = load_knowledge(kb_folder())
CLASSES = [
    pytest.param(texts, id=f"{category.id}-{class_id}")
    for category in KNOWLEDGE.categories.values()
    for class_id, texts in category.classes()
]
CATEGORIES = [pytest.param(category, id=name) for name, category in KNOWLEDGE.categories.items()]
VERDICT_WORDS = re.compile(
    r"\b(anomal\w*|normal\w*|abnormal\w*|fail\w*|fault\w*|defect\w*|broken|damag\w*|worn|crack\w*"
    r"|leak\w*|jam\w*|stuck|seiz\w*|block\w*|vibrat\w*|derail\w*|uneven|unable|cannot|verdict)\b",
    re.IGNORECASE,
)


def words(sentence: str) -> list[str]:
    return re.findall(r"[a-z]+", sentence.lower())


def likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, words(one), words(other), autojunk=False).ratio()


def sentences(category: Category) -> Iterator[str]:
    prior = category.prior
    yield from (prior.component.statement, prior.subject.statement, prior.motion.statement)
    yield from (phase.expected for phase in prior.motion.phases)
    for _, texts in category.classes():
        yield from (*texts.descriptions, *texts.explanations, *texts.references)


def test_all_of_phys_ad_is_there() -> None:
    assert len(KNOWLEDGE.categories) == 22
    assert sum(len(category.anomalies) for category in KNOWLEDGE.categories.values()) == 47


def test_the_kb_and_its_templates_pass_their_own_check_without_a_suppression() -> None:
    assert check_paths([kb_folder(), templates_folder()], cache=False).diagnostics == ()
    for path in [*kb_folder().glob("*.yaml"), *templates_folder().rglob("*.j2")]:
        assert "physprior:" not in path.read_text(encoding="utf-8")


def test_the_entries_are_reviewed_and_named_after_their_categories() -> None:
    for name, category in KNOWLEDGE.categories.items():
        assert category.status == "reviewed"
        assert KNOWLEDGE.sources[name].name == f"{name}.yaml"


@pytest.mark.parametrize(
    ("category", "anomalies"),
    [
        ("fan", ["stuck intermittent motion", "uneven persistent motion",
                 "vibration persistent motion"]),
        ("clip", ["unable_to_press persistent motion", "unable_to_rebound persistent frame"]),
        ("ball", ["leak intermittent frame", "unfull persistent frame"]),
        ("slide", ["ball_drop intermittent frame", "derailment intermittent frame",
                   "jam intermittent motion"]),
    ],
)  # fmt: skip
def test_the_anomalies_begin_and_show_as_they_do(category: str, anomalies: list[str]) -> None:
    found = KNOWLEDGE.categories[category].anomalies
    assert [f"{a.id} {a.onset} {a.evidence}" for a in found] == anomalies


@pytest.mark.parametrize("category", CATEGORIES)
def test_every_phase_is_violated_by_some_anomaly_and_none_is_unknown(category: Category) -> None:
    phases = {phase.id for phase in category.prior.motion.phases}
    assert {phase for anomaly in category.anomalies for phase in anomaly.violates} == phases


@pytest.mark.parametrize("texts", CLASSES)
def test_a_class_has_its_number_of_texts(texts) -> None:
    assert len(texts.descriptions) == 3
    assert len(texts.explanations) == 6
    assert len(texts.references) == 2


@pytest.mark.parametrize("texts", CLASSES)
def test_explanations_are_compact(texts) -> None:
    for explanation in texts.explanations:
        assert 14 <= len(explanation.split()) <= 24, explanation


@pytest.mark.parametrize("category", CATEGORIES)
def test_explanations_speak_of_the_parts_of_the_prior(category: Category) -> None:
    prior = category.prior
    parts = [name.removesuffix("s") for name in (*prior.component.names, *prior.subject.parts)]
    for _, texts in category.classes():
        for explanation in texts.explanations:
            assert any(part in explanation.lower() for part in parts), explanation


@pytest.mark.parametrize("category", CATEGORIES)
def test_prior_statements_are_compact_and_know_no_failure(category: Category) -> None:
    prior = category.prior
    for part, fewest, most in (
        (prior.component, 10, 18),
        (prior.subject, 12, 22),
        (prior.motion, 15, 30),
    ):
        assert fewest <= len(part.statement.split()) <= most, part.statement
        assert not VERDICT_WORDS.search(part.statement), part.statement


def test_no_sentence_stands_twice_anywhere() -> None:
    every = [" ".join(words(s)) for c in KNOWLEDGE.categories.values() for s in sentences(c)]
    repeated = [sentence for sentence in set(every) if every.count(sentence) > 1]
    assert repeated == []


@pytest.mark.parametrize("category", CATEGORIES)
def test_no_two_reasons_of_a_category_are_nearly_the_same(category: Category) -> None:
    reasons = [
        reason
        for _, texts in category.classes()
        for reason in (*texts.explanations, *texts.references)
    ]
    for one, other in itertools.combinations(reasons, 2):
        assert likeness(one, other) < 0.7, (one, other)


@pytest.mark.parametrize("texts", CLASSES)
def test_no_two_descriptions_of_a_class_are_nearly_the_same(texts) -> None:
    for one, other in itertools.combinations(texts.descriptions, 2):
        assert likeness(one, other) < 0.7, (one, other)


@pytest.mark.parametrize("texts", CLASSES)
def test_references_are_worded_apart_from_what_is_taught(texts) -> None:
    for reference, explanation in itertools.product(texts.references, texts.explanations):
        assert likeness(reference, explanation) < 0.5, (reference, explanation)


def test_a_knowledge_base_of_shipped_entries_has_distinct_fingerprints() -> None:
    assert isinstance(KNOWLEDGE, KnowledgeBase)
    prints = {KNOWLEDGE.fingerprint(name) for name in KNOWLEDGE.categories}
    assert len(prints) == len(KNOWLEDGE.categories)

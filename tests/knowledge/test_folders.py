"""Folder names of collections find their category and class; none is placed by guessing."""

from __future__ import annotations

import pytest

from physprior.knowledge.load import KnowledgeBase, load_knowledge
from physprior.knowledge.schema import Category
from physprior.paths import kb_folder


@pytest.fixture(scope="module")
def knowledge() -> KnowledgeBase:
    return load_knowledge(kb_folder())


def with_aliases(category: Category, *aliases: str) -> Category:
    return category.model_copy(update={"aliases": aliases})


@pytest.mark.parametrize("name", ["fan", "Fan", " FAN "])
def test_a_category_is_found_by_its_id(knowledge: KnowledgeBase, name: str) -> None:
    placed = knowledge.place_category(name)
    assert placed is knowledge.categories["fan"]


@pytest.mark.parametrize("name", ["u disk", "U_Disk", "u-disk", "U  DISK"])
def test_a_category_is_found_by_an_alias_however_it_is_spelt(
    knowledge: KnowledgeBase, name: str
) -> None:
    fan = with_aliases(knowledge.categories["fan"], "U Disk")
    assert KnowledgeBase({"fan": fan}, {}).place_category(name) is fan


def test_an_id_goes_before_an_alias(knowledge: KnowledgeBase) -> None:
    ball = with_aliases(knowledge.categories["ball"], "fan")
    fan = knowledge.categories["fan"]
    assert KnowledgeBase({"ball": ball, "fan": fan}, {}).place_category("fan") is fan


@pytest.mark.parametrize("name", ["fans", "", "drawer slide", "normal"])
def test_what_is_no_id_and_no_alias_is_not_placed(knowledge: KnowledgeBase, name: str) -> None:
    assert knowledge.place_category(name) is None


@pytest.mark.parametrize("name", ["norm", "normal", "Anomaly_Free", "anomaly free", "GOOD"])
def test_normal_folders_have_many_names(knowledge: KnowledgeBase, name: str) -> None:
    assert knowledge.place_class(knowledge.categories["fan"], name) == "normal"


@pytest.mark.parametrize(
    ("category", "name", "class_id"),
    [
        ("fan", "stuck", "stuck"),
        ("fan", "uneven", "uneven"),
        ("fan", "vibrate", "vibration"),
        ("fan", "Vibration", "vibration"),
        ("clip", "unable_press", "unable_to_press"),
        ("clip", "unable rebound", "unable_to_rebound"),
        ("clip", "unable-to-rebound", "unable_to_rebound"),
        ("ball", "leakage", "leak"),
        ("ball", "leak", "leak"),
        ("ball", "insufficient_gas", "unfull"),
        ("ball", "unfull", "unfull"),
        ("slide", "ball_drop", "ball_drop"),
        ("slide", "derailment", "derailment"),
        ("slide", "Jam", "jam"),
    ],
)
def test_the_names_that_phys_ad_uses_find_their_class(
    knowledge: KnowledgeBase, category: str, name: str, class_id: str
) -> None:
    assert knowledge.place_class(knowledge.categories[category], name) == class_id


@pytest.mark.parametrize("name", ["stuck2", "leak", "", "abnormal"])
def test_what_is_no_class_of_the_category_is_not_placed(
    knowledge: KnowledgeBase, name: str
) -> None:
    assert knowledge.place_class(knowledge.categories["fan"], name) is None

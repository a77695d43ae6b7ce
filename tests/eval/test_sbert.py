"""The SBERT score, on sentences whose embeddings are given: no encoder is loaded."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from physprior.errors import CheckpointError
from physprior.eval.explanations.encoder import Encoder
from physprior.eval.explanations.encoder_folder import EncoderFolder
from physprior.eval.explanations.items import ClassSentences, Item, Sentences, items_of
from physprior.eval.explanations.sbert import SbertResult, score_sbert
from physprior.eval.explanations.taught import TaughtSentences
from physprior.eval.predictions import Predictions
from physprior.verdict import render

Read = Callable[..., Predictions]

PLANE = {
    "It rests.": (1.0, 0.0),
    "It moves.": (0.0, 2.0),
    "It slips.": (0.6, 0.8),
    "It turns.": (-3.0, 4.0),
}
"""Sentences and where they lie."""


class Plane:
    """A model of two dimensions that notes what it is given."""

    prompts: Mapping[str, str] = {}
    default_prompt_name = None

    def __init__(self, places: Mapping[str, tuple[float, float]] = PLANE) -> None:
        self.places = places
        self.seen: list[str] = []

    def encode(self, texts: Sequence[str], **_: object) -> np.ndarray:
        self.seen += texts
        rows = np.array([self.places[text] for text in texts], np.float32)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.fixture
def model() -> Plane:
    return Plane()


@pytest.fixture
def folder(tmp_path: Path) -> EncoderFolder:
    (tmp_path / "plane").mkdir()
    (tmp_path / "plane/modules.json").write_text("[]")
    return EncoderFolder("plane", tmp_path / "plane")


@pytest.fixture
def encoder(folder: EncoderFolder, model: Plane) -> Encoder:
    return Encoder(folder, None, model)


def sentences(**classes: tuple[Sequence[str], Sequence[str]]) -> Sentences:
    """Of the category clip: class to references and taught explanations."""
    held = {
        name: ClassSentences(tuple(references), (), tuple(taught))
        for name, (references, taught) in classes.items()
    }
    return Sentences("kb", "h" * 64, {"clip": held})


REFERENCES = sentences(
    normal=(["It rests.", "It moves."], ["All is well."]),
    stuck=(["It turns.", "It rests."], ["The arm sticks."]),
    silent=([], []),
)


def scored(
    read: Read, encoder: Encoder, *rows: tuple[str, str | None], by: Sentences = REFERENCES
) -> list[Any]:
    """The scores of answers, by class and text; an unscored one is its reason."""
    items = items_of(read([("clip", name, 0.0, text) for name, text in rows]), by)
    result = score_sbert(items, encoder, by)
    return [result.scores.get(item.id) or result.unscored[item.id] for item in items]


def test_the_nearest_reference_of_the_true_class_counts_and_the_mean_stands_beside(
    read: Read, encoder: Encoder
) -> None:
    normal, stuck = scored(
        read, encoder, ("normal", render(False, "It slips.")), ("stuck", render(True, "It slips."))
    )
    assert (normal.max, normal.mean) == pytest.approx((0.8, 0.7), abs=1e-7)
    assert normal.nearest == 1
    # Of (-0.6, 0.8) and (1, 0).
    assert (stuck.max, stuck.mean) == pytest.approx((0.6, 0.44), abs=1e-7)
    assert stuck.nearest == 1


def test_the_mean_is_over_all_references(read: Read, encoder: Encoder) -> None:
    by = sentences(normal=(["It moves.", "It slips.", "It rests."], []))
    [score] = scored(read, encoder, ("normal", render(False, "It rests.")), by=by)
    assert (score.max, score.mean) == pytest.approx((1.0, 1.6 / 3), abs=1e-7)
    assert score.nearest == 2


def test_a_cosine_below_zero_stays_so(read: Read, encoder: Encoder) -> None:
    by = sentences(normal=(["It turns."], []))
    [score] = scored(read, encoder, ("normal", "It rests."), by=by)
    assert score.max == score.mean == pytest.approx(-0.6, abs=1e-7)


def test_a_reference_word_for_word_is_exactly_one(read: Read, encoder: Encoder) -> None:
    [score] = scored(read, encoder, ("normal", "It moves."))
    assert score.max == 1.0


@pytest.mark.parametrize("text", ["", "   \n\t", "\u200b\u200d\ufeff", "\x00"])
def test_an_answer_of_which_nothing_is_seen_scores_zero_and_is_not_embedded(
    text: str, read: Read, encoder: Encoder, model: Plane
) -> None:
    [score] = scored(read, encoder, ("normal", text))
    assert (score.max, score.mean, score.nearest, score.copied) == (0.0, 0.0, None, False)
    assert model.seen == []


def test_without_text_or_reference_a_video_is_unscored_and_says_why(
    read: Read, encoder: Encoder
) -> None:
    found = scored(
        read, encoder, ("normal", None), ("silent", "It rests."), ("normal", "It rests.")
    )
    assert found[:2] == ["no text", "no reference"]
    assert found[2].max == 1.0


def test_each_distinct_sentence_is_embedded_once(
    read: Read, encoder: Encoder, model: Plane
) -> None:
    scored(read, encoder, *[("normal", "It rests."), ("stuck", "It slips.")] * 3)
    assert sorted(model.seen) == sorted(PLANE)


def test_the_order_of_the_answers_changes_nothing(read: Read, encoder: Encoder) -> None:
    rows = [("clip", name, 0.0, text) for name in ("normal", "stuck") for text in (*PLANE, "")]
    items = items_of(read(rows), REFERENCES)

    def dumped(found: list[Item]) -> dict[str, Any]:
        return score_sbert(found, encoder, REFERENCES).model_dump()

    assert dumped(items) == dumped(items[::-1])


def test_numbers_that_are_not_finite_are_refused(read: Read, folder: EncoderFolder) -> None:
    broken = Encoder(folder, None, Plane({**PLANE, "It moves.": (float("nan"), 1.0)}))
    with pytest.raises(CheckpointError, match="not finite"):
        scored(read, broken, ("normal", "It rests."))


# Copies


@pytest.mark.parametrize(
    ("text", "copied", "of_the_true_class"),
    [
        ("The arm sticks.", True, True),
        ("  the ARM\nsticks ", True, True),
        ("All is well.", True, False),
        ("The arm sticks to the frame.", False, False),
        ("The arm sticks, I think.", False, False),
    ],
)
def test_a_copy_is_a_taught_explanation_word_for_word(
    text: str, copied: bool, of_the_true_class: bool, read: Read, folder: EncoderFolder
) -> None:
    encoder = Encoder(folder, None, Plane({**PLANE, text.strip(): (1.0, 1.0)}))
    [score] = scored(read, encoder, ("stuck", render(True, text)))
    assert (score.copied, score.copied_own) == (copied, of_the_true_class)


def test_a_sentence_that_another_category_teaches_is_no_copy() -> None:
    held = {
        "clip": {"normal": ClassSentences((), (), ("It closes.",))},
        "fan": {"normal": ClassSentences((), (), ("It spins.",))},
    }
    taught = TaughtSentences(Sentences("kb", "h" * 64, held))
    assert taught.classes_of("clip", "It closes.") == {"normal"}
    assert taught.classes_of("clip", "It spins.") == frozenset()
    assert taught.classes_of("lock", "It spins.") == frozenset()


def test_references_that_are_taught_are_named(read: Read) -> None:
    by = sentences(normal=(["It rests.", "all is well"], ["All is well."]), stuck=(["X"], ["X"]))
    items = items_of(read([("clip", "normal", 0.0, "It rests.")] * 2), by)
    assert TaughtSentences(by).among_references(items) == [("clip", "all is well")]


def test_what_is_taught_has_its_own_hash() -> None:
    one, other = (
        TaughtSentences(sentences(normal=(["It rests."], [text]))).hash for text in ("A", "B")
    )
    assert one != other


# What a result says of itself


def test_a_result_names_answers_references_and_encoder(read: Read, encoder: Encoder) -> None:
    items = items_of(read([("clip", "normal", 0.0, "It rests.")]), REFERENCES)
    result = score_sbert(items, encoder, REFERENCES)
    assert result.references_source == "kb"
    assert result.references_hash == REFERENCES.hash
    assert result.encoder_name == "plane"
    assert result.encoder_hash == encoder.hash
    assert set(result.libraries) >= {"torch", "sentence-transformers"}


def test_other_answers_are_other_predictions(read: Read, encoder: Encoder) -> None:
    def hashed(text: str) -> str:
        items = items_of(read([("clip", "normal", 0.0, text)]), REFERENCES)
        return score_sbert(items, encoder, REFERENCES).predictions_hash

    assert hashed("It rests.") == hashed("It rests.")
    assert hashed("It rests.") != hashed("It moves.")


def test_values_hold_every_video_and_none_for_the_unscored(read: Read, encoder: Encoder) -> None:
    items = items_of(read([("clip", "normal", 0.0, None), ("clip", "normal", 0.0, "")]), REFERENCES)
    result: SbertResult = score_sbert(items, encoder, REFERENCES)
    assert result.values() == {items[0].id: None, items[1].id: 0.0}
    assert result.values("mean") == {items[0].id: None, items[1].id: 0.0}


def test_progress_tells_how_many_sentences_are_embedded(read: Read, encoder: Encoder) -> None:
    told: list[tuple[int, int]] = []
    items = items_of(read([("clip", "normal", 0.0, text) for text in PLANE]), REFERENCES)
    score_sbert(items, encoder, REFERENCES, batch_size=3, progress=lambda *at: told.append(at))
    assert told == [(3, 4), (4, 4)]

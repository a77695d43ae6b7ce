"""The SBERT score: how near an explanation lies to the references of the true class.

Cosine of sentence embeddings, the nearest reference (max) and the mean over them. Beside it stands
whether the explanation is a taught one word for word: memory resembles, too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from physprior import provenance
from physprior.eval.explanations.content import predictions_hash
from physprior.eval.explanations.encoder import BATCH_SIZE, Encoder, Progress
from physprior.eval.explanations.items import NO_REFERENCE, NO_TEXT, Item, Sentences, is_empty
from physprior.eval.explanations.sbert_file import (
    SbertResult,
    SbertScore,
    read_sbert,
    sbert_path,
    write_sbert,
)
from physprior.eval.explanations.taught import TaughtSentences

if TYPE_CHECKING:
    import numpy as np

__all__ = [
    "SbertResult",
    "SbertScore",
    "read_sbert",
    "sbert_path",
    "score_sbert",
    "write_sbert",
]

_NOWHERE: dict[str, Any] = {"max": 0.0, "mean": 0.0, "nearest": None}


def score_sbert(
    items: Sequence[Item],
    encoder: Encoder,
    sentences: Sentences,
    *,
    batch_size: int = BATCH_SIZE,
    progress: Progress | None = None,
) -> SbertResult:
    """Score each item's explanation against the references of its true class.

    An empty explanation scores 0; an item without text or without reference is unscored. Raises
    CheckpointError where the encoder gives no finite numbers.
    """
    unscored = {item.id: reason for item in items if (reason := why_unscored(item))}
    scored = [item for item in items if item.id not in unscored]
    spoken = {item.id: item.explanation or "" for item in scored}
    spoken = {video: text for video, text in spoken.items() if not is_empty(text)}
    rows = _embed(scored, spoken, encoder, batch_size, progress)
    cut = dict(zip(spoken, encoder.cuts(list(spoken.values())), strict=True))
    taught = TaughtSentences(sentences)
    scores = {}
    for item in scored:
        text = spoken.get(item.id)
        classes = taught.classes_of(item.category, text) if text else frozenset()
        scores[item.id] = SbertScore(
            **(_nearness(text, item.references, rows) if text else _NOWHERE),
            copied=bool(classes),
            copied_own=item.line.class_id in classes,
            cut=cut.get(item.id, False),
        )
    return SbertResult(
        predictions_hash=predictions_hash(item.line for item in items),
        references_source=sentences.source,
        references_hash=sentences.hash,
        taught_hash=taught.hash,
        encoder_name=encoder.name,
        encoder_hash=encoder.hash,
        encoder_max_tokens=encoder.max_tokens,
        libraries=encoder.libraries,
        provenance=provenance.describe(),
        scores=scores,
        unscored=unscored,
    )


def why_unscored(item: Item) -> str | None:
    """Why an item can have no score; None where it can."""
    if item.explanation is None:
        return NO_TEXT
    return None if item.references else NO_REFERENCE


def _embed(
    items: Sequence[Item],
    spoken: Mapping[str, str],
    encoder: Encoder,
    batch_size: int,
    progress: Progress | None,
) -> dict[str, np.ndarray]:
    """The unit row, float64, of each distinct explanation and reference."""
    import numpy as np

    texts = list(spoken.values())
    texts += [text for item in items if item.id in spoken for text in item.references]
    texts = list(dict.fromkeys(texts))
    rows = encoder.encode(texts, batch_size=batch_size, progress=progress).astype(np.float64)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return dict(zip(texts, rows / np.where(lengths > 0, lengths, 1), strict=True))


def _nearness(
    text: str, references: Sequence[str], rows: Mapping[str, np.ndarray]
) -> dict[str, Any]:
    import numpy as np

    cosines = np.stack([rows[reference] for reference in references]) @ rows[text]
    cosines = np.clip(cosines, -1, 1)  # Rounding may lead 1e-16 beyond.
    nearest = int(cosines.argmax())
    return {"max": float(cosines[nearest]), "mean": float(cosines.mean()), "nearest": nearest}

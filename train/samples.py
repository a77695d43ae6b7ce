"""Training samples: each record's tokens, their part kinds, and how much each token counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from physprior.dataset.folder import Dataset
from physprior.dataset.records import Record
from physprior.dialogue import PART_KINDS
from physprior.errors import TrainingError
from physprior.train.recipe import PartKind, Recipe
from physprior.vlm.frames import Clip
from physprior.vlm.tokens import IGNORE, DialogueEncoder, Encoded

KINDS = ("", *PART_KINDS, "plain")
"""Part kinds by their code in a batch; 0 is a token that nobody is taught, plain is what an answer
says outside its parts."""


@dataclass(frozen=True)
class Sample:
    """One record, ready to be put into a batch."""

    record: Record
    clip: Clip
    """Its video: file and hash."""
    encoded: Encoded
    """Tokens, with the video's placeholders expanded."""
    weights: tuple[float, ...]
    """How much each token counts in the loss; 0 where none is taught."""

    @property
    def length(self) -> int:
        """Tokens of the dialogue."""
        return len(self.encoded.input_ids)


def make_samples(
    recipe: Recipe,
    encoder: DialogueEncoder,
    records: Sequence[Record],
    dataset: Dataset,
    *,
    context: int,
) -> list[Sample]:
    """The samples of ``records``, in their order; dialogues that are alike share their tokens.

    ``context`` is the longest dialogue that the model can read, in tokens. Raises TrainingError
    for one that is longer (nothing is ever cut), or that has an answer without a taught token.
    """
    made: dict[tuple[object, ...], tuple[Encoded, tuple[float, ...]]] = {}
    samples = []
    for record in records:
        if record.turns not in made:
            encoded = encoder.dialogue(record.dialogue())
            _refuse_long(record, encoded, context)
            _refuse_untaught(record, encoded)
            made[record.turns] = encoded, token_weights(encoded, recipe)
        clip = Clip(dataset.videos_root / record.video, record.sha256)
        samples.append(Sample(record, clip, *made[record.turns]))
    return samples


def token_weights(encoded: Encoded, recipe: Recipe) -> tuple[float, ...]:
    """How much each token of a dialogue counts by a recipe.

    They sum to the number of taught tokens, so that no dialogue counts more than another of its
    length, and the loss keeps its scale whatever the weights.
    """
    weights = [
        recipe.part_weights.get(cast(PartKind, kind), 1.0)
        * (recipe.label_weight if in_label else 1.0)
        if kind
        else 0.0
        for kind, in_label in zip(encoded.kinds, encoded.in_label, strict=True)
    ]
    scale = sum(1 for kind in encoded.kinds if kind) / sum(weights)
    return tuple(weight * scale for weight in weights)


def _refuse_long(record: Record, encoded: Encoded, context: int) -> None:
    if len(encoded.input_ids) > context:
        raise TrainingError(
            f"the dialogue of {record.id} has {len(encoded.input_ids)} tokens, the model's "
            f"context holds {context}",
            remedy="use fewer frames, or shorten the KB entry's statements",
        )


def _refuse_untaught(record: Record, encoded: Encoded) -> None:
    # Every answer is one unbroken stretch of taught tokens, with a question before it.
    taught = [label != IGNORE for label in encoded.labels]
    stretches = sum(
        now and not before for before, now in zip([False, *taught], taught, strict=False)
    )
    answers = sum(turn.role == "assistant" for turn in record.turns)
    if stretches != answers:
        raise TrainingError(
            f"the dialogue of {record.id} has {answers} answers, of which {stretches} would be "
            "taught",
            remedy="build the dataset again; if it stays so, the tokenizer drops text",
        )

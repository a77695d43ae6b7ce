"""The tokens of a training: counted with the base's tokenizer, or assumed where it is not here."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from physprior.dataset.folder import Dataset
from physprior.dataset.records import Record
from physprior.dialogue import Dialogue
from physprior.errors import CheckpointError, DatasetError
from physprior.train.estimate.base import Base
from physprior.train.estimate.memory import Load
from physprior.train.recipe import Recipe
from physprior.vlm.tokens import DialogueEncoder

CHARACTERS = 3.5
"""Assumed: characters of a token; English text has more, so that no estimate comes out too low."""


@dataclass(frozen=True)
class Tokens:
    """The tokens of the dialogues that are trained on."""

    dialogues: int
    validated: int
    """Dialogues of the validation split; 0 where none are validated."""
    epoch: int
    """All tokens of an epoch, those of the videos included."""
    supervised: int
    """Of them, those that are taught."""
    parts: dict[str, int]
    """Those by part kind."""
    video: int
    """Tokens of one video."""
    longest: int
    """Tokens of the longest dialogue."""
    longest_record: str
    context: int
    """What the base can read."""
    load: Load
    """The heaviest batch."""
    steps_per_epoch: int
    steps: int
    assumed: str = ""
    """Why the text's tokens are assumed from its length, if they are; empty where counted."""

    @property
    def mean(self) -> float:
        """Tokens of a dialogue."""
        return self.epoch / self.dialogues

    @property
    def supervised_share(self) -> float:
        """Share of all tokens that is taught."""
        return self.supervised / self.epoch

    @property
    def per_step(self) -> float:
        """Tokens of one step, all accumulated batches together."""
        return self.epoch / self.steps_per_epoch


@dataclass(frozen=True)
class _Counted:
    length: int
    taught: tuple[tuple[int, str], ...]
    """Places that are taught, each with its part kind."""


def count_tokens(base: Base, recipe: Recipe, dataset: Dataset) -> Tokens:
    """Count what the recipe trains on. Raises DatasetError where that is nothing."""
    from physprior.train.selection import select

    records = select(dataset.records("train"), recipe)
    if not records:
        raise DatasetError(f"{recipe.dataset} has no training videos", remedy="build it again")
    encoder, assumed = _encoder(base, recipe)
    video = recipe.frames * base.tokens_per_frame
    known: dict[Dialogue, _Counted] = {}
    counted = []
    for record in records:
        dialogue = record.dialogue()
        if dialogue not in known:
            known[dialogue] = _count(dialogue, encoder) if encoder else _assume(dialogue, video)
        counted.append(known[dialogue])
    held_back = dataset.records("val") if recipe.validate_every else []
    return _sum_up(base, recipe, records, counted, len(held_back), video, assumed)


def _encoder(base: Base, recipe: Recipe) -> tuple[DialogueEncoder | None, str]:
    from physprior.vlm.checkpoint import encoder_of, load_tokenizing

    if not base.at_hand:
        return None, f"{base.name} is not at hand (hf download {base.name} brings its tokenizer)"
    try:
        config, tokenizer, _ = load_tokenizing(base.name)
    except CheckpointError as error:
        return None, error.message
    return encoder_of(config, tokenizer, recipe.frames), ""


def _count(dialogue: Dialogue, encoder: DialogueEncoder) -> _Counted:
    encoded = encoder.dialogue(dialogue)
    taught = tuple((place, kind) for place, kind in enumerate(encoded.kinds) if kind)
    return _Counted(len(encoded.kinds), taught)


def _assume(dialogue: Dialogue, video: int) -> _Counted:
    from physprior.vlm.chat import write_chat

    chat = write_chat(dialogue)

    def place(character: int) -> int:
        return video + math.ceil(character / CHARACTERS)

    taught = tuple(
        (at, span.kind) for span in chat.spans for at in range(place(span.start), place(span.end))
    )
    return _Counted(place(len(chat.text)), taught)


def _sum_up(
    base: Base,
    recipe: Recipe,
    records: Sequence[Record],
    counted: Sequence[_Counted],
    validated: int,
    video: int,
    assumed: str,
) -> Tokens:
    order = sorted(range(len(counted)), key=lambda number: (-counted[number].length, number))
    heaviest = [counted[number] for number in order[: recipe.batch_size]]
    parts: dict[str, int] = {}
    for one in counted:
        for _, kind in one.taught:
            parts[kind] = parts.get(kind, 0) + 1
    batches = math.ceil(len(records) / recipe.batch_size)
    steps_per_epoch = math.ceil(batches / recipe.gradient_accumulation)
    return Tokens(
        dialogues=len(records),
        validated=validated,
        epoch=sum(one.length for one in counted),
        supervised=sum(parts.values()),
        parts=parts,
        video=video,
        longest=heaviest[0].length,
        longest_record=records[order[0]].id,
        context=base.context,
        load=Load(
            tokens=heaviest[0].length,
            columns=len({place for one in heaviest for place, _ in one.taught}),
            padded=len({one.length for one in counted}) > 1,
        ),
        steps_per_epoch=steps_per_epoch,
        steps=math.ceil(recipe.epochs * steps_per_epoch),
        assumed=assumed,
    )

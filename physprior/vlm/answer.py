"""Asking about a batch of videos: score and answer, from one reading of video and prompt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

import torch

from physprior.dialogue import Dialogue, History
from physprior.errors import PredictionError
from physprior.vlm.checkpoint import Checkpoint
from physprior.vlm.reading import Reading, Said
from physprior.vlm.score import LabelScores, read_labels
from physprior.vlm.tokens import DialogueEncoder
from physprior.vlm.video_inputs import video_inputs


@dataclass(frozen=True)
class Answer:
    """What a model makes of one video."""

    labels: LabelScores
    """The log-probabilities of both verdict labels."""
    text: str | None
    """The generated verdict and reason; None where only the score was asked for."""
    truncated: bool
    """The text reached the limit."""
    turns: tuple[str, ...]
    """What the model said before the verdict; empty where the history is given."""
    description: str | None = None
    """What it says it sees, asked in a dialogue of its own; None where nobody asked."""
    description_truncated: bool = False
    """The description reached the limit."""

    @property
    def score(self) -> float:
        """The anomaly score: the log-odds of the labels."""
        return self.labels.log_odds


def answer(
    checkpoint: Checkpoint,
    encoder: DialogueEncoder,
    dialogue: Dialogue,
    frames: torch.Tensor,
    *,
    history: History = "given",
    max_new_tokens: int = 128,
    text: bool = True,
    describe: Dialogue | None = None,
) -> list[Answer]:
    """Ask about each video of a batch with one dialogue, whose verdict is not looked at.

    ``frames``: uint8 (batch, frames, 3, side, side). History ``given``: the physics of the dialogue
    stands before the verdict; ``generated``: the model answers every turn itself, and what it said
    stands there (paper section 3.4). ``max_new_tokens``: most tokens of one answer, per part where
    one answer holds all. Without ``text`` only the score is made.
    ``describe``: a dialogue with an open answer, asked beside the other one.

    Where the device has no memory for the batch, smaller ones are asked, this time and from then
    on. Raises PredictionError where it has none for a single video.
    """
    answers: list[Answer] = []
    while len(answers) < len(frames):
        most = checkpoint.largest_batch or len(frames)
        part = frames[len(answers) : len(answers) + most]
        try:
            answers += _answer_batch(
                checkpoint, encoder, dialogue, part, history, max_new_tokens, text, describe
            )
            continue
        except torch.OutOfMemoryError as error:
            if len(part) == 1:
                raise PredictionError(
                    f"{checkpoint.source} does not fit {checkpoint.device} with one video: "
                    f"{(str(error).splitlines() or ['out of memory'])[0]}",
                    remedy="close what else uses the device, lower --max-new-tokens, or use a "
                    "larger one",
                ) from error
        # Only here, behind the except, are the tensors of the failed try let go.
        checkpoint.largest_batch = len(part) // 2
        if checkpoint.device.type == "cuda":
            torch.cuda.empty_cache()
    return answers


def _answer_batch(
    checkpoint: Checkpoint,
    encoder: DialogueEncoder,
    dialogue: Dialogue,
    frames: torch.Tensor,
    history: History,
    max_new_tokens: int,
    text: bool,
    describe: Dialogue | None,
) -> list[Answer]:
    video = video_inputs(checkpoint.model, checkpoint.image_processor, frames=frames)
    asked = _Asked(
        encoder, dialogue, checkpoint.tokenizer.eos_token_id, max_new_tokens, len(frames), text
    )
    if history == "given":
        reading = Reading(checkpoint.model, asked.all(asked.shared), video)
        answers = _answer_given(asked, reading)
    else:
        first, *others = encoder.questions(dialogue)
        reading = Reading(checkpoint.model, asked.all(first), video)
        answers = _answer_generated(asked, reading, others)
    if describe is None:
        return answers
    # Two caches of keys and values at once would take twice the memory.
    del reading
    return _described(asked, answers, Reading(checkpoint.model, asked.describing(describe), video))


def _described(asked: _Asked, answers: Sequence[Answer], reading: Reading) -> list[Answer]:
    said = reading.say(asked.limit, asked.end, last=True)
    return [
        replace(answer, description=_text(asked, one), description_truncated=one.truncated)
        for answer, one in zip(answers, said, strict=True)
    ]


class _Asked:
    """What a batch is asked, in tokens."""

    def __init__(
        self,
        encoder: DialogueEncoder,
        dialogue: Dialogue,
        end: int,
        limit: int,
        videos: int,
        text: bool,
    ) -> None:
        self.encoder = encoder
        self.end, self.limit, self.videos, self.text = end, limit, videos, text
        self.parts = len(dialogue.turns[-1].parts)
        prompt = encoder.prompt(dialogue)
        prefix, self.labels = encoder.labels(dialogue)
        # A tokenizer may join the end of the prompt with what is forced after it.
        both = zip(prompt, prefix, strict=False)
        length = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], both))
        self.shared = prompt[:length]
        """What stands before the answer and before the labels."""
        self.rest = prompt[length:]
        """What more stands before the answer."""
        self.forced = prefix[length:]
        """What more stands before the labels: ``Verdict:``."""

    def all(self, ids: list[int]) -> list[list[int]]:
        return [ids] * self.videos

    def describing(self, dialogue: Dialogue) -> list[list[int]]:
        return self.all(self.encoder.prompt(dialogue))


def _answer_given(asked: _Asked, reading: Reading) -> list[Answer]:
    scores = read_labels(reading, asked.labels, asked.forced)
    reading.read(asked.all(asked.rest))
    return _with_text(asked, reading, scores, [()] * asked.videos)


def _answer_generated(asked: _Asked, reading: Reading, others: list[list[int]]) -> list[Answer]:
    turns: list[tuple[str, ...]] = [()] * asked.videos
    for question in others:
        said = reading.say(asked.limit, asked.end, last=False)
        turns = [(*own, _text(asked, one)) for own, one in zip(turns, said, strict=True)]
        reading.read(asked.all(question))
    if asked.parts > 1:
        return _answer_in_one(asked, reading, turns)
    scores = read_labels(reading, asked.labels, asked.forced)
    return _with_text(asked, reading, scores, turns)


def _answer_in_one(
    asked: _Asked, reading: Reading, turns: Sequence[tuple[str, ...]]
) -> list[Answer]:
    """One answer holds physics and verdict (single_turn): the verdict's place is found in it."""
    said = reading.say(asked.limit * asked.parts, asked.end, last=False)
    counts = [asked.encoder.before_verdict(one.ids) for one in said]
    heads = [one.ids[:count] for one, count in zip(said, counts, strict=True)]
    reading.take_back(heads)
    scores = read_labels(reading, asked.labels, asked.forced)
    answers = []
    for score, own, one, head in zip(scores, turns, said, heads, strict=True):
        tail = one.ids[len(head) :]
        # Where it never comes to a verdict, all that it says is its answer, if one is wanted.
        before = (asked.encoder.decode(head),) if head and (tail or not asked.text) else ()
        text = asked.encoder.decode(tail or head) if asked.text else None
        answers.append(Answer(score, text, asked.text and one.truncated, (*own, *before)))
    return answers


def _with_text(
    asked: _Asked,
    reading: Reading,
    scores: Sequence[LabelScores],
    turns: Sequence[tuple[str, ...]],
) -> list[Answer]:
    if not asked.text:
        return [Answer(score, None, False, own) for score, own in zip(scores, turns, strict=True)]
    said = reading.say(asked.limit, asked.end, last=True)
    return [
        Answer(score, _text(asked, one), one.truncated, own)
        for score, one, own in zip(scores, said, turns, strict=True)
    ]


def _text(asked: _Asked, said: Said) -> str:
    return asked.encoder.decode(said.ids)

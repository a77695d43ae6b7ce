"""Tokens of a dialogue: ids with the video's placeholders expanded, and what is supervised."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any, TypeVar

from physprior import verdict
from physprior.dialogue import Dialogue
from physprior.errors import CheckpointError
from physprior.vlm.chat import VIDEO, Span, write_chat, write_labels, write_prompt

T = TypeVar("T")
IGNORE = -100
"""The label of a token that is not supervised."""


@dataclass(frozen=True)
class Encoded:
    """One dialogue's tokens, all of one length."""

    input_ids: list[int]
    labels: list[int]
    """The token itself where an assistant says it, IGNORE elsewhere."""
    kinds: list[str]
    """The part kind that a supervised token belongs to, "" elsewhere."""
    in_label: list[bool]
    """Whether a token is of the verdict's label string, the one that is scored."""


class DialogueEncoder:
    """Tokenises dialogues for one checkpoint; the only place where ``<video>`` is expanded.

    ``tokenizer``: the checkpoint's fast tokenizer. ``video_token``: the id that stands for one
    feature of the video. ``video_tokens``: how many features a video has.
    Raises CheckpointError where the tokenizer does not know the video token.
    """

    def __init__(self, tokenizer: Any, *, video_token: int, video_tokens: int) -> None:
        known = tokenizer.convert_tokens_to_ids(VIDEO)
        if known != video_token:
            raise CheckpointError(
                f"the tokenizer reads {VIDEO} as token {known}, the model expects {video_token}",
                remedy="use a Video-LLaVA checkpoint whose tokenizer came with it",
            )
        self._tokenizer = tokenizer
        self._video_token = video_token
        self._video_tokens = video_tokens

    def dialogue(self, dialogue: Dialogue) -> Encoded:
        """The whole dialogue with its labels: what training reads."""
        chat = write_chat(dialogue)
        ids, ends = self._tokenise(chat.text)
        kinds = _kinds(chat.spans, ends)
        in_label = [bool(kind) for kind in _kinds((chat.label,) if chat.label else (), ends)]
        labels = [token if kind else IGNORE for token, kind in zip(ids, kinds, strict=True)]
        return self._expand(Encoded(ids, labels, kinds, in_label))

    def prompt(self, dialogue: Dialogue) -> list[int]:
        """The tokens before the open answer: what the text is generated from."""
        ids, _ = self._tokenise(write_prompt(dialogue))
        return self._spread(ids, self._video_token)

    def questions(self, dialogue: Dialogue) -> list[list[int]]:
        """The tokens of each user turn, up to its answer; an answer's end token belongs to it."""
        encoded = self.dialogue(dialogue)
        spoken = [bool(kind) for kind in encoded.kinds]
        turns = groupby(zip(spoken, encoded.input_ids, strict=True), key=itemgetter(0))
        return [[token for _, token in turn] for answer, turn in turns if not answer]

    def labels(self, dialogue: Dialogue) -> tuple[list[int], tuple[list[int], list[int]]]:
        """The shared prefix of both verdict labels, and what each label adds (normal first)."""
        normal, anomalous = (
            self._tokenise(text)[0] for text in write_labels(write_prompt(dialogue))
        )
        shared = next(
            index
            for index, (one, other) in enumerate(zip(normal, anomalous, strict=False))
            if one != other
        )
        prefix = self._spread(normal[:shared], self._video_token)
        return prefix, (normal[shared:], anomalous[shared:])

    def before_verdict(self, ids: list[int]) -> int:
        """How many of an answer's tokens stand before its last ``Verdict:``; all if it has none."""
        text = self.decode(ids)
        at = text.rfind(verdict.PREFIX)
        if at < 0:
            return len(ids)
        head = text[:at].rstrip()
        # By what is said and not by its length: half a character of several tokens may be longer
        # than the whole one.
        counts = range(len(ids) + 1)
        return bisect_left(
            counts, True, key=lambda count: self.decode(ids[:count]).startswith(head)
        )

    def decode(self, ids: list[int]) -> str:
        """The text of generated ``ids`` without special tokens."""
        return str(self._tokenizer.decode(ids, skip_special_tokens=True)).strip()

    def _tokenise(self, text: str) -> tuple[list[int], list[int]]:
        encoded = self._tokenizer(text, return_offsets_mapping=True)
        return encoded["input_ids"], [end for _, end in encoded["offset_mapping"]]

    def _expand(self, encoded: Encoded) -> Encoded:
        where = encoded.input_ids.index(self._video_token)
        return Encoded(
            self._spread(encoded.input_ids, self._video_token),
            self._spread(encoded.labels, IGNORE, where),
            self._spread(encoded.kinds, "", where),
            self._spread(encoded.in_label, False, where),
        )

    def _spread(self, values: list[T], value: T, where: int | None = None) -> list[T]:
        if where is None:
            where = values.index(value)
        return values[:where] + [value] * self._video_tokens + values[where + 1 :]


def _kinds(within: tuple[Span, ...], ends: list[int]) -> list[str]:
    # A token belongs to the span that holds its last character: "▁The" begins at the blank.
    kinds: list[str] = []
    spans = iter([*within, None])
    span = next(spans)
    for end in ends:
        while span is not None and end > span.end:
            span = next(spans)
        inside = span is not None and end - 1 >= span.start
        kinds.append(span.kind if span is not None and inside else "")
    return kinds

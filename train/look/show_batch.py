"""One batch as the model sees it: read back from the collator's tensors, not from the dialogues.

What is shown of a token (its text, its part, whether it is taught, its weight) is what stands in
the batch, so that a fault on the way into it shows; ``batch_checks`` says what must hold of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby, islice
from typing import Any

import numpy as np
import torch

from physprior.errors import VideoError
from physprior.train.look.batch_checks import check_batch
from physprior.train.look.shown import (
    LABEL,
    PADDING,
    PROMPT,
    VIDEO_RUN,
    PartSum,
    ShownBatch,
    ShownRecord,
    Token,
)
from physprior.train.recipe import Recipe
from physprior.train.samples import KINDS, Sample
from physprior.video.probe import probe
from physprior.video.sample import Sampling, frame_indices
from physprior.vlm.frames import Clip
from physprior.vlm.tokens import IGNORE

Column = tuple[int, int, int, float, bool]
"""One token's values in a batch, in the order of _COLUMNS."""
_COLUMNS = ("input_ids", "labels", "kinds", "weights", "in_label")


def first_numbers(samples: int, recipe: Recipe) -> list[int]:
    """The samples of the first batch that a training draws, in its first process."""
    from accelerate.data_loader import SeedableRandomSampler

    order = SeedableRandomSampler(range(samples), data_seed=recipe.seed)
    return list(islice(order, recipe.batch_size))


def read_batch(
    batch: dict[str, torch.Tensor],
    samples: Sequence[Sample],
    load: Callable[[Clip], np.ndarray],
    sampling: Sampling,
    *,
    tokenizer: Any,
    video_token: int,
    tokens_per_frame: int,
) -> ShownBatch:
    """Read a batch of VideoCollator's (with ``frames``) back; ``load`` reads the cached
    frames of a video, ``sampling`` says which those are.

    Never raises for a batch that is not what it should be: that is what the checks say.
    """
    rows = [
        _row(batch, row, samples[int(number)], sampling, tokenizer, video_token)
        for row, number in enumerate(batch["sample"].tolist())
    ]
    checks = check_batch(batch, samples, rows, load, video_token, tokens_per_frame, tokenizer)
    height, width = batch["input_ids"].shape
    return ShownBatch(tuple(rows), tuple(_sums(rows)), tuple(checks), (height, width))


def _row(
    batch: dict[str, torch.Tensor],
    row: int,
    sample: Sample,
    sampling: Sampling,
    tokenizer: Any,
    video_token: int,
) -> ShownRecord:
    length = int(batch["attention_mask"][row].sum())
    columns = zip(*(batch[name][row, :length].tolist() for name in _COLUMNS), strict=True)
    return ShownRecord(
        record=sample.record,
        video=str(sample.clip.path),
        frames=batch["frames"][row].numpy(),
        moments=_moments(sample.clip, sampling),
        tokens=tuple(_tokens(list(columns), tokenizer, video_token)),
        length=length,
        padding=batch["input_ids"].shape[1] - length,
    )


def _moments(clip: Clip, sampling: Sampling) -> tuple[tuple[int, float], ...]:
    # Frames may be cached and their video gone: then nobody can say which they were.
    try:
        info = probe(clip.path)
        indices = frame_indices(info.frames, info.fps, sampling)
    except VideoError:
        return ()
    return tuple((int(index), int(index) / info.fps) for index in indices)


def _tokens(columns: list[Column], tokenizer: Any, video_token: int) -> Iterator[Token]:
    """Tokens with their texts; neighbouring video tokens that are alike become one."""
    place = 0
    folded: list[tuple[int, int, Column]] = []
    for column, alike in groupby(columns):
        count = len(list(alike))
        pieces = [count] if column[0] == video_token else [1] * count
        for piece in pieces:
            folded.append((place, piece, column))
            place += piece
    texts = piece_texts(tokenizer, [column[0] for _, _, column in folded])
    for (at, count, (token, label, code, weight, in_label)), text in zip(
        folded, texts, strict=True
    ):
        kind = KINDS[code] if code < len(KINDS) else f"kind {code}"
        part = kind or (VIDEO_RUN if token == video_token else PROMPT)
        part = LABEL if in_label else part
        yield Token(at, token, text, part, label != IGNORE, weight, count)


def piece_texts(tokenizer: Any, ids: Sequence[int]) -> list[str]:
    """What each token adds to the text of those before it.

    A character of several tokens is the last one's: the others give "".
    """
    texts: list[str] = []
    shown = ""
    for end in range(1, len(ids) + 1):
        text = tokenizer.decode(
            ids[:end], skip_special_tokens=False, clean_up_tokenization_spaces=False
        )
        pending = text.endswith("�") and end < len(ids)
        texts.append("" if pending else text[len(shown) :])
        shown = shown if pending else text
    return texts


def _sums(rows: Sequence[ShownRecord]) -> Iterator[PartSum]:
    tokens = [token for row in rows for token in row.tokens]
    whole = sum(token.weight * token.count for token in tokens) or 1.0
    found = {token.part for token in tokens}
    known = ("component", "subject", "motion", "plain", "verdict", LABEL, PROMPT, VIDEO_RUN)
    for part in (*(name for name in known if name in found), *sorted(found - set(known))):
        own = [token for token in tokens if token.part == part]
        weight = sum(token.weight * token.count for token in own)
        yield PartSum(
            part,
            sum(token.count for token in own),
            sum(token.count for token in own if token.taught),
            weight,
            weight / whole,
        )
    yield PartSum(PADDING, sum(row.padding for row in rows), 0, 0.0, 0.0)

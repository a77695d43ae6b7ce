"""What must hold of a batch before anything is learned from it, looked at in its own tensors."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Any

import numpy as np
import torch

from physprior import verdict
from physprior.train.look.shown import LABEL, VIDEO_RUN, Check, ShownRecord
from physprior.train.samples import Sample
from physprior.vlm.chat import END, VIDEO, write_chat
from physprior.vlm.frames import Clip
from physprior.vlm.tokens import IGNORE

_LISTED = 3


def check_batch(
    batch: dict[str, torch.Tensor],
    samples: Sequence[Sample],
    rows: Sequence[ShownRecord],
    load: Callable[[Clip], np.ndarray],
    video_token: int,
    tokens_per_frame: int,
    tokenizer: Any,
) -> list[Check]:
    """Every check of a batch, in the order in which a person reads them."""
    own = [samples[int(number)] for number in batch["sample"].tolist()]
    names = [sample.record.id for sample in own]
    pairs = list(zip(rows, own, strict=True))
    frames = batch["frames"]
    features = frames.shape[1] * tokens_per_frame
    found = (batch["input_ids"] == video_token).sum(dim=1)
    return [
        _check(
            "video tokens equal the video's features",
            f"{features} a record: {frames.shape[1]} frames × {tokens_per_frame} tokens",
            names,
            (found == features).tolist(),
        ),
        _check(
            "frames are those of the record's video",
            f"uint8, {frames.shape[-1]} × {frames.shape[-2]} pixels, byte for byte as cached",
            names,
            [np.array_equal(row.frames, load(sample.clip)) for row, sample in pairs],
        ),
        _check(
            "tokens say the record's whole dialogue",
            "nothing cut, nothing added",
            names,
            [_says(row, sample, tokenizer) for row, sample in pairs],
        ),
        *_check_teaching(batch, names, rows),
        _check(
            "the verdict is the record's label",
            _labels(own),
            names,
            [_verdict(row) for row in rows],
        ),
        _check_padding(batch, names),
    ]


def _check_teaching(
    batch: dict[str, torch.Tensor], names: Sequence[str], rows: Sequence[ShownRecord]
) -> Iterator[Check]:
    taught = batch["labels"] != IGNORE
    weights, counted = batch["weights"], taught.sum(dim=1)
    sums, real = weights.sum(dim=1), int(batch["attention_mask"].sum())
    unequal = taught & (batch["labels"] != batch["input_ids"])
    marked = (batch["kinds"] > 0) == taught
    weighed = ((weights > 0) == taught) & weights.isfinite()
    yield _check(
        "answers are taught, each with its end, and nothing else",
        f"{int(counted.sum()):,} of {real:,} tokens",
        names,
        [_answers(row) for row in rows],
    )
    yield _check(
        "a taught token's target is the token itself, and it has a part",
        "the model shifts them by one",
        names,
        (~unequal & marked).all(dim=1).tolist(),
    )
    yield _check(
        "weights sum to the taught tokens",
        f"{float(sums.sum()):,.1f} over {int(counted.sum()):,}, none elsewhere",
        names,
        (weighed.all(dim=1) & torch.isclose(sums, counted.to(sums.dtype), rtol=1e-4)).tolist(),
    )


def _check_padding(batch: dict[str, torch.Tensor], names: Sequence[str]) -> Check:
    taught, real = batch["labels"] != IGNORE, batch["attention_mask"].bool()
    return _check(
        "padding stands behind the dialogue and teaches nothing",
        f"{int((~real).sum()):,} of {real.numel():,} tokens",
        names,
        [
            bool((mask[: int(mask.sum())]).all() and not (mine & ~mask).any())
            for mask, mine in zip(real, taught, strict=True)
        ],
    )


def _check(what: str, found: str, names: Sequence[str], holds: Sequence[bool]) -> Check:
    wrong = [name for name, good in zip(names, holds, strict=True) if not good]
    if not wrong:
        return Check(what, found, True)
    more = f" and {len(wrong) - _LISTED} more" if len(wrong) > _LISTED else ""
    return Check(what, f"not in {', '.join(wrong[:_LISTED])}{more}", False)


def _labels(samples: Sequence[Sample]) -> str:
    anomalous = sum(sample.record.label for sample in samples)
    normal, broken = verdict.LABELS
    return f"{len(samples) - anomalous} {normal}, {anomalous} {broken}"


def _says(row: ShownRecord, sample: Sample, tokenizer: Any) -> bool:
    # Blanks are compared by no one: a tokenizer may give or take one beside a special token.
    text = "".join(VIDEO if token.part == VIDEO_RUN else token.text for token in row.tokens)
    wanted = _bare(write_chat(sample.record.dialogue()).text)
    return _bare(text).removeprefix(str(tokenizer.bos_token)) in (
        wanted,
        wanted.removeprefix(str(tokenizer.bos_token)),
    )


def _bare(text: str) -> str:
    return re.sub(r"\s+", "", text)


def _answers(row: ShownRecord) -> bool:
    answers = list(_taught_texts(row))
    told = [turn.text for turn in row.record.turns if turn.role == "assistant"]
    return [_bare(text) for text in answers] == [_bare(text + END) for text in told]


def _taught_texts(row: ShownRecord) -> Iterator[str]:
    for taught, tokens in groupby(row.tokens, key=lambda token: token.taught):
        if taught:
            yield "".join(token.text for token in tokens)


def _verdict(row: ShownRecord) -> bool:
    said = "".join(token.text for token in row.tokens if token.part == LABEL)
    return said == verdict.scored_label(bool(row.record.label))

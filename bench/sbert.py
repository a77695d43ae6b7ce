"""How much faster explanations are scored with SBERT than by the pairwise loop.

    python bench/sbert.py

5,000 predictions of all the KB's classes, five references a class, the packaged encoder; answers
as long as an explanation, most often of the true class, no two alike: the hardest case for
ours, which embeds 5,345 sentences where the plain loop embeds 30,000. That loop is what an engineer
would write: for each prediction its answer and its references are encoded in one batch, and
``util.cos_sim`` compares them. Ours is ``score_sbert`` whole, from the items to the result. Both
have the same loaded model and threads.

The plain loop takes minutes for all: it does every twentieth prediction, and its time for one is
compared. The two are taken in turn, and the best of each counts. Ours is at least five times
faster, and on those predictions the nearest and the mean cosine are the same to 1e-6. Measure on a
quiet machine.

    python bench/sbert.py --share 1          the plain loop does every prediction
    python bench/sbert.py --distinct 0.1     answers repeat, as those of a tuned model do
"""

from __future__ import annotations

import argparse
import logging
import os
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from physprior.eval.explanations.encoder import Encoder
    from physprior.eval.explanations.items import ClassSentences, Item, Sentences
    from physprior.eval.explanations.sbert import SbertResult

FASTER = 5.0
"""How many times faster than the plain loop ours is at least."""
APART = 1e-6
"""The most that a score may differ by."""
Scores = dict[str, tuple[float, float]]
"""By id: cosine with the nearest reference, and the mean over references."""


def main() -> int:
    """Print the figures; exit 1 where one is outside its limit."""
    chosen = _arguments()
    os.environ |= {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
    logging.disable(logging.WARNING)
    from transformers.utils.logging import disable_progress_bar

    from physprior.eval.explanations.encoder import load_encoder
    from physprior.eval.explanations.sbert import score_sbert

    disable_progress_bar()
    items, sentences = _predictions(chosen)
    encoder = load_encoder(device="cpu")
    some = items[:: round(1 / chosen.share)]
    _say_what(items, some, encoder)
    _plain(some[:8], encoder)  # What is done once is done before.
    score_sbert(items[:8], encoder, sentences)
    plain, ours = _Times(len(some)), _Times(len(items))
    for _ in range(chosen.turns):
        with plain:
            expected = _plain(some, encoder)
        with ours:
            found = score_sbert(items, replace(encoder), sentences)  # It remembers what it has met.
    return _judge(plain, ours, _apart(expected, found))


class _Times:
    """Seconds a prediction, a turn each: by the clock, and of the processor, all threads."""

    def __init__(self, predictions: int) -> None:
        self._predictions = predictions
        self.clock: list[float] = []
        self.processor: list[float] = []

    def __enter__(self) -> None:
        self._began = time.perf_counter(), time.process_time()

    def __exit__(self, *error: object) -> None:
        for times, now, began in zip(
            (self.clock, self.processor),
            (time.perf_counter(), time.process_time()),
            self._began,
            strict=True,
        ):
            times.append((now - began) / self._predictions)


def _arguments() -> argparse.Namespace:
    reads = argparse.ArgumentParser(description="Scoring explanations with SBERT, measured.")
    reads.add_argument("--predictions", type=int, default=5000)
    reads.add_argument("--references", type=int, default=5, help="of each class")
    reads.add_argument("--distinct", type=float, default=1.0, help="share of answers that differ")
    reads.add_argument("--share", type=float, default=0.05, help="of them that the plain loop does")
    reads.add_argument("--turns", type=int, default=5)
    return reads.parse_args()


def _predictions(chosen: argparse.Namespace) -> tuple[list[Item], Sentences]:
    from physprior.eval.explanations.items import ClassSentences, Sentences, items_of, sentences_of
    from physprior.eval.predictions import Header, Prediction, Predictions
    from physprior.knowledge.load import load_knowledge
    from physprior.paths import kb_folder
    from physprior.verdict import render

    held = {
        category: {
            name: ClassSentences(
                (*one.explanations, *one.descriptions)[: chosen.references],
                one.descriptions,
                one.taught,
            )
            for name, one in classes.items()
        }
        for category, classes in sentences_of(load_knowledge(kb_folder())).classes.items()
    }
    every = [(category, name) for category, classes in held.items() for name in classes]
    # As many rounds over all classes as there are to be different answers: then they come again.
    answers = max(1, round(chosen.predictions * chosen.distinct / len(every))) * len(every)
    lines = []
    for number in range(chosen.predictions):
        category, name = every[number % len(every)]
        draw = random.Random(number % answers)
        said = name if draw.random() < 0.8 else draw.choice([*held[category]])
        reason = _reason(held[category][said], number % answers)
        video = f"{category}/test/{name}/{number:04d}"
        lines.append(
            Prediction(
                id=video,
                video=f"{video}.mp4",
                category=category,
                class_id=name,
                label=int(name != "normal"),
                instance="",
                score=0.0,
                text=render(said != "normal", reason),
            )
        )
    sentences = Sentences("bench", "0" * 64, held)
    header = Header.model_construct(total=len(lines))
    file = Predictions(Path("predictions.jsonl"), header, tuple(lines), ())
    return items_of(file, sentences), sentences


def _reason(one: ClassSentences, number: int) -> str:
    """An explanation of a class in words of its own: no other number gives the same."""
    told = one.taught[number % len(one.taught)].rstrip(".")
    return f"{told}, as from frame {number % 8 + 1} on, {3 * number + 2} ms in."


def _plain(items: Sequence[Item], encoder: Encoder) -> Scores:
    from sentence_transformers.util import cos_sim

    found: Scores = {}
    for item in items:
        rows = encoder.model.encode(
            [item.explanation, *item.references], convert_to_tensor=True, show_progress_bar=False
        )
        cosines = cos_sim(rows[:1], rows[1:])[0]
        found[item.id] = float(cosines.max()), float(cosines.mean())
    return found


def _apart(expected: Scores, found: SbertResult) -> float:
    return max(
        max(abs(best - found.scores[video].max), abs(mean - found.scores[video].mean))
        for video, (best, mean) in expected.items()
    )


def _say_what(items: Sequence[Item], some: Sequence[Item], encoder: Encoder) -> None:
    import torch

    answers = {item.explanation for item in items}
    references = {text for item in items for text in item.references}
    print(
        f"{len(items)} predictions, {len(answers)} different answers; {len(references)} different "
        f"references, {len(items[0].references)} a class; {encoder.name}, "
        f"{torch.get_num_threads()} threads\nthe plain loop does {len(some)} of them"
    )


def _judge(plain: _Times, ours: _Times, apart: float) -> int:
    for name, times in (("the plain loop", plain), ("ours", ours)):
        every = ", ".join(f"{1e3 * one:.2f}" for one in times.clock)
        print(f"{name:<15} {1e3 * min(times.clock):7.2f} ms a prediction (turns: {every})")
    ratio = min(plain.clock) / min(ours.clock)
    print(f"{ratio:.1f} times faster (at least {FASTER:g})")
    print(f"{min(plain.processor) / min(ours.processor):.1f} times less of the processor's time")
    print(f"scores are at most {apart:.1e} apart (at most {APART:g})")
    return int(ratio < FASTER or not apart <= APART)


if __name__ == "__main__":
    sys.exit(main())

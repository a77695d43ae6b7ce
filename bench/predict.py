"""How much faster a split is predicted than by the plain loop, in videos a second.

    python bench/predict.py

Simulated clips as the demo's, a tiny model that was trained on others of them just long enough that
its answers are words and end; the history is given. The plain loop (naive_predict.py) asks about
one video at a time. Ours is ``physprior.eval.predict.predict`` whole, from the video files: with a
cache of frames that is empty, so that decoding counts, and with one that is full. Model, dialogues,
most tokens of an answer, threads and decoding processes are the same. The three are taken in turn,
and the best of each is compared; seconds go from when the model is loaded, at the first word of
progress, to the end.

Texts must be the same and scores within 1e-4; with either cache ours is at least four times faster.
Scores alone are measured, too, and without a limit: there is no answer to generate, most of the
work is to decode and to read the prompt, and that has to be done for every video by both.
Measure on a quiet machine.

    python bench/predict.py --run RUN --dataset DATASET     with a run and a dataset at hand
    python bench/predict.py --height 1080                   with clips of Phys-AD's size
    python bench/predict.py --shape 7b --device cuda        random weights at the true 7B's shape

Random weights never end an answer, and in bfloat16 a batch is rounded otherwise than one video
alone: on a card, and for that shape, texts and scores are compared, but decide nothing.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
import tempfile
import time
import warnings
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from naive_predict import Found

FASTER = 4.0
"""How many times more videos a second than the plain loop ours asks about at least."""
APART = 1e-4
"""The most that two scores of one video may differ by."""
ARMS = {"plain": "the plain loop", "cold": "ours, empty cache", "warm": "ours, full cache"}


def main() -> int:
    """Print the figures; exit 1 where one is outside its limit, 2 where there is no card."""
    chosen = _arguments()
    os.environ |= {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
    if chosen.device == "cpu":
        os.environ["CUDA_VISIBLE_DEVICES"] = ""
    import torch

    if chosen.device == "cuda" and not torch.cuda.is_available():
        print("There is no CUDA card here; see --device cpu.", file=sys.stderr)
        return 2
    from transformers.utils.logging import disable_progress_bar, set_verbosity_error

    disable_progress_bar()
    set_verbosity_error()
    # Settings that are about to be renamed, and their like: they would stand between the lines.
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as place:
        bench = _Bench(chosen, Path(place))
        held = chosen.score_only or bench.compare(score_only=False)
        return int(not (bench.compare(score_only=True) and held))


def _arguments() -> argparse.Namespace:
    reads = argparse.ArgumentParser(description="Predicting a split, measured.")
    reads.add_argument("--shape", choices=["tiny", "7b"], default="tiny")
    reads.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    reads.add_argument("--videos", type=int, default=200, help="about how many are predicted")
    reads.add_argument("--height", type=int, help="of clips of 16:9 and 180 frames")
    reads.add_argument("--steps", type=int, default=200, help="of the training before")
    reads.add_argument("--run", type=Path, help="a run or checkpoint at hand; with --dataset")
    reads.add_argument("--dataset", type=Path, help="whose test split is predicted; with --run")
    reads.add_argument("--max-new-tokens", type=int, default=128)
    reads.add_argument("--batch-size", type=int, default=32, help="ours; the plain loop's is one")
    reads.add_argument("--workers", type=int, default=min(8, os.cpu_count() or 1))
    reads.add_argument("--turns", type=int, default=5)
    reads.add_argument("--score-only", action="store_true", help="measure no texts")
    chosen = reads.parse_args()
    if (chosen.run is None) != (chosen.dataset is None):
        reads.error("--run and --dataset go together")
    return chosen


@dataclass(frozen=True)
class _Turn:
    """One way through the split, once."""

    seconds: float
    found: dict[str, Found]
    parts: Counter[str]
    """Seconds by what progress said was done; none of the plain loop."""


class _Bench:
    """A model and a split, predicted in each way."""

    def __init__(self, chosen: argparse.Namespace, place: Path) -> None:
        from predict_setup import prepare

        self._chosen, self._place = chosen, place
        self._model, self._dataset = prepare(chosen, place)
        self._exact = chosen.shape == "tiny" and chosen.device == "cpu"
        self._made = 0

    def compare(self, *, score_only: bool) -> bool:
        """Print the best of each way; whether all that has a limit is within it."""
        self._ours("warm", score_only)  # What it decodes is what the others find.
        turns: dict[str, list[_Turn]] = {arm: [] for arm in ARMS}
        for _ in range(self._chosen.turns):
            for arm, taken in turns.items():
                plain = arm == "plain"
                taken.append(self._plain(score_only) if plain else self._ours(arm, score_only))
                _free()
        what = "scores alone" if score_only else "scores and texts"
        print(f"{what}, {len(turns['plain'][0].found)} videos, best of {self._chosen.turns}")
        limit = "" if score_only else f" (at least {FASTER:g})"
        ratios = [self._line(turns, arm, limit) for arm in ARMS]
        same = self._same(turns)
        return same and (score_only or min(ratios[1:]) >= FASTER)

    def _line(self, turns: dict[str, list[_Turn]], arm: str, limit: str) -> float:
        """Print one way's best; how many times faster than the plain loop's it is."""
        best = min(turns[arm], key=lambda turn: turn.seconds)
        ratio = min(turn.seconds for turn in turns["plain"]) / best.seconds
        count = len(best.found)
        said = f"{count / best.seconds:8.1f} videos/s"
        if arm != "plain":
            said += f" {ratio:6.1f} times faster{limit}; of a video's milliseconds: "
            said += ", ".join(f"{what} {1000 * s / count:.1f}" for what, s in best.parts.items())
        print(f"  {ARMS[arm]:<17}{said}", flush=True)
        return ratio

    def _same(self, turns: dict[str, list[_Turn]]) -> bool:
        """Print how far ours is from what the plain loop found; whether that is near enough."""
        plain = turns["plain"][0].found
        ours = [turn.found for arm in ("cold", "warm") for turn in turns[arm]]
        pairs = [(one, found[key]) for found in ours for key, one in plain.items() if key in found]
        apart = max(abs(one.score - other.score) for one, other in pairs)
        other = sum(one.text != other.text for one, other in pairs)
        said = f"  scores are at most {apart:.1e} apart"
        said += f" (at most {APART:g})" if self._exact else ""
        texts = {one.text for one in plain.values()}
        if None not in texts:
            said += f"; {other} of {len(pairs)} texts differ; the plain loop's are {len(texts)}"
        print(said, flush=True)
        whole = all(found.keys() == plain.keys() for found in ours)
        return whole and (not self._exact or (apart <= APART and not other))

    def _plain(self, score_only: bool) -> _Turn:
        from naive_predict import predict_plainly

        from physprior.dataset.folder import Dataset
        from physprior.video.sample import Sampling
        from physprior.vlm.load import load_model

        model = load_model(str(self._model))
        seconds, found = predict_plainly(
            model.checkpoint,
            Dataset.open(self._dataset),
            model.run.sampling if model.run else Sampling(),
            max_new_tokens=None if score_only else self._chosen.max_new_tokens,
            workers=self._chosen.workers,
        )
        return _Turn(seconds, found, Counter())

    def _ours(self, arm: str, score_only: bool) -> _Turn:
        from naive_predict import Found

        from physprior.eval.predict import PredictOptions, predict
        from physprior.eval.predictions import read_predictions

        self._made += 1
        out = self._place / f"{self._made}.jsonl"
        options = PredictOptions(
            score_only=score_only,
            max_new_tokens=self._chosen.max_new_tokens,
            batch_size=self._chosen.batch_size,
            workers=self._chosen.workers,
            cache=self._place / ("frames" if arm == "warm" else f"frames-{self._made}"),
        )
        watch = _Stopwatch()
        predict(str(self._model), self._dataset, out, options, progress=watch)
        seconds = time.perf_counter() - watch.begun
        lines = read_predictions(out).predictions
        found = {line.id: Found(line.score, line.text) for line in lines}
        return _Turn(seconds, found, watch.parts)


class _Stopwatch:
    """Is told of progress: how long each kind of work took, from the first word on."""

    def __init__(self) -> None:
        self.begun = self._last = 0.0
        self.parts: Counter[str] = Counter()

    def __call__(self, what: str, *_: int) -> None:
        now = time.perf_counter()
        self.begun = self.begun or now
        self.parts[what] += now - (self._last or now)
        self._last = now


def _free() -> None:
    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


if __name__ == "__main__":
    sys.exit(main())

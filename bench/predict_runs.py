"""Predicting a split in turn by the plain loop and by physprior: seconds, memory, what was found.

Both are given the same loaded model, dialogues, most tokens of an answer, threads and decoding
processes. Seconds go from the first word of progress (ours), or from the start of the loader (the
plain loop's), to the last prediction: no model is loaded in them. A way whose memory does not
suffice is left out from then on, and says so.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from gpu_results import clock, free, peak
from naive_predict import Found, predict_plainly

from physprior.dataset.folder import Dataset
from physprior.dataset.records import SplitName
from physprior.errors import PredictionError
from physprior.eval.predict import PredictOptions, predict
from physprior.eval.predictions import read_predictions
from physprior.video.sample import Sampling
from physprior.vlm.load import LoadedModel

LABELS = {"plain": "the plain loop", "cold": "ours, empty cache", "warm": "ours, full cache"}
"""The ways to predict, for a person; full: of frames that were decoded before."""


@dataclass(frozen=True)
class Way:
    """One way to predict: ``plain``, ``cold`` or ``warm``, so many videos at once."""

    name: str
    batch: int = 1


@dataclass(frozen=True)
class Task:
    """What every way is asked."""

    source: str
    """What the model was loaded from, for the header of predictions."""
    model: LoadedModel
    dataset: Path
    place: Path
    """Where predictions and caches of frames may lie."""
    split: SplitName
    max_new_tokens: int
    workers: int
    by_forward: bool = False
    """Take our time apart by the model's forwards; the device is waited for at each."""


@dataclass(frozen=True)
class Arm:
    """What was measured of one way."""

    way: str
    batch: int
    failed: str | None = None
    """Why there are no figures."""
    videos: int | None = None
    turns_s: Sequence[float] = ()
    """Seconds of every turn."""
    seconds: float | None = None
    """Of the best."""
    videos_per_s: float | None = None
    ratio: float | None = None
    """How many times the plain loop's videos a second; None where that has no figure."""
    parts_ms: Mapping[str, float] = field(default_factory=dict)
    """Milliseconds a video by kind of work, in the best turn; empty of the plain loop."""
    peak_bytes: int | None = None
    """Tensors at their most, with the weights, over all turns; None on the CPU."""
    cut: int | None = None
    """Answers that reached the most tokens; None where only scores were asked for."""


@dataclass(frozen=True)
class Compared:
    """How far our ways are from what the plain loop found."""

    pairs: int
    """A video in a turn of ours, beside the same video by the plain loop."""
    whole: bool
    """Every turn found something of every video."""
    apart: float
    """The largest difference of two scores of one video."""
    spread: float
    """The plain loop's largest score less its smallest."""
    texts_differ: int | None
    """Pairs whose texts differ; None where only scores were asked for."""
    texts: int | None
    """Distinct texts of the plain loop."""


@dataclass(frozen=True)
class Measured:
    """One kind of question, asked in every way."""

    what: str
    """``texts``, with the scores; or ``scores``, alone."""
    arms: Sequence[Arm]
    compared: Compared | None
    """None where the plain loop, or all of ours, had no memory."""


@dataclass(frozen=True)
class _Turn:
    """One way through the split, once."""

    seconds: float
    found: dict[str, Found]
    parts: Mapping[str, float]
    peak: int | None = None


class Runs:
    """A model and a split, predicted in each way."""

    def __init__(self, task: Task) -> None:
        self._task, self._made = task, 0

    def measure(self, what: str, ways: Sequence[Way], turns: int) -> Measured:
        """Take every way in turn, so often; ``what``: ``texts`` or ``scores``."""
        # What this decodes is what the others find.
        self._take(Way("warm", min(way.batch for way in ways if way.name != "plain")), "scores")
        taken: dict[Way, list[_Turn]] = {way: [] for way in ways}
        failed: dict[Way, str] = {}
        for _ in range(turns):
            for way in ways:
                turn = None if way in failed else self._take(way, what)
                if isinstance(turn, str):
                    failed[way] = turn
                elif turn is not None:
                    taken[way].append(turn)
        plain = next((taken[way] for way in ways if way.name == "plain" and way not in failed), [])
        arms = [
            Arm(way.name, way.batch, failed[way])
            if way in failed
            else _figures(way, taken[way], plain, what)
            for way in ways
        ]
        ours = [turn for way in ways if way.name != "plain" for turn in taken[way]]
        return Measured(what, arms, _compare(plain[0], ours, what) if plain and ours else None)

    def _take(self, way: Way, what: str) -> _Turn | str:
        """One turn, or why it could not be."""
        free()
        checkpoint = self._task.model.checkpoint
        checkpoint.largest_batch = None
        try:
            turn = self._plain(what) if way.name == "plain" else self._ours(way, what)
        except torch.OutOfMemoryError:
            return "out of memory"
        except PredictionError as error:
            if isinstance(error.__cause__, torch.OutOfMemoryError):
                return "out of memory"
            raise
        if checkpoint.largest_batch is not None:
            return f"out of memory (it went on with {checkpoint.largest_batch} at once)"
        return turn

    def _plain(self, what: str) -> _Turn:
        model = self._task.model
        seconds, found = predict_plainly(
            model.checkpoint,
            Dataset.open(self._task.dataset),
            model.run.sampling if model.run else Sampling(),
            split=self._task.split,
            max_new_tokens=self._task.max_new_tokens if what == "texts" else None,
            workers=self._task.workers,
        )
        return _Turn(seconds, found, {}, peak())

    def _ours(self, way: Way, what: str) -> _Turn:
        task = self._task
        self._made += 1
        out = task.place / f"{self._made}.jsonl"
        options = PredictOptions(
            split=task.split,
            score_only=what == "scores",
            max_new_tokens=task.max_new_tokens,
            batch_size=way.batch,
            workers=task.workers,
            cache=task.place / ("frames" if way.name == "warm" else f"frames-{self._made}"),
        )
        watch = _Stopwatch()
        model = task.model.checkpoint.model
        with _watched(model, watch) if task.by_forward else nullcontext():
            predict(task.source, task.dataset, out, options, model=task.model, progress=watch)
            seconds = time.perf_counter() - watch.begun
        lines = read_predictions(out).predictions
        found = {line.id: Found(line.score, line.text, line.truncated) for line in lines}
        return _Turn(seconds, found, watch.parts(), peak())


def _figures(way: Way, turns: Sequence[_Turn], plain: Sequence[_Turn], what: str) -> Arm:
    best = min(turns, key=lambda turn: turn.seconds)
    count = len(best.found)
    ratio = min(turn.seconds for turn in plain) / best.seconds if plain else None
    return Arm(
        way.name,
        way.batch,
        videos=count,
        turns_s=[round(turn.seconds, 6) for turn in turns],
        seconds=best.seconds,
        videos_per_s=count / best.seconds,
        ratio=ratio,
        parts_ms={part: 1000 * seconds / count for part, seconds in best.parts.items()},
        peak_bytes=max((turn.peak for turn in turns if turn.peak is not None), default=None),
        cut=sum(one.cut for one in best.found.values()) if what == "texts" else None,
    )


def _compare(plain: _Turn, ours: Sequence[_Turn], what: str) -> Compared:
    held = plain.found
    found = [turn.found for turn in ours]
    pairs = [(one, other[key]) for other in found for key, one in held.items() if key in other]
    scores = [one.score for one in held.values()]
    texts = what == "texts"
    return Compared(
        pairs=len(pairs),
        whole=all(other.keys() == held.keys() for other in found),
        apart=max(abs(one.score - other.score) for one, other in pairs),
        spread=max(scores) - min(scores),
        texts_differ=sum(one.text != other.text for one, other in pairs) if texts else None,
        texts=len({one.text for one in held.values()}) if texts else None,
    )


class _Stopwatch:
    """Is told of progress: how long each kind of work took, from the first word on.

    Where the model is watched, ``predict`` comes apart into its forwards and the rest.
    """

    def __init__(self) -> None:
        self.begun = self._last = 0.0
        self._said: Counter[str] = Counter()
        self.forwards: dict[str, float] = {}

    def __call__(self, what: str, *_: int) -> None:
        now = time.perf_counter()
        self.begun = self.begun or now
        self._said[what] += now - (self._last or now)
        self._last = now

    def parts(self) -> dict[str, float]:
        """Seconds by kind of work."""
        parts: dict[str, float] = dict(self._said)
        if not self.forwards:
            return parts
        rest = parts.pop("predict") - sum(self.forwards.values())
        return {**parts, **self.forwards, "rest": rest}


@contextmanager
def _watched(model: Any, watch: _Stopwatch) -> Iterator[None]:
    """Have the watch told how long the device works at each kind of forward.

    The tokens of an answer are waited for one by one as it is, so that this costs next to nothing.
    """
    begun = 0.0

    def begin(*_: Any) -> None:
        nonlocal begun
        begun = clock()

    def end(kind: Callable[[Mapping[str, Any]], str]) -> Callable[..., None]:
        def told(_module: Any, _args: Any, words: Mapping[str, Any], _output: Any) -> None:
            part = kind(words)
            watch.forwards[part] = watch.forwards.get(part, 0.0) + clock() - begun

        return told

    tower = model.model.video_tower
    hooks = [
        tower.register_forward_pre_hook(begin),
        tower.register_forward_hook(end(lambda _: "vision"), with_kwargs=True),
        model.register_forward_pre_hook(begin),
        model.register_forward_hook(end(_kind), with_kwargs=True),
    ]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


def _kind(words: Mapping[str, Any]) -> str:
    """What a forward of physprior's is for, by its arguments: only a prompt brings a video, and an
    answer asks for the last token alone.
    """
    if "mm_encoder_outputs" in words:
        return "prompt"
    return "answer" if words.get("logits_to_keep") == 1 else "labels"

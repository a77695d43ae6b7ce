"""Diagnosing videos that nobody has labelled: verdict by a threshold, score, and the reason said.

The verdict is the score's, by the threshold; what the words say stands beside it. A model is asked
as it was trained: with its own mode and frames, and with prompts that are compared with its run's.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from physprior import fingerprint, verdict
from physprior.dataset.names import shown
from physprior.dataset.unlabelled import Unlabelled
from physprior.dialogue import Templates
from physprior.errors import VideoError
from physprior.eval.asking import (
    AskedCategory,
    DiagnoseOptions,
    asked_categories,
    refuse_other_thresholds,
)
from physprior.eval.diagnosis import Asked, Diagnosis
from physprior.eval.refusals import answer_limit, refuse_long
from physprior.knowledge.load import KnowledgeBase
from physprior.paths import cache_folder
from physprior.vlm.answer import Answer, answer
from physprior.vlm.checkpoint import Checkpoint
from physprior.vlm.frames import Clip, FrameStore
from physprior.vlm.load import LoadedModel, load_model

if TYPE_CHECKING:
    from physprior.eval.thresholds import Thresholds

Progress = Callable[[str, int, int], None]
"""Called with (what is done, done, total)."""


def diagnose(
    source: str,
    videos: Sequence[Unlabelled],
    thresholds: Thresholds,
    options: DiagnoseOptions,
    *,
    knowledge: KnowledgeBase,
    templates: Templates,
    progress: Progress = lambda what, done, total: None,
) -> list[Diagnosis]:
    """Diagnose videos with a run or a bare checkpoint; in the order of ``videos``, one for each.

    A video that cannot be used has an ``error`` and costs no other; the model is not even loaded
    where there is no other. Raises PredictionError where prompts have changed since training or
    are too long, or where ``thresholds`` belong to another model; and the errors of models, KB and
    templates.
    """
    done = {one: _unusable(one, one.problem) for one in videos if one.problem}
    waiting = [one for one in videos if not one.problem]
    if waiting:
        model = load_model(source)
        named = [str(one.category) for one in waiting]
        categories = asked_categories(source, model, named, options, knowledge, templates)
        refuse_other_thresholds(thresholds, model, categories)
        _refuse_long(model.checkpoint, categories, options)
        done |= _answered(model, categories, waiting, thresholds, options, progress)
    return [done[one] for one in videos]


def _refuse_long(
    checkpoint: Checkpoint, categories: dict[str, AskedCategory], options: DiagnoseOptions
) -> None:
    limit = answer_limit(options.history, options.score_only, options.max_new_tokens)
    frames = next(iter(categories.values())).asked.sampling.frames
    refuse_long(checkpoint, frames, [one.dialogue for one in categories.values()], limit)


def _answered(
    model: LoadedModel,
    categories: dict[str, AskedCategory],
    videos: Sequence[Unlabelled],
    thresholds: Thresholds,
    options: DiagnoseOptions,
    progress: Progress,
) -> dict[Unlabelled, Diagnosis]:
    sampling = next(iter(categories.values())).asked.sampling
    store = FrameStore(
        options.cache or cache_folder() / "frames", model.checkpoint.image_processor, sampling
    )
    clips, done = _prepared(videos, store, options.workers, progress)
    finished = 0
    for batch in _batches(list(clips), options.batch_size):
        category = categories[str(batch[0].category)]
        frames = _loaded(batch, clips, store, done)
        if frames:
            said = _ask(model.checkpoint, category, list(frames.values()), options)
            for one, own in zip(frames, said, strict=True):
                done[one] = judge(one, own, category.asked, thresholds)
        finished += len(batch)
        progress("diagnose", finished, len(clips))
    return done


def _loaded(
    batch: Sequence[Unlabelled],
    clips: dict[Unlabelled, Clip],
    store: FrameStore,
    done: dict[Unlabelled, Diagnosis],
) -> dict[Unlabelled, NDArray[np.uint8]]:
    """The frames of a batch; a video whose frames are lost now goes to ``done``."""
    frames = {}
    for one in batch:
        try:
            frames[one] = store.load(clips[one])
        except VideoError as error:
            done[one] = _unusable(one, error.message.removeprefix(f"{one.path}: "))
    return frames


def _ask(
    checkpoint: Checkpoint,
    category: AskedCategory,
    frames: Sequence[NDArray[np.uint8]],
    options: DiagnoseOptions,
) -> list[Answer]:
    return answer(
        checkpoint,
        checkpoint.encoder(category.asked.sampling.frames),
        category.dialogue,
        torch.from_numpy(np.stack(frames)),
        history=options.history,
        max_new_tokens=options.max_new_tokens,
        text=not options.score_only,
    )


def _prepared(
    videos: Sequence[Unlabelled], store: FrameStore, workers: int, progress: Progress
) -> tuple[dict[Unlabelled, Clip], dict[Unlabelled, Diagnosis]]:
    """The clips of the videos whose frames are cached now, and what the others failed with."""
    clips: dict[Unlabelled, Clip] = {}
    failed: dict[Unlabelled, Diagnosis] = {}
    for done, one in enumerate(videos):
        progress("read", done, len(videos))
        try:
            clips[one] = Clip(one.path, fingerprint.of_file(one.path))
        except OSError as error:
            failed[one] = _unusable(one, f"cannot be read: {error.strerror or error}")
    progress("read", len(videos), len(videos))
    bad = store.prepare(
        list(clips.values()),
        workers=workers,
        progress=lambda done, total: progress("decode", done, total),
    )
    reasons = {skip.path: skip.reason for skip in bad}
    failed |= {one: _unusable(one, reasons[one.path]) for one in clips if one.path in reasons}
    return {one: clip for one, clip in clips.items() if one not in failed}, failed


def _batches(videos: Sequence[Unlabelled], size: int) -> Iterator[list[Unlabelled]]:
    # Videos of one category share every token before the verdict, so that no batch needs padding.
    for category in sorted({str(one.category) for one in videos}):
        alike = [one for one in videos if one.category == category]
        for start in range(0, len(alike), size):
            yield alike[start : start + size]


def judge(one: Unlabelled, said: Answer, asked: Asked, thresholds: Thresholds) -> Diagnosis:
    """What an answer makes of a video: the score gives the verdict, the words their own."""
    if not math.isfinite(said.score):
        return _unusable(one, f"the model's score is {said.score}: its numbers overflowed")
    threshold = thresholds.of(str(one.category))
    anomalous = said.score > threshold
    found = Diagnosis(
        **_named(one),
        verdict=verdict.label(anomalous),
        score=said.score,
        threshold=threshold,
        rule=thresholds.rule,
        threshold_for="category" if thresholds.own(str(one.category)) else "all",
        log_normal=said.labels.log_normal,
        log_anomalous=said.labels.log_anomalous,
        mass=said.labels.mass,
        turns=said.turns,
        asked=asked,
    )
    if said.text is None:
        return found
    read = verdict.parse(said.text, truncated=said.truncated)
    words = {
        "words": None if read.anomalous is None else verdict.label(read.anomalous),
        "contradicts": None if read.anomalous is None else read.anomalous != anomalous,
        "parse": read.status,
        "reason": read.reason or None,
        "text": said.text,
        "truncated": said.truncated,
    }
    return found.model_copy(update=words)


def _unusable(one: Unlabelled, why: str) -> Diagnosis:
    return Diagnosis(**_named(one), error=why)


def _named(one: Unlabelled) -> dict[str, object]:
    return {
        "video": shown(str(one.path)),
        "category": one.category,
        "category_from": one.placed_by,
    }

"""Making a report's strips: frames from the cache or the videos, as large as the page allows."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache as remembered
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from physprior.errors import PhyspriorError, VideoError
from physprior.eval.predictions import Control, Predictions
from physprior.eval.report.cards.card import Deck
from physprior.eval.report.strips.clips import Clips, find_clips
from physprior.eval.report.strips.encode import Step, encode, shown_frames, steps
from physprior.eval.report.strips.fit import Fitted, fit
from physprior.eval.report.strips.note import megabytes, note
from physprior.eval.report.strips.strip import Strips
from physprior.eval.report.strips.view import View, find_view
from physprior.paths import cache_folder
from physprior.vlm.frames import Clip, FrameStore

Progress = Callable[[int, int], None]
"""Called with (videos done, videos), anew for each stretch of work: to read, decode, draw."""
BUDGET = 45_000_000
"""Bytes of all strips in a page, in base64: it stays below 60 MB with its texts."""
_LOOKED_AT = 32
_SHORTEST, _LONGEST = 1 / 4, 4.0


def make_strips(
    deck: Deck,
    predictions: Predictions,
    *,
    dataset: Path | None = None,
    videos: Path | None = None,
    cache: Path | None = None,
    budget: int = BUDGET,
    workers: int = 2,
    progress: Progress = lambda done, total: None,
    model: Path | None = None,
) -> Strips:
    """The frames that the model saw of each video of ``deck``, in strips that fit a page.

    They are read from the cache of frames, and decoded into it where they are not there; killed and
    started again, it goes on. ``cache``: the user's, or the one that the run's recipe names, if
    None. ``dataset``, ``videos``, ``model``: where these lie now, if not where the predictions say.
    ``budget``: most bytes in the page. ``workers``: processes that decode, threads that draw.

    What cannot be shown is named and the rest is shown. Raises DatasetError or CheckpointError
    where ``dataset`` or ``model`` is named and cannot be used.
    """
    view = find_view(predictions, model)
    header = predictions.header
    cards = [card for card in deck.cards if not card.skipped]
    found = find_clips(cards, header, dataset=dataset, videos=videos, progress=progress)
    store = _store(view, cache)
    missing = {**found.missing, **_prepare(store, found, workers, progress)}
    ids = [card.id for card in cards if card.id in found.clips and card.id not in missing]
    fitted = _fit(store, found, view, header.control, ids, budget, workers, progress)
    missing |= fitted.failed
    room = f"the page's budget of {megabytes(budget)} is used up by the videos before it"
    missing |= dict.fromkeys(fitted.left_out, room)
    frames = len(shown_frames(store.shape[0]))
    return Strips(
        images=fitted.images,
        frames=frames,
        width=fitted.step.width,
        height=fitted.step.height,
        note=note(fitted, [missing.get(card.id) for card in cards], frames, view, found, budget),
        missing={card.id: missing[card.id] for card in cards if card.id in missing},
        faithful=not (view.why or found.changed),
    )


def _store(view: View, cache: Path | None) -> FrameStore:
    folders = (cache,) if cache else (*view.caches, cache_folder() / "frames")
    stores = [FrameStore(folder, view.settings, view.sampling) for folder in folders]
    return next((store for store in stores if store.folder.is_dir()), stores[-1])


def _prepare(store: FrameStore, found: Clips, workers: int, progress: Progress) -> dict[str, str]:
    """Decode what is not cached; card id to why its frames cannot be had."""
    waiting = {*store.missing(found.clips.values())}
    # Looked for here: no process needs to be started for videos that are gone.
    lost = {clip for clip in waiting if not os.path.isfile(clip.path)}
    reasons: dict[Clip, str] = dict.fromkeys(lost, f"the video is not in {found.root}")
    todo = sorted(waiting - lost, key=lambda clip: str(clip.path))
    if todo:
        try:
            bad = {
                one.path: one.reason
                for one in store.prepare(todo, workers=workers, progress=progress)
            }
        except PhyspriorError as error:
            # No room or right to write: what is cached is shown all the same.
            left = {*store.missing(todo)}
            bad = {clip.path: error.message for clip in todo if clip in left}
        reasons |= {clip: bad[clip.path] for clip in todo if clip.path in bad}
    # Another copy of a lost video may have been decoded.
    still = {*store.missing(reasons)}
    return {name: reasons[clip] for name, clip in found.clips.items() if clip in still}


def _fit(
    store: FrameStore,
    found: Clips,
    view: View,
    control: Control | None,
    ids: Sequence[str],
    budget: int,
    workers: int,
    progress: Progress,
) -> Fitted:
    height, width = store.shape[2:]

    @remembered
    def aspect_of(name: str) -> float | None:
        return _aspect(found.clips[name].path) if view.squeezed else None

    if view.squeezed:
        height, width = _usual([aspect_of(name) for name in _some(ids)], height)
    change = _changer(control)

    taken = shown_frames(store.shape[0])

    def draw(name: str, step: Step) -> bytes:
        frames = change(store.load(found.clips[name]), name)[taken]
        return encode(frames, step, aspect=aspect_of(name))

    return fit(
        ids,
        draw,
        steps(height, width),
        budget=budget,
        workers=workers,
        progress=progress,
    )


def _changer(control: Control | None) -> Callable[[NDArray[np.uint8], str], NDArray[np.uint8]]:
    """What a control does to the frames: the model saw them so."""
    if control in (None, "wrong_prior"):
        return lambda frames, name: frames
    # Its package begins with torch, which takes seconds; no report but a control's needs it.
    from physprior.eval.predict.control import change_frames

    return lambda frames, name: change_frames(frames, control, name)


def _aspect(path: Path) -> float:
    """Width by height of a video, within bounds; 1 where the file is gone."""
    from physprior.video.probe import probe

    try:
        info = probe(path)
    except VideoError:
        return 1.0
    return min(max(info.width / info.height, _SHORTEST), _LONGEST)


def _some(ids: Sequence[str]) -> Sequence[str]:
    return ids[:: max(1, len(ids) // _LOOKED_AT)]


def _usual(aspects: Sequence[float | None], side: int) -> tuple[int, int]:
    """Height and width of a frame of the aspect that most videos have."""
    ((aspect, _),) = Counter(one or 1.0 for one in aspects).most_common(1) or ((1.0, 0),)
    return (round(side / max(aspect, 1.0)), round(side * min(aspect, 1.0)))

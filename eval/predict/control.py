"""Controls: the same model and question, with something taken away that a detector should need.

blank        no picture: what remains is told by the text, and the text is the same for all
first_frame  the first frame throughout: what remains is told by looks
shuffled     the frames in another order: a detector of motion must lose without order
wrong_prior  another category's physics before the verdict: what remains needs no physics told
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from physprior.dataset.folder import Dataset
from physprior.dataset.records import Record
from physprior.dialogue import Dialogue, Part
from physprior.errors import PredictionError
from physprior.eval.predict.options import PredictOptions
from physprior.eval.predictions import Control

CONTROLS: tuple[Control, ...] = ("blank", "first_frame", "shuffled", "wrong_prior")
"""Every control, in the order in which they are reported."""
GREY = 128
"""The value of each pixel of a blank video."""
_PHYSICS = ("component", "subject", "motion")


def possible_controls(
    dataset: Path, options: PredictOptions
) -> tuple[list[Control], dict[Control, str]]:
    """The controls that the split of a dataset allows, and why each other one makes no sense."""
    reasons: dict[Control, str] = {}
    records = Dataset.open(dataset).records(options.split)
    for control in CONTROLS:
        try:
            refuse_senseless(control, records, options)
        except PredictionError as error:
            reasons[control] = error.message
    return [control for control in CONTROLS if control not in reasons], reasons


def refuse_controls(dataset: Path, controls: Sequence[Control], options: PredictOptions) -> None:
    """Raise PredictionError where one of ``controls`` is senseless, before hours of predicting."""
    records = Dataset.open(dataset).records(options.split)
    for control in controls:
        refuse_senseless(control, records, options)


def refuse_senseless(
    control: Control | None, records: Sequence[Record], options: PredictOptions
) -> None:
    """Raise PredictionError where nothing would be taken away by a control."""
    if control == "wrong_prior":
        if options.history == "generated":
            raise PredictionError(
                "with a generated history the model tells the physics itself, so that none can be "
                "wrong",
                remedy="use the control with --history given",
            )
        _refuse_other_parts(records)
    frames = options.sampling.frames if options.sampling else None
    if control in ("first_frame", "shuffled") and frames == 1:
        raise PredictionError(
            "one frame has neither motion nor order", remedy="use another control"
        )


def change_frames(
    frames: NDArray[np.uint8], control: Control | None, video: str
) -> NDArray[np.uint8]:
    """The frames of one video, (frames, 3, side, side), under a control.

    The order of ``shuffled`` is drawn from the video's id ``video``: it is never the true one, and
    always the same.
    """
    if control == "blank":
        return np.full_like(frames, GREY)
    if control == "first_frame":
        return np.broadcast_to(frames[:1], frames.shape)
    if control == "shuffled":
        return frames[_other_order(len(frames), video)]
    return frames


def _other_order(frames: int, video: str) -> NDArray[np.int64]:
    seed = int.from_bytes(hashlib.sha256(video.encode()).digest()[:8], "big")
    generator = np.random.default_rng(seed)
    order = np.arange(frames)
    while bool((order == np.arange(frames)).all()):
        order = generator.permutation(frames)
    return order


def wrong_priors(records: Sequence[Record]) -> dict[str, str]:
    """Whose prior each category is asked with: the next category's, in the order of their ids.

    Raises PredictionError where there is no other, or the dialogues tell no physics.
    """
    names = sorted({record.category for record in records})
    if len(names) < 2:
        raise PredictionError(
            f"a wrong prior needs a second category; this split has {', '.join(names)} alone",
            remedy="use a dataset of several categories, or another control",
        )
    if not any(_physics(record.dialogue()) for record in records):
        raise PredictionError(
            f"no physics is told in the mode {records[0].mode}, so that none can be wrong",
            remedy="use another control for this mode",
        )
    return dict(zip(names, [*names[1:], names[0]], strict=True))


def _refuse_other_parts(records: Sequence[Record]) -> None:
    names = wrong_priors(records)
    of_category = {record.category: record.dialogue() for record in records}
    for record in {record.prompt_hash: record for record in records}.values():
        change_prior(record.dialogue(), of_category[names[record.category]])


def change_prior(dialogue: Dialogue, other: Dialogue) -> Dialogue:
    """``dialogue`` with the physics of another category's in the place of its own.

    Questions stay as they are. Raises PredictionError where the two tell different parts.
    """
    told = _physics(other)
    kinds = [part.kind for part in _physics(dialogue)]
    if [part.kind for part in told] != kinds:
        raise PredictionError(
            f"the dialogues of {dialogue.category} and {other.category} tell different parts",
            remedy="let the template tell the same parts of every category, or leave "
            "the control out",
        )
    following = iter(told)
    turns = tuple(
        turn.model_copy(
            update={
                "parts": tuple(
                    next(following) if part.kind in _PHYSICS else part for part in turn.parts
                )
            }
        )
        for turn in dialogue.turns
    )
    return dialogue.model_copy(update={"turns": turns})


def _physics(dialogue: Dialogue) -> list[Part]:
    return [part for turn in dialogue.turns for part in turn.parts if part.kind in _PHYSICS]

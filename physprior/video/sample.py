"""Which frames of a clip a model sees: over the whole clip, a window of it, or a short burst."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

from physprior.errors import VideoError


class Sampling(BaseModel):
    """How frames are chosen; a run records it, and a prediction must use the same one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["uniform", "window", "burst"] = "uniform"
    """``uniform``: all over the clip; ``window``: over its central seconds; ``burst``: neighbours
    around its centre."""
    frames: int = Field(default=8, ge=1)
    """How many frames are taken; Video-LLaVA was trained on 8."""
    window_seconds: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    """The window's length in seconds; for ``window`` alone, and required there."""
    stride: int = Field(default=1, ge=1)
    """The distance between a burst's neighbours in frames; for ``burst`` alone."""

    @model_validator(mode="after")
    def _no_setting_without_effect(self) -> Sampling:
        if (self.kind == "window") != (self.window_seconds is not None):
            raise ValueError("window_seconds belongs to kind window, which requires it")
        if self.kind != "burst" and self.stride != 1:
            raise ValueError("stride belongs to kind burst")
        return self


def frame_indices(n_frames: int, fps: float, sampling: Sampling) -> NDArray[np.int64]:
    """The frames of a clip that are seen: int64 of shape (sampling.frames,), strictly rising.

    ``n_frames`` is the clip's length in frames, ``fps`` its rate in 1/s (used by ``window``). A
    window that is longer than the clip is the whole clip. Raises VideoError where the clip, or
    the window, has fewer frames than are asked for: a frame is never given twice.
    """
    if sampling.kind == "burst":
        return _burst(n_frames, sampling.frames, sampling.stride)
    if sampling.kind == "window":
        return _window(n_frames, fps, sampling)
    return _midpoints(n_frames, sampling.frames, "the clip")


def _midpoints(length: int, frames: int, whole: str) -> NDArray[np.int64]:
    if length < frames:
        raise VideoError(
            f"{whole} has {length} frame(s); {frames} are to be sampled from it",
            remedy="use a longer clip, or sample fewer frames",
        )
    # In integers: (i + 1/2) · length / frames, rounded down, is the same on every machine.
    return ((2 * np.arange(frames, dtype=np.int64) + 1) * length) // (2 * frames)


def _window(n_frames: int, fps: float, sampling: Sampling) -> NDArray[np.int64]:
    seconds = sampling.window_seconds
    assert seconds is not None  # the model's validator has seen to it
    if not (math.isfinite(fps) and fps > 0):
        raise VideoError(
            f"the clip's frame rate is {fps}, so a window in seconds has no length in frames",
            remedy="write the file again with a frame rate, or sample uniformly",
        )
    length = round(seconds * fps)
    if length >= n_frames:
        return _midpoints(n_frames, sampling.frames, "the clip")
    start = (n_frames - length) // 2
    whole = f"the window of {seconds:g} s at {fps:g} frames a second"
    return start + _midpoints(length, sampling.frames, whole)


def _burst(n_frames: int, frames: int, stride: int) -> NDArray[np.int64]:
    span = (frames - 1) * stride + 1
    if span > n_frames:
        raise VideoError(
            f"the clip has {n_frames} frame(s); a burst of {frames}, {stride} apart, spans {span}",
            remedy="use a longer clip, a smaller stride, or fewer frames",
        )
    start = (n_frames - span) // 2
    return start + stride * np.arange(frames, dtype=np.int64)

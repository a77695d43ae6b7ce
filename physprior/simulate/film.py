"""One video: who and what is in it, its motion, and its frames."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from physprior.fingerprint import of_text
from physprior.knowledge.schema import NORMAL
from physprior.simulate.canvas import Canvas
from physprior.simulate.setting import Setting, draw_setting
from physprior.simulate.twin import Fault, Motion, States, Twin, twins

_CHUNK_PIXELS = 30 * 96 * 96
_ONSET_FRACTIONS = (0.2, 0.5)


@dataclass(frozen=True)
class Shot:
    """One video to be made. Nothing but these fields decides what is in it."""

    category: str
    class_id: str
    folder: str
    """Where it lies below the category: ``train`` or ``test/<class>``."""
    index: int
    """Its number in that folder."""
    instance: int
    """Which physical object of the category is filmed."""
    seed: int
    size: int
    frames: int
    fps: int
    severity: tuple[float, float] = (0.5, 1.0)
    """The range that an anomaly's severity is drawn from."""

    @property
    def duration_s(self) -> float:
        """The clip's length in seconds."""
        return self.frames / self.fps

    @property
    def times(self) -> NDArray[np.float64]:
        """When each frame is taken, in seconds from the first."""
        return np.arange(self.frames) / self.fps


@dataclass(frozen=True)
class Take:
    """A shot worked out, before it is painted."""

    twin: Twin
    unit: Any
    setting: Setting
    fault: Fault | None
    motion: Motion


def prepare(shot: Shot) -> Take:
    """Draw the object, its surroundings and its fault, and integrate its motion."""
    twin = twins()[shot.category]
    unit = twin.build(_stream(shot.seed, shot.category, "unit", shot.instance))
    fault = _draw_fault(twin, shot)
    drive, chance = _video_stream(shot, "drive"), _video_stream(shot, "chance")
    return Take(
        twin=twin,
        unit=unit,
        setting=draw_setting(_video_stream(shot, "setting"), shot.size, twin.wander),
        fault=fault,
        motion=twin.move(unit, shot.times, fault, drive, chance),
    )


def paint(
    shot: Shot, take: Take, at: NDArray[np.int64] | None = None
) -> Iterator[NDArray[np.uint8]]:
    """The frames, uint8 (size, size, 3) in RGB, painted a few at a time to bound the memory.

    ``at`` are the numbers of the frames that are wanted, all by default: each is the frame that the
    whole video has there.
    """
    wanted = np.arange(shot.frames) if at is None else at
    setting = take.setting
    backdrop, light = setting.backdrop(), setting.light_map() * np.float32(255)
    noise, offsets = _noise(shot, setting)
    trembling = setting.jitter.offsets(shot.times) * shot.size
    chunk = max(1, min(_CHUNK_PIXELS // shot.size**2, len(wanted)))
    # Fresh memory costs as much as painting in it: each chunk uses the same again.
    room, ready = np.empty((2, chunk, 3, shot.size, shot.size), np.float32)
    for start in range(0, len(wanted), chunk):
        now = wanted[start : start + chunk]
        states = {name: values[now] for name, values in take.motion.states.items()}
        first, again = _distinct(states, shot.size)
        canvas = Canvas(setting.view, backdrop, room[: len(first)])
        take.twin.paint(canvas, take.unit, {k: v[first] for k, v in states.items()})
        painted = canvas.frames
        painted *= light
        frames = ready[: len(now)]
        for frame, like, (row, column), (right, down) in zip(
            frames, again, offsets[now], trembling[now], strict=True
        ):
            seen = noise[row : row + shot.size, column : column + shot.size]
            np.add(_shifted(_shifted(painted[like], right, 2), down, 1), seen, out=frame)
        np.clip(frames, 0, 255, out=frames)
        yield from frames.astype(np.uint8).transpose(0, 2, 3, 1)


def _shifted(frame: NDArray[np.float32], pixels: float, axis: int) -> NDArray[np.float32]:
    """``frame`` moved by a fraction of a pixel or more along ``axis``; the edge is repeated."""
    whole = int(pixels)
    part = np.float32(pixels - whole)
    picture = frame.swapaxes(axis, 0)
    near = picture if whole == 0 else _pushed(picture, whole)
    moved = near + part * (_pushed(picture, whole + 1) - near)
    return np.asarray(moved.swapaxes(axis, 0))


def _pushed(picture: NDArray[np.float32], rows: int) -> NDArray[np.float32]:
    return np.concatenate([np.repeat(picture[:1], rows, axis=0), picture[:-rows]])


def _distinct(states: States, size: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Which frames differ, to a twentieth of a pixel, and which of these each frame looks like.

    Objects stand still for much of a clip; what does not move need not be painted again.
    """
    rows = np.concatenate([v.reshape(len(v), -1) for v in states.values()], axis=1)
    _, first, again = np.unique(
        np.rint(rows * 20 * size), axis=0, return_index=True, return_inverse=True
    )
    return first, again.reshape(-1)


def _noise(shot: Shot, setting: Setting) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    # One field of noise, seen through another window in every frame: as good as fresh noise to
    # the eye and to an encoder, at a tenth of the cost.
    rng = _video_stream(shot, "noise")
    spare = max(24, shot.size // 8)
    field = rng.standard_normal((shot.size + spare, shot.size + spare), dtype=np.float32)
    # Half a level makes the conversion to whole levels round instead of cutting off.
    return field * (255 * setting.noise) + np.float32(0.5), rng.integers(
        spare, size=(shot.frames, 2)
    )


def _draw_fault(twin: Twin, shot: Shot) -> Fault | None:
    if shot.class_id == NORMAL:
        return None
    rng = _video_stream(shot, "fault")
    severity, moment = rng.uniform(*shot.severity), rng.uniform(*_ONSET_FRACTIONS)
    persistent = twin.defects[shot.class_id].onset == "persistent"
    onset = 0.0 if persistent else moment * shot.duration_s
    return Fault(id=shot.class_id, onset_s=float(onset), severity=float(severity))


def _video_stream(shot: Shot, purpose: str) -> np.random.Generator:
    return _stream(shot.seed, shot.category, shot.folder, shot.index, purpose)


def _stream(*key: str | int) -> np.random.Generator:
    return np.random.default_rng(int(of_text("\x1f".join(map(str, key))), 16))

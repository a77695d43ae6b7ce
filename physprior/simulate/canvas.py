"""Painting: parts with a position and an angle in every frame, drawn by signed distance.

Scene units are frame widths: the origin is the frame's centre, x points right, y points up, so
that gravity is -y. A canvas holds some frames of one video at once, and a part is evaluated for
all of them in one pass, in a window no larger than the part.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from physprior.simulate.shapes import Field

Colour = tuple[float, float, float]
"""Red, green and blue as the file stores them, 0 to 1."""

_BLACK: Colour = (0.0, 0.0, 0.0)


@dataclass(frozen=True)
class View:
    """Where the scene lies in the square frame of ``size`` pixels."""

    size: int
    x: float = 0.0
    y: float = 0.0
    tilt_rad: float = 0.0
    scale: float = 1.0

    @property
    def pixel(self) -> float:
        """The side of one pixel in scene units."""
        return 1.0 / (self.size * self.scale)

    def to_pixels(self, x: Any, y: Any) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Column and row (pixel centres at whole numbers) of scene points."""
        c, s = np.cos(self.tilt_rad), np.sin(self.tilt_rad)
        u = self.x + self.scale * (c * np.asarray(x) - s * np.asarray(y))
        v = self.y + self.scale * (s * np.asarray(x) + c * np.asarray(y))
        return (u + 0.5) * self.size - 0.5, (0.5 - v) * self.size - 0.5


class Canvas:
    """Frames of one video while they are painted, 0 to 1, on a copy of ``backdrop``.

    ``backdrop`` is float32 (1, 3, size, size). All frames are kept as one until the first part
    that changes in time is painted: whatever stands still beneath it costs one frame's work. Then
    they move into ``room``, float32 (count, 3, size, size); without it there is one frame.
    """

    def __init__(
        self, view: View, backdrop: NDArray[np.float32], room: NDArray[np.float32] | None = None
    ) -> None:
        self.view = view
        self.pixels = backdrop.copy()
        """One picture that stands for all frames, or every frame once they differ."""
        self._room = room
        self._busy = False

    @property
    def frames(self) -> NDArray[np.float32]:
        """Every frame: float32 (count, 3, size, size)."""
        if self._room is not None:
            self._room[...] = self.pixels
            self.pixels, self._room = self._room, None
        return self.pixels

    @contextmanager
    def part(
        self, x: Any = 0.0, y: Any = 0.0, angle: Any = 0.0, *, reach: tuple[float, float]
    ) -> Iterator[Part]:
        """A window about a part at (x, y), turned by ``angle``; each a number or one per frame.

        ``reach`` is the part's half width and half height in its own frame. What is painted in
        the window is in the frames when the block ends.
        """
        assert not self._busy, "finish one part before the next: its window would be put back over"
        x, y, angle = _common(x, y, angle)
        part = Part(self, x, y, angle, reach)
        self._busy = True
        yield part
        self._busy = False
        part.finish()

    def overlay(
        self, picture: NDArray[np.float32], clear: NDArray[np.float32], x: Any, y: Any
    ) -> None:
        """Lay a picture of a part at the origin over the frames, the part moved to (x, y).

        ``picture`` was painted on black; ``clear`` is the share of what lies beneath that shows
        through it; both are float32 (1, 3, size, size). (x, y) is moved by whole pixels, as
        ``snap`` gives it.
        """
        x, y = _common(x, y)
        column, row = self.view.to_pixels(x, y)
        start = self.view.to_pixels(0.0, 0.0)
        rights, downs = np.rint(column - start[0]).astype(int), np.rint(row - start[1]).astype(int)
        size = self.view.size
        targets = self.frames[:, None] if len(rights) > 1 else self.pixels[None]
        for target, down, right in zip(targets, downs, rights, strict=True):
            to = (..., _overlap(down, size), _overlap(right, size))
            source = (0, slice(None), _overlap(-down, size), _overlap(-right, size))
            target[to] *= clear[source]
            target[to] += picture[source]

    def snap(self, x: Any, y: Any) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """(x, y), moved so that it lies a whole number of pixels from the origin."""
        column, row = self.view.to_pixels(x, y)
        start = self.view.to_pixels(0.0, 0.0)
        right, up = np.rint(column - start[0]), np.rint(start[1] - row)
        c, s = np.cos(self.view.tilt_rad), np.sin(self.view.tilt_rad)
        return (c * right + s * up) * self.view.pixel, (c * up - s * right) * self.view.pixel


class Part:
    """The window of one part: ``x`` and ``y`` are its own coordinates at every pixel.

    Both are float32 (1 or frames, rows, columns) in scene units, upright in the part's frame.
    """

    def __init__(
        self,
        canvas: Canvas,
        x: NDArray[np.float64],
        y: NDArray[np.float64],
        angle: NDArray[np.float64],
        reach: tuple[float, float],
    ) -> None:
        self._canvas = canvas
        view = canvas.view
        turn = angle + view.tilt_rad
        c, s = np.abs(np.cos(turn)), np.abs(np.sin(turn))
        margin = 3 + view.size // 32
        half_w = int((reach[0] * c + reach[1] * s).max() / view.pixel) + margin
        half_h = int((reach[0] * s + reach[1] * c).max() / view.pixel) + margin
        column, row = view.to_pixels(x, y)
        left = np.floor(column).astype(np.int64) - half_w
        top = np.floor(row).astype(np.int64) - half_h
        width, height = 2 * half_w + 2, 2 * half_h + 2
        # A thousandth of a pixel is nothing, and places that are whole pixels apart are then one.
        right, down, turn = _common(np.round(left - column, 3), np.round(top - row, 3), turn)
        u = (np.arange(width) + right[:, None]) * view.pixel
        v = -(np.arange(height) + down[:, None]) * view.pixel
        cos, sin = np.cos(turn)[:, None], np.sin(turn)[:, None]
        self.x: Field = _outer(cos * u, sin * v)
        self.y: Field = _outer(-sin * u, cos * v)
        self._corners = list(zip(top.tolist(), left.tolist(), strict=True))
        self._loose: NDArray[np.float32] | None = None
        if len(set(self._corners)) > 1:
            # The window travels: its pixels are taken out of the frames once, painted in one
            # pass over all frames, and put back when the part is finished.
            self._loose = np.zeros((len(self._corners), 3, height, width), np.float32)
            for inside, frame in self._places(canvas.frames):
                self._loose[inside] = frame

    def fill(
        self,
        distance: Field,
        colour: Colour,
        *,
        opacity: Any = 1.0,
        shade: Field | None = None,
        soft: float = 0.0,
    ) -> None:
        """Paint the inside of ``distance``, its edge ``soft`` scene units wide, at least a pixel.

        ``opacity`` is a number or an array like ``distance``; ``shade`` multiplies the colour.
        """
        cover = self._cover(distance, soft)
        if not (isinstance(opacity, float) and opacity == 1.0):
            cover = cover * opacity
        self._blend(cover, colour, shade)

    def shadow(
        self,
        distance: Field,
        fall: tuple[float, float] = (0.012, -0.018),
        *,
        soft: float = 0.03,
        strength: float = 0.35,
    ) -> None:
        """Darken what lies beneath, ``fall`` away from the part (scene units, in the frame)."""
        step = self._canvas.view.size * self._canvas.view.scale
        down, right = round(-fall[1] * step), round(fall[0] * step)
        cover = self._cover(distance, soft)
        shifted = np.zeros_like(cover)
        rows, columns = cover.shape[1:]
        shifted[:, _overlap(down, rows), _overlap(right, columns)] = (
            cover[:, _overlap(-down, rows), _overlap(-right, columns)] * strength
        )
        self._blend(shifted, _BLACK, None)

    def finish(self) -> None:
        """Put a travelling window's pixels back into the frames."""
        if self._loose is not None:
            for inside, frame in self._places(self._canvas.frames):
                frame[...] = self._loose[inside]

    def _blend(self, cover: Field, colour: Colour, shade: Field | None) -> None:
        if self._loose is not None:
            pixels = self._loose
        else:
            still = len(cover) == 1 and (shade is None or len(shade) == 1)
            frames = self._canvas.pixels if still else self._canvas.frames
            (inside, pixels), *_ = self._places(frames[None])
            cover = cover[:, inside[2], inside[3]]
            shade = None if shade is None else shade[:, inside[2], inside[3]]
        for channel, value in enumerate(colour):
            area = pixels[:, channel]
            weighted = -area if value == 0 else (value if shade is None else shade * value) - area
            weighted *= cover
            area += weighted

    def _places(self, frames: NDArray[np.float32]) -> Iterator[tuple[Any, NDArray[np.float32]]]:
        """For each place of the window: its part inside the frame, and that area of the frame."""
        height, width = self.x.shape[1:]
        size = frames.shape[-1]
        for k, (top, left) in enumerate(self._corners[: len(frames)]):
            rows = slice(max(0, -top), max(0, min(height, size - top)))
            columns = slice(max(0, -left), max(0, min(width, size - left)))
            area = frames[k][
                ..., max(0, top) : max(0, top + height), max(0, left) : max(0, left + width)
            ]
            yield (k, slice(None), rows, columns), area

    def _cover(self, distance: Field, soft: float) -> Field:
        width = max(self._canvas.view.pixel, soft)
        cover = distance * np.float32(-1 / width)
        cover += np.float32(0.5)
        np.clip(cover, 0, 1, out=cover)
        if soft > self._canvas.view.pixel:
            cover *= cover * (3 - 2 * cover)
        return cover


def _common(*values: Any) -> tuple[NDArray[np.float64], ...]:
    """Each value as (n,): n is 1 where none of them changes, so that still parts are drawn once."""
    arrays = np.broadcast_arrays(*(np.atleast_1d(np.asarray(v, np.float64)) for v in values))
    if all((a == a[0]).all() for a in arrays):
        return tuple(a[:1] for a in arrays)
    return tuple(arrays)


def _outer(columns: NDArray[np.float64], rows: NDArray[np.float64]) -> Field:
    return columns.astype(np.float32)[:, None, :] + rows.astype(np.float32)[:, :, None]


def _overlap(shift: int, length: int) -> slice:
    """What of a row of ``length`` is still covered by itself after a ``shift``."""
    return slice(max(0, shift), max(0, length + min(0, shift)))

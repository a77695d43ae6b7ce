"""Painting: parts with a position and an angle in every frame, drawn by signed distance.

Scene units are frame widths: the origin is the frame's centre, x points right, y points up, so
that gravity is -y. A canvas holds some frames of one video at once, and a part is evaluated for
all of them in one pass, in a window no larger than the part.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from physprior.simulate.shapes import Field

Colour = tuple[float, float, float]
"""Linear red, green and blue, 0 to 1."""


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
    that changes in time is painted: whatever stands still beneath it costs one frame's work.
    """

    def __init__(self, view: View, backdrop: NDArray[np.float32], count: int = 1) -> None:
        self.view = view
        self._count = count
        self._frames = backdrop.copy()

    @property
    def frames(self) -> NDArray[np.float32]:
        """Every frame: float32 (count, 3, size, size)."""
        if len(self._frames) < self._count:
            self._frames = np.repeat(self._frames, self._count, axis=0)
        return self._frames

    def part(
        self, x: Any = 0.0, y: Any = 0.0, angle: Any = 0.0, *, reach: tuple[float, float]
    ) -> Part:
        """A window about a part at (x, y), turned by ``angle``; each a number or one per frame.

        ``reach`` is the part's half width and half height in its own frame.
        """
        return Part(self, *_common(x, y, angle), reach)

    def blend(
        self, corner: NDArray[np.int64], cover: Field, colour: Colour, shade: Field | None
    ) -> None:
        """Paint ``colour * shade`` over the frames with weight ``cover``, at each top-left corner.

        ``cover`` and ``shade`` are (1 or frames, rows, columns); ``corner`` is (1 or frames, 2).
        """
        still = len(corner) == len(cover) == 1 and (shade is None or len(shade) == 1)
        frames = self._frames if still else self.frames
        if len(corner) == 1:
            self._blend(frames, corner[0], cover, colour, shade)
            return
        for t in range(len(frames)):
            at = min(t, len(cover) - 1)
            one = None if shade is None else shade[min(t, len(shade) - 1)][None]
            self._blend(frames[t : t + 1], corner[t], cover[at][None], colour, one)

    def _blend(
        self,
        frames: NDArray[np.float32],
        corner: NDArray[np.int64],
        cover: Field,
        colour: Colour,
        shade: Field | None,
    ) -> None:
        size, (row, column) = self.view.size, (int(corner[0]), int(corner[1]))
        rows, columns = cover.shape[1:]
        top, left = max(0, -row), max(0, -column)
        bottom, right = min(rows, size - row), min(columns, size - column)
        if top >= bottom or left >= right:
            return
        weight = cover[:, top:bottom, left:right]
        shade = None if shade is None else shade[:, top:bottom, left:right]
        for channel, value in enumerate(colour):
            area = frames[:, channel, row + top : row + bottom, column + left : column + right]
            target = value if shade is None else shade * value
            area += weight * (target - area)


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
        self.canvas = canvas
        view = canvas.view
        turn = angle + view.tilt_rad
        c, s = np.abs(np.cos(turn)).max(), np.abs(np.sin(turn)).max()
        margin = 3 + view.size // 32
        half_w = int((reach[0] * c + reach[1] * s) / view.pixel) + margin
        half_h = int((reach[0] * s + reach[1] * c) / view.pixel) + margin
        column, row = view.to_pixels(x, y)
        first_column = np.floor(column).astype(np.int64) - half_w
        first_row = np.floor(row).astype(np.int64) - half_h
        corner = np.stack([first_row, first_column], axis=1)
        self._corner = corner[:1] if (corner == corner[0]).all() else corner
        u = (np.arange(2 * half_w + 2) + first_column[:, None] - column[:, None]) * view.pixel
        v = -(np.arange(2 * half_h + 2) + first_row[:, None] - row[:, None]) * view.pixel
        cos, sin = np.cos(turn)[:, None], np.sin(turn)[:, None]
        self.x: Field = _outer(cos * u, sin * v)
        self.y: Field = _outer(-sin * u, cos * v)

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
        self.canvas.blend(self._corner, self._cover(distance, soft) * opacity, colour, shade)

    def shadow(
        self,
        distance: Field,
        fall: tuple[float, float] = (0.012, -0.018),
        *,
        soft: float = 0.03,
        strength: float = 0.35,
    ) -> None:
        """Darken what lies beneath, ``fall`` away from the part (scene units, in the frame)."""
        step = self.canvas.view.size * self.canvas.view.scale
        shift = np.array([round(-fall[1] * step), round(fall[0] * step)])
        cover = self._cover(distance, soft) * strength
        self.canvas.blend(self._corner + shift, cover, (0.0, 0.0, 0.0), None)

    def _cover(self, distance: Field, soft: float) -> Field:
        width = max(self.canvas.view.pixel, soft)
        cover = distance * np.float32(-1 / width)
        cover += np.float32(0.5)
        np.clip(cover, 0, 1, out=cover)
        if soft > self.canvas.view.pixel:
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

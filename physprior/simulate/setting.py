"""The station around the object: backdrop, camera, light and noise, alike for all classes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from physprior.simulate.canvas import Canvas, Colour, View
from physprior.simulate.shapes import circle, smoothstep

_TONES: tuple[Colour, ...] = (
    (0.60, 0.62, 0.64),
    (0.70, 0.68, 0.64),
    (0.50, 0.57, 0.60),
    (0.58, 0.61, 0.54),
    (0.72, 0.73, 0.74),
    (0.54, 0.53, 0.58),
)
_TEXTURES = ("plain", "brushed", "breadboard", "mat")
_MAX_TILT_RAD = np.deg2rad(8.0)
_MAX_ZOOM = 0.08
_SWINGS = 3
_MAX_JITTER = 0.005
"""Half a pixel either way at the default size: seen in the texture, and no mechanism's shaking."""


@dataclass(frozen=True)
class Jitter:
    """A camera that is not quite still: three slow swings in each direction."""

    amplitude: float
    """The greatest offset, in frame widths."""
    rates_rad_s: tuple[float, ...]
    phases_rad: tuple[float, ...]
    """Of the swings to the right, then of those upwards."""

    def offsets(self, times: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where the picture lies at each of ``times`` (s): (times, 2), 0 to twice the amplitude."""
        swings = np.sin(np.outer(times, self.rates_rad_s) + np.asarray(self.phases_rad))
        return np.asarray(self.amplitude * (1 + swings.reshape(-1, 2, _SWINGS).mean(axis=2)))


@dataclass(frozen=True)
class Setting:
    """One video's surroundings: camera view, backdrop, light map and the noise of the sensor."""

    view: View
    tone: Colour
    texture: str
    texture_phase: tuple[float, float]
    light: float
    """Overall level; 1 is the level the colours are given for."""
    slope: tuple[float, float]
    """How the light changes across a frame width, to the right and upwards."""
    noise: float
    """Standard deviation of the sensor noise, in units of full scale."""
    jitter: Jitter
    """How the camera trembles on its arm."""

    def backdrop(self) -> NDArray[np.float32]:
        """The empty station: float32 (1, 3, size, size)."""
        tone = np.asarray(self.tone, np.float32)[None, :, None, None]
        frame = np.broadcast_to(tone, (1, 3, self.view.size, self.view.size))
        canvas = Canvas(self.view, frame)
        with canvas.part(reach=(0.8, 0.8)) as window:
            x, y = window.x, window.y
            a, b = self.texture_phase
            mottle = np.sin(5.1 * x + 2.3 * y + 6 * a) + np.sin(-3.7 * x + 6.1 * y + 6 * b)
            window.fill(np.full_like(x, -1), self.tone, shade=1 + 0.015 * mottle)
            if self.texture == "brushed":
                streaks = np.sin(97 * y + 9 * a) + np.sin(61 * y + 5 * b) + np.sin(151 * y + 3 * a)
                window.fill(np.full_like(x, -1), (1.0, 1.0, 1.0), opacity=0.012 * (streaks + 3))
            elif self.texture == "breadboard":
                u = np.mod(x + a, np.float32(0.125)) - np.float32(0.0625)
                v = np.mod(y + b, np.float32(0.125)) - np.float32(0.0625)
                window.fill(circle(u, v + 0.002, 0.013), (1.0, 1.0, 1.0), opacity=0.25)
                window.fill(circle(u, v, 0.012), (0.0, 0.0, 0.0), opacity=0.38)
            elif self.texture == "mat":
                u = np.abs(np.mod(x + a, np.float32(0.1)) - np.float32(0.05))
                v = np.abs(np.mod(y + b, np.float32(0.1)) - np.float32(0.05))
                window.fill(np.minimum(u, v) - 0.002, (1.0, 1.0, 1.0), opacity=0.16)
            return canvas.frames

    def light_map(self) -> NDArray[np.float32]:
        """What every pixel's colour is multiplied by: float32 (1, 1, size, size)."""
        grid = (np.arange(self.view.size, dtype=np.float32) + 0.5) / self.view.size - 0.5
        u, v = grid[None, :], -grid[:, None]
        corner = smoothstep(u * u + v * v, 0.1, 0.6)
        level = self.light * (1 + self.slope[0] * u + self.slope[1] * v) * (1 - 0.14 * corner)
        return level[None, None].astype(np.float32)


def draw_setting(rng: np.random.Generator, size: int, wander: float) -> Setting:
    """A setting at random; ``wander`` is the greatest offset of the camera in frame widths."""
    tone = np.asarray(_TONES[rng.integers(len(_TONES))]) + rng.uniform(-0.05, 0.05)
    tone = np.clip(tone + rng.uniform(-0.015, 0.015, 3), 0, 1)
    slope, bearing = rng.uniform(0.0, 0.22), rng.uniform(0, 2 * np.pi)
    return Setting(
        view=View(
            size=size,
            x=float(rng.uniform(-wander, wander)),
            y=float(rng.uniform(-wander, wander)),
            tilt_rad=float(rng.uniform(-_MAX_TILT_RAD, _MAX_TILT_RAD)),
            scale=float(rng.uniform(1 - _MAX_ZOOM, 1 + _MAX_ZOOM)),
        ),
        tone=(float(tone[0]), float(tone[1]), float(tone[2])),
        texture=_TEXTURES[rng.integers(len(_TEXTURES))],
        texture_phase=(float(rng.uniform()), float(rng.uniform())),
        light=float(rng.uniform(0.86, 1.1)),
        slope=(float(slope * np.cos(bearing)), float(slope * np.sin(bearing))),
        noise=float(rng.uniform(0.004, 0.011)),
        jitter=Jitter(
            amplitude=float(rng.uniform(0, _MAX_JITTER)),
            rates_rad_s=tuple(rng.uniform(2 * np.pi * 0.7, 2 * np.pi * 5.0, 2 * _SWINGS).tolist()),
            phases_rad=tuple(rng.uniform(0, 2 * np.pi, 2 * _SWINGS).tolist()),
        ),
    )

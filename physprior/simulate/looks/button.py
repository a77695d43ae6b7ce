"""What push buttons look like, from the front and a little above: panel, collar, cap and lamp."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from physprior.simulate.canvas import Canvas, Colour, Part
from physprior.simulate.props import STEEL, column, paint_gripper
from physprior.simulate.shapes import Field, box

_TILT = 0.42
"""How high a circle on the panel looks, as a share of its width."""
_BASE = -0.17
"""The height in the frame of the middle of the collar's upper face."""
_LEFT_UP = 0.03
"""How far a fully pressed cap still stands above the collar."""
_DARK: Colour = (0.05, 0.05, 0.06)
_WHITE: Colour = (1.0, 1.0, 1.0)

_LENSES: tuple[Colour, ...] = (
    (1.00, 0.18, 0.12),
    (0.20, 0.95, 0.30),
    (0.22, 0.50, 1.00),
    (1.00, 0.72, 0.10),
    (0.95, 0.95, 0.88),
    (1.00, 0.42, 0.08),
)
_PANELS: tuple[Colour, ...] = (
    (0.30, 0.32, 0.35),
    (0.82, 0.82, 0.78),
    (0.20, 0.27, 0.36),
    (0.44, 0.36, 0.27),
    (0.17, 0.18, 0.19),
    (0.32, 0.40, 0.34),
)
_COLLARS: tuple[Colour, ...] = ((0.12, 0.12, 0.13), STEEL, (0.62, 0.52, 0.30), (0.85, 0.85, 0.84))
_GRIPPERS: tuple[Colour, ...] = ((0.30, 0.32, 0.36), (0.85, 0.46, 0.12), (0.14, 0.30, 0.55))


@dataclass(frozen=True)
class Look:
    """A button's shape and colours; lengths in frame widths."""

    square: bool
    ringed: bool
    """Whether the cap is of metal with a shining ring, or all of it shines."""
    radius: float
    """Half the width of the cap."""
    stroke: float
    rim: float
    """How far the collar reaches beyond the cap."""
    lens: Colour
    panel: Colour
    collar: Colour
    gripper: Colour

    @property
    def corner(self) -> float:
        """The radius of a square cap's corners."""
        return 0.22 * self.radius


def draw_look(rng: np.random.Generator) -> Look:
    """One of four kinds, round or square, lens or ring, with its proportions and colours."""
    return Look(
        square=bool(rng.integers(2)),
        ringed=bool(rng.integers(2)),
        radius=float(rng.uniform(0.17, 0.22)),
        stroke=float(rng.uniform(0.095, 0.115)),
        rim=float(rng.uniform(0.05, 0.08)),
        lens=_LENSES[rng.integers(len(_LENSES))],
        panel=_PANELS[rng.integers(len(_PANELS))],
        collar=_COLLARS[rng.integers(len(_COLLARS))],
        gripper=_GRIPPERS[rng.integers(len(_GRIPPERS))],
    )


def _face(look: Look, x: Field, y: Field, radius: float) -> Field:
    """Distance to a level face of the button's shape, seen from a little above."""
    if look.square:
        corner = look.corner * radius / look.radius
        return box(x, y, radius, _TILT * radius, _TILT * corner)
    # Near its edge, an ellipse's implicit function over its gradient is the distance.
    u, v = x / np.float32(radius), y / np.float32(_TILT * radius)
    far = np.sqrt(u * u + v * v) + np.float32(1e-6)
    slope = np.sqrt((u / radius) ** 2 + (v / (_TILT * radius)) ** 2) / far
    return np.asarray((far - 1) / np.maximum(slope, 1.0))


def _block(look: Look, x: Field, y: Field, radius: float, height: Field | float) -> Field:
    """Distance to an upright body whose upper face is at the origin, ``height`` tall."""
    wall = box(x, y + height / 2, radius, height / 2)
    ends = np.minimum(_face(look, x, y, radius), _face(look, x, y + height, radius))
    return np.asarray(np.minimum(ends, wall))


def paint_button(canvas: Canvas, look: Look) -> None:
    """The panel's box and the collar around the cap."""
    with canvas.part(0.0, _BASE - 0.05, reach=(0.46, 0.32)) as panel:
        x, y = panel.x, panel.y
        top = box(x, y, 0.43, 0.19, 0.02)
        front = box(x, y + 0.20, 0.43, 0.10, 0.02)
        body = np.minimum(top, front)
        panel.shadow(body, (0.012, -0.02), soft=0.05, strength=0.4)
        panel.fill(body, look.panel, shade=np.where(y > -0.17, 1.0 + 0.3 * y, 0.68))
        panel.fill(np.maximum(np.abs(y + 0.17) - 0.004, body), _WHITE, opacity=0.25)
        panel.fill(np.abs(body + 0.004) - 0.004, _DARK, opacity=0.35)
    outer = look.radius + look.rim
    with canvas.part(0.0, _BASE, reach=(outer + 0.02, 0.20)) as collar:
        x, y = collar.x, collar.y
        body = _block(look, x, y, outer, 0.045)
        collar.shadow(body, (0.012, -0.018), soft=0.03, strength=0.4)
        collar.fill(body, look.collar, shade=0.62 - 0.8 * np.abs(x + 0.06))
        upper = _face(look, x, y, outer)
        collar.fill(upper, look.collar, shade=1.02 + 0.9 * y - 0.3 * x)
        collar.fill(np.abs(upper + 0.004) - 0.004, _WHITE, opacity=0.22)
        collar.fill(_face(look, x, y, look.radius + 0.012), _DARK)


def paint_cap(
    canvas: Canvas, look: Look, depth: NDArray[np.float64], lamp: NDArray[np.float64]
) -> None:
    """The cap, ``depth`` below its rest, with its lamp ``lamp`` bright, 0 to 1."""
    tall = look.stroke + _LEFT_UP
    height, glow = column(tall - depth), column(lamp)
    with canvas.part(0.0, _BASE, reach=(look.radius + 0.16, tall + 0.13)) as cap:
        x, y = cap.x, cap.y - height
        body = _block(look, x, y, look.radius, height)
        upper = _face(look, x, y, look.radius)
        if (lamp > 0.01).any():
            halo = np.exp(-np.maximum(body, 0) * np.float32(1 / 0.055))
            cap.fill(np.full_like(body, -1.0), _mixed(look.lens, 0.25), opacity=0.75 * glow * halo)
        sides = 0.80 - 1.6 * np.abs(x + 0.05)
        if look.ringed:
            cap.fill(body, STEEL, shade=0.75 * sides)
            cap.fill(upper, STEEL, shade=1.02 + 0.6 * y)
            lens = _face(look, x, y, 0.86 * look.radius)
            lens = np.maximum(lens, -_face(look, x, y, 0.46 * look.radius))
            _paint_lens(cap, look, lens, 1.0 + 0.6 * y, glow)
        else:
            _paint_lens(cap, look, body, sides, glow)
            _paint_lens(cap, look, upper, 1.12 + 0.8 * y, glow)
        cap.fill(np.abs(body + 0.003) - 0.004, _DARK, opacity=0.6 * (1 - 0.8 * glow))
        cap.fill(np.abs(upper + 0.006) - 0.004, _WHITE, opacity=0.30)


def _paint_lens(part: Part, look: Look, edge: Field, shade: Field, glow: Field) -> None:
    """Tinted plastic: dull while the lamp is dark, bright and pale while it shines."""
    dull = tuple(0.10 + 0.40 * c for c in look.lens)
    part.fill(edge, (dull[0], dull[1], dull[2]), shade=shade)
    if (glow > 0.01).any():
        part.fill(edge, _mixed(look.lens, 0.55), opacity=glow)


def _mixed(colour: Colour, white: float) -> Colour:
    """A colour, paled by a share of white."""
    red, green, blue = (c + (1 - c) * white for c in colour)
    return red, green, blue


def paint_tip(canvas: Canvas, look: Look, tip: NDArray[np.float64]) -> None:
    """The gripper, shut, whose tip is ``tip`` below the upper face of a cap at rest."""
    height = _BASE + look.stroke + _LEFT_UP - tip
    paint_gripper(canvas, 0.0, height + 0.03, gap=0.012, body=look.gripper)

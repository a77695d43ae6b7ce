"""What clips look like: four kinds of levers, the coil between them, and the gripper's fingers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from physprior.simulate.canvas import Canvas, Colour, Part
from physprior.simulate.props import RUBBER, STEEL, column
from physprior.simulate.shapes import Field, box, circle, polygon, ring

PAD_ROUND = 0.02
"""The radius of a pad's edge, in frame widths."""

_PAINTS: tuple[Colour, ...] = (
    (0.83, 0.20, 0.16),
    (0.13, 0.38, 0.74),
    (0.92, 0.66, 0.12),
    (0.16, 0.52, 0.33),
    (0.20, 0.21, 0.24),
    (0.90, 0.89, 0.86),
    (0.87, 0.44, 0.13),
    (0.45, 0.28, 0.56),
)
_WOODS: tuple[Colour, ...] = ((0.80, 0.62, 0.38), (0.66, 0.45, 0.24), (0.87, 0.74, 0.52))
_METALS: tuple[Colour, ...] = ((0.80, 0.82, 0.85), (0.78, 0.60, 0.26), (0.36, 0.38, 0.42))
_RUBBERS: tuple[Colour, ...] = ((0.12, 0.12, 0.13), (0.75, 0.30, 0.10), (0.10, 0.30, 0.45))
_EDGE: Colour = (0.05, 0.05, 0.06)


@dataclass(frozen=True)
class Kind:
    """One kind of clip: the ranges its levers are drawn from and the outline of a jaw."""

    colours: tuple[Colour, ...]
    handle: tuple[float, float]
    flare: tuple[float, float]
    thick: tuple[float, float]
    outline: tuple[tuple[float, float], ...]
    """The upper jaw's corners: along it in jaw lengths, up from the axis in frame widths."""
    coil: float


_CLAMP = Kind(
    colours=_PAINTS,
    handle=(0.28, 0.32),
    flare=(0.36, 0.42),
    thick=(0.055, 0.07),
    outline=((0.02, 0.022), (0.6, 0.024), (0.97, 0.009), (0.97, 0.03), (0.7, 0.075), (0.02, 0.06)),
    coil=0.062,
)
_PEG = Kind(
    colours=_WOODS,
    handle=(0.31, 0.34),
    flare=(0.27, 0.31),
    thick=(0.065, 0.08),
    outline=((0.02, 0.014), (0.98, 0.009), (0.98, 0.028), (0.45, 0.085), (0.02, 0.085)),
    coil=0.048,
)
_CROCODILE = Kind(
    colours=_METALS,
    handle=(0.28, 0.31),
    flare=(0.40, 0.45),
    thick=(0.040, 0.050),
    outline=((0.02, 0.020), (0.97, 0.010), (0.99, 0.024), (0.85, 0.050), (0.02, 0.062)),
    coil=0.052,
)
_BROAD = Kind(
    colours=_PAINTS,
    handle=(0.26, 0.29),
    flare=(0.44, 0.50),
    thick=(0.060, 0.070),
    outline=(
        (0.02, 0.025),
        (0.55, 0.009),
        (0.97, 0.009),
        (0.97, 0.10),
        (0.80, 0.115),
        (0.02, 0.065),
    ),
    coil=0.055,
)
_KINDS = (_CLAMP, _PEG, _CROCODILE, _BROAD)


@dataclass(frozen=True)
class Look:
    """A clip's shape and colours; lengths in frame widths."""

    kind: int
    handle: float
    jaw: float
    flare: float
    thick: float
    body: Colour
    rubber: Colour

    @property
    def outer_edge(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """The handle's outer edge, from the hinge to its end."""
        return (0.03, 0.07), (-self.handle, 0.02 + self.handle * self.flare + self.thick)


def draw_look(rng: np.random.Generator) -> Look:
    """One of the four kinds, with its own proportions and colours."""
    number = int(rng.integers(len(_KINDS)))
    kind = _KINDS[number]
    return Look(
        kind=number,
        handle=float(rng.uniform(*kind.handle)),
        jaw=float(rng.uniform(0.34, 0.39)),
        flare=float(rng.uniform(*kind.flare)),
        thick=float(rng.uniform(*kind.thick)),
        body=kind.colours[rng.integers(len(kind.colours))],
        rubber=_RUBBERS[rng.integers(len(_RUBBERS))],
    )


def paint_clip(
    canvas: Canvas, look: Look, angle: NDArray[np.float64], y: NDArray[np.float64]
) -> None:
    """Both levers, each turned by ``angle``, and the coil on the hinge, at the height ``y``."""
    # The levers mirror each other: one is evaluated, with the lower half folded onto the upper.
    turn = column(angle)
    with canvas.part(0.0, y, reach=(max(look.handle, look.jaw) + 0.02, 0.26)) as window:
        upper, fold = window.y > 0, np.abs(window.y)
        c, s = np.cos(turn), np.sin(turn)
        u, v = window.x * c + fold * s, fold * c - window.x * s
        handle, jaw = _handle(look, u, v), _jaw(look, u, v)
        edge = np.minimum(handle, jaw)
        window.shadow(edge, soft=0.04, strength=0.35)
        rise = 0.97 + np.where(upper, np.float32(1.4), np.float32(-1.4)) * (v - 0.06)
        window.fill(edge, look.body, shade=rise)
        window.fill(np.abs(edge + 0.004) - 0.004, _EDGE, opacity=0.65)
        _trim(window, look, u, v, handle, jaw)
    _paint_coil(canvas, _KINDS[look.kind].coil, y)


def _handle(look: Look, x: Field, y: Field) -> Field:
    (ax, ay), (bx, by) = look.outer_edge
    low = by - look.thick
    return polygon(
        x, y, [(0.03, 0.02), (ax, ay - 0.01), (bx + 0.01, by - 0.01), (bx + 0.01, low)], 0.01
    )


def _jaw(look: Look, x: Field, y: Field) -> Field:
    kind = _KINDS[look.kind]
    jaw = polygon(x, y, [(u * look.jaw, v) for u, v in kind.outline], 0.008)
    if kind is _CROCODILE:
        along = x - 0.3 * look.jaw
        tooth = np.abs(along / 0.03 - np.floor(along / 0.03) - 0.5) * np.float32(0.04)
        jaw = np.maximum(jaw, np.where(along > 0, tooth - y + 0.001, -1.0))
    elif kind is _PEG:
        jaw = np.maximum(jaw, -ring(x - 0.52 * look.jaw, y, 0.016, 0.016))
    return np.asarray(jaw)


def _trim(part: Part, look: Look, x: Field, y: Field, handle: Field, jaw: Field) -> None:
    """What the kind has besides its outline: tips of rubber, ridges, a hole, a groove."""
    kind = _KINDS[look.kind]
    if kind in (_CLAMP, _BROAD):
        part.fill(np.maximum(jaw, np.maximum(0.75 * look.jaw - x, y - 0.035)), look.rubber)
    if kind in (_CLAMP, _CROCODILE):
        across = np.abs(x + 0.80 * look.handle)
        ridges = np.abs(across - np.round(across / 0.026) * np.float32(0.026)) - 0.0055
        ridges = np.maximum(np.maximum(ridges, across - 0.06), handle + 0.008)
        part.fill(ridges, (0.0, 0.0, 0.0), opacity=0.22)
    elif kind is _BROAD:
        (_, _), (bx, by) = look.outer_edge
        part.fill(circle(x - bx - 0.07, y - by + 0.065, 0.016), _EDGE, opacity=0.75)
    else:
        grain = np.abs(y - 0.05 + 0.36 * np.minimum(x, 0)) - 0.0025
        part.fill(np.maximum(grain, np.minimum(handle, jaw) + 0.012), _EDGE, opacity=0.25)


def _paint_coil(canvas: Canvas, radius: float, y: NDArray[np.float64]) -> None:
    with canvas.part(0.0, y, reach=(radius + 0.01, radius + 0.01)) as coil:
        edge = circle(coil.x, coil.y, radius)
        coil.shadow(edge, (0.006, -0.01), soft=0.03, strength=0.4)
        coil.fill(edge, (0.60, 0.61, 0.63), shade=1.0 + 5.0 * (coil.y - coil.x))
        for share in (0.84, 0.58):
            wire = ring(coil.x, coil.y, share * radius, 0.005)
            coil.fill(wire, (0.12, 0.12, 0.14), opacity=0.75)
        coil.fill(circle(coil.x, coil.y, 0.36 * radius), (0.16, 0.16, 0.18))


def paint_fingers(
    canvas: Canvas, grip: float, pad: NDArray[np.float64], y: NDArray[np.float64]
) -> None:
    """The gripper's two fingers, their pads ``pad`` above and below the hinge's height ``y``."""
    height = column(pad)
    with canvas.part(-grip, y, reach=(0.065, 0.6)) as window:
        u, v = window.x, np.abs(window.y) - height
        metal = np.minimum(
            box(u, v - 0.45, 0.03, 0.4, 0.006), box(u, v - 0.052, 0.052, 0.018, 0.006)
        )
        rubber = box(u, v - 0.02, 0.046, 0.02, PAD_ROUND)
        window.shadow(np.minimum(metal, rubber), (0.016, -0.022), soft=0.04, strength=0.35)
        window.fill(rubber, RUBBER)
        window.fill(metal, STEEL, shade=1.0 - 5.0 * np.abs(u + 0.012))
        window.fill(np.maximum(np.abs(v - 0.085) - 0.004, metal), (0.0, 0.0, 0.0), opacity=0.35)

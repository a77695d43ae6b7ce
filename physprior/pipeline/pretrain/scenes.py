"""Scenes of generic shapes, and where each shape is, how it is turned and stretched, by frame.

A scene has up to five shapes, painted in this order: one large and one of any size behind, both at
rest; the actor, which moves; a rider, which sits on the actor or has a motion of its own; a small
one in front, at rest. Lengths are shares of the picture's side, the origin is its centre, x goes
right and y goes down, angles are radians.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch

from physprior.pipeline.pretrain.motions import FRAMES, Motions, draw_motions, uniform

FORMS = ("bar", "disc", "star", "square", "hoop", "wedge")
"""The shapes that there are."""
SHAPES = 5
"""Shapes of a scene; some are not shown."""
ACTOR, RIDER = 2, 3
"""Places in the order of painting: the others are at rest."""

_TURN, _MOVE, _STRETCH, _SWELL, _FADE = range(5)


@dataclass
class Scene:
    """``n`` scenes; per shape (n, SHAPES, …), per frame (…, FRAMES)."""

    form: torch.Tensor
    """(n, SHAPES) int64: number in FORMS."""
    colour: torch.Tensor
    """(n, SHAPES, 3) float32 in 0..1."""
    length: torch.Tensor
    """(n, SHAPES): half the length."""
    breadth: torch.Tensor
    """(n, SHAPES): half the breadth."""
    stripes: torch.Tensor
    """(n, SHAPES): contrast of the pattern across the shape; 0 for a plain one."""
    x: torch.Tensor
    """(n, SHAPES, FRAMES): the centre."""
    y: torch.Tensor
    angle: torch.Tensor
    """(n, SHAPES, FRAMES)."""
    long: torch.Tensor
    """(n, SHAPES, FRAMES): how many times the length."""
    wide: torch.Tensor
    """(n, SHAPES, FRAMES): how many times the breadth."""
    opacity: torch.Tensor
    """(n, SHAPES, FRAMES) in 0..1; 0 throughout for a shape that is not there."""
    acting: Motions
    """The actor's motion."""
    riding: Motions
    """The rider's own motion, where it has one."""
    rides: torch.Tensor
    """(n,) bool: the rider sits on the actor."""

    @property
    def shown(self) -> torch.Tensor:
        """(n, SHAPES) bool: the shape can be seen in some frame."""
        return self.opacity.amax(dim=2) > 0.01


def draw_scenes(generator: torch.Generator, n: int) -> Scene:
    """Draw ``n`` scenes. The same state of the generator gives the same scenes."""
    acting, riding = draw_motions(generator, n), draw_motions(generator, n)
    length, breadth = _sizes(generator, n)
    x, y = (uniform(generator, n, SHAPES, low=-0.3, high=0.3) for _ in range(2))
    x[:, -1], y[:, -1] = (uniform(generator, n, low=-0.48, high=0.48) for _ in range(2))
    angle = uniform(generator, n, SHAPES, high=2 * math.pi)
    form = torch.randint(0, len(FORMS), (n, SHAPES), generator=generator)
    chance = uniform(generator, n, SHAPES)
    scene = Scene(
        form=form,
        colour=uniform(generator, n * SHAPES, 3).view(n, SHAPES, 3),
        length=length,
        breadth=breadth,
        stripes=_stripes(generator, form, acting, riding),
        x=_by_frame(x),
        y=_by_frame(y),
        angle=_by_frame(angle),
        long=torch.ones(n, SHAPES, FRAMES),
        wide=torch.ones(n, SHAPES, FRAMES),
        opacity=_by_frame((chance < torch.tensor([1.0, 0.6, 1.0, 0.9, 0.5])).float()),
        acting=acting,
        riding=riding,
        rides=uniform(generator, n) < 0.6,
    )
    _move(generator, scene, ACTOR, acting, torch.ones(n, dtype=torch.bool))
    _move(generator, scene, RIDER, riding, ~scene.rides)
    _mount(generator, scene)
    _shake(generator, scene)
    return scene


def _by_frame(values: torch.Tensor) -> torch.Tensor:
    return values[:, :, None].repeat(1, 1, FRAMES)


def _sizes(generator: torch.Generator, n: int) -> tuple[torch.Tensor, torch.Tensor]:
    length = uniform(generator, n, SHAPES, low=0.10, high=0.34)
    breadth = length * uniform(generator, n, SHAPES, low=0.2)
    length[:, 0] = uniform(generator, n, low=0.2, high=0.5)
    breadth[:, 0] = length[:, 0] * uniform(generator, n, low=0.3)
    length[:, -1] *= 0.6
    breadth[:, -1] *= 0.6
    return length, breadth


def _stripes(
    generator: torch.Generator, form: torch.Tensor, acting: Motions, riding: Motions
) -> torch.Tensor:
    contrast = uniform(generator, *form.shape, low=0.15, high=0.6)
    striped = uniform(generator, *form.shape) < 0.4
    # A plain disc or hoop that turns shows nothing of it.
    round_one = (form == FORMS.index("disc")) | (form == FORMS.index("hoop"))
    for place, motion in ((ACTOR, acting), (RIDER, riding)):
        striped[:, place] |= round_one[:, place] & (motion.channel == _TURN)
    return contrast * striped


def _move(
    generator: torch.Generator, scene: Scene, place: int, motion: Motions, moves: torch.Tensor
) -> None:
    """Carry out the motion of the shapes at ``place`` where ``moves`` says so."""
    n, way = len(motion.course), motion.way
    sign = torch.where(uniform(generator, n, 1) < 0.5, -1.0, 1.0)
    turn = sign * uniform(generator, n, 1, low=0.6, high=4.5)
    bearing = uniform(generator, n, 1, high=2 * math.pi)
    reach = uniform(generator, n, 1, low=0.12, high=0.5)
    shrink = -uniform(generator, n, 1, low=0.2, high=0.65)
    grow = uniform(generator, n, 1, low=0.25, high=0.9)
    growth = torch.where(uniform(generator, n, 1) < 0.5, shrink, grow)
    fading = uniform(generator, n, 1, low=0.5)

    def on(channel: int) -> torch.Tensor:
        return (moves & (motion.channel == channel)).float()[:, None]

    scene.angle[:, place] += on(_TURN) * way * turn
    scene.x[:, place] += on(_MOVE) * (way - 0.4) * reach * torch.cos(bearing)
    scene.y[:, place] += on(_MOVE) * (way - 0.4) * reach * torch.sin(bearing)
    scene.long[:, place] *= (1 + on(_STRETCH) * way * growth).clamp(min=0.15)
    swollen = (1 + on(_SWELL) * way * growth).clamp(min=0.15)
    scene.long[:, place] *= swollen
    scene.wide[:, place] *= swollen
    # From its own least, so that a way that goes below 0 is seen as it goes.
    faded = way - way.amin(dim=1, keepdim=True)
    scene.opacity[:, place] *= (1 - on(_FADE) * faded * fading).clamp(0, 1)


def _mount(generator: torch.Generator, scene: Scene) -> None:
    """Put riders onto their actors: small, off the centre, turning and stretching with them."""
    n, on = len(scene.rides), scene.rides[:, None]
    share = uniform(generator, n, 1, low=0.35)
    direction = uniform(generator, n, 1, high=2 * math.pi)
    off = scene.length[:, ACTOR, None] * share * scene.long[:, ACTOR]
    seen = (uniform(generator, n, 1) < 0.8).float()
    towards = scene.angle[:, ACTOR] + direction
    ridden = {
        "x": scene.x[:, ACTOR] + off * torch.cos(towards),
        "y": scene.y[:, ACTOR] + off * torch.sin(towards),
        "angle": towards,
        "opacity": scene.opacity[:, ACTOR] * seen,
    }
    for name, values in ridden.items():
        own = getattr(scene, name)
        own[:, RIDER] = torch.where(on, values, own[:, RIDER])
    size = torch.where(scene.rides, 0.45, 0.9)
    scene.length[:, RIDER] *= size
    scene.breadth[:, RIDER] *= size


def _shake(generator: torch.Generator, scene: Scene) -> None:
    """In three scenes of ten the camera is not quite still."""
    n = len(scene.rides)
    extent = (uniform(generator, n, 1, 1) < 0.3) * uniform(generator, n, 1, 1, high=0.02)
    for values in (scene.x, scene.y):
        values += extent * torch.randn(n, 1, FRAMES, generator=generator)

"""Pictures of scenes, and what moves in them: what the eye is given, and what it is to find."""

from __future__ import annotations

import torch
from torch.nn import functional

from physprior.pipeline.pretrain.motions import FRAMES, uniform
from physprior.pipeline.pretrain.scenes import FORMS, SHAPES, Scene

GRID = 12
"""Points a side at which motion is looked up."""
FLOW = ("right", "down", "speed", "cover", "change")
"""What is known of the motion in a patch, since the frame before: the mean movement of what is on
top (in sides of the picture, times 8), its speed, how much the shapes' cover has changed (times
8), and the mean change of the pixels (0..1)."""

_EDGE = 1.5
"""Steepness of a shape's edge, per pixel."""
_NOISE = 0.015


def paint(generator: torch.Generator, scene: Scene, side: int) -> tuple[torch.Tensor, torch.Tensor]:
    """The frames of scenes, (n, FRAMES, 3, side, side) float32 in 0..1, and the cover of each
    shape, (n, SHAPES, FRAMES, side, side)."""
    n = len(scene.rides)
    cover, pattern = _cover(scene, side)
    frames = _background(generator, n, side)
    for shape in range(SHAPES):
        shade = 1 + scene.stripes[:, shape, None, None, None] * pattern[:, shape]
        for channel in range(3):
            paint_of = scene.colour[:, shape, channel, None, None, None] * shade
            torch.lerp(frames[:, :, channel], paint_of, cover[:, shape], out=frames[:, :, channel])
    contrast = uniform(generator, n, 1, 1, 1, 1, low=0.85, high=1.15)
    unsteady = uniform(generator, n, 1, 1, 1, 1) < 0.3
    light = 1 + 0.03 * torch.randn(n, FRAMES, 1, 1, 1, generator=generator) * unsteady
    frames.sub_(0.5).mul_(contrast).add_(0.5).mul_(light)
    grain = _NOISE * torch.randn(n, FRAMES, 1, side, side, generator=generator)
    return frames.add_(grain).clamp_(0, 1), cover


def motion_in_patches(
    scene: Scene, frames: torch.Tensor, cover: torch.Tensor, patches: int
) -> torch.Tensor:
    """What moves in each patch since the frame before: (n, FRAMES - 1, patches², 5), see FLOW.

    ``patches``: how many the picture has a side; GRID and the side are to be multiples of it.
    """
    n, side = len(frames), frames.shape[-1]
    coarse = functional.avg_pool2d(cover.flatten(0, 2)[:, None], side // GRID)
    coarse = coarse.view(n, SHAPES, FRAMES, GRID, GRID)
    right, down = _displacements(scene)
    top = torch.zeros(2, n, FRAMES - 1, GRID, GRID)
    change = torch.zeros(n, FRAMES - 1, GRID, GRID)
    for shape in range(SHAPES):
        now, before = coarse[:, shape, 1:], coarse[:, shape, :-1]
        top[0].lerp_(right[:, shape], now)
        top[1].lerp_(down[:, shape], now)
        change = torch.maximum(change, (now - before).abs())
    flow = torch.stack([*top, torch.hypot(top[0], top[1]), change], dim=2) * 8
    pixels = (frames[:, 1:] - frames[:, :-1]).abs().mean(dim=2)
    pooled = [
        functional.avg_pool2d(flow.flatten(0, 1), GRID // patches),
        functional.avg_pool2d(pixels.flatten(0, 1)[:, None], side // patches),
    ]
    return torch.cat(pooled, dim=1).flatten(2).transpose(1, 2).view(n, FRAMES - 1, -1, len(FLOW))


def _axis(points: int) -> torch.Tensor:
    return (torch.arange(points) + 0.5) / points - 0.5


def _cover(scene: Scene, side: int) -> tuple[torch.Tensor, torch.Tensor]:
    """How much of each pixel a shape covers, 0..1, and its pattern there, -1..1."""
    n = len(scene.rides)
    axis, shown = _axis(side), scene.shown
    cover = torch.zeros(n, SHAPES, FRAMES, side, side)
    pattern = torch.zeros(n, SHAPES, FRAMES, side, side)
    for form in range(len(FORMS)):
        which = ((scene.form == form) & shown).nonzero(as_tuple=True)
        if not len(which[0]):
            continue

        def of(values: torch.Tensor, which: tuple[torch.Tensor, ...] = which) -> torch.Tensor:
            own = values[which]
            return own[..., None, None] if own.ndim == 2 else own[:, None, None, None]

        right, down = axis - of(scene.x), axis[:, None] - of(scene.y)
        cos, sin = torch.cos(of(scene.angle)), torch.sin(of(scene.angle))
        along = (right * cos + down * sin) / of(scene.long)
        across = (down * cos - right * sin) / of(scene.wide)
        length, breadth = of(scene.length), of(scene.breadth)
        outside = _outside(FORMS[form], along, across, length, breadth, which[0] % 4 + 2)
        cover[which] = torch.sigmoid(-outside * (side * _EDGE)) * of(scene.opacity)
        pattern[which] = torch.sin(along * (7 / length))
    return cover, pattern


def _outside(
    form: str,
    along: torch.Tensor,
    across: torch.Tensor,
    length: torch.Tensor,
    breadth: torch.Tensor,
    arms: torch.Tensor,
) -> torch.Tensor:
    """About how far each point lies outside a shape, in its own coordinates; negative inside."""
    if form == "bar":
        return torch.maximum(along.abs() - length, across.abs() - 0.5 * breadth)
    if form == "square":
        return torch.maximum(along.abs(), across.abs()) - length
    if form == "disc":
        return torch.hypot(along, across * (length / breadth)) - length
    if form == "hoop":
        return (torch.hypot(along, across) - 0.8 * length).abs() - 0.2 * length
    if form == "wedge":
        ends = torch.maximum(-along - 0.6 * length, along - length)
        return torch.maximum(ends, across.abs() - 0.3 * (length - along) * breadth / length - 0.01)
    # A star's edge goes in and out as the cosine of its arms times the direction.
    radius = torch.hypot(along, across)
    direction = torch.atan2(across, along)
    return radius - length * (0.64 + 0.46 * torch.cos(arms[:, None, None, None] * direction))


def _background(generator: torch.Generator, n: int, side: int) -> torch.Tensor:
    """A plain colour with blotches and a slope of brightness; the same in all frames."""
    plain = uniform(generator, n, 3, 1, 1)
    blotches = functional.interpolate(
        torch.randn(n, 3, 7, 7, generator=generator),
        (side, side),
        mode="bilinear",
        align_corners=False,
    )
    blotches = blotches * uniform(generator, n, 1, 1, 1, high=0.08)
    axis = _axis(side)
    slopes = 0.4 * (uniform(generator, 2, n, 1, 1, 1) - 0.5)
    picture = plain + blotches + slopes[0] * axis + slopes[1] * axis[:, None]
    return picture.clamp(0, 1)[:, None].repeat(1, FRAMES, 1, 1, 1)


def _displacements(scene: Scene) -> tuple[torch.Tensor, torch.Tensor]:
    """How far the material of each shape at each grid point has come since the frame before:
    to the right and down, each (n, SHAPES, FRAMES - 1, GRID, GRID)."""
    axis = _axis(GRID)

    def at(values: torch.Tensor, *, later: bool) -> torch.Tensor:
        own = values[:, :, 1:] if later else values[:, :, :-1]
        return own[..., None, None]

    right = axis - at(scene.x, later=True)
    down = axis[:, None] - at(scene.y, later=True)
    cos, sin = torch.cos(scene.angle), torch.sin(scene.angle)
    along = right * at(cos, later=True) + down * at(sin, later=True)
    across = down * at(cos, later=True) - right * at(sin, later=True)
    along = along * at(scene.long, later=False) / at(scene.long, later=True)
    across = across * at(scene.wide, later=False) / at(scene.wide, later=True)
    before_x = (
        at(scene.x, later=False) + along * at(cos, later=False) - across * at(sin, later=False)
    )
    before_y = (
        at(scene.y, later=False) + along * at(sin, later=False) + across * at(cos, later=False)
    )
    return axis - before_x, axis[:, None] - before_y

"""Signed distances: how far a point is from a shape's edge, negative inside.

Every function takes x and y (float arrays of any one shape, scene units) in the shape's own
frame and returns the distance in the same unit. Edges drawn from distances need no supersampling.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.floating[Any]]


def circle(x: Field, y: Field, radius: Any) -> Field:
    """Distance to a circle about the origin."""
    return np.asarray(np.sqrt(x * x + y * y) - radius)


def ring(x: Field, y: Field, radius: Any, width: float) -> Field:
    """Distance to a ring of mean ``radius`` and ``width`` about the origin."""
    return np.asarray(np.abs(circle(x, y, radius)) - width / 2)


def box(x: Field, y: Field, half_width: Any, half_height: Any, corner: float = 0.0) -> Field:
    """Distance to a box about the origin whose corners are rounded by ``corner``."""
    u = np.abs(x) - (half_width - corner)
    v = np.abs(y) - (half_height - corner)
    outside = np.sqrt(np.maximum(u, 0) ** 2 + np.maximum(v, 0) ** 2)
    return np.asarray(outside + np.minimum(np.maximum(u, v), 0) - corner)


def slab(x: Field, y: Field, half_width: float, half_height: float) -> Field:
    """Distance to a box with sharp corners, a little short beyond them: a third of ``box``'s work.

    For what moves or is small: nobody sees its corners.
    """
    return np.maximum(np.abs(x) - np.float32(half_width), np.abs(y) - np.float32(half_height))


def polygon(x: Field, y: Field, corners: Sequence[tuple[float, float]], r: float = 0.0) -> Field:
    """Distance to a convex polygon, corners anticlockwise, grown by ``r``.

    Inside it is exact; outside a sharp corner it is a little short, which no edge of one pixel
    shows.
    """
    distance: Field | None = None
    for (ax, ay), (bx, by) in zip(corners, [*corners[1:], corners[0]], strict=True):
        dx, dy = bx - ax, by - ay
        length = float(np.hypot(dx, dy))
        side = (x - ax) * (dy / length) - (y - ay) * (dx / length)
        distance = side if distance is None else np.maximum(distance, side)
    assert distance is not None
    return np.asarray(distance - r)


def smoothstep(value: Field, low: float, high: float) -> Field:
    """0 below ``low``, 1 above ``high``, and a smooth step between."""
    t = np.clip((value - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t))

"""Videos as vectors, and how far each lies from the normal ones: numbers in, numbers out."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Distance = Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64]]
"""Of (normals, dimensions) and (videos, dimensions): how far each video is off, (videos,)."""

LEAST_SPREAD = 0.01
"""The least spread of a dimension, as a share of all dimensions' mean: one that hardly varies in
the normal videos varies by rounding, and would outvote the others."""


def appearance(features: NDArray[Any]) -> Vector:
    """What the vision tower gives for a clip, (frames, tokens, hidden), as one vector.

    The mean over the patches of each frame, without the CLS token, which stands first; the frames
    one after the other in their order: float64 (frames · hidden,).
    """
    return features[:, 1:].mean(axis=1, dtype=np.float64).ravel()


def motion_steps(frames: NDArray[np.uint8]) -> Vector:
    """The motion between neighbours of a clip's frames (frames, 3, side, side), in grey levels.

    The mean absolute difference over pixels and channels, 0 to 255: float64 (frames - 1,).
    """
    steps = np.diff(frames.astype(np.int16), axis=0)
    return np.abs(steps).mean(axis=(1, 2, 3), dtype=np.float64)


def motion_energy(frames: NDArray[np.uint8]) -> Vector:
    """The mean of ``motion_steps``: float64 (1,)."""
    return motion_steps(frames).mean(keepdims=True)


def score_videos(
    normals: Mapping[str, Vector], videos: Mapping[str, Vector], distance: Distance
) -> dict[str, float]:
    """The score of each video of a category by its key; none where there is no normal video.

    Neither the order of the two mappings nor another video of ``videos`` changes a score.
    """
    if not normals or not videos:
        return {}
    # A sum depends on its order in the last bits.
    held = np.stack([normals[key] for key in sorted(normals)])
    asked = np.stack([*videos.values()])
    return dict(zip(videos, distance(held, asked).tolist(), strict=True))


def nearest_normal(normals: NDArray[np.float64], videos: NDArray[np.float64]) -> Vector:
    """Root mean square difference to the nearest normal video, in the normals' spreads: (videos,).

    One neighbour: there is no number to choose, one normal video is enough, and a video that equals
    a normal one has the score 0.
    """
    from scipy.spatial.distance import cdist

    spread = _spread(normals)
    # Pair by pair: a product of matrices would cancel, and round by how many videos are asked.
    nearest: Vector = cdist(videos / spread, normals / spread).min(axis=1)
    return nearest / math.sqrt(normals.shape[1])


def deviation(normals: NDArray[np.float64], videos: NDArray[np.float64]) -> Vector:
    """|z| of one number a video: its distance from the normals' mean in their spreads, (videos,).

    Two-sided, as a fault may move less or more.
    """
    z: Vector = (videos - normals.mean(axis=0)) / _spread(normals)
    return np.abs(z[:, 0])


def _spread(normals: NDArray[np.float64]) -> Vector:
    """Standard deviation of each dimension; 1 throughout where none varies: there is no scale."""
    spread: Vector = normals.std(axis=0)
    least = LEAST_SPREAD * spread.mean()
    return np.maximum(spread, least) if least > 0 else np.ones_like(spread)

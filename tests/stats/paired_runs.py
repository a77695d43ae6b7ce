"""Two runs' scores of the same videos, for the tests that compare runs."""

from __future__ import annotations

import numpy as np

Run = list[float]


def two_runs(
    normal: int, anomalous: int, shifts: tuple[float, float] = (1.0, 2.0), seed: int = 0
) -> tuple[list[int], Run, Run]:
    """Labels, and scores of two runs that are moved up by ``shifts`` where there is an anomaly."""
    generator = np.random.default_rng(seed)
    labels = np.array([0] * normal + [1] * anomalous)
    shared = generator.normal(size=len(labels))
    a, b = (shared + generator.normal(size=len(labels)) + shift * labels for shift in shifts)
    return labels.tolist(), a.tolist(), b.tolist()

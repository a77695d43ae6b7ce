"""The integrator that every twin's motion goes through."""

from __future__ import annotations

import numpy as np
import pytest

from physprior.simulate.twin import march


def test_integration_gives_one_state_per_time_and_follows_the_equation() -> None:
    times = np.arange(31) / 30

    def decay(state: tuple[float, ...], _: float, dt: float) -> tuple[float, ...]:
        return (state[0] * (1 - dt),)

    path = np.array(march(decay, (1.0,), times))[:, 0]
    np.testing.assert_allclose(path, np.exp(-times), atol=2e-3)


@pytest.mark.parametrize("fps", [24, 30, 50, 60])
def test_no_interval_takes_another_step_for_rounding(fps: int) -> None:
    steps: list[float] = []

    def count(state: tuple[float, ...], _: float, dt: float) -> tuple[float, ...]:
        steps.append(dt)
        return state

    march(count, (0.0,), np.arange(240) / fps, step=1 / 480)
    assert len(steps) == 239 * -(-480 // fps)

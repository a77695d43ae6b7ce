"""The bottled liquid: it sloshes, keeps its volume, and loses what a gap lets out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from films import SAMPLED, shot, takes
from numpy.typing import NDArray

from physprior.simulate.film import Take, prepare
from physprior.simulate.looks.liquid import FLOOR, FRAME_M, MIDDLE, Unit, inner
from physprior.simulate.mechanics import Program
from physprior.simulate.twins import liquid
from physprior.simulate.twins.liquid import DEPTH_M, FILM_M

COUNT = 10


def state(take: Take, name: str) -> NDArray[np.float64]:
    return take.motion.states[name]


def at_severity(class_id: str, severity: float, count: int = 6) -> list[Take]:
    wanted = (severity, severity)
    return [prepare(replace(shot("liquid", class_id, k), severity=wanted)) for k in range(count)]


def held(take: Take, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """Places in the picture as the bottle sees them: (2, frames)."""
    c, s = np.cos(state(take, "tilt_rad")), np.sin(state(take, "tilt_rad"))
    right, up = x - state(take, "x"), y - MIDDLE
    return np.array([c * right + s * up, c * up - s * right])


def test_the_liquid_keeps_its_volume_at_every_slant() -> None:
    grid = np.meshgrid(np.linspace(-0.2, 0.2, 161), np.linspace(-0.3, 0.3, 241))
    for take in takes("liquid", "normal", 4):
        inside = inner(take.unit, *grid) < 0
        x, y = grid[0][inside], grid[1][inside]
        slants, levels = state(take, "surface_rad")[SAMPLED], state(take, "level")[SAMPLED]
        for slant, level in zip(slants, levels, strict=True):
            below = y * np.cos(slant) - x * np.sin(slant) < level
            assert below.mean() == pytest.approx(take.unit.fill, abs=0.025)


def test_the_surface_swings_under_the_strokes_and_never_runs_away() -> None:
    for take in takes("liquid", "normal", COUNT):
        lean = np.rad2deg(state(take, "surface_rad") + state(take, "tilt_rad"))
        assert 4 < np.abs(lean).max() < 60
        assert abs(lean.mean()) < 8
        assert np.abs(np.diff(lean)).max() < 30


def test_a_bottle_at_rest_has_its_liquid_settle_level() -> None:
    long = replace(shot("liquid", "normal", 3), frames=600, fps=60)
    take = prepare(long)
    tilt, lean = state(take, "tilt_rad"), state(take, "surface_rad") + state(take, "tilt_rad")
    still = np.abs(np.gradient(tilt)) < 1e-5
    # By the end of a rest of more than a second, the wave has died away.
    ends = np.flatnonzero(still[:-1] & ~still[1:])
    assert len(ends)
    assert np.abs(lean[ends - 3]).max() < 0.05 * np.abs(lean).max()


def swung(unit: Unit, times: NDArray[np.float64], wish: Program) -> NDArray[np.float64]:
    """Slant and surface of a sound bottle, each with its rate, and the share filled."""
    return liquid._shake(unit, times, wish, 0.02, (0.0, 0.0), (0.0, 0.0))


def first_mode(unit: Unit) -> float:
    """The first sloshing frequency (rad/s) of an upright bottle: a basin as wide as its body."""
    width = 2 * unit.wide * FRAME_M
    deep = unit.fill * unit.volume_m3(DEPTH_M) / DEPTH_M / width
    return float(np.sqrt(9.81 * np.pi / width * np.tanh(np.pi * deep / width)))


@pytest.mark.parametrize("side", [-1, 1])
def test_at_the_start_of_a_stroke_the_surface_rises_on_the_trailing_side(side: int) -> None:
    stroke = Program([0.0, 1.0, 1.3, 9.0], [0.0, 0.0, side * 0.5, side * 0.5])
    for take in takes("liquid", "normal", 4):
        path = swung(take.unit, np.arange(180) / 120, stroke)
        begun = slice(124, 129)
        # The cap and the liquid's middle go to the right as the bottle turns to the left.
        assert (side * path[begun, 1] > 0.05).all()
        assert (side * path[begun, 2] < 0).all()


def test_a_wave_that_is_left_to_itself_has_the_frequency_of_the_first_mode() -> None:
    jerk = Program([0.0, 0.2, 0.3, 9.0], [0.0, 0.0, 0.06, 0.06])
    for take in takes("liquid", "normal", 4):
        times = np.arange(600) / 240
        lean = swung(take.unit, times, jerk)[:, 2]
        free = times > 0.8
        up = np.flatnonzero(free[1:] & (lean[:-1] < 0) & (lean[1:] >= 0))
        rate = 2 * np.pi * (len(up) - 1) / (times[up[-1]] - times[up[0]])
        assert rate == pytest.approx(first_mode(take.unit) * np.sqrt(1 - 0.1**2), rel=0.04)


def test_a_slowly_turned_bottle_hands_on_part_of_its_turning() -> None:
    moments = np.linspace(0, 2 * np.pi, 200)
    slow = Program(moments.tolist(), (0.6 * np.sin(moments)).tolist())
    for take in takes("liquid", "normal", 2):
        times = np.arange(400) / 60
        at = int(np.argmin(np.abs(times - 2 * np.pi)))
        _, turning, lean, *_ = swung(take.unit, times, slow)[at]
        # Upright at constant rate: the wall's pull at a quarter of it, against the slope's.
        leaning = 2 * 0.10 * 0.25 * turning / first_mode(take.unit)
        assert turning == pytest.approx(0.6, rel=0.05)
        assert lean == pytest.approx(leaning, rel=0.25)


def test_a_shaken_sound_bottle_is_dry_outside_and_loses_nothing() -> None:
    for take in takes("liquid", "normal", COUNT):
        assert np.ptp(state(take, "fill")) == 0
        assert state(take, "drop_x").min() > 1
        assert state(take, "puddle").max() == state(take, "wet").max() == 0


def test_a_leaking_bottle_is_sound_before_the_onset_and_only_loses_from_then_on() -> None:
    for take in takes("liquid", "leak", COUNT):
        fill, start = state(take, "fill"), int(take.fault.onset_s * 30)
        assert np.ptp(fill[: start + 1]) == 0
        assert np.diff(fill).max() <= 0
        assert fill[0] - fill[-1] > 0.15 * fill[0]
        assert fill[-1] > -1e-6


def test_the_gap_lets_out_no_more_than_torricelli_s_law_allows() -> None:
    for take in takes("liquid", "leak", COUNT):
        rate = -np.diff(state(take, "fill")) * 30 * take.unit.volume_m3(DEPTH_M)
        head = take.unit.length * FRAME_M
        # Shaking adds to gravity: twice its pull is never reached.
        assert rate.max() < take.motion.parameters["gap_mm2"] * 1e-6 * np.sqrt(4 * 9.81 * head)


def test_drops_fall_as_fast_as_gravity_makes_them() -> None:
    checked = 0
    for take in takes("liquid", "leak", 4):
        height = state(take, "drop_y") * FRAME_M
        for column in height.T:
            falls = (column[2:] - 2 * column[1:-1] + column[:-2]) * 30**2
            # Three frames of one drop: no jump from one slot's user to the next.
            whole = (np.abs(np.diff(column))[1:] < 0.1) & (np.abs(np.diff(column))[:-1] < 0.1)
            own = whole & (np.diff(column)[1:] < 0) & (np.diff(column)[:-1] < 0)
            np.testing.assert_allclose(falls[own & (column[1:-1] < 1)], -9.81, rtol=1e-6)
            checked += int(own.sum())
    assert checked > 20


def test_each_drop_is_where_it_is_however_many_frames_are_filmed() -> None:
    for k in range(4):
        one, more = (
            prepare(replace(shot("liquid", "leak", k), frames=frames, fps=fps))
            for frames, fps in ((60, 30), (120, 60))
        )
        for name in ("drop_x", "drop_y", "drop_size", "puddle"):
            np.testing.assert_allclose(state(one, name), state(more, name)[::2], atol=1e-9)
        assert one.motion.parameters == pytest.approx(more.motion.parameters, rel=1e-9)


def test_the_puddle_holds_what_has_landed_and_no_more_than_was_lost() -> None:
    for take in takes("liquid", "leak", COUNT):
        puddle = np.pi * (state(take, "puddle") * FRAME_M) ** 2 * FILM_M
        fill = state(take, "fill")
        lost = (fill[0] - fill) * take.unit.volume_m3(DEPTH_M)
        assert np.diff(puddle).min() >= 0
        assert (puddle <= lost * 1.02 + 1e-9).all()
        assert puddle[-1] > 0.6 * lost[-1]
        assert state(take, "drop_y").min() >= FLOOR


def test_a_foreign_body_stays_inside_the_bottle_and_moves_on_its_own() -> None:
    for take in takes("liquid", "foreign_object", COUNT):
        x, y = held(take, state(take, "speck_x"), state(take, "speck_y"))
        size = state(take, "speck_size")[0]
        assert inner(take.unit, x, y).max() < -0.4 * size
        assert max(np.ptp(x), np.ptp(y)) > 0.04
        assert np.ptp(state(take, "fill")) == 0


def test_a_foreign_body_is_heavier_than_the_liquid_and_stays_below_its_surface() -> None:
    for take in takes("liquid", "foreign_object", COUNT):
        assert take.motion.parameters["particle_density_1"] > 1
        x, y = held(take, state(take, "speck_x"), state(take, "speck_y"))
        slant = state(take, "surface_rad")
        depth = state(take, "level") - (y * np.cos(slant) - x * np.sin(slant))
        assert depth.min() > -0.03
        assert (depth > 0).mean() > 0.9


def test_severity_grades_what_is_lost_and_how_large_the_particle_is() -> None:
    lost = [
        np.mean([t.motion.parameters["lost_ml"] for t in at_severity("leak", s)])
        for s in (0.0, 0.5, 1.0)
    ]
    assert 0 < lost[0] < 2
    assert 8 * lost[0] < lost[1] < 0.6 * lost[2]
    pixels = [96 * state(at_severity("foreign_object", s, 1)[0], "speck_size")[0] for s in (0, 1)]
    assert 0.8 < pixels[0] < 1.3
    assert pixels[1] > 4


@pytest.mark.parametrize("class_id", ["normal", "leak", "foreign_object"])
@pytest.mark.parametrize(("frames", "fps"), [(240, 60), (60, 60), (2, 30)])
def test_any_clip_length_works(class_id: str, frames: int, fps: int) -> None:
    take = prepare(replace(shot("liquid", class_id, 5), frames=frames, fps=fps))
    for name, values in take.motion.states.items():
        assert len(values) == frames, name
        assert np.isfinite(values).all(), name
    assert np.abs(state(take, "surface_rad")).max() < np.pi

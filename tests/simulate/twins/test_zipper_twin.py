"""The zipper's slider, its friction and its rows; each test is one sentence of physics."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from films import SAMPLED, shot, takes
from numpy.typing import NDArray

from physprior.simulate.film import Take, paint, prepare
from physprior.simulate.looks.zipper import END, NOSE, taut
from physprior.simulate.mechanics import Program
from physprior.simulate.twin import Fault, Motion
from physprior.simulate.twins import zipper
from physprior.simulate.twins.zipper import TWIN

FPS = 30
TIMES = np.arange(60) / FPS
FRAME_M = 0.16


def slider(take: Take) -> NDArray[np.float64]:
    return take.motion.states["slider"]


def moved(class_id: str, severity: float, seed: int = 0) -> Motion:
    """The same zipper at the same station's program, with one fault or another."""
    unit = TWIN.build(np.random.default_rng(5))
    fault = None if class_id == "normal" else Fault(class_id, 0.0, severity)
    drive, chance = np.random.default_rng(seed), np.random.default_rng(seed + 1000)
    return TWIN.move(unit, TIMES, fault, drive, chance)


def behind(take: Take) -> Iterator[NDArray[np.float64]]:
    """The half gaps at the teeth that the slider has left behind it, frame by frame."""
    for at, gap in zip(slider(take), take.motion.states["gap"], strict=True):
        yield gap[take.unit.rows < at - 0.051]


def standing(motion: Motion) -> float:
    """The share of a clip in which the slider stands, or all but stands."""
    return float((np.abs(np.diff(motion.states["slider"])) * FPS < 0.08).mean())


def test_a_sound_slider_goes_all_the_way_at_the_pace_of_the_arm() -> None:
    for take in takes("zipper", "normal", 20):
        pace = np.diff(slider(take)) * FPS
        closing = np.median(pace[pace > 0.1])
        assert closing * FRAME_M == pytest.approx(take.motion.parameters["speed_m_s"], rel=0.02)
        assert np.ptp(slider(take)) > 0.35
        assert (np.abs(np.diff(slider(take)[SAMPLED])) > 0.03).sum() >= 5


@pytest.mark.parametrize("class_id", ["normal", "stuck"])
def test_meshed_teeth_are_shut_behind_the_slider_and_part_in_a_straight_v_ahead(
    class_id: str,
) -> None:
    for take in takes("zipper", class_id, 10):
        assert max(gap.max() for gap in behind(take)) == 0
        for at, gap in zip(slider(take), take.motion.states["gap"], strict=True):
            ahead = gap[take.unit.rows > at + 0.06]
            assert (np.diff(ahead) > 0).all()
            np.testing.assert_allclose(np.diff(ahead, 2), 0, atol=1e-9)
            assert ahead[-1] < take.unit.spread


def test_a_stuck_slider_gives_by_the_spring_that_holds_it_and_no_more() -> None:
    for take in takes("zipper", "stuck", 20):
        most = 2 * take.motion.parameters["pull_limit_n"] / 1.6e4 / FRAME_M
        assert np.ptp(slider(take)) < 1.1 * most
        assert take.motion.parameters["breakaway_n"] > take.motion.parameters["pull_limit_n"]


def test_the_first_pull_does_not_tear_a_stuck_slider_from_its_place() -> None:
    ticks = np.arange(240) / 240
    for goal, start in ((0.2, -0.2), (-0.2, 0.2), (0.01, 0.0)):
        path = zipper._pull(ticks, Program([0.0, 1.0], [goal, goal]), start, 1.06 * 30.0)
        assert np.abs(path - start).max() < 1e-4


def test_stuck_sliders_stand_wherever_sound_ones_pass() -> None:
    sound = np.array([slider(take)[SAMPLED] for take in takes("zipper", "normal", 60)])
    stuck = np.array([slider(take)[30] for take in takes("zipper", "stuck", 60)])
    grid = np.linspace(-0.3, 0.25, 50)
    shares = [(values[:, None] < grid).mean(axis=0) for values in (sound.ravel(), stuck)]
    assert np.abs(shares[0] - shares[1]).max() < 0.17
    assert stuck.min() > sound.min() - 0.01
    assert stuck.max() < sound.max() + 0.01


def test_more_friction_lets_the_slider_stand_more_of_the_time() -> None:
    shares = [
        np.mean([standing(moved(*fault, seed)) for seed in range(6)])
        for fault in (("normal", 0.0), ("stuck", 0.0), ("stuck", 0.3), ("stuck", 0.5))
    ]
    assert shares[0] <= shares[1] < shares[2] - 0.1
    assert shares[2] < shares[3] - 0.1
    assert shares[3] > 0.95


def test_below_clear_severity_the_slider_sticks_and_slips_faster_than_the_arm() -> None:
    for seed in range(6):
        dragged = moved("stuck", 0.35, seed)
        pace = np.abs(np.diff(dragged.states["slider"])) * FPS * FRAME_M
        assert pace.max() > 1.4 * np.abs(np.diff(moved("normal", 0, seed).states["slider"])).max()
        assert standing(dragged) > 0.3
        assert np.ptp(dragged.states["slider"]) > 0.2


def test_friction_holds_what_it_outweighs_and_a_pulled_slider_stops_near_its_goal() -> None:
    goal = Program([0.0, 1.0], [0.1, 0.1])
    ticks = np.arange(360) / 240
    for start in (-0.1, 0.1):
        path = zipper._pull(ticks, goal, start, 1.5)
        assert abs(path[-1] - 0.1) <= 1.02 * 1.5 / 1500 / FRAME_M
        assert np.ptp(path[-60:]) < 1e-4
        assert path.max() < 0.12


def test_teeth_that_do_not_mesh_change_nothing_in_how_the_slider_goes() -> None:
    sound, open_ = moved("normal", 0.0), moved("unable_to_close", 1.0)
    np.testing.assert_array_equal(sound.states["slider"], open_.states["slider"])
    assert sound.parameters["unmeshed_teeth_1"] == 0 < open_.parameters["unmeshed_teeth_1"]


def test_the_more_teeth_do_not_mesh_the_wider_the_rows_gape_behind_the_slider() -> None:
    widest = []
    for severity in (0.0, 0.5, 1.0):
        gapes = []
        for k in range(8):
            one = replace(shot("zipper", "unable_to_close", k), severity=(severity, severity))
            gapes.append(max(gap.max() for gap in behind(prepare(one)) if len(gap)))
        widest.append(gapes)
    assert min(widest[0]) > 0.010
    assert max(widest[0]) < 0.02 < min(widest[1])
    assert np.mean(widest[1]) < 0.6 * np.mean(widest[2])
    assert min(widest[2]) > 0.05


def test_a_run_of_bad_teeth_gapes_as_a_loaded_string_sags() -> None:
    unit = TWIN.build(np.random.default_rng(5))
    sound = np.ones(len(unit.rows), bool)
    sound[2:10] = False
    path = np.full(720, 0.15)
    gap = zipper._part(unit, path, 1 / 240, sound)[-1, :12]
    span_m = 9 * unit.pitch * FRAME_M
    assert gap.max() * FRAME_M == pytest.approx(150.0 * span_m**2 / (8 * 8.0), rel=0.05)
    assert gap[[0, 1, 10]].max() == 0


@pytest.mark.parametrize("pitch", [0.04, 0.034, 0.01])
def test_rows_of_any_pitch_settle_and_do_not_swing(pitch: float) -> None:
    # Tapes without mass creep to their sag: none goes beyond it, however fine the teeth.
    unit = replace(TWIN.build(np.random.default_rng(5)), pitch=pitch)
    first, last = np.searchsorted(unit.rows, (-0.3, 0.0))
    sound = np.ones(len(unit.rows), bool)
    sound[first:last] = False
    tick = zipper._tick_s(unit)
    assert tick <= 1 / 240
    gap = zipper._part(unit, np.full(int(2 / tick), 0.15), tick, sound)[:, first:last]
    assert np.diff(gap, axis=0).min() > -1e-9
    sag = 150.0 * ((last - first + 1) * pitch * FRAME_M) ** 2 / (8 * 8.0) / FRAME_M
    # Its ends stand tip to tip.
    assert 0.95 * sag < gap[-1].max() < sag + zipper._UNMESHED


def test_tapes_gape_no_wider_than_their_clamps_however_far_the_slider_is_thrown() -> None:
    unit = TWIN.build(np.random.default_rng(5))
    x, places = np.linspace(-0.5, END, 500), np.linspace(-0.3, 0.6, 400)
    gap = taut(unit, places[:, None], x[None])
    assert 0 <= gap.min() < gap.max() <= unit.spread + 1e-12
    near = places < END - 2 * NOSE
    np.testing.assert_allclose(gap[near, -1], unit.spread)


def test_rows_do_not_pass_through_each_other() -> None:
    for class_id in ("normal", "stuck", "unable_to_close"):
        for take in takes("zipper", class_id, 5):
            assert take.motion.states["gap"].min() >= 0
            assert take.motion.states["gap"].max() < 0.2


@pytest.mark.parametrize(("frames", "fps"), [(240, 60), (60, 60), (2, 30)])
@pytest.mark.parametrize("class_id", ["normal", "stuck", "unable_to_close"])
def test_any_length_of_clip_can_be_filmed(frames: int, fps: int, class_id: str) -> None:
    one = replace(shot("zipper", class_id, 3), frames=frames, fps=fps, size=32)
    take = prepare(one)
    assert len(list(paint(one, take))) == frames
    assert np.abs(slider(take)).max() < 0.3
    if frames > 2:
        assert (np.ptp(slider(take)) > 0.35) == (class_id != "stuck")

"""The screw: turns become depth by its pitch, as long as its flanks bear the force."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from films import SAMPLED, shot, takes
from numpy.typing import NDArray

from physprior.simulate.film import Take, paint, prepare
from physprior.simulate.twins.screw import Hole, _along

FRAME_M = 0.10


def depth(take: Take) -> NDArray[np.float64]:
    """How deep the tip is in every frame, as a share of the whole screw."""
    return take.motion.states["depth"] / take.unit.look.length


def turned(take: Take) -> NDArray[np.float64]:
    return take.motion.states["turned_rad"] / (2 * np.pi)


def graded(class_id: str, severity: float, count: int) -> list[Take]:
    shots = [shot("screw", class_id, index) for index in range(count)]
    return [prepare(replace(one, severity=(severity, severity))) for one in shots]


def test_a_sound_screw_sinks_by_one_pitch_a_turn() -> None:
    for take in takes("screw", "normal", 24):
        sunk_m = (take.motion.states["depth"] - take.motion.states["depth"][0]) * FRAME_M
        asked_m = (turned(take) - turned(take)[0]) * take.motion.parameters["pitch_m"]
        np.testing.assert_allclose(sunk_m, asked_m, atol=1e-4)


def test_a_sound_screw_moves_far_and_some_films_show_it_sit_tight() -> None:
    sound = takes("screw", "normal", 24)
    assert min(np.ptp(depth(take)[SAMPLED]) for take in sound) > 0.45
    assert sum(depth(take).max() > 0.999 for take in sound) > 8


def test_the_seat_stops_the_head_within_a_twentieth_of_a_turn() -> None:
    for class_id in ("normal", "stripped"):
        for take in takes("screw", class_id, 24):
            assert depth(take).max() < 1 + 0.05 / take.unit.turns


def test_the_eye_can_follow_the_mark_through_eight_frames() -> None:
    for class_id in ("normal", "stripped"):
        for take in takes("screw", class_id, 24):
            assert np.abs(np.diff(turned(take)[SAMPLED])).max() < 0.5


def test_a_stripped_screw_turns_as_a_sound_one_and_stays_where_it_is() -> None:
    for take in takes("screw", "stripped", 24):
        assert np.ptp(turned(take)) > 0.8
        assert np.ptp(depth(take)) < 1e-3


def test_stripped_screws_stand_as_deep_as_sound_ones_are_on_their_way() -> None:
    # Over many videos the laws agree, so that no frame tells.
    sound, stripped = (
        np.concatenate([depth(take)[::6] for take in takes("screw", name, 200)])
        for name in ("normal", "stripped")
    )
    quantiles = [np.quantile(one, (0.1, 0.25, 0.5, 0.75, 0.9)) for one in (sound, stripped)]
    np.testing.assert_allclose(*quantiles, atol=0.14)


def test_what_the_arm_presses_comes_off_the_flanks_on_the_way_in() -> None:
    for rate in (0.001, 0.004):
        (sinks, inward), (rises, outward) = (_along(way * rate, 0.0, Hole()) for way in (1, -1))
        assert sinks == -rises == rate
        # The wall holds alike both ways, and the arm presses with 12 N on the way in alone.
        assert -outward - inward == pytest.approx(12.0)
    # A screw that slips on its flanks is helped in by the arm: it sinks faster than it rises.
    worn = Hole(thread_n=20.0)
    assert _along(0.01, 0.0, worn)[0] > 0 >= _along(-0.01, 0.0, worn)[0]


def test_a_worn_thread_loses_part_of_its_pitch_and_more_with_severity() -> None:
    def gained(severity: float) -> float:
        # Pitches moved for each turn, in and out together.
        shares = [
            np.abs(np.diff(depth(t))).sum() * t.unit.turns / np.abs(np.diff(turned(t))).sum()
            for t in graded("stripped", severity, 12)
        ]
        return float(np.mean(shares))

    slight, middle, clear = gained(0.0), gained(0.3), gained(0.5)
    assert 0.95 > slight > 0.45
    assert slight > middle + 0.1 > clear + 0.2
    assert clear < 1e-3


def test_a_screw_that_cannot_go_in_stands_on_the_rim_and_does_not_turn_on() -> None:
    for take in takes("screw", "unable_to_go_in", 24):
        assert np.abs(depth(take)).max() < 1e-6
        assert np.ptp(turned(take)) < 1.0
        beside = np.abs(take.motion.states["beside"])
        assert (beside > take.unit.look.core * 0.95).all()


def test_an_obstacle_in_the_hole_stops_the_screw_at_its_depth() -> None:
    for severity, reach in ((0.0, 0.85), (0.25, 0.45)):
        for take in graded("unable_to_go_in", severity, 12):
            assert depth(take).max() < reach + 0.05 / take.unit.turns
            beyond = depth(take)[1:] > reach
            assert beyond.sum() < 5 or np.abs(np.diff(turned(take))[beyond]).min() < 1e-3


def test_a_screw_on_the_rim_leans_more_with_severity_but_does_not_fall() -> None:
    lean = [
        np.mean([np.abs(t.motion.states["lean_rad"]).max() for t in graded(name, severity, 8)])
        for name, severity in (("unable_to_go_in", 0.5), ("unable_to_go_in", 1.0))
    ]
    assert np.deg2rad(3) < lean[0] < lean[1] < np.deg2rad(16)
    assert all(not t.motion.states["lean_rad"].any() for t in takes("screw", "stripped", 5))


@pytest.mark.parametrize(("frames", "fps"), [(240, 60), (60, 60), (2, 30)])
def test_clips_of_any_length_can_be_made(frames: int, fps: int) -> None:
    for class_id in ("normal", "stripped", "unable_to_go_in"):
        one = replace(shot("screw", class_id, 3), frames=frames, fps=fps)
        take = prepare(one)
        assert all(np.isfinite(v).all() and len(v) == frames for v in take.motion.states.values())
        if frames > 2 and class_id == "normal":
            assert np.ptp(depth(take)) > 0.4
    assert next(iter(paint(one, take))).shape == (96, 96, 3)

"""The button: what gripper, spring, guide and lamp do with one another, and what stops them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from films import SAMPLED, frame, shot, takes
from numpy.typing import NDArray

from physprior.simulate.film import Take, paint, prepare

CLASSES = (
    "normal",
    "no_light",
    "unable_to_press",
    "unable_to_rebound_light",
    "unable_to_rebound_no_light",
)


def depth(take: Take) -> NDArray[np.float64]:
    """How deep the cap is in every frame, as a share of its stroke."""
    return take.motion.states["depth"] / take.unit.look.stroke


def lamp(take: Take) -> NDArray[np.float64]:
    return take.motion.states["lamp"]


def away(take: Take) -> NDArray[np.bool_]:
    """Where the gripper is plainly above the place at which it touches a cap at rest."""
    return take.motion.states["tip"] < -0.02


def graded(class_id: str, severity: float, count: int) -> list[Take]:
    shots = [shot("button", class_id, index) for index in range(count)]
    return [prepare(replace(one, severity=(severity, severity))) for one in shots]


def test_a_sound_cap_goes_all_the_way_down_and_springs_all_the_way_up() -> None:
    for take in takes("button", "normal", 12):
        assert depth(take).max() > 0.98
        assert depth(take).min() < 0.01
        assert depth(take)[away(take)].max() < 0.02


def test_in_most_clips_eight_frames_catch_the_cap_down_or_the_lamp_lit() -> None:
    shown = [
        max(lamp(take)[SAMPLED].max(), depth(take)[SAMPLED].max()) > 0.5
        for take in takes("button", "normal", 60)
    ]
    assert np.mean(shown) > 0.65


def test_few_frames_show_that_a_button_is_sound() -> None:
    # Each of them is a frame that no wedged cap can show; beyond an eighth of them, one would tell.
    telling = [
        np.mean((lamp(take) > 0.1) | (depth(take) > 0.1)) for take in takes("button", "normal", 60)
    ]
    assert 0.06 < np.mean(telling) < 0.125


def test_the_lamp_lights_no_sooner_than_the_cap_is_down() -> None:
    for class_id in ("normal", "unable_to_rebound_light"):
        for take in takes("button", class_id, 12):
            rises = np.flatnonzero((lamp(take)[:-1] < 0.05) & (lamp(take)[1:] > 0.05))
            assert all(depth(take)[k : k + 2].max() > 0.6 for k in rises)


def test_the_gripper_never_reaches_into_the_cap() -> None:
    for class_id in CLASSES:
        for take in takes("button", class_id, 5):
            assert (take.motion.states["tip"] <= take.motion.states["depth"] + 1e-12).all()


def test_a_cap_stays_within_its_stroke() -> None:
    for class_id in CLASSES:
        for take in takes("button", class_id, 5):
            assert depth(take).min() >= 0
            assert depth(take).max() <= 1 + 1e-12


def test_a_button_without_light_moves_as_a_sound_one_and_stays_dark() -> None:
    made = takes("button", "no_light", 24)
    assert all(lamp(take).max() < 0.035 for take in made)
    assert np.mean([np.ptp(depth(take)) > 0.97 for take in made]) > 0.8


def test_a_wedged_cap_stops_the_gripper_where_it_touches() -> None:
    for take in takes("button", "unable_to_press", 12):
        assert depth(take).max() < 1e-6
        assert take.motion.states["tip"].max() < 1e-9
        assert (take.motion.states["tip"] > -1e-3).mean() > 0.2
        assert lamp(take).max() == 0


def test_a_tired_spring_leaves_the_cap_down_when_the_gripper_has_left() -> None:
    for class_id in ("unable_to_rebound_light", "unable_to_rebound_no_light"):
        for take in takes("button", class_id, 12):
            pressed = int(np.argmax(depth(take) > 0.6))
            assert depth(take)[pressed:].min() > 0.6
            assert away(take).any()


def test_the_lamp_of_a_cap_that_stays_down_stays_lit_or_stays_dark() -> None:
    for take in takes("button", "unable_to_rebound_light", 12):
        lit = int(np.argmax(lamp(take) > 0.9))
        assert lamp(take)[lit:].min() > 0.9
    for take in takes("button", "unable_to_rebound_no_light", 12):
        assert lamp(take).max() < 0.035


def test_a_lit_lamp_brightens_the_picture_about_the_cap() -> None:
    for index in range(4):
        one, take = shot("button", "normal", index), takes("button", "normal", index + 1)[-1]
        bright, dark = (frame(one, take, int(at(lamp(take)))) for at in (np.argmax, np.argmin))
        middle = (slice(40, 75), slice(30, 66))
        assert bright[middle].mean() > dark[middle].mean() + 8


def test_severity_grades_light_and_stroke() -> None:
    def most(class_id: str, severity: float) -> tuple[float, float, float]:
        made = graded(class_id, severity, 5)
        up = [depth(t)[away(t)].max() for t in made if away(t).any()]
        ends = [np.mean([f(t).max() for t in made]) for f in (depth, lamp)]
        return float(ends[0]), float(ends[1]), float(np.mean(up))

    assert most("no_light", 0.0)[1] > most("no_light", 0.3)[1] + 0.2 > most("no_light", 0.5)[1]
    stroke = [most("unable_to_press", severity)[0] for severity in (0.0, 0.25, 0.5)]
    assert 0.95 > stroke[0] > stroke[1] + 0.2 > stroke[2] + 0.3
    left = [most("unable_to_rebound_light", severity)[2] for severity in (0.0, 0.25, 1.0)]
    assert 0.02 < left[0] < left[1] < left[2]


@pytest.mark.parametrize(("frames", "fps"), [(240, 60), (60, 60), (2, 30)])
def test_clips_of_any_length_can_be_made(frames: int, fps: int) -> None:
    for class_id in CLASSES:
        one = replace(shot("button", class_id, 3), frames=frames, fps=fps)
        take = prepare(one)
        assert all(np.isfinite(v).all() and len(v) == frames for v in take.motion.states.values())
        if frames > 2 and class_id == "normal":
            assert np.ptp(depth(take)) > 0.95
            assert np.ptp(lamp(take)) > 0.9
    assert next(iter(paint(one, take))).shape == (96, 96, 3)

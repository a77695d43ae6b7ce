"""What the mechanisms share: friction, limits, programs that repeat, tables of what is wanted."""

from __future__ import annotations

import numpy as np
import pytest

from physprior.simulate.mechanics import Program, Servo, Table, limited, rubbed, ticks
from physprior.simulate.twin import duration_of


def test_a_clip_lasts_until_its_last_frame_has_been_seen() -> None:
    assert duration_of(np.arange(60) / 30) == pytest.approx(2.0)
    assert duration_of(np.array([0.0, 0.25])) == 0.5


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_friction_slows_either_way_stops_what_is_slow_and_never_turns_it_round(sign: float) -> None:
    assert rubbed(sign * 2.0, 0.5) == sign * 1.5
    assert rubbed(sign * 0.4, 0.5) == 0.0
    assert rubbed(0.0, 0.5) == 0.0


def test_a_limit_holds_to_both_sides_and_leaves_the_rest_alone() -> None:
    held = {-7.0: -3.0, -3.0: -3.0, -1.0: -1.0, 0.0: 0.0, 2.5: 2.5, 3.0: 3.0, 9.0: 3.0}
    assert {value: limited(value, 3.0) for value in held} == held


def test_a_servo_pulls_like_a_spring_and_a_damper_within_its_limit() -> None:
    servo = Servo(stiffness=100.0, damping=8.0, limit=5.0)
    assert servo.force(0.03, 0.01, 0.0) == pytest.approx(2.0)
    assert servo.force(0.01, 0.01, 0.25) == pytest.approx(-2.0)
    assert servo.force(0.03, 0.01, 0.25) == pytest.approx(0.0)
    assert servo.force(1.0, 0.0, 0.0) == 5.0
    assert servo.force(-1.0, 0.0, 0.0) == -5.0


def test_a_servo_that_knows_the_wish_moves_does_not_brake_what_keeps_pace() -> None:
    servo = Servo(stiffness=100.0, damping=8.0, limit=5.0)
    assert servo.force(0.03, 0.01, 0.25, pace=0.25) == pytest.approx(2.0)
    assert servo.force(0.01, 0.01, 0.0, pace=0.5) == pytest.approx(4.0)


def test_a_program_goes_straight_between_its_moments_and_begins_anew() -> None:
    program = Program([0.0, 1.0, 1.0, 3.0, 4.0], [0.0, 2.0, 5.0, 5.0, 0.0])
    assert program.period == 4.0
    assert [program.at(t) for t in (0.0, 0.25, 2.0, 3.5)] == [0.0, 0.5, 5.0, 2.5]
    assert [program.at(t) for t in (4.25, 7.5, 10.0)] == [0.5, 2.5, 5.0]


def test_before_the_film_a_program_is_where_it_is_a_period_later() -> None:
    program = Program([0.0, 1.0, 4.0], [0.0, 3.0, 0.0], phase=0.75)
    for t in (-0.5, -2.75, -3.0, -9.25):
        assert program.at(t) == pytest.approx(program.at(t + 12.0))
    assert program.at(-0.5) == pytest.approx(0.75)


def test_a_phase_says_how_far_into_its_period_the_film_begins() -> None:
    moments, values = [0.0, 1.0, 4.0], [0.0, 3.0, 0.0]
    early, late = Program(moments, values), Program(moments, values, phase=1.5)
    assert late.at(0.0) == pytest.approx(2.5)
    for t in (-2.0, 0.0, 0.5, 3.25):
        assert late.at(t) == pytest.approx(early.at(t + 1.5))


def test_a_program_of_lengths_takes_so_long_for_each_line() -> None:
    class Third(np.random.Generator):
        def uniform(self, low: float = 0.0, high: float = 1.0) -> float:  # type: ignore[override]
            return low + (high - low) / 3

    drive = Third(np.random.PCG64())
    program = Program.of_lengths((0.5, 1.0, 0.0, 1.5), (0.0, 4.0, 4.0, 6.0, 0.0), drive, 2.0)
    assert program.period == 6.0
    # It begins 2 s into the period, a second after it has come to 4.
    wishes = {-2.0: 0.0, -1.5: 2.0, -1.0: 4.0, 0.0: 4.0, 0.75: 4.0, 2.5: 3.0, 3.5: 1.0}
    assert {t: pytest.approx(program.at(t)) for t in wishes} == wishes


def test_a_program_of_lengths_begins_anywhere_in_its_period() -> None:
    drive = np.random.default_rng(3)
    begun = [Program.of_lengths((2.0,), (0.0, 1.0), drive).at(0.0) for _ in range(400)]
    assert np.quantile(begun, [0.25, 0.5, 0.75]) == pytest.approx([0.25, 0.5, 0.75], abs=0.06)


def test_a_program_says_the_same_of_many_moments_as_of_each() -> None:
    program = Program([0.0, 0.3, 0.9, 1.3], [1.0, -1.0, -1.0, 1.0], phase=0.4)
    times = np.linspace(-3.0, 3.0, 101)
    assert program.over(times) == pytest.approx([program.at(t) for t in times.tolist()])


def test_a_table_has_the_wish_of_the_nearest_tick() -> None:
    table = Table([10.0, 11.0, 12.0, 13.0], step=0.5)
    wishes = {0.0: 10.0, 0.2: 10.0, 0.3: 11.0, 0.5: 11.0, 1.2: 12.0, 1.6: 13.0}
    assert {t: table.at(t) for t in wishes} == wishes


def test_a_table_begins_before_the_film() -> None:
    table = Table(["warm", "still warm", "film", "on"], step=0.5, before=1.0)
    assert [table.at(t) for t in (-1.0, -0.5, 0.0, 0.5)] == ["warm", "still warm", "film", "on"]


def test_a_table_may_hold_ticks_before_its_first() -> None:
    table = Table([10.0, 11.0, 12.0, 13.0], step=0.5, before=0.5, first=1)
    assert [table.at(t) for t in (-1.0, -0.5, 0.0, 0.5)] == [10.0, 11.0, 12.0, 13.0]


@pytest.mark.parametrize("fps", [24, 25, 30, 60])
@pytest.mark.parametrize("before", [0.0, 0.25, 0.6])
def test_a_table_of_ticks_has_what_the_program_wants_all_the_film(fps: int, before: float) -> None:
    step, times = 1 / 480, np.arange(2 * fps) / fps
    program = Program([0.0, 0.7, 1.1], [0.0, 1.0, 0.0], phase=0.2)
    when = ticks(float(times[-1]), step, before)
    assert when[0] == -before
    assert when[-1] > times[-1] + 1.9 * step
    assert np.diff(when) == pytest.approx(step)
    table = Table(program.over(when).tolist(), step, before)
    # At the steepest a tick's half changes the wish by this much.
    most = 0.5 * step / 0.4 + 1e-9
    for t in np.arange(-before, times[-1] + step, step / 3).tolist():
        assert table.at(t) == pytest.approx(program.at(t), abs=most)

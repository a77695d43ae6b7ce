"""The rubber band stretches as rubber does; each test is one sentence of physics."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from films import shot, takes
from numpy.typing import NDArray

from physprior.simulate.film import Take, paint, prepare
from physprior.simulate.twins import rubber_band
from physprior.simulate.twins.rubber_band import TWIN, energy_j_m3, pull_n

FRAME_M = 0.20


def state(take: Take, name: str) -> NDArray[np.float64]:
    return take.motion.states[name]


def cracked(severity: float, count: int = 8) -> list[Take]:
    graded = (severity, severity)
    return [
        prepare(replace(shot("rubber_band", "crack", k), severity=graded)) for k in range(count)
    ]


def lasting(seconds: int, count: int = 4) -> list[Take]:
    shots = [shot("rubber_band", "normal", index) for index in range(count)]
    return [prepare(replace(one, frames=60 * seconds, fps=60)) for one in shots]


def torn(take: Take) -> bool:
    return bool(state(take, "torn").any())


def deepest(take: Take) -> float:
    return 1.0 if torn(take) else float(state(take, "depth").max())


def stretch(take: Take) -> NDArray[np.float64]:
    return np.asarray(state(take, "length") / take.unit.length)


def test_the_pull_is_the_slope_of_the_stored_energy() -> None:
    unit = takes("rubber_band", "normal", 1)[0].unit
    volume = unit.length * FRAME_M * unit.width * FRAME_M * 0.002
    for ratio in (1.1, 1.5, 2.0):
        rise = energy_j_m3(unit, ratio + 1e-4) - energy_j_m3(unit, ratio - 1e-4)
        slope = rise * volume / (2e-4 * unit.length * FRAME_M)
        assert pull_n(unit, ratio) == pytest.approx(slope, rel=1e-3)


def test_a_strand_keeps_its_volume_as_it_grows_longer_and_thinner() -> None:
    for take in takes("rubber_band", "normal", 12):
        volume = state(take, "length") * state(take, "width") ** 2
        np.testing.assert_allclose(volume, take.unit.length * take.unit.width**2, rtol=1e-9)


def test_a_sound_band_is_drawn_out_far_and_let_in_again_without_a_gap() -> None:
    for take in takes("rubber_band", "normal", 24):
        assert stretch(take).max() > 1.8
        assert stretch(take).min() < 1.4
        assert deepest(take) == 0


def test_the_gripper_gives_way_to_the_pull_and_never_overtakes_its_wish_by_much() -> None:
    # The servo is a spring: the band holds it back by its pull over the servo's stiffness.
    for take in takes("rubber_band", "normal", 24):
        peak = take.motion.parameters["peak_stretch_1"]
        assert stretch(take).max() < peak * 1.01
        assert stretch(take).max() > peak - 2 * pull_n(take.unit, peak) / 2e4 / 0.05


def test_at_full_stretch_the_servo_stays_short_by_what_both_strands_pull() -> None:
    for take in takes("rubber_band", "normal", 12):
        have, most = take.motion.parameters, stretch(take).max()
        short_m = (have["peak_stretch_1"] - most) * have["rest_length_m"]
        pull = have["shear_modulus_pa"] * have["strand_area_m2"] * (most - most**-2)
        assert short_m * 2e4 == pytest.approx(2 * pull, rel=0.1)


def test_viscous_rubber_pulls_harder_on_the_way_out_than_on_the_way_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sound = takes("rubber_band", "normal", 4)
    monkeypatch.setattr(rubber_band, "_VISCOSITY_PA_S", 0.0)
    for take, elastic in zip(sound, takes("rubber_band", "normal", 4), strict=True):
        lag = state(elastic, "length") - state(take, "length")
        speed = np.gradient(state(elastic, "length"))
        assert np.median(lag[speed > 0.002]) > 3e-5
        assert np.median(lag[speed < -0.002]) < -3e-5


def test_strands_tremble_at_the_pitch_of_a_string_under_their_pull() -> None:
    times = np.arange(8000) / 4000
    for seed in range(3):
        unit = TWIN.build(np.random.default_rng(seed))
        drive, chance = np.random.default_rng(seed), np.random.default_rng(seed)
        states = TWIN.move(unit, times, None, drive, chance).states
        ratio, sway = states["length"] / unit.length, states["sway"]
        wave_m_s = np.sqrt(unit.modulus_pa * (ratio - ratio**-2) * ratio / 950)
        half_turns = wave_m_s / (states["length"] * FRAME_M)
        trembles = np.arange(8000) >= np.argmax(sway != 0)
        crossings = int((np.diff(np.sign(sway[trembles])) != 0).sum())
        assert crossings == pytest.approx(half_turns[trembles].sum() / 4000, rel=0.04)


def test_a_harder_jerk_throws_the_strands_further_across() -> None:
    slow, quick = (
        np.mean([np.abs(state(take, "sway")).max() for take in lasting(seconds)])
        for seconds in (4, 1)
    )
    assert quick > 2 * slow > 0


def test_a_crack_opens_at_the_onset_and_never_heals() -> None:
    for take in takes("rubber_band", "crack", 24):
        assert take.fault is not None
        before = np.arange(60) / 30 < take.fault.onset_s
        depth = state(take, "depth") + state(take, "torn")
        assert depth[before].max() == 0
        assert (np.diff(depth) >= 0).all()
        assert deepest(take) > 0.35


def test_a_crack_gapes_wider_the_further_the_band_is_drawn_out() -> None:
    for take in cracked(0.2):
        old = slice(int(take.fault.onset_s * 30) + 12, None) if take.fault else slice(0)
        gape = state(take, "gape")[old] / state(take, "depth")[old]
        assert np.corrcoef(gape, stretch(take)[old])[0, 1] > 0.99


def test_severity_grades_from_a_notch_over_a_cleft_to_a_torn_strand() -> None:
    slight, clear, gross = (
        np.array([deepest(take) for take in cracked(severity)]) for severity in (0.0, 0.5, 1.0)
    )
    assert slight.max() < 0.27
    assert slight.max() < clear.min()
    assert 0.6 < clear.mean() < 0.85
    assert clear.max() < 1
    assert gross.min() == 1
    strengths = [
        cracked(one, 1)[0].motion.parameters["tear_strength_j_m2"] for one in (0.0, 0.5, 1.0)
    ]
    assert strengths == sorted(strengths, reverse=True)
    sound = takes("rubber_band", "normal", 1)[0].motion.parameters
    assert sound["tear_strength_j_m2"] > strengths[0]


def test_torn_ends_are_as_long_as_the_rubber_was_before_it_was_stretched() -> None:
    for take in cracked(1.0):
        ends = 0.0
        for end in ("left", "right"):
            x, y = state(take, f"{end}_x")[-1], state(take, f"{end}_y")[-1]
            ends += float(np.hypot(np.diff(x), np.diff(y)).sum())
        assert ends == pytest.approx(take.unit.length, rel=0.05)


def test_torn_ends_move_with_no_more_energy_than_the_strand_had_stored() -> None:
    for take in cracked(1.0):
        first = int(np.argmax(state(take, "torn")))
        volume = take.unit.length * take.unit.width * FRAME_M**2 * 0.002
        stored = energy_j_m3(take.unit, float(stretch(take)[first])) * volume
        moving = 0.0
        for end in ("left", "right"):
            nodes = state(take, f"{end}_x") + 1j * state(take, f"{end}_y")
            speeds = np.abs(np.diff(nodes[first:], axis=0)) * FRAME_M * 30
            moving += float((speeds**2).mean(axis=1).max()) / 4 * 950 * volume
        assert 0 < moving < stored


def test_a_torn_end_is_let_go_across_no_faster_than_the_whip_of_the_tear() -> None:
    seen = []
    for index in range(8):
        one = replace(shot("rubber_band", "crack", index), fps=240, frames=480)
        take = prepare(replace(one, severity=(1.0, 1.0)))
        first = int(np.argmax(state(take, "torn")))
        for end in ("left", "right"):
            seen += [np.diff(state(take, f"{end}_y")[first : first + 2, -1])[0] * 240 * FRAME_M]
    assert 0.5 < np.abs(seen).max() < 1.6 + 9.81 / 240


def test_torn_ends_move_alike_at_half_the_step_and_at_twice_the_frames(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = cracked(1.0, 3)
    often = [
        prepare(replace(shot("rubber_band", "crack", k), severity=(1.0, 1.0), frames=120, fps=60))
        for k in range(3)
    ]
    monkeypatch.setattr(rubber_band, "_STEP_S", rubber_band._STEP_S / 2)
    monkeypatch.setattr(rubber_band, "_RECOIL_STEP_S", rubber_band._RECOIL_STEP_S / 2)
    for one, half, two in zip(whole, cracked(1.0, 3), often, strict=True):
        for name in ("left_x", "left_y", "right_x", "right_y"):
            np.testing.assert_allclose(state(one, name), state(half, name), atol=0.02)
            np.testing.assert_allclose(state(one, name), state(two, name)[::2], atol=0.005)


def test_torn_ends_come_to_rest_and_hang() -> None:
    for index in range(6):
        one = replace(shot("rubber_band", "crack", index), frames=240, severity=(1.0, 1.0))
        take = prepare(one)
        tip = state(take, "left_x") + 1j * state(take, "left_y")
        assert tip[-1, -1].imag < tip[-1, 0].imag
        assert np.abs(np.diff(tip[-15:, -1])).max() < 0.008


@pytest.mark.parametrize(("frames", "fps"), [(2, 30), (60, 60), (240, 60)])
@pytest.mark.parametrize("class_id", ["normal", "crack"])
def test_any_clip_can_be_filmed(class_id: str, frames: int, fps: int) -> None:
    one = replace(shot("rubber_band", class_id, 1), frames=frames, fps=fps, severity=(1.0, 1.0))
    take = prepare(one)
    assert all(len(v) == frames and np.isfinite(v).all() for v in take.motion.states.values())
    assert frames == 2 or stretch(take).max() > 1.8
    assert torn(take) == (class_id == "crack" and frames > 2)
    if frames < 100:
        assert len(list(paint(one, take))) == frames

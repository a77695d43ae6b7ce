"""Painting by distance: what lies where, how sharp its edge is, and what stands still."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from physprior.simulate.canvas import Canvas, View
from physprior.simulate.shapes import box, circle, polygon, ring, slab, smoothstep

WHITE = (1.0, 1.0, 1.0)


def black(view: View, frames: int = 1) -> Canvas:
    size = view.size
    room = np.empty((frames, 3, size, size), np.float32) if frames > 1 else None
    return Canvas(view, np.zeros((1, 3, size, size), np.float32), room)


def disc(canvas: Canvas, x: object, y: object, radius: float = 0.1) -> None:
    with canvas.part(x, y, reach=(radius, radius)) as part:
        part.fill(circle(part.x, part.y, radius), WHITE)


def centre(picture: NDArray[np.float32]) -> tuple[float, float]:
    """Mean column and row of what is bright, in pixels from the picture's middle."""
    rows, columns = np.indices(picture.shape)
    total, middle = picture.sum(), (len(picture) - 1) / 2
    return (
        float((columns * picture).sum() / total - middle),
        float((rows * picture).sum() / total - middle),
    )


def test_up_is_up_and_right_is_right() -> None:
    canvas = black(View(size=64))
    disc(canvas, 0.25, 0.125)
    assert centre(canvas.frames[0, 0]) == pytest.approx((16, -8), abs=0.01)


def test_a_disc_covers_its_own_area_whatever_part_of_a_pixel_it_lies_on() -> None:
    for shift in (0.0, 0.003, 0.0071):
        canvas = black(View(size=64))
        disc(canvas, shift, shift)
        area = canvas.frames[0, 0].sum() / 64**2
        assert area == pytest.approx(np.pi * 0.01, rel=0.005)


def test_a_part_moves_by_fractions_of_a_pixel() -> None:
    canvas = black(View(size=64), frames=5)
    disc(canvas, np.linspace(0, 0.4 / 64, 5), 0.0)
    columns = [centre(frame[0])[0] for frame in canvas.frames]
    assert np.diff(columns) == pytest.approx(np.full(4, 0.1), abs=0.01)


def test_a_travelling_part_looks_as_it_does_when_it_is_painted_alone() -> None:
    places = np.array([-0.45, -0.2, 0.1, 0.31, 0.6])
    together = black(View(size=64, tilt_rad=0.1), frames=5)
    disc(together, places, places / 2)
    for frame, place in zip(together.frames, places, strict=True):
        alone = black(View(size=64, tilt_rad=0.1))
        disc(alone, place, place / 2)
        np.testing.assert_allclose(frame, alone.frames[0], atol=1e-3)


def test_the_camera_turns_shifts_and_enlarges_the_scene() -> None:
    canvas = black(View(size=64, x=0.125, y=0.0, tilt_rad=np.pi / 2, scale=1.5))
    disc(canvas, 0.125, 0.0, 0.05)
    assert centre(canvas.frames[0, 0]) == pytest.approx((8, -12), abs=0.02)
    assert canvas.frames[0, 0].sum() / 64**2 == pytest.approx(np.pi * 0.075**2, rel=0.02)


def test_still_parts_beneath_are_painted_once_for_all_frames() -> None:
    canvas = black(View(size=32), frames=4)
    disc(canvas, 0.2, 0.2)
    assert canvas.pixels.shape[0] == 1
    disc(canvas, np.linspace(-0.3, 0.0, 4), -0.2)
    assert canvas.pixels.shape[0] == 4
    assert (canvas.frames[:, 0, 9, 22] == 1).all()


def test_a_shadow_falls_where_it_is_told_to() -> None:
    view = View(size=64)
    canvas = Canvas(view, np.ones((1, 3, 64, 64), np.float32))
    with canvas.part(reach=(0.1, 0.1)) as part:
        part.shadow(circle(part.x, part.y, 0.1), (2 / 64, -3 / 64), soft=0.02, strength=0.5)
    dark = 1 - canvas.frames[0, 0]
    assert centre(dark) == pytest.approx((2, 3), abs=0.02)
    assert dark.max() == pytest.approx(0.5, abs=0.01)


def test_a_picture_laid_over_is_moved_by_whole_pixels_and_hides_what_lies_beneath() -> None:
    view = View(size=64, tilt_rad=0.2)
    on_black, on_white = black(view), Canvas(view, np.ones((1, 3, 64, 64), np.float32))
    for canvas in (on_black, on_white):
        with canvas.part(reach=(0.1, 0.1)) as part:
            part.fill(circle(part.x, part.y, 0.1), (0.5, 0.5, 0.5))
    canvas = Canvas(view, np.ones((1, 3, 64, 64), np.float32), np.empty((3, 3, 64, 64), np.float32))
    x, y = canvas.snap(np.array([0.0, 0.1, 0.1]), np.array([0.0, 0.0, -0.6]))
    canvas.overlay(on_black.pixels, on_white.pixels - on_black.pixels, x, y)
    first, second, third = (1 - frame[0] for frame in canvas.frames)
    assert first.max() == 0.5
    right, down = centre(second)
    assert (right, down) == pytest.approx((round(right), round(down)), abs=1e-4)
    assert np.hypot(right, down) == pytest.approx(6.4, abs=0.7)
    assert third.sum() < first.sum()


def test_one_part_is_finished_before_the_next_begins() -> None:
    canvas = black(View(size=32))
    with canvas.part(reach=(0.1, 0.1)), pytest.raises(AssertionError, match="finish one part"):
        disc(canvas, 0.0, 0.0)


POINTS = np.stack(np.meshgrid(np.linspace(-1, 1, 41), np.linspace(-1, 1, 41)))


@pytest.mark.parametrize(
    ("distance", "inside"),
    [
        (circle(*POINTS, 0.5), np.hypot(*POINTS) < 0.5),
        (ring(*POINTS, 0.5, 0.2), np.abs(np.hypot(*POINTS) - 0.5) < 0.1),
        (box(*POINTS, 0.5, 0.3), (np.abs(POINTS[0]) < 0.5) & (np.abs(POINTS[1]) < 0.3)),
        (slab(*POINTS, 0.5, 0.25), (np.abs(POINTS[0]) < 0.5) & (np.abs(POINTS[1]) < 0.25)),
        (
            polygon(*POINTS, [(-0.5, -0.5), (0.5, -0.5), (0, 0.5)]),
            (POINTS[1] > -0.5) & (2 * np.abs(POINTS[0]) + POINTS[1] < 0.5),
        ),
    ],
    ids=["circle", "ring", "box", "slab", "polygon"],
)
def test_a_distance_is_negative_inside_and_nowhere_else(
    distance: NDArray[np.float64], inside: NDArray[np.bool_]
) -> None:
    clear = np.abs(distance) > 1e-9
    assert ((distance < 0) == inside)[clear].all()


def test_a_distance_grows_by_what_one_walks_away() -> None:
    x = np.linspace(0.6, 1.0, 5)
    for distance in (circle(x, 0 * x, 0.5), box(x, 0 * x, 0.5, 0.3, 0.1), slab(x, 0 * x, 0.5, 0.3)):
        np.testing.assert_allclose(distance, x - 0.5, atol=1e-12)


def test_a_smooth_step_is_flat_at_both_ends() -> None:
    step = smoothstep(np.array([-1.0, 0.0, 0.5, 1.0, 2.0]), 0.0, 1.0)
    assert step.tolist() == [0, 0, 0.5, 1, 1]

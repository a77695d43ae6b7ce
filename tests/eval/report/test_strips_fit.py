from __future__ import annotations

import base64

import numpy as np
import pytest

from physprior.errors import VideoError
from physprior.eval.report.strips.encode import Step, encode, on_page, shown_frames, steps
from physprior.eval.report.strips.fit import Fitted, fit

IDS = [f"clip/test/{number:04d}" for number in range(200)]
STEPS = (Step(100, 100, 80), Step(60, 60, 60), Step(20, 20, 40))


def draw(name: str, step: Step) -> bytes:
    """A strip of as many bytes as its frames are wide, and three bytes more."""
    return bytes(step.width + 3)


def fitted(budget: int, drawing=draw, ids=IDS) -> Fitted:
    return fit(ids, drawing, STEPS, budget=budget, workers=2, progress=lambda done, total: None)


def test_the_size_on_a_page_is_that_of_base64_with_a_line_break() -> None:
    for size in range(20):
        assert on_page(bytes(size)) == len(base64.b64encode(bytes(size))) + 1


@pytest.mark.parametrize(("budget", "width"), [(10**6, 100), (20_000, 60), (7_000, 20)])
def test_the_largest_step_that_all_fit_in_with_is_taken(budget: int, width: int) -> None:
    made = fitted(budget)
    assert made.step.width == width
    assert list(made.images) == IDS
    assert made.size == sum(map(on_page, made.images.values())) <= budget


def test_where_none_fits_the_first_get_the_smallest() -> None:
    made = fitted(1_000)
    assert made.step == STEPS[-1]
    assert list(made.images) == IDS[: len(made.images)]
    assert made.left_out == IDS[len(made.images) :]
    assert 1_000 - on_page(draw("", STEPS[-1])) < made.size <= 1_000


def test_a_sample_that_deceives_costs_a_step_and_never_the_budget() -> None:
    sampled = set(IDS[:: len(IDS) // 48])

    def drawing(name: str, step: Step) -> bytes:
        return bytes(step.width if name in sampled else 3 * step.width)

    made = fitted(50_000, drawing)
    assert made.step == STEPS[1]
    assert list(made.images) == IDS


def test_a_budget_of_nothing_leaves_all_out() -> None:
    made = fitted(0)
    assert made.images == {}
    assert made.left_out == IDS


def test_a_strip_that_cannot_be_drawn_is_named_and_the_others_are_made() -> None:
    def drawing(name: str, step: Step) -> bytes:
        if name == IDS[3]:
            raise VideoError("it is damaged")
        return draw(name, step)

    made = fitted(10**6, drawing)
    assert made.failed == {IDS[3]: "it is damaged"}
    assert len(made.images) == len(IDS) - 1


def test_steps_go_down_and_make_no_frame_larger() -> None:
    for height, width in [(224, 224), (28, 28), (336, 336), (126, 224), (400, 100), (1, 1)]:
        made = steps(height, width)
        sizes = [(step.width * step.height, step.quality) for step in made]
        assert sizes == sorted(sizes, reverse=True)
        assert all(1 <= step.width <= min(width, 224) for step in made)
        assert all(1 <= step.height <= min(height, 224) for step in made)
        assert made[0].width / made[0].height == pytest.approx(width / height, rel=0.05)


def test_frames_do_not_bleed_into_one_another() -> None:
    frames = np.zeros((4, 3, 224, 224), np.uint8)
    frames[1::2] = 255
    strip = _picture(encode(frames, Step(96, 96, 100)))
    for at in range(4):
        own = strip[:, at * 96 : (at + 1) * 96]
        assert np.ptp(own) <= 4


def test_the_longest_strip_is_a_picture() -> None:
    frames = np.zeros((64, 3, 224, 224), np.uint8)
    assert _picture(encode(frames, Step(224, 224, 10))).shape == (224, 64 * 224, 3)


def test_all_frames_are_shown_up_to_64_and_then_64_from_first_to_last() -> None:
    assert list(shown_frames(8)) == list(range(8))
    chosen = shown_frames(100)
    assert len(set(chosen)) == 64
    assert (chosen[0], chosen[-1]) == (0, 99)


def _picture(strip: bytes) -> np.ndarray:
    import io

    from PIL import Image

    return np.asarray(Image.open(io.BytesIO(strip)).convert("RGB"))

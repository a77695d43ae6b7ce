"""What pre-training shows: how shapes move, where they are painted, and what is said to move."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from typing import Any

import pytest
import torch

from physprior.pipeline.pretrain.motions import (
    CHANNELS,
    COURSES,
    FRAMES,
    Motions,
    draw_courses,
    draw_motions,
)
from physprior.pipeline.pretrain.paint import FLOW, GRID, motion_in_patches, paint
from physprior.pipeline.pretrain.scenes import ACTOR, FORMS, RIDER, SHAPES, Scene, draw_scenes

TIME = (torch.arange(FRAMES) + 0.5) / FRAMES
EVENTS = (0.25, 0.7)
"""Between these lies the moment at which a motion stops, begins or turns."""
SIDE = 48
FRONT = SHAPES - 1


def chance(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.fixture(scope="module")
def ways() -> dict[str, torch.Tensor]:
    """Some 1500 ways of each course."""
    course, way = draw_courses(chance(), 20_000)
    return {name: way[course == number] for number, name in enumerate(COURSES)}


def steps_of(way: torch.Tensor) -> torch.Tensor:
    return way[:, 1:] - way[:, :-1]


def lies_between(values: torch.Tensor, low: float, high: float) -> bool:
    return bool((values >= low - 1e-5).all() and (values <= high + 1e-5).all())


def test_what_is_still_stays_where_it_is(ways: dict[str, torch.Tensor]) -> None:
    assert not ways["still"].any()


def test_what_is_steady_goes_as_time_does(ways: dict[str, torch.Tensor]) -> None:
    assert torch.equal(ways["steady"], TIME.expand_as(ways["steady"]))


def test_what_stops_is_steady_until_then_and_never_goes_on(ways: dict[str, torch.Tensor]) -> None:
    end = ways["stop"][:, -1:]
    assert lies_between(end, *EVENTS)
    assert torch.equal(ways["stop"], torch.minimum(TIME, end))
    assert end.std() > 0.1


def test_what_is_late_waits_and_is_then_steady(ways: dict[str, torch.Tensor]) -> None:
    last = ways["late"][:, -1:]
    begin = (TIME[-1] - last) / (1 - last)  # where a straight line to 1 at the end leaves zero
    assert lies_between(begin, *EVENTS)
    line = ((TIME - begin) / (1 - begin)).clamp(min=0)
    torch.testing.assert_close(ways["late"], line, atol=1e-5, rtol=0)
    assert begin.std() > 0.1


def test_what_hesitates_never_goes_back_and_has_mean_pace_1(ways: dict[str, torch.Tensor]) -> None:
    way = ways["hesitate"]
    paces = steps_of(way) * FRAMES
    assert lies_between(paces, 0.1, 1.9)
    assert lies_between(way / TIME, 0.1, 1.9)  # from the very beginning
    assert (paces.amin(dim=1) < 0.7).all()
    assert (paces.amax(dim=1) > 1.3).all()
    torch.testing.assert_close(way.mean(dim=0), TIME, atol=0.02, rtol=0)


def test_what_reverses_comes_back_as_fast_as_it_went(ways: dict[str, torch.Tensor]) -> None:
    way = ways["reverse"]
    turned = (way[:, -1:] + TIME[-1]) / 2
    assert lies_between(turned, *EVENTS)
    expected = torch.where(turned > TIME, TIME, 2 * turned - TIME)
    torch.testing.assert_close(way, expected, atol=1e-5, rtol=0)


def test_what_jumps_does_so_once_and_at_once(ways: dict[str, torch.Tensor]) -> None:
    moved = steps_of(ways["jump"]) != 0
    assert (moved.sum(dim=1) == 1).all()
    assert ways["jump"].unique().tolist() == pytest.approx([0.0, 0.6])
    when = moved.float().argmax(dim=1)
    assert set(when.tolist()) == {1, 2, 3, 4, 5}  # at every frame that an event lies before


def test_what_swings_goes_to_and_fro_about_its_place(ways: dict[str, torch.Tensor]) -> None:
    way = ways["swing"]
    assert lies_between(way, -0.5, 0.5)
    assert (steps_of(way).amax(dim=1) > 0.05).all()
    assert (steps_of(way).amin(dim=1) < -0.05).all()
    assert way.abs().amax() > 0.49


def test_what_trembles_has_no_direction_and_no_memory(ways: dict[str, torch.Tensor]) -> None:
    way = ways["tremble"]
    assert way.std() == pytest.approx(0.12, rel=0.05)
    assert way.mean(dim=0).abs().max() < 0.02
    assert ((way[:, 1:] * way[:, :-1]).mean() / way.var()).abs() < 0.05


def test_what_goes_faster_is_what_goes_slower_backwards(ways: dict[str, torch.Tensor]) -> None:
    faster, slower = ways["faster"], ways["slower"]
    assert torch.equal(faster, (TIME**2).expand_as(faster))
    assert (steps_of(faster).diff(dim=1) > 0).all()
    torch.testing.assert_close(slower, (1 - faster[0].flip(0)).expand_as(slower))


def test_what_returns_ends_where_it_began(ways: dict[str, torch.Tensor]) -> None:
    way = ways["return"]
    assert torch.equal(way, way.flip(1))
    steps = steps_of(way)
    assert (steps[:, :3] == 2 / FRAMES).all()
    assert (steps[:, -3:] == -2 / FRAMES).all()


def test_what_stays_rests_on_its_way_there_and_back(ways: dict[str, torch.Tensor]) -> None:
    way, top = ways["stay"], ways["stay"].amax(dim=1, keepdim=True)
    assert lies_between(top, *EVENTS)
    assert torch.equal(way, torch.minimum(ways["return"][:1], top))
    assert ((way == top).sum(dim=1) >= 2).all()


def test_every_course_and_channel_is_equally_likely() -> None:
    drawn = draw_motions(chance(), 20_000)
    for found, names in ((drawn.course, COURSES), (drawn.channel, CHANNELS)):
        shares = torch.bincount(found, minlength=len(names)) / len(found)
        assert (shares * len(names) - 1).abs().max() < 0.15
    # ... whatever the other is.
    pairs = torch.bincount(drawn.course * len(CHANNELS) + drawn.channel)
    assert len(pairs) == len(COURSES) * len(CHANNELS)
    assert pairs.min() > 200


def all_tensors(drawn: Any) -> list[torch.Tensor]:
    parts = [getattr(drawn, field.name) for field in fields(drawn)]
    return [one for part in parts for one in (all_tensors(part) if is_dataclass(part) else [part])]


@pytest.mark.parametrize("draw", [draw_motions, draw_scenes])
def test_the_same_generator_draws_the_same(draw: Callable[..., Any]) -> None:
    one, again, other = (all_tensors(draw(chance(seed), 20)) for seed in (3, 3, 4))
    assert all(map(torch.equal, one, again))
    assert not any(map(torch.equal, one, other))


def test_drawing_leaves_everybody_elses_chance_alone() -> None:
    before = torch.get_rng_state()
    scene = draw_scenes(chance(), 4)
    paint(chance(), scene, SIDE)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.fixture(scope="module")
def drawn() -> Scene:
    return draw_scenes(chance(1), 2000)


def test_a_rider_keeps_its_place_on_the_actor_however_that_turns_and_stretches(
    drawn: Scene,
) -> None:
    right, down = (place[:, RIDER] - place[:, ACTOR] for place in (drawn.x, drawn.y))
    turned = drawn.angle[:, ACTOR]
    length = drawn.length[:, ACTOR, None] * drawn.long[:, ACTOR]
    along = (right * torch.cos(turned) + down * torch.sin(turned)) / length
    across = (down * torch.cos(turned) - right * torch.sin(turned)) / length
    rides = drawn.rides
    for place in (along, across):
        assert (place[rides] - place[rides, :1]).abs().max() < 1e-4
    off = torch.hypot(along, across)[rides]
    assert lies_between(off, 0.35, 1.0)
    facing = (drawn.angle[:, RIDER] - turned)[rides]
    assert (facing - facing[:, :1]).abs().max() < 1e-4
    # Others do not: this would hold of two shapes that are both at rest, too.
    assert (along[~rides] - along[~rides, :1]).abs().amax(dim=1).median() > 0.05
    assert 0.5 < rides.float().mean() < 0.7


def test_an_actor_changes_by_its_channel_alone_and_as_its_course_goes(drawn: Scene) -> None:
    still = drawn.x[:, 0] - drawn.x[:, 0, :1], drawn.y[:, 0] - drawn.y[:, 0, :1]  # the camera
    told = {
        "x": drawn.x[:, ACTOR] - still[0],
        "y": drawn.y[:, ACTOR] - still[1],
        "angle": drawn.angle[:, ACTOR],
        "long": drawn.long[:, ACTOR],
        "wide": drawn.wide[:, ACTOR],
        "opacity": drawn.opacity[:, ACTOR],
    }
    changing = {
        "turn": {"angle"},
        "move": {"x", "y"},
        "stretch": {"long"},
        "swell": {"long", "wide"},
        "fade": {"opacity"},
    }
    for number, channel in enumerate(CHANNELS):
        which = drawn.acting.channel == number
        way = drawn.acting.way[which]
        gone = way - way[:, :1]
        for name, values in told.items():
            change = values[which] - values[which, :1]
            if name not in changing[channel]:
                assert change.abs().max() < 1e-5, (channel, name)
                continue
            # As large as the course says in every frame, but for one factor of the whole scene.
            extent = (change * gone).sum(dim=1) / (gone * gone).sum(dim=1).clamp(min=1e-9)
            torch.testing.assert_close(change, extent[:, None] * gone, atol=1e-4, rtol=0)
            assert extent.abs().max() > 0.4


def test_shapes_behind_and_in_front_are_at_rest_but_for_the_camera(drawn: Scene) -> None:
    resting = [place for place in range(SHAPES) if place not in (ACTOR, RIDER)]
    for values in (drawn.angle, drawn.long, drawn.wide, drawn.opacity):
        assert torch.equal(values[:, resting], values[:, resting, :1].expand(-1, -1, FRAMES))
    for values in (drawn.x, drawn.y):
        shaken = values[:, resting] - values[:, resting, :1]
        assert (shaken - shaken[:, :1]).abs().max() < 1e-5
        shakes = shaken.abs().amax(dim=(1, 2)) > 1e-3
        assert 0.2 < shakes.float().mean() < 0.4


def test_a_disc_or_hoop_that_turns_is_striped(drawn: Scene) -> None:
    turning = drawn.acting.channel == CHANNELS.index("turn")
    for form in ("disc", "hoop"):
        which = turning & (drawn.form[:, ACTOR] == FORMS.index(form))
        assert which.sum() > 20
        assert (drawn.stripes[which, ACTOR] >= 0.15).all()


def nothing_to_see(n: int = 1) -> Scene:
    none = torch.zeros(n, SHAPES)
    moving = torch.zeros(n, SHAPES, FRAMES)
    at_rest = Motions(
        torch.zeros(n, dtype=torch.int64),
        torch.zeros(n, dtype=torch.int64),
        torch.zeros(n, FRAMES),
    )
    return Scene(
        form=none.long(),
        colour=torch.zeros(n, SHAPES, 3),
        length=none + 0.1,
        breadth=none + 0.1,
        stripes=none.clone(),
        x=moving.clone(),
        y=moving.clone(),
        angle=moving.clone(),
        long=moving + 1,
        wide=moving + 1,
        opacity=moving.clone(),
        acting=at_rest,
        riding=at_rest,
        rides=torch.zeros(n, dtype=torch.bool),
    )


def put(scene: Scene, place: int, form: str, **values: float | torch.Tensor) -> Scene:
    """Show a shape, the same in all scenes; what is not said is as it was."""
    scene.form[:, place] = FORMS.index(form)
    scene.opacity[:, place] = 1.0
    for name, value in values.items():
        getattr(scene, name)[:, place] = value
    return scene


def moving_disc(right: float, down: float, **values: float | torch.Tensor) -> Scene:
    time = torch.arange(FRAMES) - 3.5
    moved: dict[str, Any] = {"x": right * time, "y": down * time, "length": 0.2, "breadth": 0.2}
    return put(nothing_to_see(), ACTOR, "disc", **{**moved, **values})


def flow_of(scene: Scene, patches: int = GRID) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
    """What moves, by name, each (FRAMES - 1, patches, patches), and the cover in those patches."""
    frames, cover = paint(chance(), scene, SIDE)
    found = motion_in_patches(scene, frames, cover, patches)
    assert found.shape == (len(scene.rides), FRAMES - 1, patches**2, len(FLOW))
    flow = found[0].transpose(1, 2).reshape(FRAMES - 1, len(FLOW), patches, patches)
    pooled = torch.nn.functional.avg_pool2d(cover[0], SIDE // patches)
    return dict(zip(FLOW, flow.unbind(1), strict=True)), pooled


@pytest.mark.parametrize(("right", "down"), [(0.03, 0.0), (0.0, -0.04), (-0.03, 0.04)])
@pytest.mark.parametrize("patches", [2, 3, 12])
def test_motion_is_the_displacement_where_the_disc_is_and_nothing_elsewhere(
    right: float, down: float, patches: int
) -> None:
    flow, cover = flow_of(moving_disc(right, down), patches)
    now = cover[ACTOR, 1:]
    for name, moved in (("right", right), ("down", down), ("speed", math.hypot(right, down))):
        torch.testing.assert_close(flow[name], 8 * moved * now, atol=1e-4, rtol=0)
    # The cover is that of a disc, in its place: its area and its centre of mass.
    assert now.mean(dim=(1, 2)).tolist() == pytest.approx([math.pi * 0.2**2] * 7, rel=0.02)
    axis = (torch.arange(patches) + 0.5) / patches - 0.5
    if patches == GRID:
        centre = (now * axis).sum(dim=(1, 2)) / now.sum(dim=(1, 2))
        below = (now * axis[:, None]).sum(dim=(1, 2)) / now.sum(dim=(1, 2))
        time = torch.arange(1, FRAMES) - 3.5
        torch.testing.assert_close(centre, right * time, atol=2e-3, rtol=0)
        torch.testing.assert_close(below, down * time, atol=2e-3, rtol=0)


def test_cover_tells_where_a_shape_comes_and_goes() -> None:
    flow, cover = flow_of(moving_disc(0.04, 0.0))
    expected = 8 * (cover[ACTOR, 1:] - cover[ACTOR, :-1]).abs()
    torch.testing.assert_close(flow["cover"], expected, atol=1e-4, rtol=0)
    assert flow["cover"][3, 5, 6] < 0.01 < flow["right"][3, 5, 6]  # within it, there is no more


def test_where_nothing_moves_there_is_no_motion() -> None:
    corner = moving_disc(0.01, 0.0)
    corner.x[:, ACTOR] -= 0.2
    flow, _ = flow_of(corner, 2)
    shut = put(nothing_to_see(), ACTOR, "disc", length=0.3, breadth=0.3)
    resting, cover = flow_of(shut, 2)
    assert cover[ACTOR].mean() > 0.25
    for name in ("right", "down", "speed", "cover"):
        assert flow[name][:, :, 1].abs().max() < (0.05 if name == "cover" else 2e-3)
        assert resting[name].abs().max() < 1e-6
    for name in ("right", "cover"):
        assert flow[name][:, :, 0].abs().min() > 0.01


def test_change_is_that_of_the_pixels_of_the_patch() -> None:
    scene = moving_disc(0.04, 0.01, colour=torch.tensor([1.0, 0.0, 0.0]))
    frames, cover = paint(chance(), scene, SIDE)
    found = motion_in_patches(scene, frames, cover, 3)[0, :, :, FLOW.index("change")]
    third = SIDE // 3
    for patch in range(9):
        rows, columns = (slice(at * third, (at + 1) * third) for at in divmod(patch, 3))
        here = frames[0, :, :, rows, columns]
        expected = (here[1:] - here[:-1]).abs().mean(dim=(1, 2, 3))
        torch.testing.assert_close(found[:, patch], expected, atol=1e-5, rtol=1e-4)


def test_what_turns_moves_most_at_its_ends_and_in_opposite_ways() -> None:
    turn = 0.3
    angle = turn * (torch.arange(FRAMES) - 3.0)  # level in frame 3
    bar = put(nothing_to_see(), ACTOR, "square", length=0.4, breadth=0.4, angle=angle)
    flow, cover = flow_of(bar)
    axis = (torch.arange(GRID) + 0.5) / GRID - 0.5
    right, down = axis.expand(GRID, GRID), axis[:, None].expand(GRID, GRID)
    # A point came from where turning back takes it; x right and y down, so to the right is down.
    before_x = right * math.cos(turn) + down * math.sin(turn)
    before_y = down * math.cos(turn) - right * math.sin(turn)
    inside = cover[ACTOR, 3] > 0.999
    assert inside.sum() >= 36
    for name, moved in (("right", right - before_x), ("down", down - before_y)):
        torch.testing.assert_close(
            flow[name][2][inside], 8 * moved[inside], atol=2e-3, rtol=0
        )  # from frame 2 to 3
    assert flow["down"][2, 5, 9] > 0.5 > -0.5 > flow["down"][2, 5, 2]


def test_what_stretches_moves_outwards_along_itself() -> None:
    long = 1 + 0.1 * torch.arange(FRAMES)
    bar = put(nothing_to_see(), ACTOR, "bar", length=0.25, breadth=0.6, long=long)
    flow, cover = flow_of(bar)
    axis = (torch.arange(GRID) + 0.5) / GRID - 0.5
    expected = 8 * axis * (1 - 1.6 / 1.7)
    inside = cover[ACTOR, -1, 5] > 0.999
    assert inside.sum() >= 6
    torch.testing.assert_close(flow["right"][-1, 5][inside], expected[inside], atol=1e-3, rtol=0)
    assert flow["down"].abs().max() < 1e-4


def test_what_fades_has_changing_cover_and_no_motion() -> None:
    fading = torch.linspace(1, 0.3, FRAMES)
    flow, _ = flow_of(moving_disc(0.0, 0.0, opacity=fading))
    assert flow["cover"][:, 5, 5].tolist() == pytest.approx([0.8] * 7, abs=1e-3)
    for name in ("right", "down", "speed"):
        assert not flow[name].any()


def test_motion_behind_a_shape_at_rest_is_not_seen() -> None:
    disc, square = {"length": 0.3, "breadth": 0.3}, {"x": -0.25, "length": 0.25, "breadth": 0.25}
    flow, _ = flow_of(put(moving_disc(0.03, 0.0, **disc), FRONT, "square", **square))
    assert flow["right"][3, 5, :5].abs().max() < 2e-3
    assert flow["right"][3, 5, 7] == pytest.approx(0.24, abs=2e-3)
    # Behind the disc, a shape at rest hides nothing.
    flow, _ = flow_of(put(moving_disc(0.03, 0.0, **disc), 0, "square", **square))
    assert flow["right"][3, 5, 4] == pytest.approx(0.24, abs=2e-3)


def test_pictures_are_whole_and_their_pixels_lie_in_0_to_1() -> None:
    scene = draw_scenes(chance(5), 64)
    frames, cover = paint(chance(6), scene, 24)
    assert frames.shape == (64, FRAMES, 3, 24, 24)
    assert cover.shape == (64, SHAPES, FRAMES, 24, 24)
    assert frames.dtype == torch.float32
    for values in (frames, cover):
        assert values.min() >= 0
        assert values.max() <= 1
    # It is clamped, and so would be pictures of nothing but black and white.
    assert ((frames > 0.02) & (frames < 0.98)).float().mean() > 0.8


def test_what_has_no_opacity_is_not_painted() -> None:
    plain, _ = paint(chance(), nothing_to_see(), SIDE)
    hidden, cover = paint(chance(), moving_disc(0.02, 0.0, opacity=0.0), SIDE)
    assert torch.equal(hidden, plain)
    assert not cover.any()
    for_a_frame = torch.ones(FRAMES)
    for_a_frame[3] = 0
    gone, _ = paint(chance(), moving_disc(0.02, 0.0, opacity=for_a_frame), SIDE)
    alike = [torch.equal(*both) for both in zip(gone[0], plain[0], strict=True)]
    assert alike == [frame == 3 for frame in range(FRAMES)]


def test_a_shape_that_is_half_seen_is_mixed_with_what_lies_behind_it() -> None:
    whole, none, half = (
        paint(chance(), moving_disc(0.0, 0.0, opacity=opacity, colour=0.5), SIDE)[0][
            0, :, :, 24, 24
        ]
        for opacity in (1.0, 0.0, 0.5)
    )
    torch.testing.assert_close(half, (whole + none) / 2, atol=1e-5, rtol=0)
    assert (whole - none).abs().max() > 0.01


def test_later_shapes_lie_over_earlier_ones() -> None:
    def lone(place: int) -> Scene:
        grey = 0.2 + 0.15 * place
        return put(nothing_to_see(), place, "square", length=0.3, breadth=0.3, colour=grey)

    for low in range(SHAPES - 1):
        both = lone(low)
        put(both, low + 1, "square", length=0.3, breadth=0.3, colour=0.2 + 0.15 * (low + 1))
        inside = (..., slice(16, 32), slice(16, 32))
        seen, upper, lower = (
            paint(chance(), scene, SIDE)[0][inside] for scene in (both, lone(low + 1), lone(low))
        )
        torch.testing.assert_close(seen, upper, atol=1e-3, rtol=0)
        assert (seen - lower).abs().mean() > 0.05


def test_a_turned_bar_lies_where_geometry_says() -> None:
    def at(scene: Scene, right: float, down: float) -> float:
        _, cover = paint(chance(), scene, SIDE)
        row, column = (int((place + 0.5) * SIDE) for place in (down, right))
        return float(cover[0, ACTOR, 0, row, column])

    shape = {"length": 0.35, "breadth": 0.12}
    level = put(nothing_to_see(), ACTOR, "bar", **shape)
    assert at(level, 0.3, 0.0) > 0.95  # half the length is 0.35,
    assert at(level, 0.4, 0.0) < 0.05
    assert at(level, 0.0, 0.03) > 0.8  # half the breadth 0.06.
    assert at(level, 0.0, 0.12) < 0.05
    eighth = put(nothing_to_see(), ACTOR, "bar", angle=math.pi / 4, **shape)
    assert at(eighth, 0.2, 0.2) > 0.95  # right and down: y goes down
    assert at(eighth, 0.2, -0.2) < 0.05
    aside = put(nothing_to_see(), ACTOR, "bar", angle=math.pi / 2, x=0.25, y=-0.1, **shape)
    assert at(aside, 0.25, 0.15) > 0.95
    assert at(aside, 0.0, -0.1) < 0.05
    longer = put(nothing_to_see(), ACTOR, "bar", long=1.3, wide=2.0, **shape)
    assert at(longer, 0.4, 0.0) > 0.9
    assert at(longer, 0.0, 0.08) > 0.8 > 0.4 > at(level, 0.0, 0.08)


def test_a_background_is_the_same_in_all_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("physprior.pipeline.pretrain.paint._NOISE", 0.0)
    frames, _ = paint(chance(), nothing_to_see(64), SIDE)
    steady = (frames == frames[:, :1]).flatten(1).all(dim=1)
    assert 0.5 < steady.float().mean() < 0.9
    # In the others it is the light that changes: all of a frame by the same factor.
    for scene in frames[~steady]:
        unclipped = ((scene > 0.02) & (scene < 0.99)).all(dim=0)
        light = scene[:, unclipped] / scene[:1, unclipped]
        assert (light - light.mean(dim=1, keepdim=True)).abs().max() < 1e-4
    means = frames.mean(dim=(1, 3, 4))
    assert (means.std(dim=0) > 0.1).all()  # and no two scenes have the same

"""Nothing but the physics tells the classes apart: the rest is drawn without knowing the class."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from films import shot

from physprior.simulate.film import Shot, Take, paint, prepare
from physprior.simulate.twin import twins

FEW = ("clip", "fan", "slide", "zipper")
"""A few mechanisms stand for all: what is tested here is in none of them but around them."""


def in_every_class(category: str, index: int = 3) -> list[tuple[Shot, Take]]:
    """The same video of a folder, had it been of each class in turn."""
    one = shot(category, "normal", index)
    shots = [replace(one, class_id=name) for name in ("normal", *twins()[category].defects)]
    return [(same, prepare(same)) for same in shots]


@pytest.mark.parametrize("category", FEW)
def test_surroundings_do_not_depend_on_the_class(category: str) -> None:
    for index in range(3):
        assert len({take.setting for _, take in in_every_class(category, index)}) == 1


@pytest.mark.parametrize("category", FEW)
def test_one_object_is_the_same_object_in_every_class(category: str) -> None:
    classes = ("normal", *twins()[category].defects)
    units = {prepare(shot(category, class_id, 3, 11)).unit for class_id in classes}
    assert len(units) == 1
    assert prepare(shot(category, "normal", 3, 12)).unit not in units


@pytest.mark.parametrize("category", FEW)
def test_every_class_is_painted_from_the_same_states(category: str) -> None:
    # A state that only one class had could be painted as nothing else is: a label.
    shapes = [
        {name: values.shape for name, values in take.motion.states.items()}
        for _, take in in_every_class(category)
    ]
    assert all(one == shapes[0] for one in shapes)


@pytest.mark.parametrize("category", FEW)
def test_the_same_states_give_the_same_frames_whatever_the_class(category: str) -> None:
    (sound, take), *others = in_every_class(category)
    pictures = np.stack(list(paint(sound, take))[::20])
    for other, faulty in others:
        alike = replace(faulty, motion=take.motion)
        np.testing.assert_array_equal(np.stack(list(paint(other, alike))[::20]), pictures)


@pytest.mark.parametrize("category", ["slide", "zipper"])
def test_a_reader_finds_the_same_parameters_in_every_class(category: str) -> None:
    names = [set(take.motion.parameters) for _, take in in_every_class(category)]
    assert all(one == names[0] for one in names)


def test_how_bad_a_fault_is_changes_neither_the_object_nor_what_stands_around_it() -> None:
    one = shot("slide", "jam", 3)
    slight, gross = (prepare(replace(one, severity=(s, s))) for s in (0.0, 1.0))
    assert (slight.unit, slight.setting) == (gross.unit, gross.setting)
    assert slight.fault is not None
    assert gross.fault is not None
    assert (slight.fault.severity, gross.fault.severity) == (0.0, 1.0)
    assert slight.fault.onset_s == gross.fault.onset_s


@pytest.mark.parametrize(("severity", "value"), [(0, 2), (0.25, 4), (0.5, 6), (0.75, 7), (1, 8)])
def test_severity_grades_a_parameter_over_slight_clear_and_gross(
    severity: float, value: float
) -> None:
    fault = prepare(replace(shot("slide", "jam", 0), severity=(severity, severity))).fault
    assert fault is not None
    assert fault.graded(2, 6, 8) == pytest.approx(value)

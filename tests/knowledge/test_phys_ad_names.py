"""Every folder name that Phys-AD is known to bear finds its category and its class.

The keys are those of the official label file; the release spells some of them otherwise.
"""

from __future__ import annotations

import pytest

from physprior.knowledge.load import load_knowledge
from physprior.paths import kb_folder

KNOWLEDGE = load_knowledge(kb_folder())

CLASSES = {
    "ball": {"leak": "leak", "unfull": "unfull"},
    "button": {
        "no_light": "no_light",
        "Unpress": "unable_to_press",
        "Unrebound_light": "unable_to_rebound_light",
        "Unrebound_nolight": "unable_to_rebound_no_light",
    },
    "car": {
        "all_wheel": "all_wheels_stuck",
        "back_wheel": "rear_wheels_stuck",
        "front_wheel": "front_wheels_stuck",
    },
    "caster_wheel": {"axis_stuck1": "axle_stuck", "axis_stuck2": "swivel_stuck"},
    "clip": {"unable_press": "unable_to_press", "unable_rebound": "unable_to_rebound"},
    "clock": {"stuck": "stuck", "vibrate": "vibration"},
    "fan": {"stuck": "stuck", "uneven": "uneven", "vibrate": "vibration"},
    "gear": {"single": "single", "double": "double", "triple": "triple", "stuck": "stuck"},
    "hinge": {"angle_limited": "angle_limited", "falloff": "falloff"},
    "liquid": {"foreign_obj": "foreign_object", "leak": "leak"},
    "lock": {"jam": "jam", "structure_detache": "structure_detached"},
    "magnet": {"degaussing": "degaussing", "drop": "drop"},
    "rolling_bearing": {"ball_stuck": "ball_stuck"},
    "rubber_band": {"crack": "crack"},
    "screw": {"stripped": "stripped", "unable_goin": "unable_to_go_in"},
    "servo": {
        "angle_limited": "angle_limited",
        "centered_anomaly": "centered_anomaly",
        "vibrate": "vibration",
    },
    "slide": {"ball_drop": "ball_drop", "derailment": "derailment", "jam": "jam"},
    "spherical_bearing": {"jam": "jam"},
    "sticky_roller": {"falloff": "falloff", "stuck": "stuck"},
    "toothpaste": {"leak": "leak"},
    "usb": {"jam": "jam"},
    "zipper": {"stuck": "stuck", "unable_close": "unable_to_close"},
}
"""The 22 categories and 47 anomalies of the official label file, with the class each one is."""

RELEASED = {
    "ball": {"insufficient_gas": "unfull", "leakage": "leak"},
}
"""Class folders of the released archives that the label file names otherwise."""

SPELLINGS = {
    "botton": "button",
    "caster wheel": "caster_wheel",
    "liguid": "liquid",
    "rolling bearing": "rolling_bearing",
    "rolling_bear": "rolling_bearing",
    "rubber band": "rubber_band",
    "spherical bearing": "spherical_bearing",
    "sticky roller": "sticky_roller",
    "U Disk": "usb",
    "u_disk": "usb",
}
"""Category folders that are spelt otherwise than in the label file."""


def cases() -> list[tuple[str, str, str]]:
    return [
        (category, name, class_id)
        for table in (CLASSES, RELEASED)
        for category, names in table.items()
        for name, class_id in names.items()
    ]


def spellings(name: str) -> tuple[str, ...]:
    """A folder name with what must not count: case, blanks, hyphens."""
    return name, name.upper(), name.replace("_", " "), name.replace("_", "-")


def test_the_label_file_has_22_categories_and_47_anomalies() -> None:
    assert len(CLASSES) == 22
    assert sum(len(names) for names in CLASSES.values()) == 47


@pytest.mark.parametrize("category", CLASSES)
def test_a_category_key_finds_its_entry(category: str) -> None:
    for name in spellings(category):
        placed = KNOWLEDGE.place_category(name)
        assert placed is not None, name
        assert placed.id == category


@pytest.mark.parametrize(("name", "category"), SPELLINGS.items())
def test_a_category_is_found_however_a_release_spells_it(name: str, category: str) -> None:
    placed = KNOWLEDGE.place_category(name)
    assert placed is not None
    assert placed.id == category


@pytest.mark.parametrize(("category", "name", "class_id"), cases())
def test_a_class_key_finds_its_class(category: str, name: str, class_id: str) -> None:
    for spelling in spellings(name):
        assert KNOWLEDGE.place_class(KNOWLEDGE.categories[category], spelling) == class_id


@pytest.mark.parametrize("category", CLASSES)
@pytest.mark.parametrize("name", ["norm", "normal", "anomaly_free", "good"])
def test_a_normal_folder_is_normal_in_every_category(category: str, name: str) -> None:
    assert KNOWLEDGE.place_class(KNOWLEDGE.categories[category], name) == "normal"


@pytest.mark.parametrize("category", CLASSES)
def test_the_keys_of_a_category_reach_each_of_its_classes(category: str) -> None:
    known = {anomaly.id for anomaly in KNOWLEDGE.categories[category].anomalies}
    assert set(CLASSES[category].values()) == known


def test_no_two_categories_claim_one_folder_name() -> None:
    claims = [
        name.casefold().replace(" ", "_")
        for category in KNOWLEDGE.categories.values()
        for name in (category.id, *category.aliases)
    ]
    assert len(claims) == len(set(claims))

"""Label files as the official one is shaped, with sentences of our own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from physprior.dataset.references import (
    References,
)

# The class keys of the official label file. Its sentences are not ours to copy: those below are
# written for these tests.
OFFICIAL = {
    "ball": "anomaly_free leak unfull",
    "button": "anomaly_free no_light Unpress Unrebound_light Unrebound_nolight",
    "car": "anomaly_free all_wheel back_wheel front_wheel",
    "caster_wheel": "anomaly_free axis_stuck1 axis_stuck2",
    "clip": "anomaly_free unable_press unable_rebound",
    "clock": "anomaly_free stuck vibrate",
    "fan": "anomaly_free stuck uneven vibrate",
    "gear": "anomaly_free double single stuck triple",
    "hinge": "anomaly_free angle_limited falloff",
    "liquid": "anomaly_free foreign_obj leak",
    "lock": "anomaly_free jam structure_detache",
    "magnet": "anomaly_free degaussing drop",
    "rolling_bearing": "anomaly_free ball_stuck",
    "rubber_band": "anomaly_free crack",
    "screw": "anomaly_free stripped unable_goin",
    "servo": "anomaly_free angle_limited centered_anomaly vibrate",
    "slide": "anomaly_free ball_drop derailment jam",
    "spherical_bearing": "anomaly_free jam",
    "sticky_roller": "anomaly_free falloff stuck",
    "toothpaste": "anomaly_free leak",
    "usb": "anomaly_free jam",
    "zipper": "anomaly_free stuck unable_close",
}
WORDS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh")

Write = Callable[..., Path]
Read = Callable[..., References]


def five(about: str, *, count: int = 5) -> list[str]:
    return [f"{at + 1}. The {WORDS[at]} sentence on {about}." for at in range(count)]


def plain_five(about: str) -> tuple[str, ...]:
    return tuple(f"The {word} sentence on {about}." for word in WORDS[:5])


def labels(**changes: Any) -> dict[str, Any]:
    """A sound label file of one category, with some lists of its explanations changed."""
    names = ("anomaly_free", "unable_press", "unable_rebound")
    return {
        "clip": {
            "description_label": {name: five(f"seeing {name}") for name in names},
            "explanation_label": {name: five(f"{name} itself") for name in names} | changes,
        }
    }


def remarks(references: References) -> dict[str, str]:
    return {remark.path: remark.said for remark in references.remarks}


UNKNOWN = {
    **labels(unable_to_pres=five("a slip of the pen"), banana=five("fruit")),
    "fann": {"explanation_label": {}},
    "spoon's end": {},
}

"""What an engineer of door closers writes in place of the TODOs of a new entry, in their order."""

from __future__ import annotations

import re
from collections.abc import Iterable

PRIOR = [
    "closer spring",
    "elastic",
    "The door closer has a closer spring, which is elastic and stores the work of opening.",
    "door",
    "The door should yield to the push, and the closer spring should swing it back on release.",
    "Therefore, the door should swing open as it is pushed, and swing shut slowly once released.",
    "The door swings open as far as the robot arm pushes it.",
    "The door swings shut at an even speed and comes to rest in its frame.",
]
NORMAL = [
    "The door opens wide, then moves back into its frame without haste.",
    "After the arm has let go, the door returns at a walking pace and is shut at the end.",
    "One smooth swing leads away from the frame, and a slower one leads back.",
    "The closer spring stores the work of the push and spends it on swinging the door shut.",
    "Oil that is pressed past the piston takes up the speed of the door on its way back.",
    "The hinges let the door turn freely, so the closer spring can bring it all the way home.",
    "Elastic energy drives the door, and the narrow passage of the oil sets its pace.",
    "The piston presses oil through its valve at one rate, so the door closes at one speed.",
    "What the push puts into the coil is enough to bring the leaf home.",
    "A throttled fluid meets the returning leaf with just the drag that it takes.",
]
SLAMS_SHUT = [
    "close",
    "Once let go, the door is back in its frame within a moment.",
    "The way back takes a fraction of the time of the way out, and the frame shakes at its end.",
    "The door hits its frame at full speed and bounces once.",
    "The piston seal leaks, so the oil passes it freely and nothing slows the door.",
    "The oil has run out of the closer, and the closer spring throws the door back unbraked.",
    "The valve stands wide open, so the piston meets no drag and the door gathers speed.",
    "All energy of the closer spring goes into the speed of the door, as no oil takes it up.",
    "Air has got into the oil and yields to the piston, which lets the door run.",
    "Nothing brakes the leaf, as the damping fluid escapes around its plunger.",
    "The damper is dry inside, which leaves the coil free to hurl the leaf home.",
]
HARDLY_OPENS = [
    "open",
    "The door gives way by a hand's width and then stands against the arm.",
    "The arm pushes in vain, and the gap beside the frame stays narrow throughout.",
    "After a short start the leaf stops dead, and the arm bends at its elbow.",
    "Chips of metal jam the piston, so the closer spring cannot be wound and the door stops early.",
    "The oil has thickened in the cold, and the piston lets the door move by a hand's width alone.",
    "Rust binds the hinges more firmly than the robot arm can push the door.",
    "The closer arm is bent and catches on the frame, which holds the door almost shut.",
    "A broken coil of the closer spring has wedged in the housing and blocks the door.",
    "The plunger is stuck in its bore, and no force of the push gets past it.",
    "Corroded pivots hold the leaf harder than the machine can shove.",
]
_OPEN = re.compile(r"\b(?:TODO|todo)\b.*$")


def fill(text: str, answers: Iterable[str]) -> str:
    """An entry with each TODO replaced by the next answer, and read through."""
    given = iter(answers)
    lines = [
        line if line.lstrip().startswith("#") else _OPEN.sub(lambda found: next(given), line)
        for line in text.splitlines(keepends=False)
    ]
    assert next(given, None) is None, "there are fewer TODOs than answers"
    return "\n".join(lines).replace("status: draft", "status: reviewed") + "\n"

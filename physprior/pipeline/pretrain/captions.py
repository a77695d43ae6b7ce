"""What is said of a scene: a short talk about its moving shapes, in words that no machine needs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch

from physprior.dialogue import Dialogue, Part, Turn
from physprior.pipeline.pretrain.motions import CHANNELS, COURSES, Motions
from physprior.pipeline.pretrain.scenes import ACTOR, FORMS, RIDER, Scene

_COLOURS = {
    "red": (0.85, 0.15, 0.15),
    "green": (0.15, 0.70, 0.20),
    "blue": (0.15, 0.25, 0.85),
    "yellow": (0.90, 0.85, 0.15),
    "purple": (0.60, 0.15, 0.70),
    "teal": (0.10, 0.70, 0.75),
    "white": (0.95, 0.95, 0.95),
    "black": (0.05, 0.05, 0.05),
    "grey": (0.50, 0.50, 0.50),
    "orange": (0.95, 0.55, 0.10),
    "pink": (0.95, 0.55, 0.75),
    "brown": (0.45, 0.28, 0.12),
}
_DOES = {
    "turn": "turns",
    "move": "moves",
    "stretch": "changes its length",
    "swell": "changes its size",
    "fade": "fades",
}
_HOW = {
    "still": "It is at rest.",
    "steady": "It {does} evenly.",
    "stop": "It {does}, then stops.",
    "late": "It waits, then {does}.",
    "hesitate": "It {does} by fits and starts.",
    "reverse": "It {does}, then goes back.",
    "jump": "It {does} in one jump.",
    "swing": "It {does} to and fro.",
    "tremble": "It trembles.",
    "faster": "It {does} faster and faster.",
    "slower": "It {does} slower and slower.",
    "return": "It {does} and comes back.",
    "stay": "It {does}, stays there and comes back.",
}
_ASKED = {
    "Is its pace even?": {"steady"},
    "Does it rest at any time?": {"still", "stop", "late", "jump", "stay"},
    "Does it go back?": {"reverse", "swing", "tremble", "return", "stay"},
    "Does it change at all?": set(COURSES) - {"still"},
}
"""Questions to be answered with yes or no, and the courses for which it is yes."""
_UNCLEAR = {"Does it rest at any time?": {"hesitate", "return"}}
"""Courses of which a question is not asked: who turns round or hesitates seems to rest a moment."""

_STEPS = 16
"""A steady motion does 1/8 of its way between two frames: two steps of this scale."""


@dataclass(frozen=True)
class Mover:
    """A shape that is talked about."""

    name: str
    """Its colour and form: ``red bar``."""
    channel: str
    course: str
    steps: tuple[int, ...]
    """How much it moves between neighbouring frames, 0 to 9."""


def movers(scene: Scene, number: int) -> list[Mover]:
    """The shapes of one scene that have a motion of their own and are seen: one or two."""
    found = [_mover(scene, scene.acting, number, ACTOR)]
    own = not bool(scene.rides[number])
    if own and float(scene.opacity[number, RIDER].amax()) > 0.3:
        other = _mover(scene, scene.riding, number, RIDER)
        # Of two red bars nobody could say which is meant.
        found += [other] if other.name != found[0].name else []
    return found


def talk(movers: list[Mover], draw: torch.Generator) -> Dialogue:
    """A dialogue about the shapes: for each what it does and a yes or a no; for the first, too, how
    much it moves from frame to frame."""
    turns: list[Turn] = []
    for number, mover in enumerate(movers):
        questions = [one for one in _ASKED if mover.course not in _UNCLEAR.get(one, ())]
        asked = questions[int(torch.randint(0, len(questions), (), generator=draw))]
        how = _HOW[mover.course].format(does=_DOES[mover.channel])
        answer = "Yes." if mover.course in _ASKED[asked] else "No."
        steps = " ".join(map(str, mover.steps)) + "."
        said_of_it = [
            (f"What does the {mover.name} do?", how),
            ("How far does it come from frame to frame?", steps),
            (asked, answer),
        ]
        for prompt, said in said_of_it if number == 0 else (said_of_it[0], said_of_it[2]):
            turns.append(Turn(role="user", parts=(Part(kind="prompt", text=prompt),)))
            turns.append(Turn(role="assistant", parts=(Part(kind="plain", text=said),)))
    return Dialogue(category="shapes", mode="caption", turns=tuple(turns))


def vocabulary() -> Iterator[str]:
    """Everything that a talk can say: what a tokenizer is to know."""
    for colour in _COLOURS:
        for form in FORMS:
            yield f"What does the {colour} {form} do?"
    for course in COURSES:
        for channel in CHANNELS:
            yield _HOW[course].format(does=_DOES[channel])
    yield from _ASKED
    yield "How far does it come from frame to frame?"
    yield "Yes. No. 0 1 2 3 4 5 6 7 8 9."


def _mover(scene: Scene, motions: Motions, number: int, shape: int) -> Mover:
    known = torch.tensor(list(_COLOURS.values()))
    nearest = (scene.colour[number, shape] - known).pow(2).sum(dim=1).argmin()
    way = motions.way[number]
    steps = ((way[1:] - way[:-1]).abs() * _STEPS).round().clamp(max=9)
    return Mover(
        name=f"{list(_COLOURS)[int(nearest)]} {FORMS[int(scene.form[number, shape])]}",
        channel=CHANNELS[int(motions.channel[number])],
        course=COURSES[int(motions.course[number])],
        steps=tuple(int(step) for step in steps),
    )

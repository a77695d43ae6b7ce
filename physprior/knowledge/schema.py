"""The schema of one KB entry: a category, its prior, what normal looks like, and its anomalies.

The prior is the paper's tuple (p_comp, p_subj, p_mot) of section 3.2: component, subject, motion.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

NORMAL = "normal"
"""The class id of a normal video; each anomaly's class id is the anomaly's own id."""

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$")]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Entity(BaseModel):
    """Base of all parts of an entry: frozen, and strict about unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Interaction(Entity):
    """How the inspection station makes the object move."""

    actuator: Identifier
    """What acts on the object: ``gripper``, ``motor``, ``robot_arm``."""
    actions: tuple[Identifier, ...] = Field(min_length=1)
    """What the actuator does, in order: ``press``, ``release``."""


class Component(Entity):
    """p_comp: the key component and the property that makes it work (paper section 3.2, 1)."""

    names: tuple[Words, ...] = Field(min_length=1)
    """What engineers call it, the usual name first."""
    properties: tuple[Words, ...] = Field(min_length=1)
    """The physical properties the motion depends on: ``elastic``."""
    statement: Words
    """The sentence that is taught: which component, with which property."""


class Subject(Entity):
    """p_subj: the parts that move and how they must respond (paper section 3.2, 2)."""

    parts: tuple[Words, ...] = Field(min_length=1)
    """The moving parts, named as the statements name them."""
    statement: Words
    """The sentence that is taught: which parts move, and how they respond."""


class Phase(Entity):
    """One step of the specified motion, which an anomaly can violate."""

    id: Identifier
    """The step's name: ``press``, ``release``."""
    expected: Words
    """What is seen in this step when the object is sound."""


class Motion(Entity):
    """p_mot: the motion that is to be seen, cut into phases (paper section 3.2, 3)."""

    statement: Words
    """The sentence that is taught: the motion of a sound object."""
    phases: tuple[Phase, ...] = Field(min_length=1)
    """The motion's steps, in order."""


class Prior(Entity):
    """The physics prior of a category: the paper's (p_comp, p_subj, p_mot)."""

    component: Component
    """The key component."""
    subject: Subject
    """The moving parts."""
    motion: Motion
    """The specified motion."""


class Normal(Entity):
    """The texts of the class without anomaly."""

    descriptions: tuple[Words, ...] = Field(min_length=3)
    """What is seen."""
    explanations: tuple[Words, ...] = Field(min_length=5)
    """Why the motion is sound; taught."""
    references: tuple[Words, ...] = Field(min_length=2)
    """Why the motion is sound; kept for scoring and never trained on."""


class Anomaly(Normal):
    """One defect type: where it stands in the motion, how it shows, and its texts."""

    id: Identifier
    """The anomaly's class id: ``unable_to_rebound``."""
    name: Words
    """What a person calls it."""
    aliases: tuple[Words, ...] = ()
    """Folder names that mean this anomaly in collections of videos."""
    violates: tuple[Identifier, ...] = Field(min_length=1)
    """The ids of the phases that it breaks."""
    onset: Literal["persistent", "intermittent"]
    """There from the first frame, or beginning partway."""
    evidence: Literal["motion", "frame"]
    """``frame`` where one frame could show it, ``motion`` where none can."""


class Category(Entity):
    """A kind of object: one YAML file of the KB."""

    id: Identifier
    """The category's id, which is also its file's name: ``clip``."""
    name: Words
    """What a person calls the object: ``spring clip``."""
    aliases: tuple[Words, ...] = ()
    """Other folder names that mean this category in collections of videos."""
    status: Literal["draft", "reviewed"]
    """``draft`` until an engineer of the object has read it through."""
    interaction: Interaction
    """How the station makes it move."""
    prior: Prior
    """Its physics."""
    normal: Normal
    """The class without anomaly."""
    anomalies: tuple[Anomaly, ...] = Field(min_length=1)
    """The defect types."""

    def anomaly(self, class_id: str) -> Anomaly | None:
        """The anomaly of this id, or None."""
        return next((anomaly for anomaly in self.anomalies if anomaly.id == class_id), None)

    def classes(self) -> Iterator[tuple[str, Normal]]:
        """Every class id with its texts: ``normal`` first, then the anomalies in their order."""
        yield NORMAL, self.normal
        for anomaly in self.anomalies:
            yield anomaly.id, anomaly

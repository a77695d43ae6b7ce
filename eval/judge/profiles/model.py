"""What a profile is made of: questions, marks, and the replies that give none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from physprior.endpoint.reading import Unreadable
from physprior.eval.explanations.items import NO_REFERENCE, NO_TEXT, is_empty

if TYPE_CHECKING:
    from physprior.endpoint.prompt import Prompt
    from physprior.endpoint.reply import Reply
    from physprior.eval.explanations.items import Item
    from physprior.eval.judge.profiles.rubric import Rubric

__all__ = [
    "EMPTY_ANSWER",
    "Marks",
    "Profile",
    "Question",
    "Task",
    "Unasked",
    "Unreadable",
    "unasked",
]

Task = Literal["description", "explanation"]
"""Which of an item's texts is judged."""
EMPTY_ANSWER = "empty answer"
"""Why a value is 0 without asking."""


@dataclass(frozen=True)
class Question:
    """What a judge is asked about one text of one video; its repeats are the runner's."""

    id: str
    """The video's id."""
    task: Task
    prompt: Prompt
    left_out: int = 0
    """How many characters of a long text the judge is not shown."""


@dataclass(frozen=True)
class Unasked:
    """A task of a video that no judge need be asked about."""

    id: str
    """The video's id."""
    task: Task
    reason: str
    """``empty answer``, ``no text`` or ``no reference``."""
    value: float | None
    """0.0 for an empty answer, which is the model's own failure; None for what stays unscored."""


@dataclass(frozen=True)
class Marks:
    """What a judge gave one text."""

    values: Mapping[str, float]
    """Aspect to value, 0 to 1; ``score`` is always among them."""
    reasoning: str
    """The judge's words, which no number depends on."""


class Profile(Protocol):
    """What is asked of a judge and how its replies are read."""

    @property
    def name(self) -> str:
        """What it is called on the command line."""

    @property
    def version(self) -> int:
        """Raised where the same reply would be read otherwise, or the same text asked otherwise."""

    @property
    def tasks(self) -> tuple[Task, ...]:
        """The tasks that it can judge."""

    @property
    def aspects(self) -> tuple[str, ...]:
        """The keys of its marks, ``score`` first."""

    def questions(self, item: Item, rubric: Rubric) -> tuple[Question, ...]:
        """What a judge is to be asked of an item: one question a task that can be asked."""

    def unasked(self, item: Item) -> tuple[Unasked, ...]:
        """The tasks of an item that no judge is asked about. One that it lacks is in neither."""

    def read(self, question: Question, reply: Reply) -> Marks:
        """The marks in a reply. Raises Unreadable. Of the question only its schema is looked at."""


def unasked(id_: str, task: Task, text: str | None, references: tuple[str, ...]) -> list[Unasked]:
    """At most one reason not to ask about a text; a class without references has no zeros."""
    if text is None:
        return [Unasked(id_, task, NO_TEXT, None)]
    if not references:
        return [Unasked(id_, task, NO_REFERENCE, None)]
    return [Unasked(id_, task, EMPTY_ANSWER, 0.0)] if is_empty(text) else []

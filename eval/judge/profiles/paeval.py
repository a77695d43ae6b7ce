"""The profile ``paeval``: how alike is a text to the references of the true class?

PAEval (Phys-AD, section 4.3): a judge compares a text with each reference of the true class, 0 to
1, and the highest counts; once for what is seen, the description, and once for why, the
explanation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from physprior.endpoint.prompt import Prompt
from physprior.eval.judge.profiles.model import Marks, Question, Task, Unasked, Unreadable, unasked
from physprior.eval.judge.profiles.reading import read_number, read_object, read_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from physprior.endpoint.reply import Reply
    from physprior.eval.explanations.items import Item
    from physprior.eval.judge.profiles.rubric import Rubric


@dataclass(frozen=True)
class PAEval:
    """The profile ``paeval``; its mark is ``score``."""

    name: str = "paeval"
    version: int = 1
    tasks: tuple[Task, ...] = ("description", "explanation")
    aspects: tuple[str, ...] = ("score",)

    def questions(self, item: Item, rubric: Rubric) -> tuple[Question, ...]:
        """A question a task. Raises JudgeError for a rubric that is unfit."""
        found = []
        for task, text, references in _texts(item):
            if text is not None and not unasked(item.id, task, text, references):
                system, user, fenced = rubric.ask(item, task, text, references, all_=True)
                prompt = Prompt(system, user, _schema(len(references)), "paeval")
                found.append(Question(item.id, task, prompt, fenced.left_out))
        return tuple(found)

    def unasked(self, item: Item) -> tuple[Unasked, ...]:
        """Why a task is not asked about; nothing of a description that the model was not asked."""
        return tuple(
            one
            for task, text, references in _texts(item)
            for one in unasked(item.id, task, text, references)
        )

    def read(self, question: Question, reply: Reply) -> Marks:
        """The highest similarity in a reply, 0 to 1. Raises Unreadable."""
        found = read_object(reply, ("reasoning", "similarities"))
        reasoning = read_text(found["reasoning"], "reasoning")
        given = found["similarities"]
        asked = question.prompt.schema["properties"]["similarities"]["minItems"]
        if not isinstance(given, list):
            raise Unreadable("similarities is no list")
        if len(given) != asked:
            raise Unreadable(f"similarities has {len(given)} numbers for {asked} references")
        return Marks(
            {"score": max(read_number(each, "a similarity", 1) for each in given)}, reasoning
        )


def _texts(item: Item) -> Iterator[tuple[Task, str | None, tuple[str, ...]]]:
    """The tasks of an item, each with its text and what that is held against."""
    if item.description is not None:
        yield "description", item.description, item.description_references
    yield "explanation", item.explanation, item.references


def _schema(references: int) -> dict[str, Any]:
    similarity = {"type": "number", "minimum": 0, "maximum": 1}
    return {
        "type": "object",
        "properties": {
            "reasoning": {"type": "string"},
            "similarities": {
                "type": "array",
                "items": similarity,
                "minItems": references,
                "maxItems": references,
            },
        },
        "required": ["reasoning", "similarities"],
        "additionalProperties": False,
    }

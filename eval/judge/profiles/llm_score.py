"""The profile ``llm-score``: is the anomaly type right, and is the reasoning sound?

The ICASSP paper's LLM score (section 4.1) is a judge's number from 0 to 1 for "anomaly type
correctness and reasoning logic". Here the judge gives an integer from 0 to 4 for each, and the
score is the mean of both, mapped to 0 to 1. It reads the model's whole answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from physprior.endpoint.prompt import Prompt
from physprior.eval.judge.profiles.model import Marks, Question, Task, Unasked, unasked
from physprior.eval.judge.profiles.reading import read_integer, read_object, read_text

if TYPE_CHECKING:
    from physprior.endpoint.reply import Reply
    from physprior.eval.explanations.items import Item
    from physprior.eval.judge.profiles.rubric import Rubric

MOST = 4
"""The highest mark."""
_MARKS = ("anomaly_type", "logic")


@dataclass(frozen=True)
class LLMScore:
    """The profile ``llm-score``; its marks are ``score``, ``anomaly_type`` and ``logic``."""

    name: str = "llm-score"
    version: int = 1
    tasks: tuple[Task, ...] = ("explanation",)
    aspects: tuple[str, ...] = ("score", *_MARKS)

    def questions(self, item: Item, rubric: Rubric) -> tuple[Question, ...]:
        """One question about the whole answer. Raises JudgeError for a rubric that is unfit."""
        text = item.answer
        if text is None or self.unasked(item):
            return ()
        system, user, fenced = rubric.ask(item, "explanation", text, item.references, all_=False)
        prompt = Prompt(system, user, _schema(), "llm_score")
        return (Question(item.id, "explanation", prompt, fenced.left_out),)

    def unasked(self, item: Item) -> tuple[Unasked, ...]:
        """Why the answer is not asked about; empty where it is."""
        return tuple(unasked(item.id, "explanation", item.answer, item.references))

    def read(self, question: Question, reply: Reply) -> Marks:  # noqa: ARG002 (all have one schema)
        """The marks in a reply, each 0 to 1. Raises Unreadable."""
        found = read_object(reply, ("reasoning", *_MARKS))
        reasoning = read_text(found["reasoning"], "reasoning")
        given = {key: read_integer(found[key], key, MOST) for key in _MARKS}
        values = {"score": sum(given.values()) / (MOST * len(given))}
        return Marks(values | {key: mark / MOST for key, mark in given.items()}, reasoning)


def _schema() -> dict[str, Any]:
    # Listed rather than bounded: strict modes of some endpoints refuse minimum and maximum.
    mark = {"type": "integer", "enum": list(range(MOST + 1))}
    return {
        "type": "object",
        "properties": {"reasoning": {"type": "string"}, **dict.fromkeys(_MARKS, mark)},
        "required": ["reasoning", *_MARKS],
        "additionalProperties": False,
    }

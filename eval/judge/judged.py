"""What a judge's replies come to: marks by video, what is unscored and why, and what it cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from physprior.endpoint.reply import Reply
from physprior.eval.judge.lines import Header, UnaskedLine


@dataclass(frozen=True)
class Unscored:
    """One question without a mark."""

    id: str
    task: str
    repeat: int
    """Which of the equal questions, from 1; 0 where there was nothing to ask."""
    reason: str


@dataclass(frozen=True)
class Usage:
    """What the judge's work was, by its own count."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    replies: int = 0
    """Replies that were asked for and came, those that could not be read among them."""
    uncounted: int = 0
    """Of these, replies that said nothing of their tokens."""
    cached: int = 0
    """Replies that an earlier run had paid for."""

    def cost(self, price_in: float, price_out: float) -> float:
        """What the replies cost, by prices per million tokens of prompt and of completion."""
        return (self.prompt_tokens * price_in + self.completion_tokens * price_out) / 1e6

    def plus(self, reply: Reply, *, cached: bool) -> Usage:
        """The usage with one reply more."""
        if cached:
            return Usage(
                self.prompt_tokens,
                self.completion_tokens,
                self.replies,
                self.uncounted,
                self.cached + 1,
            )
        counted = reply.prompt_tokens is not None and reply.completion_tokens is not None
        return Usage(
            self.prompt_tokens + (reply.prompt_tokens or 0),
            self.completion_tokens + (reply.completion_tokens or 0),
            self.replies + 1,
            self.uncounted + (not counted),
            self.cached,
        )


@dataclass(frozen=True)
class Answer:
    """What has become of one question; of equal questions of several videos there is one."""

    ids: tuple[str, ...]
    """The videos whose question it is."""
    task: str
    repeat: int
    askings: int
    """Replies that came, read or not."""
    marks: Mapping[str, float] | None
    """0 to 1, by aspect; None while it is unscored."""
    reason: str
    """Why it is unscored; empty where it is not."""
    left_out: int = 0
    """Characters of a long answer that the judge was not shown."""
    reasoning: str = ""
    """The judge's words, which no number depends on."""


@dataclass(frozen=True)
class Judged:
    """A replies file, read."""

    path: Path
    header: Header
    answers: Mapping[str, Answer] = field(repr=False)
    """By the question's key."""
    unasked: tuple[UnaskedLine, ...] = field(repr=False)
    """Videos that there was nothing to ask about."""
    usage: Usage
    models: tuple[str, ...]
    """What the judge called itself, in order of appearance."""
    torn: int | None = None
    """The last line's number where it is half a line of a stopped process, which is left out."""

    @property
    def tasks(self) -> tuple[str, ...]:
        """The tasks that lines speak of, in their order."""
        return tuple(dict.fromkeys(line.task for line in self._spoken))

    @cached_property
    def missing(self) -> int:
        """Pairs of a video and a task that no line speaks of: the run was stopped, or limited."""
        pairs = {(name, line.task) for line in self._spoken for name in line.ids}
        return self.header.total - len(pairs)

    @cached_property
    def unscored(self) -> list[Unscored]:
        """Questions without a mark, with the reason; those not asked yet are not among them."""
        nothing = [
            Unscored(name, line.task, 0, line.reason)
            for line in self.unasked
            if line.value is None
            for name in line.ids
        ]
        failed = [
            Unscored(name, answer.task, answer.repeat, answer.reason)
            for answer in self.answers.values()
            if answer.marks is None
            for name in answer.ids
        ]
        return nothing + failed

    def unmarked(self, task: str) -> dict[str, str]:
        """By video: why it has no mark at all."""
        return self._lacking(task, marked=False)

    def fewer(self, task: str) -> dict[str, str]:
        """By video: why a mark of some repeat is lacking, where another has one."""
        return self._lacking(task, marked=True)

    @cached_property
    def cut(self) -> tuple[str, ...]:
        """The videos whose answer is longer than what the judge was shown of it."""
        found = (name for one in self.answers.values() if one.left_out for name in one.ids)
        return tuple(dict.fromkeys(found))

    def values(self, aspect: str = "score", task: str | None = None) -> dict[str, float | None]:
        """By video: the mean over repeats, 0 to 1; None where it is unscored.

        A video that was not asked about yet is not in it. ``task`` may be left out where the file
        speaks of one alone. Raises ValueError where it speaks of several.
        """
        task = task or self._only_task()
        values: dict[str, float | None] = {
            name: line.value for line in self.unasked if line.task == task for name in line.ids
        }
        found: dict[str, list[float]] = {}
        for answer in self.answers.values():
            if answer.task == task:
                for name in answer.ids:
                    marks = found.setdefault(name, [])
                    if answer.marks is not None:
                        marks.append(answer.marks[aspect])
        return values | {name: _mean(marks) for name, marks in found.items()}

    def repeats(
        self, aspect: str = "score", task: str | None = None
    ) -> dict[str, tuple[float, ...]]:
        """The marks of each question's repeats that have one, by the first video that asks it.

        Videos that share a question share the judge's replies: they say nothing more of it.
        """
        task = task or self._only_task()
        found: dict[str, list[float]] = {}
        for answer in sorted(self.answers.values(), key=lambda answer: answer.repeat):
            if answer.task == task and answer.marks is not None:
                found.setdefault(answer.ids[0], []).append(answer.marks[aspect])
        return {name: tuple(marks) for name, marks in found.items()}

    def reasoning(self, task: str) -> dict[str, tuple[str, ...]]:
        """By video: what the judge said of its marks, each wording once, in the repeats' order."""
        found: dict[str, dict[str, None]] = {}
        for answer in sorted(self.answers.values(), key=lambda answer: answer.repeat):
            if answer.task == task and answer.marks is not None and answer.reasoning:
                for name in answer.ids:
                    found.setdefault(name, {})[answer.reasoning] = None
        return {name: tuple(said) for name, said in found.items()}

    def _lacking(self, task: str, *, marked: bool) -> dict[str, str]:
        values = self.values(task=task)
        reasons: dict[str, dict[str, None]] = {}
        for one in self.unscored:
            if one.task == task and (values[one.id] is not None) == marked:
                reasons.setdefault(one.id, {})[one.reason] = None
        return {name: "; ".join(found) for name, found in reasons.items()}

    @property
    def _spoken(self) -> list[UnaskedLine | Answer]:
        return [*self.unasked, *self.answers.values()]

    def _only_task(self) -> str:
        if len(self.tasks) > 1:
            raise ValueError(f"name one of the tasks {', '.join(self.tasks)}")
        return self.tasks[0] if self.tasks else ""


def _mean(marks: Sequence[float]) -> float | None:
    return sum(marks) / len(marks) if marks else None

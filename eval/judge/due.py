"""What of a plan is still to be asked, by what a replies file holds already."""

from __future__ import annotations

from dataclasses import dataclass, replace

from physprior.eval.judge.judged import Answer, Judged
from physprior.eval.judge.plan import Plan, Wanted

ASKINGS = 2
"""Replies to a question that a run reads at most: one that cannot be read is asked for again."""


@dataclass(frozen=True)
class Due:
    """A question that is not settled."""

    wanted: Wanted
    key: str
    repeat: int
    askings: int
    """Replies to it that stand in the file already."""
    most: int
    """Replies after which it is left unscored."""


@dataclass(frozen=True)
class Work:
    """What a run finds to do."""

    questions: int
    """Distinct questions, each counted once a repeat, within the limit."""
    unread: int
    """Of those that are settled, the ones without a mark."""
    dues: list[Due]
    """Those that are not."""

    @property
    def answered(self) -> int:
        """Questions that are settled."""
        return self.questions - len(self.dues)


def work_of(
    planned: Plan, earlier: Judged | None, repeat: int, limit: int | None, retry_unread: bool
) -> Work:
    """What is to be asked of the first ``limit`` questions of a plan."""
    answers = earlier.answers if earlier else {}
    questions = unread = 0
    dues = []
    for key, turn, wanted in planned.due(repeat, limit):
        questions += 1
        answer = answers.get(key)
        if due := _due(Due(wanted, key, turn, 0, ASKINGS), answer, retry_unread):
            dues.append(due)
        elif answer and answer.marks is None:
            unread += 1
    return Work(questions, unread, dues)


def _due(due: Due, answer: Answer | None, retry_unread: bool) -> Due | None:
    """What is still to be asked of a question; None where it is settled."""
    if answer is None:
        return due
    if answer.marks is not None or (answer.askings >= ASKINGS and not retry_unread):
        return None
    begun = answer.askings if answer.askings >= ASKINGS else 0
    return replace(due, askings=answer.askings, most=begun + ASKINGS)

"""What of a plan is still to be asked, by what a replies file holds already."""

from __future__ import annotations

from dataclasses import dataclass, replace

from physprior.dataset.names import shown
from physprior.errors import JudgeError
from physprior.eval.judge.judged import Answer, Judged
from physprior.eval.judge.plan import Plan, Wanted

ASKINGS = 2
"""Replies to a question that a run reads at most: one that cannot be read is asked for again."""

_SHOWN = 200


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
    """What is to be asked of the first ``limit`` questions of a plan.

    Raises JudgeError where ``earlier`` answers a question that the plan does not have: what is
    asked in its place would be paid for, and stand there twice.
    """
    if earlier:
        _refuse_strange(planned, earlier)
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


def _refuse_strange(planned: Plan, earlier: Judged) -> None:
    wanted: dict[tuple[str, tuple[str, ...]], Wanted] = {
        (one.question.task, one.ids): one for one in planned.wanted
    }
    for key, answer in earlier.answers.items():
        one = wanted.get((answer.task, answer.ids))
        if one is None or one.key(planned.asker, answer.repeat) != key:
            raise JudgeError(
                f"{earlier.path}: the reply about {shown(answer.ids[0][:_SHOWN])} is to a question"
                " that this command does not ask, though all else is the same: it was changed",
                remedy="remove its line, or the file, and give the same command again",
            )


def _due(due: Due, answer: Answer | None, retry_unread: bool) -> Due | None:
    """What is still to be asked of a question; None where it is settled."""
    if answer is None:
        return due
    if answer.marks is not None or (answer.askings >= ASKINGS and not retry_unread):
        return None
    begun = answer.askings if answer.askings >= ASKINGS else 0
    return replace(due, askings=answer.askings, most=begun + ASKINGS)

"""A study from its plan to its table: every arm trained alike, then the test split, opened once.

Every step is the one that its own command runs; what a step has done already is not done again, so
that a study that was killed goes on with the same command.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from physprior.errors import StudyError
from physprior.pipeline.ablate.ask import Questions
from physprior.pipeline.ablate.opened import open_test, read_opened, refuse_early, verify
from physprior.pipeline.ablate.places import Places
from physprior.pipeline.ablate.plan import StudyPlan, keep_plan
from physprior.pipeline.ablate.prepare import prepare, texts
from physprior.pipeline.ablate.runs import refuse_recipes, refuse_unequal, train_all
from physprior.pipeline.ablate.step import Step, Voices

_OPENING = "# every run has finished: the test split is opened, once"


def commands(out: Path, plan: StudyPlan, *, workers: int) -> Iterator[str]:
    """The steps of a study in their order, as commands; nothing is done.

    Raises the errors of a plan that cannot be followed.
    """
    places = Places(out)
    refuse_recipes(plan, places)
    asked = Questions(plan, places, workers)
    before = (prepare(plan, places, workers), train_all(plan, places, workers), asked.validation())
    yield from (step.command for step in chain(*before))
    yield _OPENING
    yield from (step.command for step in asked.test())


def ablate(
    out: Path,
    plan: StudyPlan,
    *,
    workers: int = 2,
    stop_before_test: bool = False,
    voices: Voices | None = None,
) -> bool:
    """Run every step of a study in the folder ``out``; whether its test split has been asked.

    ``stop_before_test``: leave the test split closed. Raises StudyError where the folder holds
    another study, the arms cannot be compared, or something has changed since the test split was
    opened; and the errors of the steps.
    """
    voices = voices or Voices()
    places = Places(out)
    refuse_recipes(plan, places)
    opened = places.opened.is_file()
    if opened and stop_before_test:
        raise StudyError(
            f"the test split of {out} was opened at {read_opened(places).time}",
            remedy="leave --stop-before-test out: the same command goes on with the test split",
        )
    plan = keep_plan(out, plan, opened=opened)
    asked = Questions(plan, places, workers)
    if opened:
        verify(read_opened(places), plan, places)
    else:
        refuse_early(places)
        for step in prepare(plan, places, workers):
            voices.announce(step.command)
            step.work(voices)
        _run(train_all(plan, places, workers), voices)
        refuse_unequal(plan, places)
        _run(asked.validation(), voices)
    if stop_before_test:
        return False
    if not opened:
        voices.announce(_OPENING)
        open_test(plan, places, texts(plan))
    _run(asked.test(), voices)
    return True


def _run(steps: Iterable[Step], voices: Voices) -> None:
    clock = _Clock(list(steps))
    for number, step in enumerate(clock.steps):
        voices.announce(step.command)
        voices.remark(clock.say(number))
        clock.took(step.work(voices))


@dataclass
class _Clock:
    """Says how far a row of like steps is, and how long the rest will take."""

    steps: Sequence[Step]
    _seconds: list[float] = field(default_factory=list)

    def took(self, seconds: float | None) -> None:
        """Note what a step took; one that was done before its time was taken does not count."""
        if seconds is not None:
            self._seconds.append(seconds)

    def say(self, number: int) -> str:
        """Where the row is, before the step ``number``."""
        step = self.steps[number]
        said = f"{step.kind} {number + 1} of {len(self.steps)}: {step.name}"
        if not self._seconds:
            return said
        mean = sum(self._seconds) / len(self._seconds)
        return f"{said}; about {_time(mean * (len(self.steps) - number))} left"


def _time(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"

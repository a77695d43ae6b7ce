"""Asking the judge about a predictions file: what is answered is not asked again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from physprior.endpoint.endpoint import Endpoint
from physprior.errors import JudgeError
from physprior.eval.explanations.items import Item
from physprior.eval.judge.asking import Asking, Tally
from physprior.eval.judge.cache import ReplyCache
from physprior.eval.judge.due import Work, work_of
from physprior.eval.judge.judged import Judged, Usage
from physprior.eval.judge.plan import header_of, plan
from physprior.eval.judge.profiles import Profile, Rubric
from physprior.eval.judge.replies import read_judged
from physprior.eval.judge.writing import ReplyWriter, refuse_other
from physprior.eval.predictions import Predictions

_NAMED = 3
"""Videos that a remark names; their number tells the rest."""


@dataclass(frozen=True)
class JudgeOptions:
    """How often and how much is asked."""

    repeat: int = 1
    """How often each question is asked."""
    cache: Path | None = None
    """The sqlite file of replies that all runs share; None for none."""
    retry_unread: bool = False
    """Ask again what was replied to and could not be read."""
    limit: int | None = None
    """Ask only the first so many distinct questions: a trial."""


@dataclass(frozen=True)
class Standing:
    """How far a run has come; handed to ``progress`` after each question."""

    done: int
    """Questions that are settled, those of earlier runs among them."""
    total: int
    unscored: int
    """Of the settled ones, those without a mark."""
    usage: Usage
    """Of this run."""
    told: tuple[str, ...] = ()
    """What the user should know by now; ``remarks`` has it too."""


Progress = Callable[[Standing], None]


@dataclass(frozen=True)
class Forecast:
    """What a run would ask, without asking."""

    questions: int
    """Distinct questions, each counted once a repeat, within the limit."""
    answered: int
    """Of these, settled by the replies file."""
    cached: int
    """Of the others, in the cache."""
    characters: int
    """Length of the prompts that would be sent."""
    remarks: tuple[str, ...] = ()
    """What else the user should know."""

    @property
    def to_ask(self) -> int:
        """Questions that the judge would get."""
        return self.questions - self.answered - self.cached


@dataclass(frozen=True)
class JudgeReport:
    """What a run has done."""

    path: Path
    """The replies file; ``read_judged`` has the marks."""
    questions: int
    """Distinct questions, each counted once a repeat, within the limit."""
    answered: int
    """Of these, settled before this run."""
    cached: int
    """Taken from the cache."""
    unread: int
    """Questions of this run whose replies cannot be read."""
    failed: int
    """Questions of this run that no reply came to; the next run asks them again."""
    usage: Usage
    """Of this run."""
    remarks: tuple[str, ...]
    """What else the user should know."""


def judge(
    predictions: Predictions,
    items: Sequence[Item],
    profile: Profile,
    rubric: Rubric,
    endpoint: Endpoint,
    out: Path,
    options: JudgeOptions,
    progress: Progress,
) -> JudgeReport:
    """Ask the judge about every item, and keep what it replies in ``out``.

    Raises JudgeError where the judge can never answer or has stopped to, or ``out`` holds replies
    to something else; OutputError where it cannot be written; KeyboardInterrupt on Ctrl-C and
    SIGTERM. Whatever came until then is in ``out``, and the same call goes on with it.
    """
    planned = plan(items, profile, rubric, endpoint)
    header = header_of(predictions, items, profile, rubric, endpoint, planned, options.repeat)
    with ReplyWriter(out, header, planned.unasked) as writer, ReplyCache(options.cache) as cache:
        work = work_of(planned, writer.earlier, options.repeat, options.limit, options.retry_unread)
        asking = Asking(endpoint, profile, writer, cache, lambda tally: progress(stand(tally)))

        def stand(tally: Tally) -> Standing:
            unscored = work.unread + tally.unread + tally.failed
            told = (*cache.remarks, *tally.told)
            done = work.answered + tally.settled
            return Standing(done, work.questions, unscored, tally.usage, told)

        progress(stand(asking.tally))
        to_ask = [due for due in work.dues if not asking.take_cached(due)]
        if to_ask:
            asking.run(to_ask)
    return _report(out, work, asking, cache)


def forecast(
    predictions: Predictions,
    items: Sequence[Item],
    profile: Profile,
    rubric: Rubric,
    endpoint: Endpoint,
    out: Path,
    options: JudgeOptions,
) -> Forecast:
    """What ``judge`` would ask; nothing is sent or written. Raises JudgeError as ``judge`` does."""
    planned = plan(items, profile, rubric, endpoint)
    header = header_of(predictions, items, profile, rubric, endpoint, planned, options.repeat)
    earlier = None
    if out.exists() and out.stat().st_size:
        earlier = read_judged(out)
        refuse_other(earlier, header)
    work = work_of(planned, earlier, options.repeat, options.limit, options.retry_unread)
    with ReplyCache(options.cache, read_only=True) as cache:
        to_ask = [due for due in work.dues if cache.get(due.key) is None]
    characters = sum(
        len(due.wanted.question.prompt.system) + len(due.wanted.question.prompt.user)
        for due in to_ask
    )
    cached = len(work.dues) - len(to_ask)
    return Forecast(work.questions, work.answered, cached, characters, tuple(cache.remarks))


def _report(out: Path, work: Work, asking: Asking, cache: ReplyCache) -> JudgeReport:
    judged = read_judged(out)
    _refuse_silence(judged)
    remarks = [*cache.remarks, *asking.tally.told]
    if len(judged.models) > 1:
        names = ", then ".join(judged.models)
        remarks.append(f"the judge called itself {names}: the marks may be those of several")
    if judged.cut:
        remarks.append(
            "too long for the judge, and shown to it without their middle: the answers to"
            f" {', '.join(judged.cut[:_NAMED])}{_more(len(judged.cut) - _NAMED)}"
        )
    return JudgeReport(
        path=out,
        questions=work.questions,
        answered=work.answered,
        cached=asking.tally.usage.cached,
        unread=asking.tally.unread,
        failed=asking.tally.failed,
        usage=asking.tally.usage,
        remarks=tuple(remarks),
    )


def _more(count: int) -> str:
    return f" and {count} more" if count > 0 else ""


def _refuse_silence(judged: Judged) -> None:
    """Raise JudgeError where no question has ever got a reply: that is no result of the model."""
    reasons = [one.reason for one in judged.answers.values()]
    if reasons and not any(one.askings for one in judged.answers.values()):
        raise JudgeError(
            f"the judge at {judged.header.base_url} has answered none of {len(reasons)} questions,"
            f" the last because of: {reasons[-1]}",
            remedy="see that it runs, and give the same command again",
        )

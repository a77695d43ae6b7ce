"""What ``eval judge`` prints of a replies file: the table, what is unscored, and what it cost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from physprior.cli.console import paragraph, remark, say, table
from physprior.dataset.names import shown

if TYPE_CHECKING:
    from physprior.eval.explanations.evaluation import Explanations, JudgedTask
    from physprior.eval.explanations.items import Group
    from physprior.eval.explanations.means import Means, Summary
    from physprior.eval.judge.judged import Judged, Usage

_LISTED = 20


@dataclass(frozen=True)
class Price:
    """What a million tokens cost, in whatever money."""

    sent: float
    replied: float

    def of(self, usage: Usage) -> float:
        """What the replies cost."""
        return usage.cost(self.sent, self.replied)


def print_marks(found: Explanations) -> None:
    """Print a table a task, and below them what must be known of the marks."""
    from physprior.eval.report.explained_words import accounts, legend, readings

    for scores in found.judged:
        for place, one in enumerate(scores.tasks):
            if len(scores.tasks) > 1:
                say(f"\n{one.task}\n" if place else f"{one.task}\n")
            _print_means(one)
    heads = {head for scores in found.judged for one in scores.tasks for head in _columns(one)}
    for line in (legend(heads), *readings(found), *accounts(found)):
        paragraph(line)


def _print_means(task: JudgedTask) -> None:
    columns = _columns(task)
    names = [*task.score.categories, "macro average", "pooled"]
    rows = [
        [name, str(_means(task.score, name)["all"].n), *(cell(name) for cell in columns.values())]
        for name in names
    ]
    table(("category", "videos", *columns), rows, last_apart=2)


def _columns(task: JudgedTask) -> dict[str, Callable[[str], str]]:
    """Each column's head, and what stands in it beside a name."""
    from physprior.eval.report.explained_words import ASPECTS
    from physprior.eval.report.words import estimate, number

    def value(summary: Summary, group: Group = "all") -> Callable[[str], str]:
        return lambda name: number(_means(summary, name)[group].value)

    score = task.score
    found: dict[str, Callable[[str], str]] = {
        "score": lambda name: estimate(_means(score, name)["all"]),
        "right": value(score, "right"),
        "wrong": value(score, "wrong"),
        "anomalous": value(score, "anomalous"),
    }
    if task.task == "explanation":  # in a description no verdict is right or wrong
        found["earned"] = value(task.earned, "anomalous")
    for aspect, summary in task.aspects.items():
        if aspect != "score":
            found[ASPECTS[aspect]] = value(summary)
    return found


def _means(summary: Summary, name: str) -> Means:
    averages = {"macro average": summary.macro, "pooled": summary.pooled}
    return averages[name] if name in averages else summary.categories[name]


def list_unscored(judged: Judged) -> None:
    """Say on standard error what has no mark, and why."""
    unscored = judged.unscored
    if unscored:
        videos = len({one.id for one in unscored})
        marks = f"{len(unscored):,} marks of " if len(unscored) > videos else ""
        remark(f"unscored: {marks}{_counted(videos, 'video')}")
    for one in unscored[:_LISTED]:
        times = f", repeat {one.repeat}" if one.repeat > 1 else ""
        remark(f"  {one.id} ({one.task}{times}): {shown(one.reason)}")
    if len(unscored) > _LISTED:
        remark(f"  and {len(unscored) - _LISTED} more; --json lists them all")


def spent(usage: Usage, price: Price | None) -> str:
    """Tokens and cost in a line."""
    said = (
        f"{_counted(usage.replies, 'reply', 'replies')}: {usage.prompt_tokens:,} tokens sent, "
        f"{usage.completion_tokens:,} replied"
    )
    if usage.uncounted:
        said += f" ({usage.uncounted} of them say nothing of their tokens)"
    if usage.cached:
        said += f"; {usage.cached:,} more from the cache"
    if price:
        said += f"; cost {price.of(usage):.4f}"
    return said


def _counted(count: int, one: str, many: str = "") -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"

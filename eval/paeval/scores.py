"""PAEval's aggregate: mean over all test videos of a category, then over categories.

Normal videos count like the others, as published. The marks come from the raw output of the
official judge, or from replies to ``eval judge --profile paeval``, where verdicts are known too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from physprior.errors import JudgeError
from physprior.eval.explanations.content import predictions_hash
from physprior.eval.explanations.evaluation import Explanations, answered, judge_scores
from physprior.eval.explanations.items import Item
from physprior.eval.explanations.means import Summary, summarise
from physprior.eval.judge.replies import Judged, judged_path, read_judged
from physprior.eval.paeval.replies import TASKS, RawReplies, RawReply, Task
from physprior.eval.predictions import Prediction, Predictions
from physprior.eval.scoring import Scores, score
from physprior.knowledge.schema import NORMAL


@dataclass(frozen=True)
class Unscored:
    """A mark that is in no mean."""

    task: Task
    where: str
    """The reply's path in the raw output, or the video's id."""
    reason: str
    said: str = ""
    """The reply, cut where it is long; empty where there is none."""


@dataclass(frozen=True)
class PaevalScores:
    """The three numbers of PAEval, by category, macro and pooled."""

    name: str
    """What tables call it."""
    description: Summary | None
    """None where nothing of it was judged."""
    explanation: Summary | None
    """None where nothing of it was judged."""
    unscored: tuple[Unscored, ...]
    """Listed with their reasons."""
    classification: Scores | None
    """AUROC and verdict AUROC; None of a raw output, which holds no verdicts."""
    raw: RawReplies | None = None
    """What the marks were read from, if from a raw output."""
    explanations: Explanations | None = None
    """The answers and the judge's marks of them, if our own questions were asked."""

    @property
    def earned(self) -> Summary | None:
        """The explanation's means where a wrong verdict counts 0; None where it is not known."""
        marks = self.explanations.judged[0].task("explanation") if self.explanations else None
        return marks.earned if marks else None

    @property
    def judged(self) -> Judged | None:
        """What the marks were read from, if from replies to our own questions."""
        return self.explanations.judged[0].judged if self.explanations else None

    def of(self, task: Task) -> Summary | None:
        """The means of one task."""
        return self.description if task == "description" else self.explanation

    @property
    def categories(self) -> list[str]:
        """The categories that any of it speaks of, in the order of ids."""
        means = [one for one in (self.description, self.explanation) if one]
        found = {name for one in means for name in one.categories}
        if self.classification:
            found |= {one.category for one in self.classification.categories}
        return sorted(found)


def raw_scores(raw: RawReplies, name: str) -> PaevalScores:
    """The scores of a raw judge output."""
    return PaevalScores(
        name=name,
        description=_means(raw.of("description")),
        explanation=_means(raw.of("explanation")),
        unscored=tuple(
            Unscored(one.task, one.path, one.reason, one.said)
            for one in raw.replies
            if one.value is None
        ),
        classification=None,
        raw=raw,
    )


def prediction_scores(predictions: Predictions, replies: Path | None = None) -> PaevalScores:
    """The scores of a predictions file that a judge was asked about.

    ``replies`` is found beside the predictions unless it is named. Raises JudgeError where it is
    not there, or is of another profile or other predictions; PredictionError for unusable ones.
    """
    path = replies or judged_path(predictions.path, "paeval")
    command = f"physprior eval judge {predictions.path} --profile paeval"
    if not path.is_file():
        raise JudgeError(f"there are no replies of a judge: {path}", remedy=f"run '{command}'")
    judged = read_judged(path)
    if judged.header.profile != "paeval":
        raise JudgeError(
            f"{path} holds replies by the profile {judged.header.profile}",
            remedy=f"run '{command}'",
        )
    if judged.header.predictions_hash != predictions_hash(predictions.predictions):
        raise JudgeError(
            f"{path} is of other predictions, or of these before they were changed",
            remedy=f"run '{command}', with another -o",
        )
    items = answered(predictions)
    marks = judge_scores(judged, items)
    tasks = {one.task: one.score for one in marks.tasks}
    return PaevalScores(
        name=predictions.header.model,
        description=tasks.get("description"),
        explanation=tasks.get("explanation"),
        unscored=tuple(one for task in TASKS for one in _unscored(judged, predictions, task)),
        classification=score(predictions),
        explanations=Explanations(items, None, (marks,)),
    )


def _unscored(judged: Judged, predictions: Predictions, task: Task) -> Iterator[Unscored]:
    """What a judge's replies do not mark; nothing of a task that none of them speaks of."""
    if task not in judged.tasks:
        return
    values = judged.values("score", task)
    yield from (Unscored(task, name, why) for name, why in judged.unmarked(task).items())
    for line in predictions.predictions:
        if line.id not in values:
            undescribed = task == "description" and line.description is None
            yield Unscored(task, line.id, "no description" if undescribed else "not judged yet")


def _means(replies: Iterable[RawReply]) -> Summary | None:
    found = list(replies)
    if not found:
        return None
    return summarise({one.path: one.value for one in found}, [_item(one) for one in found])


def _item(reply: RawReply) -> Item:
    """A video of which the raw output tells the class alone; its verdict is not known."""
    line = Prediction(
        id=reply.path,
        video=reply.path,
        category=reply.category,
        class_id=reply.class_id,
        label=int(reply.class_id != NORMAL),
        instance="",
        score=None,
        text=None,
    )
    return Item(line, None, (), ())

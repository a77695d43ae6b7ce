"""What is to be asked about a predictions file: each distinct question once, with its videos."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from physprior import fingerprint
from physprior.endpoint.endpoint import Endpoint
from physprior.eval.explanations.content import predictions_hash
from physprior.eval.explanations.items import Item
from physprior.eval.judge.lines import Header, UnaskedLine
from physprior.eval.judge.profiles import Profile, Question, Rubric
from physprior.eval.predictions import Predictions


@dataclass(frozen=True)
class Wanted:
    """A question, to be asked once for all the videos whose question it is."""

    question: Question
    ids: tuple[str, ...]

    def key(self, asker: str, repeat: int) -> str:
        """Hash of all that decides the reply."""
        return fingerprint.of_json([asker, self.question.task, self.question.prompt.hash, repeat])


@dataclass(frozen=True)
class Plan:
    """All that is to be asked, and all that need not be."""

    asker: str
    """Hash of the judge, its parameters and the profile."""
    wanted: tuple[Wanted, ...]
    """Distinct questions, in the order of the predictions."""
    unasked: tuple[UnaskedLine, ...]

    @property
    def total(self) -> int:
        """Pairs of a video and a task."""
        asked = sum(len(wanted.ids) for wanted in self.wanted)
        return asked + sum(len(line.ids) for line in self.unasked)

    def due(self, repeat: int, limit: int | None) -> Iterator[tuple[str, int, Wanted]]:
        """Each question's key, repeat and itself: the second time all after the first."""
        for turn in range(1, repeat + 1):
            for wanted in self.wanted[:limit]:
                yield wanted.key(self.asker, turn), turn, wanted


def plan(items: Sequence[Item], profile: Profile, rubric: Rubric, endpoint: Endpoint) -> Plan:
    """What is to be asked about ``items``."""
    questions: dict[tuple[str, str], tuple[Question, list[str]]] = {}
    unasked: dict[tuple[str, str, float | None], UnaskedLine] = {}
    for item in items:
        for question in profile.questions(item, rubric):
            same = (question.task, question.prompt.hash)
            questions.setdefault(same, (question, []))[1].append(question.id)
        for one in profile.unasked(item):
            alike = (one.task, one.reason, one.value)
            ids = unasked[alike].ids if alike in unasked else ()
            unasked[alike] = UnaskedLine(
                ids=(*ids, one.id), task=one.task, reason=one.reason, value=one.value
            )
    wanted = tuple(Wanted(question, tuple(ids)) for question, ids in questions.values())
    return Plan(_asker(profile, rubric, endpoint), wanted, tuple(unasked.values()))


def _asker(profile: Profile, rubric: Rubric, endpoint: Endpoint) -> str:
    return fingerprint.of_json(
        {
            "profile": [profile.name, profile.version, rubric.version],
            "model": endpoint.model,
            "base_url": endpoint.base_url,
            "temperature": endpoint.temperature,
            "max_tokens": endpoint.max_tokens,
            "structured": endpoint.structured,
        }
    )


def header_of(
    predictions: Predictions,
    items: Sequence[Item],
    profile: Profile,
    rubric: Rubric,
    endpoint: Endpoint,
    planned: Plan,
    repeat: int,
) -> Header:
    """The header of the replies file of a plan."""
    return Header(
        profile=profile.name,
        profile_version=profile.version,
        rubric_version=rubric.version,
        rubric_hash=rubric.hash,
        model=endpoint.model,
        base_url=endpoint.base_url,
        temperature=endpoint.temperature,
        max_tokens=endpoint.max_tokens,
        structured=endpoint.structured,
        predictions=str(predictions.path),
        predictions_hash=predictions_hash(predictions.predictions),
        references_hash=references_hash(items),
        questions_hash=fingerprint.of_json(
            [[one.question.task, one.question.prompt.hash, one.ids] for one in planned.wanted]
        ),
        total=planned.total,
        repeat=repeat,
    )


def references_hash(items: Sequence[Item]) -> str:
    """Hash of the sentences that the items are held against, by category and class."""
    return fingerprint.of_json(
        {
            f"{item.category}/{item.line.class_id}": [item.references, item.description_references]
            for item in items
        }
    )

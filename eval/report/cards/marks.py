"""What an encoder and the judges gave each answer, with what they say of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from physprior.eval.explanations.evaluation import Explanations, JudgeScores, SbertScores
from physprior.eval.explanations.items import Sentences
from physprior.eval.report.cards.card import Mark
from physprior.eval.report.explained_words import ASPECTS, TITLES


def marks_of(explanations: Explanations, sentences: Sentences | None) -> dict[str, list[Mark]]:
    """By video id: its marks, the encoder's first.

    ``sentences`` are the KB's as it is now; where they are those that were scored by, the nearest
    reference stands with its mark.
    """
    found: dict[str, list[Mark]] = defaultdict(list)
    if explanations.sbert is not None:
        for name, mark in _sbert(explanations, explanations.sbert, sentences):
            found[name].append(mark)
    for judge in explanations.judged:
        for name, mark in _judge(judge):
            found[name].append(mark)
    return found


def copies_of(explanations: Explanations) -> Mapping[str, bool]:
    """By video id: whether the explanation is a taught sentence word for word."""
    if explanations.sbert is None:
        return {}
    return {name: one.copied for name, one in explanations.sbert.result.scores.items()}


def _sbert(
    explanations: Explanations, found: SbertScores, sentences: Sentences | None
) -> Iterator[tuple[str, Mark]]:
    result = found.result
    same = sentences is not None and sentences.hash == result.references_hash
    for item in explanations.items:
        score = result.scores.get(item.id)
        if score is None:
            yield item.id, Mark("SBERT score", None, result.unscored.get(item.id, ""))
            continue
        note = ""
        if same and sentences is not None and score.nearest is not None:
            note = _nearest(sentences, item.category, item.line.class_id, score.nearest)
        yield item.id, Mark("SBERT score", score.max, note)


def _nearest(sentences: Sentences, category: str, class_id: str, place: int) -> str:
    known = sentences.classes.get(category, {}).get(class_id)
    references = known.explanations if known else ()
    return references[place] if place < len(references) else ""


def _judge(judge: JudgeScores) -> Iterator[tuple[str, Mark]]:
    title = TITLES[judge.profile]
    for task in judge.tasks:
        said = judge.judged.reasoning(task.task)
        failed = dict(task.unscored)
        alone = judge.profile == "llm-score"  # It has one task.
        for aspect in task.aspects:
            name = title if alone else f"{title}, {task.task}"
            if aspect != "score":
                name = f"{name}: {ASPECTS[aspect]}"
            for video, value in judge.judged.values(aspect, task.task).items():
                note = "" if aspect != "score" else _note(video, said, failed)
                yield video, Mark(name, value, note)


def _note(video: str, said: Mapping[str, tuple[str, ...]], failed: Mapping[str, str]) -> str:
    return failed.get(video) or "\n".join(said.get(video, ()))

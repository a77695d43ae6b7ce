"""What explanation scores say in sentences: whether they may be believed, and what they rest on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from physprior.dataset.names import shown
from physprior.eval.explanations.evaluation import Explanations, JudgedTask, JudgeScores
from physprior.eval.explanations.items import Item
from physprior.eval.explanations.means import Summary
from physprior.eval.explanations.sbert_file import SbertResult
from physprior.eval.report.words import estimate, number, share, videos

NEARLY_ALL = 0.95
"""A word that this share of either class's answers says is the model's only one."""
FEWEST = 10
"""Of fewer videos than this a category, or a group, is no reason for a sentence."""
ASPECTS = {"anomaly_type": "type", "logic": "logic"}
"""What a mark beside the score is called at the head of a column."""
TITLES = {"llm-score": "LLM score", "paeval": "PAEval"}
"""What a judge's profile is called."""
OFTEN = 0.5
"""From this share of copies on it is said in a sentence, too."""

_MEANINGS = {
    "SBERT": "SBERT: cosine with the nearest reference of the true class.",
    "LLM": "LLM: a judge's marks for the anomaly's type and for the reasoning.",
    "PAEval": "PAEval: how like the references of the true class a judge finds it.",
    "right": "Right, wrong: videos with a right verdict, and with a wrong one or none.",
    "anom.": "Anom.: anomalous videos.",
    "earned": "Earned: anomalous videos, with 0 where the verdict is wrong.",
    "copied": "Copied: share of explanations that are taught sentences, word for word.",
    "type": "Type, logic: whether the anomaly's type is right, and whether the reasoning is sound.",
}


def legend(heads: Collection[str]) -> str:
    """What the columns of a terminal's table mean, those that say it themselves aside."""
    return " ".join(said for head, said in _MEANINGS.items() if head in heads)


def readings(explanations: Explanations) -> list[str]:
    """What must be known before an explanation score is believed; nothing where all is as usual."""
    found = [*_one_word(explanations.items), *_one_sentence(explanations.items)]
    found += _mistaken(explanations.items)
    for name, summary, _ in _scores(explanations):
        found += _fluent(name, summary)
    if explanations.sbert is not None:
        found += _recited(explanations.sbert.result)
    return found + _other_references(explanations)


def _one_word(items: Sequence[Item]) -> Iterator[str]:
    """A model that says one word to everything, or does so in some categories."""
    if said := _monotone(items):
        yield said
        return
    members: dict[str, list[Item]] = {}
    for item in items:
        members.setdefault(item.category, []).append(item)
    alone = [name for name, own in sorted(members.items()) if len(own) >= FEWEST and _monotone(own)]
    if alone:
        yield f"The model says one word, right or wrong, to nearly all videos of {', '.join(alone)}"


def _monotone(items: Sequence[Item]) -> str | None:
    read = [
        (int(item.line.label), item.parsed.anomalous)
        for item in items
        if item.parsed and item.parsed.anomalous is not None
    ]
    counts = Counter(read)
    words = [word for word in (True, False) if all(_mostly(counts, k, word) for k in (0, 1))]
    if not words:
        return None
    word, often = words[0], counts[0, words[0]] + counts[1, words[0]]
    missed = counts[int(not word), word]
    whom = f"all {len(read)}" if often == len(read) else f"{often} of {len(read)}"
    rest = f" whose answer can be read, of {len(items)}" if len(read) < len(items) else ""
    if word:
        return (
            f"The model says Anomalous to {whom} videos{rest}, {missed} of them wrongly: to a "
            "sound object it explains a fault that is not there"
        )
    return (
        f"The model says Normal to {whom} videos{rest}, {missed} of them wrongly: its explanations "
        "of anomalous videos are those of a sound object"
    )


def _mostly(counts: Mapping[tuple[int, bool], int], label: int, word: bool) -> bool:
    """Whether nearly all videos of a class, which has some, are given this word."""
    said, other = counts.get((label, word), 0), counts.get((label, not word), 0)
    return said > 0 and said >= NEARLY_ALL * (said + other)


def _one_sentence(items: Sequence[Item]) -> Iterator[str]:
    told = [item for item in items if item.explanation is not None]
    distinct = {(item.category, " ".join((item.explanation or "").split())) for item in told}
    categories = {item.category for item in told}
    if len(told) >= 2 * len(categories) and len(distinct) == len(categories):
        each = "" if len(categories) == 1 else " of a category"
        yield f"The model gives all videos{each} one and the same explanation ({videos(len(told))})"


def _mistaken(items: Sequence[Item]) -> Iterator[str]:
    """A model that is wrong more often than not: then no mean is of explanations of the truth."""
    said = [item.right for item in items if item.right is not None]
    wrong = said.count(False)
    if len(said) >= FEWEST and wrong > len(said) / 2 and not _monotone(items):
        yield (
            f"The verdict is wrong, or cannot be read, in {share(wrong, len(said))} answers: "
            "however well they sound, they explain what is not so"
        )


def _scores(explanations: Explanations) -> Iterator[tuple[str, Summary, Summary]]:
    """The name of each score of explanations, its means, and what is earned of it."""
    if explanations.sbert is not None:
        yield "SBERT score", explanations.sbert.best, explanations.sbert.earned
    for judge in explanations.judged:
        for task in judge.tasks:
            if task.task == "explanation":  # of a description no verdict is right or wrong
                yield name_of(judge, task), task.score, task.earned


def headline(explanations: Explanations) -> list[tuple[str, str]]:
    """The macro averages, and what they are."""
    return [
        (
            estimate(summary.macro["all"]),
            f"macro {name}; earned (0 for a wrong verdict) on anomalous videos: "
            f"{estimate(earned.macro['anomalous'])}",
        )
        for name, summary, earned in _scores(explanations)
    ]


def name_of(judge: JudgeScores, task: JudgedTask) -> str:
    """What a judge's score is called."""
    return "LLM score" if judge.profile == "llm-score" else f"PAEval {task.task}"


def _fluent(name: str, summary: Summary) -> Iterator[str]:
    right, wrong = summary.macro["right"].value, summary.macro["wrong"].value
    if min(summary.pooled["right"].n, summary.pooled["wrong"].n) < FEWEST:
        return
    if right is not None and wrong is not None and wrong >= right:
        yield (
            f"{name}: wrong verdicts are explained as well as right ones ({number(wrong)} beside "
            f"{number(right)}): here it measures how an answer sounds, not whether it is true"
        )


def _recited(result: SbertResult) -> Iterator[str]:
    scores = result.scores.values()
    copied, own = sum(one.copied for one in scores), sum(one.copied_own for one in scores)
    if copied and copied >= OFTEN * len(scores):
        yield (
            f"{share(copied, len(scores))} explanations are taught sentences word for word, {own} "
            "of them of the true class: the scores measure which sentence was picked, not how well "
            "it is put"
        )


def _other_references(explanations: Explanations) -> list[str]:
    hashes = {judge.judged.header.references_hash for judge in explanations.judged}
    if len(hashes) < 2:
        return []
    return ["The judges were given different references: their marks speak of different things"]


def accounts(explanations: Explanations) -> list[str]:
    """What has no score and why, in a line each, and how far repeated marks agree."""
    found, n = [], len(explanations.items)
    if explanations.sbert is not None:
        reasons = [reason for _, reason in explanations.sbert.unscored]
        found += _unscored("SBERT score", explanations.sbert.best.unscored, n, reasons)
    for judge in explanations.judged:
        for task in judge.tasks:
            name, reasons = name_of(judge, task), [reason for _, reason in task.unscored]
            found += _unscored(name, task.score.unscored, n, reasons)
            found += _fewer(name, task)
            found += [f"{name}: {line}" for line in _agreement(task)]
        if judge.judged.missing:
            found.append(
                f"{TITLES[judge.profile]}: the judge has not been asked about everything yet "
                f"({judge.judged.missing} to go): give the same 'physprior eval judge' again"
            )
    return found


def _unscored(name: str, count: int, n: int, reasons: Iterable[str]) -> list[str]:
    if not count:
        return []
    counted = Counter(reasons).most_common()
    why = ", ".join(f"{shown(reason)} {often}" for reason, often in counted)
    return [f"{name}: {share(count, n)} videos are unscored" + (f": {why}" if why else "")]


def _fewer(name: str, task: JudgedTask) -> list[str]:
    if not task.fewer:
        return []
    counted = Counter(reason for _, reason in task.fewer).most_common()
    why = ", ".join(f"{shown(reason)} {often}" for reason, often in counted)
    return [
        f"{name}: {videos(len(task.fewer))} with fewer marks than repeats, whose mean counts: {why}"
    ]


def _agreement(task: JudgedTask) -> list[str]:
    found = task.agreement
    if found.exact is None:
        return []
    return [
        f"the judge agrees with itself in {share(round(found.exact * found.n), found.n)} answers "
        f"that it was asked about more than once; mean difference {number(found.difference)}, "
        f"Krippendorff's alpha {number(found.alpha)}"
    ]


def sources(explanations: Explanations) -> list[tuple[str, str]]:
    """What the scores were made with: name and value of each fact."""
    found = []
    if explanations.sbert is not None:
        result = explanations.sbert.result
        found.append(
            (
                "SBERT score",
                f"encoder {shown(result.encoder_name)} ({result.encoder_hash[:12]}), references "
                f"{shown(result.references_source)} ({result.references_hash[:12]})",
            )
        )
    found += [(TITLES[one.profile], _judge(one)) for one in explanations.judged]
    return found


def _judge(judge: JudgeScores) -> str:
    header, usage = judge.judged.header, judge.judged.usage
    called = [name for name in judge.judged.models if name != header.model]
    own = f", which calls itself {', '.join(map(shown, called))}" if called else ""
    cached = f", {usage.cached} more from the cache" if usage.cached else ""
    uncounted = f" ({usage.uncounted} replies without a count)" if usage.uncounted else ""
    return (
        f"judge {shown(header.model)} at {shown(header.base_url)}{own}; rubric "
        f"{shown(header.rubric_version)} ({header.rubric_hash[:12]}), references "
        f"({header.references_hash[:12]}); {usage.replies} replies{cached}, {usage.prompt_tokens} "
        f"tokens in and {usage.completion_tokens} out{uncounted}"
    )


def unscored(explanations: Explanations) -> list[tuple[str, tuple[str, ...]]]:
    """Lists of what has no score, with their titles."""
    found = []
    if explanations.sbert is not None and explanations.sbert.unscored:
        found.append(("SBERT score", explanations.sbert.unscored))
    for judge in explanations.judged:
        found += [(name_of(judge, task), task.unscored) for task in judge.tasks if task.unscored]
    return [
        (
            f"Unscored, {name} ({len(reasons)})",
            tuple(f"{shown(video)}: {shown(reason)}" for video, reason in reasons),
        )
        for name, reasons in found
    ]

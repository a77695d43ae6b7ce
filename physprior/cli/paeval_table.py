"""What is printed of PAEval's scores: by category, by verdict, and beside the published rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from physprior.cli.console import paragraph, remark, say, table

if TYPE_CHECKING:
    from physprior.eval.explanations.items import Group
    from physprior.eval.explanations.means import Summary
    from physprior.eval.paeval.replies import Task
    from physprior.eval.paeval.scores import PaevalScores
    from physprior.stats.estimate import Estimate

LISTED = 20
"""Unscored replies that are listed; more are counted."""
_GROUPS: dict[Group, str] = {
    "all": "all videos",
    "right": "right verdict",
    "wrong": "wrong verdict",
    "anomalous": "anomalous only",
}


def print_paeval(scores: PaevalScores) -> None:
    """Print every table, what they rest on, and at the end what is unscored."""
    _print_categories(scores)
    say()
    _print_groups(scores)
    say()
    _print_published(scores)
    say()
    _print_readings(scores)
    _print_counts(scores)
    list_unscored(scores)


def list_unscored(scores: PaevalScores) -> None:
    """Say on standard error what stands in no mean, and why."""
    if not scores.unscored:
        return
    remark(f"unscored {len(scores.unscored)}, in no mean:")
    for one in scores.unscored[:LISTED]:
        said = f": {one.said!r}" if one.said else ""
        remark(f"  {one.where} ({one.task}): {one.reason}{said}")
    if len(scores.unscored) > LISTED:
        remark(f"  and {len(scores.unscored) - LISTED} more; --json has all of them")


def _print_categories(scores: PaevalScores) -> None:
    heads = ["category"]
    if scores.classification:
        heads += ["AUROC", "verdict"]
    for task in ("n", "description"), ("n", "explanation"):
        heads += [*task, *(["unread"] if scores.raw else [])]
    rows = [
        [name, *_classified(scores, name), *_marked(scores, name)] for name in scores.categories
    ]
    rows.append(["macro average", *_classified(scores, None), *_marked(scores, None)])
    table(heads, rows, last_apart=1)


def _classified(scores: PaevalScores, category: str | None) -> list[str]:
    from physprior.eval.report.words import estimate, number

    if scores.classification is None:
        return []
    found = scores.classification.macro
    if category is not None:
        own = scores.classification.category(category)
        found = own.measures if own else {}
    verdict = found.get("verdict_auroc")
    return [estimate(found.get("auroc")), number(verdict.value if verdict else None)]


def _marked(scores: PaevalScores, category: str | None) -> list[str]:
    from physprior.eval.report.words import estimate

    cells = []
    for task in _tasks():
        found = _mean(scores.of(task), "all", category)
        cells += [str(found.n) if found else "0", estimate(found)]
        if scores.raw:
            cells.append(str(_unread(scores, task, category)))
    return cells


def _mean(summary: Summary | None, group: Group, category: str | None) -> Estimate | None:
    if summary is None:
        return None
    means = summary.macro if category is None else summary.categories.get(category, {})
    return means.get(group)


def _unread(scores: PaevalScores, task: Task, category: str | None) -> int:
    replies = scores.raw.of(task) if scores.raw else ()
    return sum(one.value is None and category in (None, one.category) for one in replies)


def _print_groups(scores: PaevalScores) -> None:
    from physprior.eval.report.explained_words import legend
    from physprior.eval.report.words import estimate

    rows = []
    for group, name in _GROUPS.items():
        found = [_mean(scores.of(task), group, None) for task in _tasks()]
        cells = [cell for one in found for cell in (str(one.n) if one else "0", estimate(one))]
        rows.append([name, *cells])
    if scores.earned:
        earned = scores.earned.macro["anomalous"]
        rows.append(["earned", "", "", str(earned.n), estimate(earned)])
    table(["macro average", "n", "description", "n", "explanation"], rows)
    if scores.earned:
        paragraph(legend({"earned"}))
    if scores.classification is None:
        paragraph(
            "A raw output holds no verdicts, so nothing is known of right and wrong ones. Read the"
            " row of the anomalous ones: a fluent answer that calls everything normal does well on"
            " the others."
        )


def _print_published(scores: PaevalScores) -> None:
    from physprior.eval.paeval.record import TABLE
    from physprior.eval.published import read_table
    from physprior.eval.report.words import number

    published = read_table(TABLE)
    auroc = scores.classification.macro["auroc"].value if scores.classification else None
    means = [_mean(scores.of(task), "all", None) for task in _tasks()]
    ours = [scores.name, number(auroc), *(number(one.value if one else None) for one in means)]
    rows = [
        ours,
        *([f"{row.printed} (published)", *row.numbers] for row in published.rows.values()),
    ]
    table(["", *(column.lower() for column in published.columns)], rows)
    paragraph(
        f"Published: table {published.table} of the Phys-AD paper, of other answers, judged by"
        " another judge, without intervals: near it is no proof, and above it no victory."
    )


def _print_readings(scores: PaevalScores) -> None:
    from physprior.eval.report.explained_words import readings

    for line in readings(scores.explanations) if scores.explanations else ():
        paragraph(line)


def _print_counts(scores: PaevalScores) -> None:
    if scores.raw:
        replies = scores.raw.replies
        worded = [one for one in replies if not one.bare]
        read = sum(one.value is not None for one in worded)
        say(
            f"replies: {len(replies)}, {len(worded)} of them no bare number"
            f" ({read} read all the same); unscored: {len(scores.unscored)}"
        )
    if scores.judged:
        header = scores.judged.header
        paragraph(
            f"judge: {', '.join(scores.judged.models) or header.model}, rubric"
            f" {header.rubric_version} ({header.rubric_hash[:12]}), replies: {scores.judged.path}"
        )
    if scores.judged and scores.judged.missing:
        remark(f"{scores.judged.missing} not judged yet: run 'physprior eval judge' again")


def _tasks() -> tuple[Task, ...]:
    from physprior.eval.paeval.replies import TASKS

    return TASKS

"""The work of ``eval judge``: what is judged is gathered, asked about, and told."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from physprior.cli.console import paragraph, progress, remark, say
from physprior.cli.judged_table import Price, list_unscored, print_marks, spent
from physprior.cli.options import open_kb, project_rubrics
from physprior.dataset.names import shown
from physprior.errors import JudgeError

if TYPE_CHECKING:
    from physprior.endpoint.endpoint import Endpoint
    from physprior.eval.explanations.evaluation import Explanations
    from physprior.eval.explanations.items import Item
    from physprior.eval.judge.judged import Judged
    from physprior.eval.judge.profiles import Profile, Rubric
    from physprior.eval.judge.run import JudgeOptions, JudgeReport, Standing
    from physprior.eval.predictions import Predictions


@dataclass(frozen=True)
class Work:
    """What is judged, by whom, and where the replies go."""

    predictions: Predictions
    items: list[Item]
    profile: Profile
    rubric: Rubric
    endpoint: Endpoint
    out: Path
    remarks: tuple[str, ...]
    """What should be known before it begins."""


def prepare(
    path: Path,
    profile: str,
    endpoint: Endpoint,
    kb: Path | None,
    references: Path | None,
    templates: Path | None,
    out: Path | None,
) -> Work:
    """Read all that is needed. Raises PhyspriorError for what cannot be read, or holds no text."""
    from physprior.dataset.references import read_references
    from physprior.eval.explanations.items import items_of, sentences_of
    from physprior.eval.judge.profiles import PROFILES, load_rubric
    from physprior.eval.judge.replies import judged_path
    from physprior.eval.predictions import read_predictions
    from physprior.paths import templates_folder

    predictions = read_predictions(path)
    others = read_references(references) if references else None
    remarks = []
    if predictions.missing:
        remarks.append(
            f"{predictions.missing} videos have no prediction yet: finish 'predict' first, or the "
            "replies will be those to another file"
        )
    if others and others.taught:
        remarks.append(f"the KB teaches {len(others.taught)} of the sentences in {references}")
    asked = PROFILES[profile]
    return Work(
        predictions,
        items_of(predictions, sentences_of(open_kb(kb), others)),
        asked,
        load_rubric(asked, project_rubrics(templates) or templates_folder()),
        endpoint,
        out or judged_path(path, profile),
        tuple(remarks),
    )


def say_forecast(work: Work, options: JudgeOptions, *, as_json: bool) -> None:
    """Print what would be asked."""
    from physprior.eval.judge.run import forecast

    found = forecast(
        work.predictions,
        work.items,
        work.profile,
        work.rubric,
        work.endpoint,
        work.out,
        options,
    )
    for line in found.remarks:
        remark(shown(line))
    if as_json:
        said = {"format": 1, **asdict(found), "to_ask": found.to_ask, "replies": str(work.out)}
        say(json.dumps(said, indent=2, ensure_ascii=False))
        return
    say(f"questions: {found.questions:,}")
    say(f"answered:  {found.answered:,} in {work.out}")
    say(f"cached:    {found.cached:,}")
    say(f"to ask:    {found.to_ask:,}, of {found.characters:,} characters")
    say("nothing was asked, nothing was written")


def ask(work: Work, options: JudgeOptions, price: Price | None, *, as_json: bool) -> None:
    """Ask the judge and print what it said. Raises JudgeError where nothing has a mark."""
    from physprior.eval.judge.replies import read_judged

    told: list[str] = []
    report = _run(work, options, price, told)
    for line in report.remarks:
        if line not in told:
            remark(shown(line))
    judged = read_judged(report.path)
    found = _explanations(judged, work.items)
    if as_json:
        _say_json(found, report, price)
    else:
        print_marks(found)
        paragraph(_published(work))
        paragraph(f"this run: {spent(report.usage, price)}")
        if judged.usage != report.usage:
            paragraph(f"in all: {spent(judged.usage, price)}")
    list_unscored(judged)
    (remark if as_json else say)(f"replies: {report.path}")
    values = (value for task in judged.tasks for value in judged.values(task=task).values())
    if all(value is None for value in values):
        raise JudgeError(
            f"no explanation of {work.predictions.path} has a mark",
            remedy="read the reasons above; the same command asks again where no reply came, and "
            "with --retry-unread where none could be read",
        )


def _run(work: Work, options: JudgeOptions, price: Price | None, told: list[str]) -> JudgeReport:
    """Ask; what the client has to say is said as it comes, and is in ``told`` afterwards."""
    from physprior.eval.judge.run import judge

    def show(at: Standing) -> None:
        # At once: a progress line may be a quarter of a minute away.
        for said in at.told:
            if said not in told:
                told.append(said)
                remark(shown(said))
        update(at.done, at.total, _standing(at, price))

    with progress("judge") as update:
        return judge(
            work.predictions,
            work.items,
            work.profile,
            work.rubric,
            work.endpoint,
            work.out,
            options,
            show,
        )


def _standing(at: Standing, price: Price | None) -> str:
    """What a progress line says beside the count."""
    tokens = at.usage.prompt_tokens + at.usage.completion_tokens
    said = [f"{at.unscored} unscored"] if at.unscored else []
    said += [f"{tokens:,} tokens"] if tokens else []
    said += [f"cost {price.of(at.usage):.4f}"] if price else []
    return ", ".join(said)


def _explanations(judged: Judged, items: Sequence[Item]) -> Explanations:
    """The marks as ``score`` shows them, of this judge alone."""
    from physprior.eval.explanations.evaluation import Explanations, judge_scores

    return Explanations(tuple(items), None, (judge_scores(judged, items),))


def _say_json(found: Explanations, report: JudgeReport, price: Price | None) -> None:
    from physprior.eval.report.explained_record import judge_record
    from physprior.eval.report.explained_words import readings

    (scores,) = found.judged
    usage = scores.judged.usage
    cost = {"all": price.of(usage), "this_run": price.of(report.usage)} if price else None
    whole = {
        "format": 1,
        **judge_record(scores),
        "usage_of_this_run": asdict(report.usage),
        "cost": cost,
        "readings": readings(found),
        "remarks": list(report.remarks),
    }
    # In ASCII: what an endpoint calls itself may hold half a surrogate pair.
    say(json.dumps(whole, indent=2, allow_nan=False))


def _published(work: Work) -> str:
    """What the paper prints, and that it is another thing."""
    from physprior.eval.explanations.published import published_paeval, published_scores

    categories = {item.category for item in work.items}
    paeval = work.profile.name == "paeval"
    said = published_paeval() if paeval else published_scores("LLM", categories)
    return (
        f"{said}. Of other videos, by another judge and another prompt: hold them beside these "
        "only loosely."
    )

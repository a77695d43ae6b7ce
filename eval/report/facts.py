"""What a report says beside its numbers: what was predicted, by what, and what was left out."""

from __future__ import annotations

from physprior.dataset.names import shown
from physprior.eval.predictions import Header
from physprior.eval.report import explained_words
from physprior.eval.report.evaluation import Evaluation
from physprior.eval.report.words import number, share, videos
from physprior.eval.scoring import Scores
from physprior.verdict import ParseStatus

_READ = (ParseStatus.OK, ParseStatus.TOLERANT)


def facts(evaluation: Evaluation) -> list[tuple[str, str]]:
    """Name and value of each fact, where nothing else says what the numbers are of."""
    header = evaluation.scores.predictions.header
    versions = header.provenance.get("versions")
    known = versions.get("physprior", "unknown") if isinstance(versions, dict) else "unknown"
    found = [
        ("model", header.model),
        ("dataset", f"{header.dataset}, split {header.split} ({header.split_hash[:12]})"),
        *_asked(header),
        *counted(evaluation),
        ("physprior", str(known)),
    ]
    if header.accepted_changed_prior:
        found.append(("changed since training", ", ".join(header.accepted_changed_prior)))
    return found


def counted(evaluation: Evaluation) -> list[tuple[str, str]]:
    """The facts that are no origin: how much was predicted and read, and what lies beside it."""
    scores = evaluation.scores
    header = scores.predictions.header
    found = [("videos", f"{scores.n} predicted, {len(scores.predictions.skipped)} skipped")]
    if header.control is not None:
        found.append(("control", f"{header.control}: these are not the model's own figures"))
    if scores.predictions.missing:
        found.append(
            ("not finished", f"{videos(scores.predictions.missing)} have no prediction yet")
        )
    if scores.unscored:
        found.append(("without a score", share(scores.unscored, scores.n)))
    if scores.parse_rate is not None:
        found.append(("answers read", answers_read(scores)))
    if scores.reread:
        found.append(("read otherwise now than when made", share(scores.reread, scores.n)))
    for name, other in zip(evaluation.names, evaluation.beside, strict=True):
        found.append((f"beside: {name}", _beside(other, scores)))
    for run in evaluation.controls:
        left = run.compared.pooled.left
        said = f"; {videos(left)} not scored by both" if left else ""
        found.append((f"control: {run.name.replace('_', ' ')}", f"{run.predictions.path}{said}"))
    if evaluation.explanations is not None:
        found += explained_words.sources(evaluation.explanations)
    return found


def _asked(header: Header) -> list[tuple[str, str]]:
    if header.source == "import":
        return [("source", "imported: another method's predictions")]
    if header.source == "baseline":
        found = [("source", "a baseline that nobody trains")]
    else:
        found = [("mode", f"{header.mode}, history {header.history}")]
    if header.sampling is not None:
        found.append(("frames", f"{header.sampling.frames}, {header.sampling.kind}"))
    return found


def _beside(other: Scores, scores: Scores) -> str:
    header, ranked = other.predictions.header, other.n - other.unscored
    said = f"{header.model} ({other.predictions.path})"
    if header.control is not None:
        said += f", control {header.control}"
    if ranked != scores.n - scores.unscored:
        said += (
            f", scored {videos(ranked)} of {len(other.predictions.skipped) + other.n}: "
            "'physprior eval compare' takes what both have"
        )
    return said


def answers_read(scores: Scores) -> str:
    """``98.0% (294 ok, 6 missing)``."""
    counts = ", ".join(f"{count} {status}" for status, count in sorted(scores.parsing.items()))
    return f"{scores.parse_rate:.1%} ({counts})"


def warnings(evaluation: Evaluation) -> list[str]:
    """What must be known before a number is believed; what is skipped or missing not among it."""
    scores = evaluation.scores
    header = scores.predictions.header
    found = []
    if header.control is not None:
        found.append(f"these are the figures of the control {header.control}, not the model's own")
    if scores.unscored:
        found.append(
            f"{share(scores.unscored, scores.n)} have no score: they are in no ranking"
            + (", and wrong at the threshold" if scores.thresholds else "")
        )
    if scores.reread:
        found.append(f"{share(scores.reread, scores.n)} answers are read otherwise than when made")
    bounds = scores.macro_verdict_bounds
    if bounds and unparsed(scores):
        found.append(
            f"what the unparsed answers could change: macro verdict AUROC from {number(bounds[0])} "
            f"to {number(bounds[1])}"
        )
    return found


def unparsed(scores: Scores) -> int | None:
    """Answers without a readable verdict, in all categories; None where no text was generated."""
    if not scores.parsing:
        return None
    return sum(count for status, count in scores.parsing.items() if status not in _READ)


def left_out(evaluation: Evaluation) -> list[tuple[str, tuple[str, ...]]]:
    """Lists of what has no place in the numbers, each with its title; those that hold something."""
    skipped = evaluation.scores.predictions.skipped
    found = [
        (
            f"Skipped videos ({len(skipped)})",
            tuple(f"{skip.video}: {shown(skip.reason)}" for skip in skipped),
        ),
        ("Controls left out", evaluation.unfit_controls),
    ]
    if evaluation.explanations is not None:
        found += explained_words.unscored(evaluation.explanations)
        found.append(("Explanation scores left out", evaluation.explanations.unfit))
    return [(title, lines) for title, lines in found if lines]

"""The page: its parts put together."""

from __future__ import annotations

from pathlib import Path

from physprior.eval.report.evaluation import Evaluation
from physprior.eval.report.explained_words import headline
from physprior.eval.report.facts import facts, left_out
from physprior.eval.report.figures.panels import reliability, roc_panels, score_panels
from physprior.eval.report.notes import NOTES
from physprior.eval.report.tables import besides, shown, tables
from physprior.eval.report.words import estimate, videos


def html_report(evaluation: Evaluation) -> str:
    """The whole report."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    scores = evaluation.scores
    return environment.get_template("page.html.j2").render(
        tables=tables(evaluation),
        notes=NOTES,
        subject=_subject(evaluation),
        headline=_headline(evaluation),
        facts=facts(evaluation),
        left_out=left_out(evaluation),
        rocs=roc_panels(evaluation),
        distributions=score_panels(scores.categories),
        reliability=reliability(scores.pooled_calibration),
    )


def _subject(evaluation: Evaluation) -> str:
    scores = evaluation.scores
    header = scores.predictions.header
    return f"{header.model} on the {header.split} split: {videos(scores.n)}"


def _headline(evaluation: Evaluation) -> list[tuple[str, str]]:
    scores = evaluation.scores
    found = [(estimate(scores.macro["auroc"]), "macro AUROC of the scores")]
    if scores.parse_rate is not None:
        found.append((estimate(scores.macro["verdict_auroc"]), "macro AUROC of the words"))
        found.append((f"{scores.parse_rate:.1%}", "answers with a readable verdict"))
    if evaluation.explanations is not None:
        found += headline(evaluation.explanations)
    found += [
        (estimate(other.macro[shown(other)]), f"macro {head}, beside")
        for head, other in besides(evaluation).items()
    ]
    return found

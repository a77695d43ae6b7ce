"""``physprior eval suggest``: what to look at, watch and edit where a model fails most."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from physprior.cli.console import quiet_libraries, remark, say
from physprior.cli.options import Kb, TemplatesFolder, open_kb, project_kb, project_templates
from physprior.cli.threshold_options import ThresholdOptions
from physprior.errors import PredictionError

if TYPE_CHECKING:
    from physprior.eval.predictions import Predictions
    from physprior.eval.report.cards.card import Deck
    from physprior.eval.report.evaluation import Evaluation
    from physprior.eval.suggest import Suggestion


def suggest_command(
    what: Annotated[
        Path,
        typer.Argument(
            help="Predictions, or a run folder that holds those of its test split.",
        ),
    ],
    kb: Kb = None,
    templates: TemplatesFolder = None,
    dataset: Annotated[
        Path | None,
        typer.Option(
            "--dataset",
            help="Where the dataset lies now.",
            show_default="where the predictions say",
        ),
    ] = None,
    thresholds: Annotated[
        Path | None,
        typer.Option(
            "--thresholds",
            help="A thresholds.json of the model.",
            show_default="the one beside the predictions, else 0",
        ),
    ] = None,
    top: Annotated[
        int, typer.Option("--top", min=1, help="So many failures are shown, the surest first.")
    ] = 5,
    category: Annotated[
        list[str] | None, typer.Option("--category", help="This category alone; repeatable.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print all of them as one JSON object.")
    ] = False,
) -> None:
    """Say where the model fails most, what it says instead, and which sentences to look at."""
    from physprior.eval.report.evaluation import evaluate

    predictions = _predictions(what)
    _refuse_strange(predictions, category or [])
    chosen = ThresholdOptions(None, None, None, thresholds).choose(predictions)
    evaluation = evaluate(predictions, thresholds=chosen)
    if predictions.missing:
        remark(f"{predictions.missing} videos have no prediction yet")
    deck = _deck(evaluation, dataset, project_kb(kb), project_templates(templates))
    found = _suggestions(evaluation, deck, kb, dataset)
    if category:
        found = tuple(one for one in found if one.category in category)
    from physprior.cli.suggestions_page import as_object, print_suggestions

    if as_json:
        said = as_object(predictions, found)
        say(json.dumps(said, indent=2, ensure_ascii=False, allow_nan=False))
    else:
        print_suggestions(evaluation, found, top=top, videos=_videos(predictions, dataset))
    for line in deck.missing:
        remark(f"missing: {line}")


def _suggestions(
    evaluation: Evaluation, deck: Deck, kb: Path | None, dataset: Path | None
) -> tuple[Suggestion, ...]:
    from physprior.eval.confusion import confuse
    from physprior.eval.explanations.encoder import load_encoder
    from physprior.eval.suggest import suggest

    knowledge = open_kb(kb)
    quiet_libraries()
    encoder = load_encoder()
    confusion = confuse(evaluation, knowledge, encoder)
    return suggest(evaluation, confusion, deck, knowledge, encoder, dataset=dataset)


def _deck(
    evaluation: Evaluation, dataset: Path | None, kb: Path | None, templates: Path | None
) -> Deck:
    from physprior.eval.report.cards.deck import make_deck
    from physprior.eval.report.severity import read_severities

    return make_deck(
        evaluation,
        dataset=dataset,
        knowledge=kb,
        templates=templates,
        severities=read_severities(evaluation.scores.predictions, dataset=dataset, videos=None),
    )


def _videos(predictions: Predictions, dataset: Path | None) -> Path | None:
    """The folder of the videos, where it is still there."""
    from physprior.eval.report.severities import videos_root

    root = videos_root(predictions, dataset)
    return root if root is not None and root.is_dir() else None


def _predictions(what: Path) -> Predictions:
    from physprior.eval.predictions import read_predictions
    from physprior.eval.report.named import predictions_of

    if not what.is_dir():
        return read_predictions(what)
    found = predictions_of(what)
    if not found:
        raise PredictionError(
            f"{what} holds no predictions of its test split",
            remedy="name the file that 'physprior predict' has written",
        )
    return found[0]


def _refuse_strange(predictions: Predictions, categories: list[str]) -> None:
    known = {line.category for line in predictions.predictions}
    for name in categories:
        if name not in known:
            raise PredictionError(
                f"{predictions.path} has no prediction of the category '{name}'",
                remedy=f"name one of these: {', '.join(sorted(known))}",
            )

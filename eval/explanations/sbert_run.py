"""Scoring a predictions file with SBERT, whole: what was scored before is not embedded again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from physprior import files
from physprior.errors import PhyspriorError, PredictionError
from physprior.eval.explanations.content import predictions_hash
from physprior.eval.explanations.encoder import BATCH_SIZE, Progress, library_versions, load_from
from physprior.eval.explanations.encoder_folder import EncoderFolder, find_encoder
from physprior.eval.explanations.evaluation import Explanations, SbertScores, sbert_scores
from physprior.eval.explanations.items import Item, Sentences, items_of
from physprior.eval.explanations.published import published_scores
from physprior.eval.explanations.sbert import score_sbert, why_unscored
from physprior.eval.explanations.sbert_file import (
    SbertResult,
    check_sbert_place,
    read_sbert,
    sbert_path,
    write_sbert,
)
from physprior.eval.explanations.taught import TaughtSentences
from physprior.eval.predictions import Predictions

FORMAT = 1
"""Version of the JSON object's form."""


@dataclass(frozen=True)
class SbertOptions:
    """With what is scored."""

    encoder: str | None = None
    """A folder, or a name on the hub; None for the packaged encoder."""
    batch_size: int = BATCH_SIZE
    """Sentences on the device at once."""
    device: str | None = None
    """The accelerator where there is one if None."""


@dataclass(frozen=True)
class SbertReport:
    """What came of it."""

    predictions: Path
    """The predictions file."""
    scores: SbertScores
    items: tuple[Item, ...]
    """What was scored, in the file's order."""
    taught_references: tuple[tuple[str, str], ...]
    """Category and reference, where the KB teaches a reference that was scored by."""
    was_there: bool
    """The file held these very scores already."""

    @property
    def explanations(self) -> Explanations:
        """The same, as reports take it."""
        return Explanations(self.items, self.scores, ())


def run_sbert(
    predictions: Predictions,
    sentences: Sentences,
    *,
    out: Path | None = None,
    options: SbertOptions | None = None,
    progress: Progress | None = None,
) -> SbertReport:
    """Score a predictions file and write the scores to ``out``, else to ``sbert_path``.

    Raises PredictionError where there is nothing to score, CheckpointError for an encoder that
    cannot be used, OutputError.
    """
    options = options or SbertOptions()
    out = out or sbert_path(predictions.path)
    check_sbert_place(out)
    items = items_of(predictions, sentences)
    _refuse_nothing(predictions, items, sentences)
    folder = find_encoder(options.encoder)
    result = _earlier(out, items, sentences, folder)
    was_there = result is not None
    if result is None:
        files.make_folder(out.parent)
        result = score_sbert(
            items,
            load_from(folder, device=options.device),
            sentences,
            batch_size=options.batch_size,
            progress=progress,
        )
        write_sbert(out, result)
    found = TaughtSentences(sentences).among_references(items)
    scores = sbert_scores(out, result, items)
    return SbertReport(predictions.path, scores, tuple(items), tuple(found), was_there)


def _refuse_nothing(predictions: Predictions, items: list[Item], sentences: Sentences) -> None:
    if all(why_unscored(item) for item in items):
        raise PredictionError(
            f"{predictions.path}: no class that was predicted with a text has a reference in"
            f" {sentences.source}",
            remedy="name references of these classes: --references; or leave it out for the KB's",
        )


def _earlier(
    out: Path, items: list[Item], sentences: Sentences, folder: EncoderFolder
) -> SbertResult | None:
    """The scores that are there already, if nothing that they depend on has changed."""
    try:
        there = read_sbert(out)
    except PhyspriorError:
        return None
    same = (
        there.predictions_hash == predictions_hash(item.line for item in items)
        and there.references_hash == sentences.hash
        and there.taught_hash == TaughtSentences(sentences).hash
        and there.encoder_hash == folder.hash
        and there.libraries == library_versions()
        and {*there.scores, *there.unscored} == {item.id for item in items}
    )
    return there if same else None


def as_json(report: SbertReport) -> dict[str, Any]:
    """A report as one object: every number as it is, nothing rounded."""
    from physprior.eval.report.explained_record import sbert_record
    from physprior.eval.report.explained_words import readings

    every = report.scores.result.scores.values()
    return {
        "format": FORMAT,
        "predictions": str(report.predictions),
        **sbert_record(report.scores),
        "copied_of_true_class": sum(one.copied_own for one in every),
        "cut": sum(one.cut for one in every),
        "empty": sum(one.nearest is None for one in every),
        "taught_references": [list(pair) for pair in report.taught_references],
        "readings": readings(report.explanations),
        "published": published_scores("SBERT", {item.category for item in report.items}),
    }

"""Gathering a report: from predictions and run folders to all that it shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from physprior.dataset.names import shown
from physprior.errors import PhyspriorError
from physprior.eval.compare import ComparedRuns, compare_all
from physprior.eval.predictions import Predictions
from physprior.eval.report.cards.deck import make_deck
from physprior.eval.report.data import data_of
from physprior.eval.report.evaluation import Evaluation, evaluate
from physprior.eval.report.report import Report
from physprior.eval.report.severities import Severities, read_severities
from physprior.eval.report.severity import severity_scores
from physprior.eval.report.strips.make import BUDGET, make_strips
from physprior.eval.report.training import TrainingRun, read_training
from physprior.eval.report.training.find import find_run
from physprior.eval.report.words import videos
from physprior.eval.thresholds import Thresholds, find_thresholds
from physprior.knowledge.load import KnowledgeBase, load_knowledge
from physprior.paths import kb_folder

if TYPE_CHECKING:
    from physprior.eval.confusion import Confusion
    from physprior.eval.explanations.encoder import Encoder
    from physprior.eval.report.cards.card import Deck
    from physprior.eval.report.strips.strip import Strips
    from physprior.eval.suggest.suggestion import Suggestion

Progress = Callable[..., None]
"""Called with (what is done, done, total)."""


@dataclass(frozen=True)
class ReportOptions:
    """What a report is made with, besides its predictions."""

    thresholds: Thresholds | None = None
    """The model's own; None scores at 0."""
    controls: tuple[Path, ...] = ()
    """Controls that lie elsewhere than beside the predictions."""
    dataset: Path | None = None
    """Where the dataset lies now; None: where it lay when it was predicted."""
    videos: Path | None = None
    """Where the videos lie now; None: as the dataset says."""
    cache: Path | None = None
    """Where frames are kept; None: where the run's training kept them, or the user's cache."""
    kb: Path | None = None
    """The KB; None: the shipped one."""
    templates: Path | None = None
    """The templates; None: the shipped ones."""
    frames: bool = True
    """Whether frames are shown."""
    budget: int = BUDGET
    """Bytes that the page may spend on frames."""
    workers: int = 1
    """Processes that decode."""


def gather(
    files: Sequence[Predictions],
    runs: Sequence[Path] = (),
    options: ReportOptions | None = None,
    *,
    progress: Progress = lambda what, done, total: None,
) -> Report:
    """Everything that a report of these predictions and run folders shows.

    The first file is the report's own, the others stand beside it. What is merely missing is named
    in the report. Raises PhyspriorError for what was named and cannot be used.
    """
    options = options or ReportOptions()
    training = tuple(map(read_training, runs))
    if not files:
        data, commands = data_of(None, training)
        return Report(None, training=training, data=data, commands=commands)
    return _Gathering(files, training, options, progress).report()


class _Gathering:
    """One report in the making, with what is found missing on the way."""

    def __init__(
        self,
        files: Sequence[Predictions],
        training: tuple[TrainingRun, ...],
        options: ReportOptions,
        progress: Progress,
    ) -> None:
        self._own, self._others = files[0], files[1:]
        self._training, self._options, self._progress = training, options, progress
        self._missing: list[str] = []

    def report(self) -> Report:
        options = self._options
        evaluation = evaluate(
            self._own,
            beside=[file.path for file in self._others],
            controls=options.controls,
            thresholds=options.thresholds,
        )
        severities = read_severities(self._own, options.dataset, options.videos)
        deck = make_deck(
            evaluation,
            dataset=options.dataset,
            knowledge=options.kb,
            templates=options.templates,
            severities=severities,
        )
        training = (*self._training, *self._own_training())
        self._missing += self._left_out()
        confusion, suggestions = self._explained(evaluation, deck)
        data, commands = data_of(
            evaluation,
            training,
            dataset=options.dataset,
            knowledge=options.kb,
            templates=options.templates,
        )
        return Report(
            evaluation,
            comparisons=self._compared(),
            training=training,
            deck=deck,
            strips=self._strips(deck),
            severity=severity_scores(evaluation.scores, severities),
            confusion=confusion,
            suggestions=suggestions,
            data=data,
            commands=commands,
            missing=(*deck.missing, *_unread(severities), *self._missing),
        )

    def _left_out(self) -> tuple[str, ...]:
        """Videos that are in no number, and thresholds beside the predictions that do not fit."""
        file, found = self._own, []
        if file.missing:
            why = (
                "the imported table left them out"
                if file.header.source == "import"
                else "run 'physprior predict' to its end"
            )
            found.append(f"{videos(file.missing)} of {file.header.total}: not predicted; {why}.")
        if file.skipped:
            found.append(
                f"{videos(len(file.skipped))} of {file.header.total}: skipped; the last section "
                "lists them with their reasons."
            )
        unfit = "" if self._options.thresholds else find_thresholds(file)[1]
        return (*found, *([f"Thresholds: {unfit}."] if unfit else ()))

    def _compared(self) -> tuple[ComparedRuns, ...]:
        return compare_all(self._own, self._others) if self._others else ()

    def _own_training(self) -> tuple[TrainingRun, ...]:
        header = self._own.header
        if header.run_fingerprint is None:
            return ()
        folder = find_run(self._own)
        if folder is None:
            if not self._training:
                self._missing.append(
                    f"Training: the run {shown(header.model)} is not here any more, or was trained "
                    "anew since; name its folder after the predictions."
                )
            return ()
        if folder.resolve() in {one.folder.resolve() for one in self._training}:
            return ()
        try:
            return (read_training(folder),)
        except PhyspriorError as error:
            self._missing.append(f"Training: {error.message}.")
            return ()

    def _strips(self, deck: Deck) -> Strips | None:
        options = self._options
        if not options.frames:
            return None
        return make_strips(
            deck,
            self._own,
            dataset=options.dataset,
            videos=options.videos,
            cache=options.cache,
            budget=options.budget,
            workers=options.workers,
            progress=lambda done, total: self._progress("frames", done, total),
        )

    def _explained(
        self, evaluation: Evaluation, deck: Deck
    ) -> tuple[Confusion | None, tuple[Suggestion, ...]]:
        from physprior.eval.confusion import confuse
        from physprior.eval.suggest import suggest

        knowledge = self._knowledge()
        if knowledge is None:
            return None, ()
        encoder = self._encoder()
        confusion = confuse(
            evaluation,
            knowledge,
            encoder,
            progress=lambda done, total: self._progress("embed", done, total),
        )
        suggestions = suggest(
            evaluation, confusion, deck, knowledge, encoder, dataset=self._options.dataset
        )
        return confusion, suggestions

    def _encoder(self) -> Encoder | None:
        from physprior.eval.explanations.encoder import load_encoder

        try:
            return load_encoder()
        except PhyspriorError as error:
            self._missing.append(f"Reasons in words of their own have no class: {error.message}.")
            return None

    def _knowledge(self) -> KnowledgeBase | None:
        try:
            return load_knowledge(self._options.kb or kb_folder())
        except PhyspriorError as error:
            # One that was named was read for the deck, which has raised.
            self._missing.append(f"Confusion and suggestions: {error.message}.")
            return None


def _unread(severities: Severities) -> tuple[str, ...]:
    if not severities.ignored:
        return severities.missing
    first = severities.ignored[0]
    return (
        *severities.missing,
        f"Severity: {len(severities.ignored)} sidecars were left out, the first: {shown(first)}.",
    )

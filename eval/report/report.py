"""All that a report shows, gathered; what cannot be had is named, and the rest is shown."""

from __future__ import annotations

from dataclasses import dataclass

from physprior.eval.compare import ComparedRuns
from physprior.eval.confusion import Confusion
from physprior.eval.report.cards.card import Deck
from physprior.eval.report.evaluation import Evaluation
from physprior.eval.report.severity import Severity
from physprior.eval.report.strips.strip import Strips
from physprior.eval.report.training.run import TrainingRun
from physprior.eval.suggest.suggestion import Suggestion


@dataclass(frozen=True)
class Report:
    """The material of one report."""

    evaluation: Evaluation | None
    """None where only a run's training is to be shown."""
    comparisons: tuple[ComparedRuns, ...] = ()
    """Each further run beside the first."""
    training: tuple[TrainingRun, ...] = ()
    deck: Deck | None = None
    strips: Strips | None = None
    severity: Severity | None = None
    confusion: Confusion | None = None
    suggestions: tuple[Suggestion, ...] = ()
    data: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()
    """Groups of facts, each with its title: model, KB, template, split, versions."""
    commands: tuple[str, ...] = ()
    """What reproduces the numbers, in order."""
    missing: tuple[str, ...] = ()
    """What cannot be shown and what would bring it, in sentences."""

"""Options that say where scores turn anomalous, and what they come to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from physprior.cli.console import remark

if TYPE_CHECKING:
    from physprior.eval.predictions import Predictions
    from physprior.eval.thresholds import Thresholds

Per = Literal["category", "global"]
RULE = "youden"
PER: Per = "category"

ValidationFile = Annotated[
    Path | None,
    typer.Option(
        "--validation", help="The model's predictions of the val split, to choose thresholds on."
    ),
]
Rule = Annotated[
    str | None,
    typer.Option(
        "--rule",
        help="What a threshold is chosen by: youden, f1, accuracy, fpr=0.05, or zero.",
        show_default=RULE,
    ),
]
PerWhat = Annotated[
    Per | None,
    typer.Option("--per", help="A threshold for each category, or one for all.", show_default=PER),
]
ThresholdsFile = Annotated[
    Path | None,
    typer.Option(
        "--thresholds",
        help="A thresholds.json that was written earlier.",
        show_default="one of this model that lies beside the predictions",
    ),
]


@dataclass(frozen=True)
class ThresholdOptions:
    """What a person said of thresholds."""

    validation: Path | None
    rule: str | None
    per: Per | None
    path: Path | None

    def check(self) -> None:
        """Raises BadParameter where the options do not go together."""
        if self.validation is None and (self.rule or self.per):
            name = "--rule" if self.rule else "--per"
            raise typer.BadParameter("it needs --validation to choose on", param_hint=name)
        if self.validation is not None and self.path is not None:
            raise typer.BadParameter("name --validation or --thresholds", param_hint="--thresholds")

    def choose(self, predictions: Predictions, *, tell: bool = True) -> Thresholds | None:
        """The thresholds that were asked for, or those beside the predictions; None: neither.

        ``tell``: say why those beside the predictions are not taken.
        """
        from physprior.eval.predictions import read_predictions
        from physprior.eval.thresholds import choose_thresholds, find_thresholds, read_thresholds

        if self.path is not None:
            return read_thresholds(self.path)
        if self.validation is not None:
            validation = read_predictions(self.validation)
            return choose_thresholds(validation, self.rule or RULE, self.per or PER)
        found, unfit = find_thresholds(predictions)
        if unfit and tell:
            remark(f"left out: {unfit}")
        return found

    def keep(self, thresholds: Thresholds | None, folder: Path) -> Path | None:
        """Write down what was chosen here; returns where, or None where nothing was chosen."""
        from physprior.eval.thresholds import FILE_NAME, write_thresholds

        if thresholds is None or self.validation is None:
            return None
        write_thresholds(folder / FILE_NAME, thresholds)
        return folder / FILE_NAME

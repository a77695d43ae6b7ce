"""Counting the tokens of a dataset that is being built, so that what is too long is refused."""

from __future__ import annotations

from pathlib import Path

from physprior.cli.console import quiet_libraries


class Counting:
    """Refuses a dataset folder whose dialogues a model cannot hold.

    Raises CheckpointError at once where there is no such model.
    """

    def __init__(self, model: str) -> None:
        quiet_libraries()
        from physprior.vlm.token_report import open_token_model

        self._model = open_token_model(model)
        self.said = ""
        """What was counted, in a line."""

    def __call__(self, folder: Path) -> None:
        """Count the folder's records. Raises DatasetError where one does not fit."""
        from physprior.dataset.folder import Dataset
        from physprior.dataset.records import SPLITS
        from physprior.vlm.token_report import fits

        dataset = Dataset.open(folder)
        records = (record for split in SPLITS for record in dataset.records(split))
        report = fits(records, self._model)
        share = report.rows[-1].share
        self.said = (
            f"tokens: {report.longest.total:,} of the model's {report.context:,} in the longest"
            f" dialogue; the verdict is {share:.0%} of what is supervised"
        )

"""Predictions of another method, made into a predictions file like those of our own models.

``rows`` reads a table, ``match`` finds the dataset's video that each row means, ``run`` puts the
two together and writes.
"""

from __future__ import annotations

from physprior.eval.importing.run import ImportOptions, ImportReport, import_predictions

__all__ = ["ImportOptions", "ImportReport", "import_predictions"]

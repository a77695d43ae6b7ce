"""Predictions that can be counted with: some are there, and every score is a finite number."""

from __future__ import annotations

import math

from physprior.dataset.names import shown
from physprior.errors import PredictionError
from physprior.eval.predictions import Predictions


def refuse_unusable(predictions: Predictions) -> None:
    """Raises PredictionError where there is no prediction, or a score that is no finite number."""
    if not predictions.predictions and predictions.skipped:
        skip = predictions.skipped[0]
        raise PredictionError(
            f"{predictions.path} holds no prediction: all {len(predictions.skipped)} videos were "
            f"skipped, such as {skip.video}: {shown(skip.reason)}",
            remedy="mend the videos and run the same 'physprior predict' again",
        )
    if not predictions.predictions:
        raise PredictionError(
            f"{predictions.path} holds no prediction", remedy="run 'physprior predict' to its end"
        )
    for prediction in predictions.predictions:
        if prediction.score is not None and not math.isfinite(prediction.score):
            raise PredictionError(
                f"{predictions.path}: the score of {prediction.id} is {prediction.score}",
                remedy="predict again; if it stays so, the model's weights are damaged",
            )

"""A predictions file: one header line, then one JSON record a video, appended as it is made.

A run that was killed leaves at most one broken last line, which is dropped when it goes on.
"""

from __future__ import annotations

from physprior.eval.predictions.lines import (
    FORMAT,
    Control,
    Header,
    Line,
    Prediction,
    SkippedVideo,
    Source,
    VideoLine,
    dump,
)
from physprior.eval.predictions.reading import Predictions, read_predictions
from physprior.eval.predictions.writing import PredictionWriter, refuse_other

__all__ = [
    "FORMAT",
    "Control",
    "Header",
    "Line",
    "Prediction",
    "PredictionWriter",
    "Predictions",
    "SkippedVideo",
    "Source",
    "VideoLine",
    "dump",
    "read_predictions",
    "refuse_other",
]

"""Predicting a split: the anomaly score of every video, and what the model says of it."""

from __future__ import annotations

from physprior.eval.predict.control import CONTROLS, possible_controls, refuse_controls
from physprior.eval.predict.options import PredictOptions, PredictReport, control_path
from physprior.eval.predict.run import predict

__all__ = [
    "CONTROLS",
    "PredictOptions",
    "PredictReport",
    "control_path",
    "possible_controls",
    "predict",
    "refuse_controls",
]

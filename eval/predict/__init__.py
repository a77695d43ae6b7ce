"""Predicting a split: the anomaly score of every video, and what the model says of it."""

from __future__ import annotations

from physprior.eval.predict.options import PredictOptions, PredictReport
from physprior.eval.predict.run import predict

__all__ = ["PredictOptions", "PredictReport", "predict"]

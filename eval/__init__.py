"""Evaluation: predictions, their scores, and the report. Installed as ``physprior.eval``."""

from __future__ import annotations

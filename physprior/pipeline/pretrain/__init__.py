"""Pre-training the tiny base on generic motion: shapes that turn, stop, hesitate, bounce, fade."""

from __future__ import annotations

from physprior.pipeline.pretrain.course import Measured, Pretraining, Schedule
from physprior.pipeline.pretrain.make import SHAPE, make_pretrained

__all__ = ["SHAPE", "Measured", "Pretraining", "Schedule", "make_pretrained"]

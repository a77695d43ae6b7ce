"""Baselines that nobody trains, scored on the same split: what a tuned model has to be better than.

nearest_normal  distance to the nearest normal training video, in the base's frozen vision features
motion_energy   how unusual the amount of motion is for a normal video of the category
motion_profile  distance to the nearest normal training video, in the motion from frame to frame

None of them looks at an anomalous training video, and no video of the split changes the score of
another.
"""

from __future__ import annotations

from physprior.eval.baselines.header import BASELINES
from physprior.eval.baselines.run import predict_baselines

__all__ = ["BASELINES", "predict_baselines"]

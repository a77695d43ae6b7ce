"""Scoring a predictions file: every measure of detection, each with its interval.

Two numbers under two names: the score's AUROC ranks log-odds; the verdict's AUROC is what the
parsed words alone allow, (TPR + TNR) / 2 for hard verdicts, where an unparsed answer counts as
undecided (one half), so that it keeps its place in the total.
"""

from __future__ import annotations

from physprior.eval.scoring.model import CategoryScores, Scores, TypeScores
from physprior.eval.scoring.pairing import Common, common, same_videos
from physprior.eval.scoring.whole import score

__all__ = ["CategoryScores", "Common", "Scores", "TypeScores", "common", "same_videos", "score"]

"""The anomaly score: log-odds of the whole verdict labels after a forced ``Verdict:``.

``score = log p(" Anomalous.") - log p(" Normal.")`` from one shared prefix, in float64; higher is
more anomalous. Label strings are scored whole: "Anomalous" is several tokens of the 7B's tokenizer.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from physprior.vlm.reading import Reading


@dataclass(frozen=True)
class LabelScores:
    """Natural logarithms of the two labels' probabilities."""

    log_normal: float
    log_anomalous: float

    @property
    def log_odds(self) -> float:
        """The anomaly score."""
        return self.log_anomalous - self.log_normal

    @property
    def mass(self) -> float:
        """Probability of the two labels together; low where the model left the grammar."""
        return math.exp(self.log_normal) + math.exp(self.log_anomalous)


def score_labels(
    model: Any,
    prefixes: Sequence[Sequence[int]],
    labels: tuple[Sequence[int], Sequence[int]],
    video: Mapping[str, Any],
) -> list[LabelScores]:
    """Scores of a batch of videos. ``prefixes``: token ids, all of one length; ``labels``: what the
    normal and the anomalous label add to them; ``video``: the forward's arguments for the videos,
    on its device (see ``vlm.video_inputs``).
    """
    return read_labels(Reading(model, prefixes, video), labels)


def read_labels(
    reading: Reading, labels: tuple[Sequence[int], Sequence[int]], given: Sequence[int] = ()
) -> list[LabelScores]:
    """The same of dialogues that were read, where ``given`` is still to come before a label."""
    logs = reading.log_probabilities(labels, given).tolist()
    return [LabelScores(normal, anomalous) for normal, anomalous in logs]

"""What a predictions file says, as a hash: results about it recognise it by this."""

from __future__ import annotations

from collections.abc import Iterable

from physprior import fingerprint
from physprior.eval.predictions import Prediction


def predictions_hash(predictions: Iterable[Prediction]) -> str:
    """Hash over what was said of which video, whatever the order of the lines.

    Scores and times are left out: a text that was made again alike is the same text.
    """
    said = [
        [line.id, line.category, line.class_id, line.text, line.truncated, line.description]
        for line in predictions
    ]
    return fingerprint.of_json(sorted(said, key=lambda one: str(one[0])))

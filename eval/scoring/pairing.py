"""Two predictions files side by side: only the same videos of the same split are compared."""

from __future__ import annotations

from dataclasses import dataclass, replace

from physprior.errors import PredictionError
from physprior.eval.predictions import Prediction, Predictions


def same_videos(one: Predictions, other: Predictions) -> None:
    """Raises PredictionError unless both files predict the same videos of the same split."""
    ids = [{line.id for line in (*file.predictions, *file.skipped)} for file in (one, other)]
    alone = len(ids[0] ^ ids[1])
    if one.header.split_hash != other.header.split_hash or alone:
        how = f"{alone} stand in one of them alone" if alone else "they are of two splits"
        raise PredictionError(
            f"{one.path} and {other.path} do not predict the same videos ({how})",
            remedy="predict the same split of the same dataset with both, to the end",
        )


@dataclass(frozen=True)
class Common:
    """The videos that both files have predicted, in the first file's order in both."""

    one: Predictions
    other: Predictions
    left: tuple[str, ...]
    """Ids that left both, because one of the files skipped the video or has no score for it."""

    def pairs(self) -> list[tuple[Prediction, Prediction]]:
        """Both predictions of each video."""
        return list(zip(self.one.predictions, self.other.predictions, strict=True))


def common(one: Predictions, other: Predictions, *, scored: bool = False) -> Common:
    """Both files with only the videos that both have predicted: what failed in one leaves both.

    ``scored`` asks for a score in both as well. Raises PredictionError where the files are of other
    splits, hold other videos, or give one video two labels.
    """
    same_videos(one, other)
    second = {line.id: line for line in other.predictions}
    kept, left = [], [line.id for line in one.skipped]
    for line in one.predictions:
        match = second.get(line.id)
        if match is None or (scored and (line.score is None or match.score is None)):
            left.append(line.id)
            continue
        _refuse_disagreement(line, match, one, other)
        kept.append((line, match))
    return Common(
        replace(one, predictions=tuple(a for a, _ in kept), skipped=()),
        replace(other, predictions=tuple(b for _, b in kept), skipped=()),
        tuple(sorted(left)),
    )


def _refuse_disagreement(
    line: Prediction, match: Prediction, one: Predictions, other: Predictions
) -> None:
    if (line.category, line.class_id, line.label) != (match.category, match.class_id, match.label):
        raise PredictionError(
            f"{line.id} is {line.category} {line.class_id} in {one.path}, and {match.category} "
            f"{match.class_id} in {other.path}",
            remedy="one of the files is older than a correction of the labels: predict again",
        )

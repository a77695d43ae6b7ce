"""Old against new on the same videos: what a retraining did to each category."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from physprior.dataset.folder import Dataset
from physprior.dataset.records import Record, SplitName

if TYPE_CHECKING:
    from physprior.eval.predictions import Prediction, Predictions
    from physprior.eval.scoring import CategoryScores

Role = Literal["changed", "added", "rehearsed", "untouched"]
"""``rehearsed``: unchanged, with some of its videos trained on; ``untouched``: with none."""


@dataclass(frozen=True)
class Outcome:
    """One category before and after."""

    category: str
    role: Role
    trained: int
    """Its records that the new run was trained on."""
    normal: int
    """Normal videos that both models were asked about."""
    anomalous: int
    """Anomalous videos that both models were asked about."""
    old: float | None
    """AUROC of the old model's log-odds; None where only one class is there."""
    new: float | None
    """The same of the new model."""
    foreign: bool
    """The old model was asked with a prompt that it was never trained on."""

    @property
    def delta(self) -> float | None:
        """New less old; above 0 is a gain."""
        return None if self.old is None or self.new is None else self.new - self.old

    @property
    def one_video(self) -> float | None:
        """The most by which one video of these can move an AUROC: 1 / the smaller class."""
        fewer = min(self.normal, self.anomalous)
        return 1 / fewer if fewer else None

    @property
    def lost(self) -> bool:
        """Whether the new model ranks worse than the old."""
        return self.delta is not None and self.delta < 0


@dataclass(frozen=True)
class Sides:
    """The answers of both models."""

    new: Predictions
    """The new model's, on the new dataset."""
    old: Predictions
    """The old model's, on the new dataset where no prompt changed, else on its own."""
    strange: Predictions | None
    """The old model's on the new dataset, for added categories, where ``old`` is on its own."""


def pair(
    sides: Sides, old: Sequence[Record], new: Sequence[Record], trained: Collection[str]
) -> tuple[list[tuple[Prediction, Prediction, bool]], list[str]]:
    """Each video's (old answer, new answer, whether the old model did not know the prompt).

    ``old`` and ``new`` are the records that were asked about, ``trained`` the categories that the
    old model was trained on. Also gives the ids of videos that only the new model has answered. A
    video is the same where the file is; its label is that of now.
    """
    known = _by_file(sides.old, old)
    others = {line.id: line for line in (sides.strange.predictions if sides.strange else ())}
    records = {record.id: record for record in new}
    pairs, alone = [], []
    for line in sides.new.predictions:
        record = records[line.id]
        answer = known[line.category, record.sha256]
        foreign = line.category not in trained
        if foreign and sides.strange is not None:
            found = others.get(line.id)
        else:
            found = answer.pop(0) if answer else None
        if found is None:
            alone.append(line.id)
            continue
        # The same video under the name and label of now, with the old model's score.
        said = line.model_copy(update={"score": found.score})
        pairs.append((said, line, foreign))
    return pairs, alone


def _by_file(
    predictions: Predictions, records: Sequence[Record]
) -> dict[tuple[str, str], list[Prediction]]:
    files = {record.id: record.sha256 for record in records}
    found: dict[tuple[str, str], list[Prediction]] = defaultdict(list)
    for line in predictions.predictions:
        found[line.category, files[line.id]].append(line)
    return found


def outcomes(
    sides: Sides,
    pairs: Sequence[tuple[Prediction, Prediction, bool]],
    roles: Mapping[str, Role],
    trained: Mapping[str, int],
) -> tuple[Outcome, ...]:
    """What became of each category that both models were asked about, in the order of ids."""
    before = _scored(sides.old, [old for old, _, _ in pairs])
    after = _scored(sides.new, [new for _, new, _ in pairs])
    foreign = {new.category for _, new, strange in pairs if strange}
    return tuple(
        Outcome(
            category=name,
            role=roles[name],
            trained=trained.get(name, 0),
            normal=scores.normal,
            anomalous=scores.anomalous,
            old=before[name].auroc,
            new=scores.auroc,
            foreign=name in foreign,
        )
        for name, scores in sorted(after.items())
    )


def _scored(file: Predictions, lines: Sequence[Prediction]) -> dict[str, CategoryScores]:
    from physprior.eval.scoring import score

    scored = score(replace(file, predictions=tuple(lines), skipped=()))
    return {category.category: category for category in scored.categories}


def macro_pair(found: Sequence[Outcome]) -> tuple[float | None, float | None]:
    """The plain means, old and new, over the categories that have both figures."""
    from physprior.stats import macro

    both = [one for one in found if one.delta is not None]
    return macro(one.old for one in both), macro(one.new for one in both)


def split_records(folder: Path, split: SplitName) -> list[Record]:
    """The records of one split of a dataset folder."""
    return Dataset.open(folder).records(split)

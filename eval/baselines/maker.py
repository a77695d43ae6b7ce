"""The lines of a split by the baselines: from videos to vectors, and from these to scores."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from physprior.dataset.folder import Dataset
from physprior.dataset.records import Record
from physprior.eval.baselines.header import BASELINES, measured_against
from physprior.eval.baselines.vectors import Vector, score_videos
from physprior.eval.predict.batches import clip_of, video_line
from physprior.eval.predict.options import Progress
from physprior.eval.predictions import Header, Prediction, SkippedVideo, dump
from physprior.knowledge.schema import NORMAL
from physprior.vlm.checkpoint import load_checkpoint
from physprior.vlm.features import FeatureStore
from physprior.vlm.frames import Clip, FrameStore

_Vectors = dict[str, dict[str, Vector]]
"""By baseline, and by the hash of the video's content."""
_Scores = dict[str, dict[tuple[str, str], float]]
"""By baseline, and by the category and that hash."""


class Maker:
    """Makes the predictions of one split by the baselines that are waited for."""

    def __init__(
        self,
        dataset: Dataset,
        records: Sequence[Record],
        store: FrameStore,
        headers: Mapping[str, Header],
    ) -> None:
        self._dataset = dataset
        self._records = records
        self._store = store
        self._headers = headers
        asked = {record.category for record in records}
        self._normals = [
            record
            for record in dataset.records("train")
            if record.class_id == NORMAL and record.category in asked
        ]
        self._features: FeatureStore | None = None
        self._bad: dict[Path, str] = {}

    def prepare(self, base: str | Path, workers: int, progress: Progress) -> None:
        """Fill the caches with what is not in them."""
        clips = [*dict.fromkeys(map(self._clip, (*self._normals, *self._records)))]
        skipped = self._store.prepare(
            clips, workers=workers, progress=lambda done, total: progress("decode", done, total)
        )
        self._bad = {skip.path: skip.reason for skip in skipped}
        if any(BASELINES[name].reads == "features" for name in self._headers):
            # Beside the frames, where training looks for them.
            place = self._store.folder.parent / "features"
            self._features = FeatureStore(place, load_checkpoint(base), self._store)
            self._features.prepare(
                [clip for clip in clips if clip.path not in self._bad],
                progress=lambda done, total: progress("features", done, total),
            )

    def texts(self, progress: Progress) -> dict[str, str]:
        """The whole predictions file of each baseline that is waited for."""
        scores: _Scores = {name: {} for name in self._headers}
        counts: dict[str, int] = {}
        categories = sorted({record.category for record in self._records})
        progress("baselines", 0, len(categories))
        # A category after the other: its vectors are all that is held in memory.
        for done, category in enumerate(categories, 1):
            counts[category] = self._score(category, scores)
            progress("baselines", done, len(categories))
        unusable = {
            record.video: self._bad[self._clip(record).path]
            for record in self._normals
            if self._clip(record).path in self._bad
        }
        return {
            name: "".join(
                [
                    dump(measured_against(header, counts, unusable)),
                    *(dump(self._line(record, scores[name])) for record in self._records),
                ]
            )
            for name, header in self._headers.items()
        }

    def _score(self, category: str, scores: _Scores) -> int:
        """Add the scores of a category's videos; returns how many normal ones it has."""
        normals, asked = (
            self._vectors(record for record in some if record.category == category)
            for some in (self._normals, self._records)
        )
        for name, own in scores.items():
            found = score_videos(normals[name], asked[name], BASELINES[name].distance)
            own.update({(category, sha256): score for sha256, score in found.items()})
        return max(map(len, normals.values()))

    def _vectors(self, records: Iterable[Record]) -> _Vectors:
        """The vectors of the records' videos, a content once, however many records it has."""
        clips = {record.sha256: self._clip(record) for record in records if self._usable(record)}
        return {
            name: {
                sha256: BASELINES[name].vector(self._load(name, clip))
                for sha256, clip in clips.items()
            }
            for name in self._headers
        }

    def _load(self, name: str, clip: Clip) -> Any:
        if BASELINES[name].reads == "frames":
            return self._store.load(clip)
        assert self._features is not None, "prepared"
        return self._features.load(clip)

    def _line(
        self, record: Record, scores: Mapping[tuple[str, str], float]
    ) -> Prediction | SkippedVideo:
        if not self._usable(record):
            reason = self._bad[self._clip(record).path]
            return SkippedVideo(**video_line(record), reason=reason)
        return Prediction(
            **video_line(record),
            score=scores.get((record.category, record.sha256)),
            text=None,
            sampling=self._store.sampling,
        )

    def _usable(self, record: Record) -> bool:
        return self._clip(record).path not in self._bad

    def _clip(self, record: Record) -> Clip:
        return clip_of(record, self._dataset)

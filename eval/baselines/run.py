"""Scoring one split with the baselines: frames and features from the caches, a file a baseline."""

from __future__ import annotations

from pathlib import Path

from physprior import files, provenance
from physprior.dataset.folder import Dataset
from physprior.dataset.records import SplitName
from physprior.errors import DatasetError, PredictionError
from physprior.eval.baselines.header import BASELINES, make_header
from physprior.eval.baselines.maker import Maker
from physprior.eval.predict.options import Progress
from physprior.eval.predictions import Header, read_predictions, refuse_other
from physprior.paths import cache_folder
from physprior.video.sample import Sampling
from physprior.vlm.checkpoint import fingerprint_of, load_tokenizing
from physprior.vlm.frames import FrameStore
from physprior.vlm.run_folder import is_run


def predict_baselines(
    dataset: Path,
    out: Path,
    *,
    base: str | Path,
    cache: Path | None = None,
    frames: int = 8,
    workers: int = 2,
    split: SplitName = "test",
    videos: Path | None = None,
    progress: Progress = lambda what, done, total: None,
) -> list[Path]:
    """Score a split with every baseline, into ``out``/NAME.jsonl; returns these files.

    ``base``: the checkpoint, never a run, whose image processor and vision tower are used;
    ``cache``: where its frames are kept, the user's cache if None, with the features beside them,
    as training keeps them. A file that is finished is not made again; one with videos that could
    not be used is, as they may have been mended. A category without a normal training video that
    can be used has no scores: its videos keep their lines.

    Raises PredictionError where a file is there that holds something else, where ``split`` is train
    or ``frames`` below 2; and the errors of checkpoints, datasets and videos.
    """
    opened = Dataset.open(dataset, videos_root=videos)
    _refuse_senseless(split, frames, base)
    records = opened.records(split)
    if not records:
        raise DatasetError(f"the split {split} of {dataset} is empty", remedy="name another split")
    sampling = Sampling(frames=frames)
    config, _, processor = load_tokenizing(base)
    made_by = provenance.describe()
    headers = {
        name: make_header(
            name,
            opened,
            split,
            base=str(base),
            base_fingerprint=fingerprint_of(str(base), config),
            sampling=sampling,
            total=len(records),
            provenance=made_by,
        )
        for name in BASELINES
    }
    paths = {name: out / f"{name}.jsonl" for name in BASELINES}
    waiting = {name: headers[name] for name in BASELINES if not _done(paths[name], headers[name])}
    if waiting:
        files.make_folder(out)
        store = FrameStore(cache or cache_folder() / "frames", processor, sampling)
        maker = Maker(opened, records, store, waiting)
        maker.prepare(base, workers, progress)
        for name, text in maker.texts(progress).items():
            files.write_text(paths[name], text)
    return [*paths.values()]


def _refuse_senseless(split: SplitName, frames: int, base: str | Path) -> None:
    if split == "train":
        raise PredictionError(
            "the baselines know the normal videos of the split train by heart: on it their scores "
            "say nothing",
            remedy="score the split val or test",
        )
    if frames < 2:
        raise PredictionError(f"{frames} frame(s) have no motion", remedy="take at least 2 frames")
    if is_run(Path(base)):
        raise PredictionError(
            f"{base} is a run: a baseline reads the base that nobody has tuned",
            remedy="name the base that the run was trained on; its run.json tells it",
        )


def _done(path: Path, header: Header) -> bool:
    """Whether the file is there and finished. Raises PredictionError where it is another one."""
    if not path.exists():
        return False
    earlier = read_predictions(path)
    refuse_other(path, earlier.header, header)
    against = earlier.header.provenance.get("baseline") or {}
    return not (earlier.missing or earlier.skipped or against.get("unusable_normals"))

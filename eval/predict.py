"""Predicting a split: the anomaly score of every video, and what the model says of it.

The history is given (paper section 3.4): the KB's own physics stands before the verdict. The text
is generated from the bare assistant prompt; nothing of the verdict is forced on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
import torch

from physprior import fingerprint, provenance
from physprior.dataset.folder import Dataset
from physprior.dataset.records import Record, SplitName
from physprior.errors import DatasetError, PredictionError
from physprior.eval.predictions import Header, Prediction, PredictionWriter, SkippedVideo, VideoLine
from physprior.paths import cache_folder
from physprior.video.sample import Sampling
from physprior.vlm.checkpoint import Checkpoint
from physprior.vlm.frames import Clip, FrameStore
from physprior.vlm.load import LoadedModel, load_model
from physprior.vlm.score import generate, score_labels
from physprior.vlm.video_inputs import video_inputs


@dataclass(frozen=True)
class PredictOptions:
    """How a split is predicted."""

    split: SplitName = "test"
    """Which split."""
    score_only: bool = False
    """Leave the text out: one forward pass a video."""
    max_new_tokens: int = 128
    """Most tokens of an answer."""
    batch_size: int = 16
    """Videos on the device at once."""
    sampling: Sampling | None = None
    """Frames for a bare checkpoint; a run's own sampling cannot be changed."""
    accept_changed_prior: bool = False
    """Predict although a category's prompts differ from those trained on."""
    strict: bool = False
    """Treat a video that cannot be used as an error."""
    videos: Path | None = None
    """Where the videos lie, if not where the dataset says."""
    cache: Path | None = None
    """Where decoded frames are kept; the user's cache if None."""
    workers: int = 2
    """Processes that decode videos."""


@dataclass(frozen=True)
class PredictReport:
    """What a prediction did."""

    path: Path
    """The predictions file."""
    made: int
    """Videos predicted now."""
    found: int
    """Videos that the file held already."""
    skipped: tuple[SkippedVideo, ...]
    """Videos that could not be used."""
    rebuilt: int = 0
    """Damaged files of the frame cache that were made again."""


Progress = Callable[[str, int, int], None]
"""Called with (what is done, done, total)."""


def predict(
    source: str,
    dataset_folder: Path,
    out: Path,
    options: PredictOptions,
    *,
    progress: Progress = lambda what, done, total: None,
) -> PredictReport:
    """Predict one split of a dataset with a run or a bare checkpoint; finishes what is missing.

    Raises PredictionError where prompts changed since training or ``out`` holds other predictions,
    and the errors of models, datasets and videos.
    """
    dataset = Dataset.open(dataset_folder, videos_root=options.videos)
    records = dataset.records(options.split)
    if not records:
        raise DatasetError(
            f"the split {options.split} of {dataset_folder} is empty", remedy="name another split"
        )
    model = load_model(source)
    header = _header(source, model, dataset, records, options)
    store = FrameStore(
        options.cache or cache_folder() / "frames",
        model.checkpoint.image_processor,
        header.sampling,
    )
    with PredictionWriter(out, header) as writer:
        waiting = [record for record in records if record.id not in writer.done]
        clips = {
            record.id: Clip(dataset.videos_root / record.video, record.sha256) for record in waiting
        }
        skipped = _skip(waiting, clips, store, options, writer, progress)
        usable = [record for record in waiting if record.id not in {skip.id for skip in skipped}]
        done = 0
        progress("predict", done, len(usable))
        for batch in _batches(usable, options.batch_size):
            frames = np.stack([store.load(clips[record.id]) for record in batch])
            writer.append(_predict_batch(model.checkpoint, batch, frames, header))
            done += len(batch)
            progress("predict", done, len(usable))
    found = len(records) - len(waiting)
    return PredictReport(out, len(usable), found, tuple(skipped), len(store.rebuilt))


def _header(
    source: str,
    model: LoadedModel,
    dataset: Dataset,
    records: Sequence[Record],
    options: PredictOptions,
) -> Header:
    run = model.run
    if run is not None and options.sampling not in (None, run.sampling):
        raise PredictionError(
            f"{source} was trained on other frames than are asked for",
            remedy="leave the sampling out: a run knows its own",
        )
    sampling = run.sampling if run else options.sampling or Sampling()
    decisive = {
        "base": model.checkpoint.fingerprint,
        "run": run.fingerprint if run else None,
        "dataset": fingerprint.of_file(dataset.folder / "manifest.json"),
        "split": options.split,
        "sampling": sampling.model_dump(),
        "tokens": None if options.score_only else options.max_new_tokens,
    }
    return Header(
        fingerprint=fingerprint.of_json(decisive),
        model=source,
        base_fingerprint=model.checkpoint.fingerprint,
        run_fingerprint=run.fingerprint if run else None,
        dataset=str(dataset.folder),
        dataset_hash=str(decisive["dataset"]),
        split_hash=dataset.manifest.split,
        split=options.split,
        mode=dataset.manifest.mode,
        sampling=sampling,
        max_new_tokens=None if options.score_only else options.max_new_tokens,
        accepted_changed_prior=_changed(source, model, records, options.accept_changed_prior),
        total=len(records),
        provenance=provenance.describe(),
    )


def _changed(
    source: str, model: LoadedModel, records: Sequence[Record], accept: bool
) -> tuple[str, ...]:
    if model.run is None:
        return ()
    trained = model.run.prompts
    prompts = {record.category: record.prompt_hash for record in records}
    changed = tuple(
        category
        for category, prompt in sorted(prompts.items())
        # A category that was added since has no trained prompt to differ from.
        if category in trained and trained[category] != prompt
    )
    if changed and not accept:
        raise PredictionError(
            f"the prompts of {', '.join(changed)} differ from those that {source} was trained on "
            f"(trained in mode {model.run.mode})",
            remedy="train again on this dataset, restore the KB entry or template and build again, "
            "or pass --accept-changed-prior, which is recorded",
        )
    return changed


def _skip(
    waiting: Sequence[Record],
    clips: dict[str, Clip],
    store: FrameStore,
    options: PredictOptions,
    writer: PredictionWriter,
    progress: Progress,
) -> list[SkippedVideo]:
    bad = store.prepare(
        list(clips.values()),
        workers=options.workers,
        progress=lambda done, total: progress("decode", done, total),
    )
    reasons = {skip.path: skip.reason for skip in bad}
    if bad and options.strict:
        listed = "\n".join(f"  {path}: {reason}" for path, reason in reasons.items())
        raise DatasetError(
            f"{len(bad)} videos cannot be used:\n{listed}",
            remedy="replace them, or leave --strict out",
        )
    skipped = [
        SkippedVideo(**_of(record), reason=reasons[clips[record.id].path])
        for record in waiting
        if clips[record.id].path in reasons
    ]
    writer.append(skipped)
    return skipped


def _batches(records: Sequence[Record], size: int) -> Iterator[list[Record]]:
    # Videos of one category share every token before the verdict, so that no batch needs padding.
    ordered = sorted(records, key=lambda record: (record.category, record.id))
    for _, group in groupby(ordered, key=lambda record: record.prompt_hash):
        alike = list(group)
        for start in range(0, len(alike), size):
            yield alike[start : start + size]


def _predict_batch(
    checkpoint: Checkpoint, batch: Sequence[Record], frames: np.ndarray, header: Header
) -> list[Prediction]:
    encoder = checkpoint.encoder(header.sampling.frames)
    # Computed once, and shared by the score and the text.
    video = video_inputs(
        checkpoint.model, checkpoint.image_processor, frames=torch.from_numpy(frames)
    )
    dialogue = batch[0].dialogue()
    prefix, labels = encoder.labels(dialogue)
    scores = score_labels(checkpoint.model, [prefix] * len(batch), labels, video)
    texts: list[tuple[str | None, bool]] = [(None, False)] * len(batch)
    if header.max_new_tokens is not None:
        answers = generate(
            checkpoint.model,
            [encoder.prompt(dialogue)] * len(batch),
            video,
            max_new_tokens=header.max_new_tokens,
            end=checkpoint.tokenizer.eos_token_id,
        )
        texts = [(encoder.decode(answer.ids), answer.truncated) for answer in answers]
    return [
        Prediction(
            **_of(record),
            score=score.log_odds,
            log_normal=score.log_normal,
            log_anomalous=score.log_anomalous,
            mass=score.mass,
            text=text,
            truncated=truncated,
        )
        for record, score, (text, truncated) in zip(batch, scores, texts, strict=True)
    ]


def _of(record: Record) -> dict[str, object]:
    said = VideoLine(
        id=record.id,
        video=record.video,
        category=record.category,
        class_id=record.class_id,
        label=record.label,
        instance=record.instance,
    )
    return said.model_dump(by_alias=False)

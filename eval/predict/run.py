"""Predicting a split with a run or a bare checkpoint, in one process or several.

The history is given (paper section 3.4): the KB's own physics stands before the verdict; or it is
generated. The text is generated from the bare assistant prompt; nothing of the verdict is forced on
it.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from functools import partial
from pathlib import Path

from accelerate import PartialState

from physprior.dataset.folder import Dataset
from physprior.dataset.records import Record
from physprior.errors import DatasetError
from physprior.eval.predict.batches import Asker, batches, clip_of, unfinished, video_line
from physprior.eval.predict.header import make_header
from physprior.eval.predict.options import PredictOptions, PredictReport, Progress
from physprior.eval.predictions import Prediction, PredictionWriter, SkippedVideo
from physprior.eval.refusals import own_sampling
from physprior.paths import cache_folder
from physprior.vlm.frames import FrameStore
from physprior.vlm.load import LoadedModel, load_model
from physprior.vlm.processes import from_all, from_main, join_processes, on_main


def predict(
    source: str,
    dataset_folder: Path,
    out: Path,
    options: PredictOptions,
    *,
    model: LoadedModel | None = None,
    progress: Progress = lambda what, done, total: None,
) -> PredictReport:
    """Predict one split of a dataset with a run or a bare checkpoint; finishes what is missing.

    ``model``: what was loaded from ``source`` before, where several predictions are made in a row.
    Started in several processes (``accelerate launch``, torchrun), each asks about a part of the
    videos, and the first one writes.

    Raises PredictionError where prompts changed since training or ``out`` holds other predictions,
    and the errors of models, datasets and videos.
    """
    dataset = Dataset.open(dataset_folder, videos_root=options.videos)
    records = dataset.records(options.split)
    if not records:
        raise DatasetError(
            f"the split {options.split} of {dataset_folder} is empty", remedy="name another split"
        )
    model = model or load_model(source)
    header = make_header(source, model, dataset, records, options)
    store = FrameStore(
        options.cache or cache_folder() / "frames",
        model.checkpoint.image_processor,
        own_sampling(source, model.run, options.sampling),
    )
    processes = join_processes()
    asker = Asker(model.checkpoint, dataset, store, header, options, records)
    asker.refuse_long(records)
    writer = on_main(processes, lambda: PredictionWriter(out, header))
    with writer or nullcontext():
        done, skipped = from_main(
            processes, partial(_prepare, records, dataset, store, options, writer, progress)
        )
        bad = {skip.id for skip in skipped}
        usable = [record for record in records if record.id not in bad]
        waiting = unfinished(batches(usable, options.batch_size), done)
        made = _ask_all(asker, waiting, done, processes, writer, progress)
    rebuilt = from_all(processes, lambda: store.rebuilt)
    return PredictReport(out, made, len(done), tuple(skipped), len(rebuilt))


def _prepare(
    records: Sequence[Record],
    dataset: Dataset,
    store: FrameStore,
    options: PredictOptions,
    writer: PredictionWriter | None,
    progress: Progress,
) -> tuple[set[str], list[SkippedVideo]]:
    """Decode what is not cached; gives the ids that have a prediction, and what cannot be used.

    A video that could not be used before is tried again: it may have been mended.
    """
    assert writer is not None, "only the main process prepares"
    waiting = [record for record in records if record.id not in writer.done]
    clips = {record.id: clip_of(record, dataset) for record in waiting}
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
        SkippedVideo(**video_line(record), reason=reasons[clips[record.id].path])
        for record in waiting
        if clips[record.id].path in reasons
    ]
    writer.append([skip for skip in skipped if skip.id not in writer.skipped])
    return writer.done, skipped


def _ask_all(
    asker: Asker,
    waiting: Sequence[Sequence[Record]],
    done: set[str],
    processes: PartialState,
    writer: PredictionWriter | None,
    progress: Progress,
) -> int:
    """Ask about every batch, each process about its own; the main process writes in their order."""
    total = sum(record.id not in done for batch in waiting for record in batch)
    made = 0
    progress("predict", made, total)
    world, rank = processes.num_processes, processes.process_index
    for start in range(0, len(waiting), world):
        lines = from_all(processes, partial(_ask, asker, waiting[start + rank : start + rank + 1]))
        new = [line for line in lines if line.id not in done]
        on_main(processes, partial(_write, writer, new))
        made += len(new)
        progress("predict", made, total)
    return made


def _ask(asker: Asker, batches: Sequence[Sequence[Record]]) -> list[Prediction]:
    return [line for batch in batches for line in asker.ask(batch)]


def _write(writer: PredictionWriter | None, lines: Sequence[Prediction]) -> None:
    assert writer is not None, "only the main process writes"
    writer.append(lines)

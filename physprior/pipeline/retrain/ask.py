"""Asking the old model and the new one about the videos of one split."""

from __future__ import annotations

import shlex
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from physprior.pipeline.retrain.changes import Changes
from physprior.pipeline.retrain.compare import Sides
from physprior.pipeline.retrain.order import Before, Progress, RetrainOrder, Say

if TYPE_CHECKING:
    from physprior.eval.predictions import Predictions


def ask_both(
    order: RetrainOrder,
    before: Before,
    changes: Changes,
    cache: Path | None,
    announce: Say,
    progress: Progress,
) -> Sides:
    """Ask the new model, and the old one with the prompts that it knows.

    Where no prompt has changed those are the new dataset's own, and one pass over that will do.
    """
    trained = before.record.prompts
    ask = partial(_predict, order, cache, announce=announce, progress=progress)
    new = ask("new", order.new_run, order.new_dataset, None)
    changed = any(trained.get(name, prompt) != prompt for name, prompt in changes.prompts.items())
    if not changed:
        return Sides(new, ask("old", order.run, order.new_dataset, None), None)
    held = before.dataset.videos_root
    root = held if held.is_dir() else changes.index.root
    old = ask("old", order.run, before.dataset.folder, root)
    if not changes.of_kind("added"):
        return Sides(new, old, None)
    return Sides(new, old, ask("old-on-new", order.run, order.new_dataset, None))


def _predict(
    order: RetrainOrder,
    cache: Path | None,
    who: str,
    model: Path,
    dataset: Path,
    videos: Path | None,
    *,
    announce: Say,
    progress: Progress,
) -> Predictions:
    from physprior.eval.predict import PredictOptions, predict
    from physprior.eval.predictions import read_predictions

    out = order.predictions(who)
    words = ["physprior", "predict", str(model), str(dataset), "--split", order.split]
    words += ["-o", str(out), "--score-only", "--batch-size", str(order.batch_size)]
    words += ["--accept-changed-prior"] if who == "old-on-new" else []
    words += ["--videos", str(videos)] if videos else []
    words += ["--cache", str(cache)] if cache else []
    announce(shlex.join(words))
    options = PredictOptions(
        split=order.split,
        score_only=True,
        batch_size=order.batch_size,
        accept_changed_prior=who == "old-on-new",
        videos=videos,
        cache=cache,
        workers=order.workers,
    )
    predict(str(model), dataset, out, options, progress=progress)
    return read_predictions(out)

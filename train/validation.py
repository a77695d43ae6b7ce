"""Validation while training: the verdict's AUROC per category, and the loss by part."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Protocol

import torch
from accelerate.utils import gather_object

from physprior.stats import auroc, auroc_error, macro
from physprior.train.collator import VideoCollator
from physprior.train.loss import PartSums, TokenLosses
from physprior.train.samples import Sample
from physprior.vlm.score import score_labels
from physprior.vlm.tokens import DialogueEncoder

VideoInputs = Callable[[Any, Mapping[str, torch.Tensor]], dict[str, Any]]
"""From a model and a batch of the collator's to the forward's arguments for its videos."""


class Processes(Protocol):
    """What is needed of an Accelerator or a PartialState."""

    num_processes: int
    process_index: int
    device: torch.device


ERROR = "val/auroc_error"
"""Name in the log of the standard error of ``val/auroc``."""


@dataclass(frozen=True)
class Aim:
    """What tells one validation from a better one; decided by the videos, not by any result."""

    metric: str
    """Its name in the log: ``val/auroc``, or ``val/loss`` where no category can be ranked."""
    higher_is_better: bool
    unranked: tuple[str, ...]
    """Categories with one class in the validation split: no AUROC, and no part in the mean."""

    def better(
        self,
        metrics: Mapping[str, float],
        kept: Mapping[str, float] | None,
        history: Sequence[Mapping[str, float]] = (),
    ) -> bool:
        """Whether a validation's weights are to be kept in the place of those of ``kept``.

        Of all that rank as well as the best one so far, within its standard error, the one of the
        lowest loss is kept: on few videos a higher AUROC may be chance, and a ranking can be
        perfect long before the words are. ``history``: all validations before, ``kept`` included.
        """
        if kept is None:
            return not math.isnan(metrics[self.metric])
        is_lower = metrics["val/loss"] < kept["val/loss"]
        if not self.higher_is_better:
            return is_lower
        floor = self.floor([*history, kept, metrics])
        return metrics[self.metric] >= floor and (is_lower or kept[self.metric] < floor)

    def floor(self, history: Sequence[Mapping[str, float]]) -> float:
        """The lowest value that is as good as the best of ``history``, within its error."""
        best = max(history, key=lambda metrics: metrics[self.metric])
        return best[self.metric] - best.get(ERROR, 0.0)


def choose_aim(samples: Sequence[Sample]) -> Aim:
    """What the validation of these samples can be judged by."""
    classes: dict[str, set[int]] = {}
    for sample in samples:
        classes.setdefault(sample.record.category, set()).add(sample.record.label)
    unranked = tuple(sorted(name for name, labels in classes.items() if len(labels) < 2))
    ranked = len(classes) > len(unranked)
    return Aim("val/auroc" if ranked else "val/loss", ranked, unranked)


class Validator:
    """Scores and losses of the validation split, shared out among the processes."""

    def __init__(
        self,
        collator: VideoCollator,
        encoder: DialogueEncoder,
        *,
        batch_size: int,
        video_inputs: VideoInputs,
        losses: Callable[[Any, dict[str, torch.Tensor], dict[str, Any]], TokenLosses],
    ) -> None:
        self.aim = choose_aim(collator.samples)
        self._collator = collator
        self._encoder = encoder
        self._video_inputs = video_inputs
        self._losses = losses
        self._batches = list(_batches(collator.samples, batch_size))

    @torch.no_grad()
    def run(self, model: Any, processes: Processes) -> dict[str, float]:
        """The metrics, under their names in the log; the same in every process.

        Every process runs the model as often as the others: where weights are sharded, a forward
        is the work of all.
        """
        was_training = model.training
        model.eval()
        sums = PartSums(processes.device)
        scores: list[tuple[int, float]] = []
        world, rank = processes.num_processes, processes.process_index
        rounds = math.ceil(len(self._batches) / world)
        for turn in range(rounds):
            place = turn * world + rank
            real = place < len(self._batches)
            numbers = self._batches[place if real else 0]
            found = self._score(model, numbers, processes.device, sums if real else None)
            scores += found if real else []
        model.train(was_training)
        if world > 1:
            scores = gather_object(scores)
            torch.distributed.all_reduce(sums.sums)
        return self._metrics(dict(scores), sums)

    def _score(
        self, model: Any, numbers: list[int], device: torch.device, sums: PartSums | None
    ) -> list[tuple[int, float]]:
        batch = self._collator([{"sample": number} for number in numbers])
        batch = {name: tensor.to(device) for name, tensor in batch.items()}
        video = self._video_inputs(model, batch)
        tokens = self._losses(model, batch, video)
        if sums is not None:
            sums.add(tokens)
        prefix, labels = self._encoder.labels(self._collator.samples[numbers[0]].record.dialogue())
        found = score_labels(model, [prefix] * len(numbers), labels, video)
        return [(number, score.log_odds) for number, score in zip(numbers, found, strict=True)]

    def _metrics(self, scores: dict[int, float], sums: PartSums) -> dict[str, float]:
        metrics = {f"val/{name}": value for name, value in sums.metrics().items()}
        metrics["val/loss"] = sums.mean
        samples = self._collator.samples
        by_category: dict[str, float | None] = {}
        errors = []
        for category in sorted({sample.record.category for sample in samples}):
            own = [n for n, sample in enumerate(samples) if sample.record.category == category]
            labels = [samples[number].record.label for number in own]
            area = auroc(labels, [scores[number] for number in own])
            by_category[category] = area
            if area is not None:
                errors.append(auroc_error(area, labels.count(1), labels.count(0)))
        mean = macro(by_category.values())
        if mean is not None:
            metrics["val/auroc"] = mean
            metrics[ERROR] = math.hypot(*errors) / len(errors)
        for category, value in by_category.items():
            if value is not None:
                metrics[f"val/auroc/{category}"] = value
        return metrics


def _batches(samples: Sequence[Sample], size: int) -> list[list[int]]:
    # Videos of one category share every token before the verdict, so that no prefix needs padding.
    def prompt(number: int) -> tuple[str, str]:
        record = samples[number].record
        return record.category, record.prompt_hash

    ordered = sorted(range(len(samples)), key=lambda number: (*prompt(number), number))
    batches = []
    for _, group in groupby(ordered, key=prompt):
        alike = list(group)
        batches += [alike[start : start + size] for start in range(0, len(alike), size)]
    return batches

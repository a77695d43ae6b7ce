"""Batches of videos that are asked the same, and what the model says of one."""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import groupby

import numpy as np
import torch

from physprior import verdict
from physprior.dataset.folder import Dataset
from physprior.dataset.records import Record
from physprior.dialogue import Dialogue
from physprior.errors import PredictionError
from physprior.eval.predict.control import change_frames, change_prior
from physprior.eval.predict.options import PredictOptions
from physprior.eval.predictions import Header, Prediction, VideoLine
from physprior.vlm.answer import Answer, answer
from physprior.vlm.checkpoint import Checkpoint
from physprior.vlm.frames import Clip, FrameStore


def batches(records: Sequence[Record], size: int) -> list[list[Record]]:
    """Records in batches that share every token before the verdict, so that none needs padding."""
    ordered = sorted(records, key=lambda record: (record.category, record.prompt_hash, record.id))
    made = []
    for _, group in groupby(ordered, key=lambda record: (record.category, record.prompt_hash)):
        alike = list(group)
        made += [alike[start : start + size] for start in range(0, len(alike), size)]
    return made


class Asker:
    """Asks one model about batches of one split, as the header says."""

    def __init__(
        self,
        checkpoint: Checkpoint,
        dataset: Dataset,
        store: FrameStore,
        header: Header,
        options: PredictOptions,
        records: Sequence[Record],
    ) -> None:
        self._checkpoint = checkpoint
        self._dataset = dataset
        self._store = store
        self._header = header
        self._options = options
        self._encoder = checkpoint.encoder(store.sampling.frames)
        self._dialogues = {
            record.category: record.dialogue() for record in reversed(sorted_by_id(records))
        }
        self._blank: dict[tuple[str, str], Answer] = {}

    def refuse_long(self, records: Sequence[Record]) -> None:
        """Raise PredictionError where a prompt and its answer are longer than the model's context.

        With a generated history the given one is what is counted: what the model will say is not
        known.
        """
        context = self._checkpoint.model.config.text_config.max_position_embeddings
        for record in {record.prompt_hash: record for record in records}.values():
            tokens = len(self._encoder.labels(self._dialogue(record))[0])
            if tokens + self._options.max_new_tokens > context:
                raise PredictionError(
                    f"the prompt of {record.category} has {tokens:,} tokens, and an answer may "
                    f"have {self._options.max_new_tokens:,}; the model holds {context:,}",
                    remedy="lower --max-new-tokens, take fewer frames, or shorten the prior",
                )

    def ask(self, batch: Sequence[Record]) -> list[Prediction]:
        """The predictions of a batch, in its order."""
        started = time.perf_counter()
        # Equal pictures are asked about once: in other batches they would differ in the last bits,
        # and a ranking made of rounding would look like a finding.
        key = (batch[0].category, batch[0].prompt_hash)
        blank = self._header.control == "blank"
        if not blank or key not in self._blank:
            frames = np.stack([self._frames(record) for record in batch[: 1 if blank else None]])
            answers = self._answers(batch[0], frames)
            if blank:
                self._blank[key] = answers[0]
        if blank:
            answers = [self._blank[key]] * len(batch)
        seconds = (time.perf_counter() - started) / len(batch)
        return [
            self._prediction(record, answer, seconds)
            for record, answer in zip(batch, answers, strict=True)
        ]

    def _frames(self, record: Record) -> np.ndarray:
        frames = self._store.load(clip_of(record, self._dataset))
        return change_frames(frames, self._header.control, record.id)

    def _answers(self, record: Record, frames: np.ndarray) -> list[Answer]:
        return answer(
            self._checkpoint,
            self._encoder,
            self._dialogue(record),
            torch.from_numpy(frames),
            history=self._options.history,
            max_new_tokens=self._options.max_new_tokens,
            text=not self._options.score_only,
        )

    def _dialogue(self, record: Record) -> Dialogue:
        own = record.dialogue()
        if self._header.control != "wrong_prior":
            return own
        return change_prior(own, self._dialogues[self._header.wrong_priors[record.category]])

    def _prediction(self, record: Record, answer: Answer, seconds: float) -> Prediction:
        parse = None
        if answer.text is not None:
            parse = verdict.parse(answer.text, truncated=answer.truncated).status
        return Prediction(
            **video_line(record),
            score=answer.score,
            log_normal=answer.labels.log_normal,
            log_anomalous=answer.labels.log_anomalous,
            mass=answer.labels.mass,
            text=answer.text,
            truncated=answer.truncated,
            parse=parse,
            history=self._options.history,
            turns=answer.turns,
            sampling=self._store.sampling,
            seconds=round(seconds, 6),
        )


def sorted_by_id(records: Sequence[Record]) -> list[Record]:
    """The records in the order of their ids."""
    return sorted(records, key=lambda record: record.id)


def clip_of(record: Record, dataset: Dataset) -> Clip:
    """The video file of a record."""
    return Clip(dataset.videos_root / record.video, record.sha256)


def video_line(record: Record) -> dict[str, object]:
    """What every line of a predictions file says of its video."""
    said = VideoLine(
        id=record.id,
        video=record.video,
        category=record.category,
        class_id=record.class_id,
        label=record.label,
        instance=record.instance,
    )
    return said.model_dump(by_alias=False)

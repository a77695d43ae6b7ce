"""Batches of videos that are asked the same, and what the model says of one."""

from __future__ import annotations

import math
import time
from collections.abc import Collection, Sequence
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
from physprior.eval.refusals import answer_limit, refuse_long
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


def unfinished(made: Sequence[list[Record]], done: Collection[str]) -> list[list[Record]]:
    """The batches with a record whose id is not in ``done``, whole.

    A batch does not depend on what is done: other batches round otherwise, and a run that was
    killed is to end with the figures of one that was not.
    """
    return [batch for batch in made if any(record.id not in done for record in batch)]


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
        self._dialogues = {record.category: record.dialogue() for record in records}
        self._blank: dict[tuple[str, str], Answer] = {}

    def refuse_long(self, records: Sequence[Record]) -> None:
        """Raise PredictionError where a prompt and its answer are more than the model holds."""
        asked = self._options
        limit = answer_limit(asked.history, asked.score_only, asked.max_new_tokens)
        each = {record.prompt_hash: record for record in records}.values()
        dialogues = [self._dialogue(record) for record in each]
        frames = self._store.sampling.frames
        refuse_long(self._checkpoint, frames, dialogues, limit)
        describe = asked.describe or {}
        questions = [describe[name] for name in self._dialogues if name in describe]
        refuse_long(self._checkpoint, frames, questions, asked.max_new_tokens)

    def ask(self, batch: Sequence[Record]) -> list[Prediction]:
        """The predictions of a batch, in its order.

        Raises PredictionError where a score is no finite number, VideoError where a video's frames
        are lost and cannot be made again.
        """
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
            describe=(self._options.describe or {}).get(record.category),
        )

    def _dialogue(self, record: Record) -> Dialogue:
        own = record.dialogue()
        if self._header.control != "wrong_prior":
            return own
        return change_prior(own, self._dialogues[self._header.wrong_priors[record.category]])

    def _prediction(self, record: Record, answer: Answer, seconds: float) -> Prediction:
        if not math.isfinite(answer.score):
            raise PredictionError(
                f"the score of {record.id} is {answer.score}: the model's numbers overflowed",
                remedy="restore the model's weights, or train again with a lower learning rate",
            )
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
            description=answer.description,
            description_truncated=answer.description_truncated,
            history=self._options.history,
            turns=answer.turns,
            sampling=self._store.sampling,
            seconds=round(seconds, 6),
        )


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

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from trained import record_of

from physprior.errors import TrainingError
from physprior.train.collator import VideoCollator
from physprior.train.samples import KINDS, Sample
from physprior.vlm.frames import Clip
from physprior.vlm.tokens import IGNORE, Encoded

VIDEO, PAD, FEATURES, FRAMES = 99, 0, 3, 8
SHAPE = (FRAMES, 3, 28, 28)


def load(clip: Clip) -> np.ndarray:
    """Frames that tell which video they are of."""
    return np.full(SHAPE, int(clip.sha256[0]), dtype=np.uint8)


def sample(number: int, *words: int, features: int = FEATURES, **changes: Any) -> Sample:
    """A start token, the video, and ``words`` that are taught, the last of them as a label."""
    before = 1 + features
    encoded = Encoded(
        input_ids=[1, *[VIDEO] * features, *words],
        labels=[*[IGNORE] * before, *words],
        kinds=[*[""] * before, *["verdict"] * len(words)],
        in_label=[*[False] * (before + len(words) - 1), True],
    )
    clip = Clip(Path(f"{number}.mp4"), str(number) * 64)
    weights = (*[0.0] * before, *[0.5] * len(words))
    fields = {"record": record_of(f"clip/{number}.mp4"), "clip": clip, "encoded": encoded}
    return Sample(**{**fields, "weights": weights, **changes})


@pytest.fixture
def collate() -> Callable[..., dict[str, torch.Tensor]]:
    def make(*samples: Sample) -> dict[str, torch.Tensor]:
        collator = VideoCollator(
            samples, load, pad_token=PAD, video_token=VIDEO, video_tokens=FEATURES
        )
        return collator([{"sample": number} for number in range(len(samples))])

    return make


Collate = Callable[..., dict[str, torch.Tensor]]


def test_a_shorter_dialogue_is_padded_on_the_right(collate: Collate) -> None:
    batch = collate(sample(1, 5, 6, 7), sample(2, 8))
    assert batch["input_ids"].tolist() == [[1, 99, 99, 99, 5, 6, 7], [1, 99, 99, 99, 8, PAD, PAD]]
    assert batch["attention_mask"].tolist() == [[1] * 7, [1] * 5 + [0] * 2]


def test_neither_padding_nor_the_prompt_is_taught(collate: Collate) -> None:
    batch = collate(sample(1, 5, 6, 7), sample(2, 8))
    ignored = [IGNORE] * 4
    verdict = KINDS.index("verdict")
    assert batch["labels"].tolist() == [[*ignored, 5, 6, 7], [*ignored, 8, IGNORE, IGNORE]]
    assert batch["weights"].tolist() == [[0, 0, 0, 0, 0.5, 0.5, 0.5], [0, 0, 0, 0, 0.5, 0, 0]]
    assert batch["kinds"].tolist() == [[0] * 4 + [verdict] * 3, [0] * 4 + [verdict, 0, 0]]
    assert batch["in_label"].tolist() == [[False] * 6 + [True], [False] * 4 + [True, False, False]]


def test_a_dialogue_may_say_the_padding_token_itself(collate: Collate) -> None:
    batch = collate(sample(1, 5, PAD, 7), sample(2, 8))
    assert batch["attention_mask"][0].tolist() == [1] * 7
    assert batch["labels"][0].tolist()[-3:] == [5, PAD, 7]


def test_what_a_batch_holds_has_its_type(collate: Collate) -> None:
    types = {name: tensor.dtype for name, tensor in collate(sample(1, 5)).items()}
    assert types == {
        "input_ids": torch.int64,
        "attention_mask": torch.int64,
        "labels": torch.int64,
        "weights": torch.float32,
        "kinds": torch.uint8,
        "in_label": torch.bool,
        "sample": torch.int64,
        "frames": torch.uint8,
    }


def test_each_dialogue_brings_the_frames_of_its_own_video(collate: Collate) -> None:
    batch = collate(sample(2, 5), sample(1, 5))
    assert batch["frames"].shape == (2, *SHAPE)
    assert batch["sample"].tolist() == [0, 1]
    assert [int(frames.unique()) for frames in batch["frames"]] == [2, 1]


@pytest.mark.parametrize("clip", [Clip(Path("1.mp4"), "")])
def test_a_dialogue_without_its_video_is_refused(collate: Collate, clip: Clip) -> None:
    with pytest.raises(TrainingError, match="without a video") as caught:
        collate(sample(1, 5, clip=clip))
    assert "clip/1" in caught.value.message


@pytest.mark.parametrize("features", [0, 2, 4])
def test_a_dialogue_with_another_number_of_video_tokens_is_refused(
    collate: Collate, features: int
) -> None:
    with pytest.raises(TrainingError, match=f"has {features} video tokens for 3 features"):
        collate(sample(1, 5, features=features))


def test_a_dialogue_that_teaches_nothing_is_refused(collate: Collate) -> None:
    silent = Encoded([1, 99, 99, 99, 5], [IGNORE] * 5, [""] * 5, [False] * 5)
    with pytest.raises(TrainingError, match="supervises no token"):
        collate(sample(1, 5, encoded=silent))

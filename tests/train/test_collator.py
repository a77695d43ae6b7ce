from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from physprior.errors import TrainingError, VideoError
from physprior.train.collator import VideoCollator
from physprior.video.sample import Sampling
from physprior.vlm.checkpoint import Checkpoint, load_checkpoint
from physprior.vlm.frames import Clip, FrameStore
from physprior.vlm.tokens import IGNORE

VIDEO, PAD, FEATURES, FRAMES = 99, 0, 3, 8


@pytest.fixture(scope="module")
def checkpoint(tiny_base: Path) -> Checkpoint:
    return load_checkpoint(tiny_base)


@pytest.fixture
def clips(tmp_path: Path, write_clip: Any) -> list[Clip]:
    return [
        Clip(write_clip(tmp_path / f"{seed}.mp4", seed=seed), f"{seed}" * 64) for seed in (1, 2, 3)
    ]


@pytest.fixture
def store(tmp_path: Path, checkpoint: Checkpoint, clips: list[Clip]) -> FrameStore:
    """Holds the first two clips; the third was never prepared."""
    store = FrameStore(tmp_path / "frames", checkpoint.image_processor, Sampling(frames=FRAMES))
    shape = (FRAMES, 3, 28, 28)
    for number, clip in enumerate(clips[:2]):
        path = store.path(clip)
        path.parent.mkdir(parents=True)
        np.save(path, np.random.default_rng(number).integers(0, 256, shape, dtype=np.uint8))
    return store


@pytest.fixture
def collate(store: FrameStore, checkpoint: Checkpoint) -> VideoCollator:
    return VideoCollator(
        store,
        checkpoint.image_processor,
        pad_token=PAD,
        video_token=VIDEO,
        video_tokens=FEATURES,
    )


def sample(clip: Clip, *words: int, **changes: Any) -> dict[str, Any]:
    """A dialogue of a start token, the video, and ``words`` that are supervised."""
    return {
        "input_ids": [1, *[VIDEO] * FEATURES, *words],
        "labels": [*[IGNORE] * (1 + FEATURES), *words],
        "weights": [*[0.0] * (1 + FEATURES), *[0.5] * len(words)],
        "video": str(clip.path),
        "sha256": clip.sha256,
        **changes,
    }


def test_a_shorter_dialogue_is_padded_on_the_right(
    collate: VideoCollator, clips: list[Clip]
) -> None:
    batch = collate([sample(clips[0], 5, 6, 7), sample(clips[1], 8)])
    assert batch["input_ids"].tolist() == [[1, 99, 99, 99, 5, 6, 7], [1, 99, 99, 99, 8, PAD, PAD]]
    assert batch["attention_mask"].tolist() == [[1] * 7, [1] * 5 + [0] * 2]


def test_neither_padding_nor_the_prompt_is_supervised(
    collate: VideoCollator, clips: list[Clip]
) -> None:
    batch = collate([sample(clips[0], 5, 6, 7), sample(clips[1], 8)])
    ignored = [IGNORE] * 4
    assert batch["labels"].tolist() == [[*ignored, 5, 6, 7], [*ignored, 8, IGNORE, IGNORE]]
    assert batch["weights"].tolist() == [[0, 0, 0, 0, 0.5, 0.5, 0.5], [0, 0, 0, 0, 0.5, 0, 0]]


def test_a_dialogue_may_say_the_padding_token_itself(
    collate: VideoCollator, clips: list[Clip]
) -> None:
    batch = collate([sample(clips[0], 5, PAD, 7), sample(clips[1], 8)])
    assert batch["attention_mask"][0].tolist() == [1] * 7
    assert batch["labels"][0].tolist()[-3:] == [5, PAD, 7]


def test_ids_masks_and_labels_are_integers_and_weights_are_not(
    collate: VideoCollator, clips: list[Clip]
) -> None:
    batch = collate([sample(clips[0], 5)])
    types = {name: tensor.dtype for name, tensor in batch.items()}
    assert types == {
        "input_ids": torch.int64,
        "attention_mask": torch.int64,
        "labels": torch.int64,
        "weights": torch.float32,
        "pixel_values_videos": torch.float32,
    }


def test_each_dialogue_brings_the_frames_of_its_own_video(
    collate: VideoCollator, clips: list[Clip], store: FrameStore, checkpoint: Checkpoint
) -> None:
    batch = collate([sample(clips[1], 5), sample(clips[0], 5)])
    pixels = batch["pixel_values_videos"]
    assert pixels.shape == (2, FRAMES, 3, 28, 28)
    for found, clip in zip(pixels, (clips[1], clips[0]), strict=True):
        pictures = list(store.load(clip))
        # The checkpoint's own processor is the measure; it has nothing left to resize or crop.
        own = checkpoint.image_processor(
            pictures, return_tensors="np", return_legacy_image_output=False
        )
        np.testing.assert_allclose(found.numpy(), own["pixel_values"], atol=1e-5)


@pytest.mark.parametrize("lost", ["video", "sha256"])
def test_a_dialogue_without_its_video_is_refused(
    collate: VideoCollator, clips: list[Clip], lost: str
) -> None:
    blind = sample(clips[0], 5)
    del blind[lost]
    with pytest.raises(TrainingError, match="without a video"):
        collate([sample(clips[1], 5), blind])


@pytest.mark.parametrize("found", [0, FEATURES - 1, FEATURES + 1])
def test_a_dialogue_with_another_number_of_video_tokens_is_refused(
    collate: VideoCollator, clips: list[Clip], found: int
) -> None:
    ids = [1, *[VIDEO] * found, 5]
    cut = sample(clips[0], input_ids=ids, labels=ids, weights=[1.0] * len(ids))
    with pytest.raises(TrainingError, match=f"has {found} video tokens for {FEATURES} features"):
        collate([cut])


def test_a_dialogue_that_supervises_nothing_is_refused(
    collate: VideoCollator, clips: list[Clip]
) -> None:
    with pytest.raises(TrainingError, match=r"1\.mp4 supervises no token"):
        collate([sample(clips[0])])


def test_frames_that_are_not_there_are_named(collate: VideoCollator, clips: list[Clip]) -> None:
    with pytest.raises(VideoError, match=r"3\.mp4"):
        collate([sample(clips[2], 5)])


@pytest.mark.parametrize("damage", [b"", b"\x93NUMPY\x01\x00", b"no array"])
def test_frames_that_are_damaged_are_named(
    collate: VideoCollator, clips: list[Clip], store: FrameStore, damage: bytes
) -> None:
    store.path(clips[0]).write_bytes(damage)
    with pytest.raises(VideoError, match=r"1\.mp4") as caught:
        collate([sample(clips[0], 5)])
    assert str(store.path(clips[0])) in caught.value.remedy

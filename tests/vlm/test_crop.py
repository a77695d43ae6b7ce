"""Our resizing and cropping against the processor that they stand for, byte by byte."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import VideoLlavaImageProcessor

from physprior.errors import CheckpointError
from physprior.vlm.crop import Crop


def pictures(height: int, width: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (2, height, width, 3), dtype=np.uint8)


def by_processor(processor: Any, frames: np.ndarray) -> np.ndarray:
    made = processor(
        list(frames),
        do_rescale=False,
        do_normalize=False,
        return_tensors="np",
        return_legacy_image_output=False,
        input_data_format="channels_last",
    )
    values: np.ndarray = made["pixel_values"]
    return values


SETTINGS: list[dict[str, Any]] = [
    {},
    {"size": {"shortest_edge": 28}, "crop_size": {"height": 28, "width": 28}},
    {"size": {"shortest_edge": 20}, "crop_size": {"height": 29, "width": 24}},
    {"size": {"height": 40, "width": 50}, "do_center_crop": False},
    {"resample": 2},
    {"do_resize": False},
]


@pytest.mark.parametrize("chosen", SETTINGS, ids=str)
@pytest.mark.parametrize("size", [(480, 640), (641, 480), (224, 224), (225, 224), (7, 90)])
def test_pictures_come_out_as_from_the_processor(
    chosen: dict[str, Any], size: tuple[int, int]
) -> None:
    processor, frames = VideoLlavaImageProcessor(**chosen), pictures(*size)
    made = Crop.of(processor)(frames)
    np.testing.assert_array_equal(made, by_processor(processor, frames))
    assert made.dtype == np.uint8
    assert made.shape == (2, *Crop.of(processor).shape)


@settings(max_examples=60, deadline=None)
@given(
    height=st.integers(4, 90),
    width=st.integers(4, 90),
    side=st.integers(4, 60),
    window=st.tuples(st.integers(1, 70), st.integers(1, 70)),
)
def test_pictures_of_any_size_come_out_as_from_the_processor(
    height: int, width: int, side: int, window: tuple[int, int]
) -> None:
    processor = VideoLlavaImageProcessor(
        size={"shortest_edge": side}, crop_size={"height": window[0], "width": window[1]}
    )
    frames = pictures(height, width, seed=side)
    np.testing.assert_array_equal(Crop.of(processor)(frames), by_processor(processor, frames))


def test_a_processor_that_leaves_pictures_of_different_sizes_is_refused() -> None:
    with pytest.raises(CheckpointError, match="one size"):
        Crop.of(VideoLlavaImageProcessor(do_center_crop=False))

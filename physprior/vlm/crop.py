"""Resizing and cropping frames byte for byte as VideoLlavaImageProcessor does, with Pillow alone.

Importing the processor takes seconds and hundreds of MB, in each process that decodes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from physprior.errors import CheckpointError


@dataclass(frozen=True)
class Crop:
    """How an image processor makes a picture of the model's size."""

    short_side: int | None
    """The shorter side is scaled to so many pixels, and the longer one with it."""
    size: tuple[int, int] | None
    """Or both sides are scaled to this height and width; neither: nothing is scaled."""
    resample: int
    """Pillow's number of the filter."""
    window: tuple[int, int] | None
    """Height and width that are cut out of the middle, black where there is nothing; or all."""

    @classmethod
    def of(cls, image_processor: Any) -> Crop:
        """What a VideoLlavaImageProcessor does, by its settings.

        Raises CheckpointError where pictures of different sizes would stay different.
        """
        said = image_processor.to_dict()
        scaled = said["size"] if said["do_resize"] else {}
        window = said["crop_size"] if said["do_center_crop"] else None
        if unknown := set(scaled) - {"shortest_edge", "height", "width"}:
            raise CheckpointError(
                f"the image processor scales by {', '.join(sorted(unknown))}, which is not known",
                remedy="use a checkpoint whose preprocessor_config.json gives shortest_edge",
            )
        if window is None and "height" not in scaled:
            raise CheckpointError(
                "the image processor does not bring pictures to one size",
                remedy="set do_center_crop and crop_size in the model's preprocessor_config.json",
            )
        return cls(
            short_side=scaled.get("shortest_edge"),
            size=(scaled["height"], scaled["width"]) if "height" in scaled else None,
            resample=int(said["resample"]),
            window=(int(window["height"]), int(window["width"])) if window else None,
        )

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape of a picture that comes out: (3, height, width)."""
        side = self.window or self.size
        assert side is not None  # ``of`` has seen to it
        return (3, *side)

    def __call__(self, pictures: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Pictures as the model takes them: uint8 RGB (n, H, W, 3) to (n, 3, height, width)."""
        scaled = np.stack([self._scale(picture) for picture in pictures])
        if self.window is not None:
            scaled = _cut(_cut(scaled, 1, self.window[0]), 2, self.window[1])
        return np.ascontiguousarray(scaled.transpose(0, 3, 1, 2))

    def _scale(self, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
        height, width = picture.shape[:2]
        if self.size is not None:
            height, width = self.size
        elif self.short_side is not None:
            long_side = int(self.short_side * max(height, width) / min(height, width))
            upright = width <= height
            height = long_side if upright else self.short_side
            width = self.short_side if upright else long_side
        else:
            return picture
        image = Image.fromarray(np.ascontiguousarray(picture))
        return np.asarray(image.resize((width, height), Image.Resampling(self.resample)))


def _cut(pictures: NDArray[np.uint8], axis: int, wanted: int) -> NDArray[np.uint8]:
    """The middle of an axis, or all of it in the middle of black."""
    missing = wanted - pictures.shape[axis]
    if missing > 0:
        around = [(0, 0)] * pictures.ndim
        around[axis] = ((missing + 1) // 2, missing // 2)
        return np.pad(pictures, around)
    start = -missing // 2
    return np.take(pictures, range(start, start + wanted), axis=axis)

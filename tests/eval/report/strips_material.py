"""Eight short videos as a dataset, a model's folder without weights, and predictions of them."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from physprior import fingerprint
from physprior.dataset.folder import Dataset
from physprior.eval.predictions import Header, Predictions
from physprior.eval.report.cards import Card, Deck
from physprior.eval.report.strips import Strips, make_strips
from physprior.video.sample import Sampling

SIDE = 40
SETTINGS = {
    "do_resize": True,
    "size": {"shortest_edge": SIDE},
    "resample": 3,
    "do_center_crop": True,
    "crop_size": {"height": SIDE, "width": SIDE},
    "do_rescale": True,
    "rescale_factor": 1 / 255,
    "do_normalize": True,
    "image_mean": [0.48145466, 0.4578275, 0.40821073],
    "image_std": [0.26862954, 0.26130258, 0.27577711],
}


@dataclass(frozen=True)
class Material:
    """A place of one's own: videos, dataset, model, cache of frames."""

    place: Path

    @property
    def dataset(self) -> Path:
        return self.place / "dataset"

    @property
    def videos(self) -> Path:
        return self.place / "videos"

    @property
    def model(self) -> Path:
        return self.place / "model"

    @property
    def cache(self) -> Path:
        return self.place / "cache"

    def predictions(self, **header: Any) -> Predictions:
        fields: dict[str, Any] = {
            "fingerprint": "f",
            "model": str(self.model),
            "base_fingerprint": "b",
            "run_fingerprint": None,
            "dataset": str(self.dataset),
            "dataset_hash": fingerprint.of_file(self.dataset / "manifest.json"),
            "split_hash": "5",
            "split": "test",
            "mode": "multi_turn",
            "sampling": Sampling(),
            "max_new_tokens": 64,
            "total": len(self.cards),
            "provenance": {},
        }
        path = self.place / "out" / "test.jsonl"
        return Predictions(path, Header(**{**fields, **header}), (), ())

    @property
    def cards(self) -> tuple[Card, ...]:
        records = Dataset.open(self.dataset).records("test")
        return tuple(
            Card(one.id, one.video, one.category, one.class_id, one.label, "", None, "", ())
            for one in records
        )

    def strips(self, cards: Any = None, header: Any = None, **named: Any) -> Strips:
        deck = Deck(("this run",), {}, self.cards if cards is None else cards)
        return make_strips(
            deck,
            self.predictions(**(header or {})),
            **{"cache": self.cache, "workers": 1, **named},
        )

    def write_run(self, folder: Path, **record: Any) -> Path:
        """A run folder with the record of a run, as far as frames need it."""
        folder.mkdir(parents=True)
        said = {"fingerprint": "r", "tune": "lora", "base": str(self.model), "recipe": {}, **record}
        (folder / "run.json").write_text(json.dumps(said))
        return folder


def picture(strip: bytes) -> np.ndarray:
    """The strip's pixels: uint8 (height, width, 3)."""
    return np.asarray(Image.open(io.BytesIO(strip)).convert("RGB"))


def frame(strip: bytes, at: int, width: int = SIDE) -> np.ndarray:
    """One frame of a strip."""
    return picture(strip)[:, at * width : (at + 1) * width]

"""What the benchmark of the report is about: predictions of thousands of videos that nobody filmed.

Dialogues, sentences and splits are the real ones of the whole KB; the frames are painted, 224
pixels wide as the 7B model's, and lie in a cache, so that no video file is needed.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from indexes import make_index
from PIL import Image

from physprior import fingerprint
from physprior.dataset.compile import build
from physprior.dataset.folder import Dataset
from physprior.dataset.records import Record
from physprior.dialogue import Templates
from physprior.eval.predictions import Header, Prediction, Predictions, read_predictions
from physprior.eval.predictions.lines import dump
from physprior.eval.report.cards import Card, Deck
from physprior.eval.report.strips.view import read_settings
from physprior.knowledge.load import load_knowledge
from physprior.paths import kb_folder, templates_folder
from physprior.simulate.film import paint, prepare
from physprior.simulate.plan import Options, plan
from physprior.video.sample import Sampling, frame_indices
from physprior.video.write import write_video
from physprior.vlm.array_file import write_array
from physprior.vlm.crop import Crop
from physprior.vlm.frames import Clip, FrameStore

SIDE = 224
PAINTED = 128
"""Clips that differ; the others show one of them."""
SHIFT = 1.6
"""Between the scores of normal and anomalous videos, in standard deviations."""


class Processor:
    """The settings of a checkpoint's image processor, as the cache of frames asks for them."""

    def __init__(self, folder: Path) -> None:
        self._said = read_settings(folder)

    def to_dict(self) -> dict[str, object]:
        return self._said


def make_material(place: Path, videos: int) -> Predictions:
    """Dataset, model folder, cache of frames and predictions of so many videos in ``place``."""
    make_index(place / "index.jsonl", load_knowledge(kb_folder()), videos * 5)
    build(
        place / "index.jsonl",
        place / "dataset",
        knowledge=load_knowledge(kb_folder()),
        templates=Templates(templates_folder()),
        mode="multi_turn",
        workers=2,
    )
    records = Dataset.open(place / "dataset").records("test")
    chosen = records[:: max(1, len(records) // videos)][:videos]
    make_model(place / "model")
    _make_frames(place, chosen)
    return _predict(place, chosen)


def make_model(folder: Path) -> None:
    """A checkpoint's folder, as far as frames need it."""
    folder.mkdir()
    said = {"size": {"shortest_edge": SIDE}, "crop_size": {"height": SIDE, "width": SIDE}}
    (folder / "preprocessor_config.json").write_text(json.dumps(said))


def _make_frames(place: Path, records: Sequence[Record]) -> None:
    store = FrameStore(place / "cache", Processor(place / "model"), Sampling())
    crop = Crop.of(Processor(place / "model"))
    options = Options(count=PAINTED // 4, size=SIDE, frames=32)
    painted = []
    for number, shot in enumerate(plan(options)[: min(PAINTED, len(records))]):
        pictures = np.stack(list(paint(shot, prepare(shot))))
        chosen = pictures[frame_indices(len(pictures), shot.fps, Sampling())]
        painted.append(place / "painted" / f"{number}.npy")
        write_array(painted[-1], crop(chosen))
    for number, record in enumerate(records):
        path = store.path(Clip(Path(record.video), record.sha256))
        path.parent.mkdir(parents=True, exist_ok=True)
        os.link(painted[number % len(painted)], path)


def film(place: Path, clips: int) -> tuple[Deck, Predictions]:
    """Video files of what is painted, drawn larger, with a deck and a header about them."""
    cards = []
    for number in range(clips):
        frames = np.load(place / "painted" / f"{number}.npy").transpose(0, 2, 3, 1)
        large = [np.asarray(Image.fromarray(frame).resize((960, 540))) for frame in frames]
        name = f"filmed/{number}.mp4"
        write_video(place / name, (large[at * len(large) // 60] for at in range(60)), 60)
        cards.append(Card(name, name, "ball", "normal", 0, "", None, "", ()))
    header = read_predictions(place / "test.jsonl").header
    asked = header.model_copy(update={"dataset": str(place / "gone")})
    deck = Deck(("this run",), {}, tuple(cards))
    return deck, Predictions(place / "filmed.jsonl", asked, (), ())


def _predict(place: Path, records: Sequence[Record]) -> Predictions:
    """Scores with some errors; each answer a sentence that is taught of its class, or of another
    one of the category where the score is wrong."""
    header = Header(
        fingerprint="f" * 64,
        model=str(place / "model"),
        base_fingerprint="b" * 64,
        run_fingerprint=None,
        dataset=str(place / "dataset"),
        dataset_hash=fingerprint.of_file(place / "dataset" / "manifest.json"),
        split_hash="5" * 64,
        split="test",
        mode="multi_turn",
        sampling=Sampling(),
        max_new_tokens=128,
        total=len(records),
        provenance={"versions": {"physprior": "0"}},
    )
    dice = random.Random(0)
    says: dict[tuple[str, int], list[str]] = {}
    for record in records:
        said = "".join(part.text for part in record.turns[-1].parts)
        says.setdefault((record.category, record.label), []).append(said)
    lines = [header, *(_line(record, dice, says) for record in records)]
    path = place / "test.jsonl"
    path.write_text("".join(map(dump, lines)), encoding="utf-8")
    return read_predictions(path)


def _line(
    record: Record, dice: random.Random, says: dict[tuple[str, int], list[str]]
) -> Prediction:
    score = dice.gauss(SHIFT * (record.label - 0.5), 1.0)
    said = says.get((record.category, int(score > 0))) or says[record.category, record.label]
    return Prediction(
        id=record.id,
        video=record.video,
        category=record.category,
        class_id=record.class_id,
        label=record.label,
        instance=record.instance,
        score=score,
        log_normal=-1.0,
        log_anomalous=-1.0,
        mass=0.9,
        text=dice.choice(said),
    )

"""Scoring a file again: what is there is kept as long as nothing that it depends on has changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from physprior.eval.explanations import sbert_run
from physprior.eval.explanations.encoder import Encoder
from physprior.eval.explanations.encoder_folder import EncoderFolder
from physprior.eval.explanations.items import ClassSentences, Sentences
from physprior.eval.predictions import Predictions
from physprior.verdict import render

Read = Callable[..., Predictions]


class Counting:
    """A model that places texts by their letters, and notes what it is given."""

    prompts: Mapping[str, str] = {}
    default_prompt_name = None

    def __init__(self) -> None:
        self.seen: list[str] = []

    def encode(self, texts: Sequence[str], **_: object) -> np.ndarray:
        self.seen += texts
        rows = np.array([[text.count("e"), text.count("s"), 1] for text in texts], np.float32)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Counting:
    """The encoder that is found, whatever is named; its folder is ``encoder``."""
    model, folder = Counting(), EncoderFolder("counting", tmp_path / "encoder")
    folder.path.mkdir()
    (folder.path / "modules.json").write_text("[]")
    monkeypatch.setattr(sbert_run, "find_encoder", lambda name: folder)
    monkeypatch.setattr(
        sbert_run, "load_from", lambda found, *, device: Encoder(found, None, model)
    )
    return model


def sentences(reference: str = "It rests.", taught: str = "All is well.") -> Sentences:
    held = ClassSentences((reference,), (), (taught,))
    return Sentences("kb", reference, {"clip": {"normal": held}})


def predictions(read: Read, *texts: str) -> Predictions:
    return read([("clip", "normal", 0.0, render(False, text)) for text in texts])


def test_where_nothing_has_changed_nothing_is_embedded(read: Read, model: Counting) -> None:
    first = sbert_run.run_sbert(predictions(read, "It moves."), sentences())
    embedded = len(model.seen)
    again = sbert_run.run_sbert(predictions(read, "It moves."), sentences())
    assert (first.was_there, again.was_there) == (False, True)
    assert embedded == len(model.seen) == 2
    assert again.scores == first.scores


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("It slips.", sentences()),
        ("It moves.", sentences(reference="It is at rest.")),
        ("It moves.", sentences(taught="It moves.")),
    ],
    ids=["an answer", "a reference", "what is taught"],
)
def test_what_has_changed_is_scored_anew(
    read: Read, model: Counting, text: str, changed: Sentences
) -> None:
    sbert_run.run_sbert(predictions(read, "It moves."), sentences())
    again = sbert_run.run_sbert(predictions(read, text), changed)
    assert not again.was_there
    [score] = again.scores.result.scores.values()
    assert score.copied == (changed.taught("clip") == (text,))
    assert again.scores.result.references_hash == changed.hash


def test_by_another_encoder_it_is_scored_anew(read: Read, model: Counting, tmp_path: Path) -> None:
    first = sbert_run.run_sbert(predictions(read, "It moves."), sentences())
    (tmp_path / "encoder" / "config.json").write_text("{}")
    again = sbert_run.run_sbert(predictions(read, "It moves."), sentences())
    assert not again.was_there
    assert again.scores.result.encoder_hash != first.scores.result.encoder_hash


def test_scores_that_cannot_be_are_made_again(read: Read, model: Counting) -> None:
    file = predictions(read, "It moves.")
    first = sbert_run.run_sbert(file, sentences())
    whole = first.scores.path.read_text()
    first.scores.path.write_text(whole.replace('"max": 0.', '"max": 7.'))
    again = sbert_run.run_sbert(file, sentences())
    assert not again.was_there
    assert again.scores.path.read_text() == whole

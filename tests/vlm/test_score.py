from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch

from physprior.dialogue import Templates
from physprior.knowledge.load import KnowledgeBase
from physprior.vlm.checkpoint import Checkpoint, load_checkpoint
from physprior.vlm.score import score_labels


@pytest.fixture(scope="module")
def checkpoint(tiny_base: Path) -> Checkpoint:
    return load_checkpoint(tiny_base)


def log_probability(
    checkpoint: Checkpoint, ids: list[int], label: list[int], pixels: torch.Tensor
) -> float:
    """The definition, plainly: one whole forward pass, the label's tokens picked out."""
    with torch.no_grad():
        logits = checkpoint.model(
            input_ids=torch.tensor([ids + label]), pixel_values_videos=pixels[None], use_cache=False
        ).logits[0]
    logs = torch.log_softmax(logits.double(), dim=-1)
    places = range(len(ids), len(ids) + len(label))
    return sum(float(logs[place - 1, token]) for place, token in zip(places, label, strict=True))


@pytest.mark.parametrize("lengths", [(None, None), (1, 3), (4, 2)])
def test_scores_equal_their_definition(
    checkpoint: Checkpoint,
    kb: KnowledgeBase,
    templates: Templates,
    lengths: tuple[int | None, int | None],
) -> None:
    dialogue = templates.render(kb.category("fan"), "multi_turn", anomalous=True, reason="It jams.")
    prefix, labels = checkpoint.encoder(8).labels(dialogue)
    if lengths[0] is not None:  # labels of other lengths, as another tokenizer would make them
        labels = ([300, 301, 302, 303][: lengths[0]], [400, 401, 402, 403][: lengths[1]])
    torch.manual_seed(0)
    pixels = torch.randn(3, 8, 3, 28, 28)
    video = {"pixel_values_videos": pixels}
    scores = score_labels(checkpoint.model, [prefix] * 3, labels, video)
    for own, score in zip(pixels, scores, strict=True):
        normal, anomalous = (
            log_probability(checkpoint, prefix, list(label), own) for label in labels
        )
        assert score.log_normal == pytest.approx(normal, abs=1e-4)
        assert score.log_anomalous == pytest.approx(anomalous, abs=1e-4)
        assert score.log_odds == pytest.approx(anomalous - normal, abs=2e-4)
        assert score.mass == pytest.approx(math.exp(normal) + math.exp(anomalous), rel=1e-4)
    assert len({score.log_odds for score in scores}) == 3

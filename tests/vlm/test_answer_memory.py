"""A batch that the device has no memory for is asked in smaller ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from physprior.dialogue import Templates
from physprior.errors import PredictionError
from physprior.knowledge.load import KnowledgeBase
from physprior.vlm import answer as answering
from physprior.vlm.answer import answer
from physprior.vlm.checkpoint import load_checkpoint
from physprior.vlm.reading import Reading


def test_smaller_batches_are_asked_from_then_on_with_the_same_answers(
    tiny_base: Path,
    kb: KnowledgeBase,
    templates: Templates,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    checkpoint = load_checkpoint(tiny_base)
    encoder = checkpoint.encoder(8)
    dialogue = templates.render(
        kb.category("clip"), "multi_turn", anomalous=True, reason="It jams."
    )
    torch.manual_seed(0)
    frames = torch.randint(0, 255, (7, 8, 3, 28, 28), dtype=torch.uint8)
    whole = answer(checkpoint, encoder, dialogue, frames, max_new_tokens=4)
    tried: list[int] = []
    room = 2

    class Small(Reading):
        # What a card does that holds two videos.
        def __init__(self, model: Any, prompts: Any, video: Any) -> None:
            tried.append(len(prompts))
            if len(prompts) > room:
                raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 18.00 GiB.")
            super().__init__(model, prompts, video)

    monkeypatch.setattr(answering, "Reading", Small)
    parts = answer(checkpoint, encoder, dialogue, frames, max_new_tokens=4)
    assert tried == [7, 3, 1, 1, 1, 1, 1, 1, 1]
    assert [one.text for one in parts] == [one.text for one in whole]
    assert [one.score for one in parts] == pytest.approx([one.score for one in whole], abs=1e-4)
    tried.clear()
    answer(checkpoint, encoder, dialogue, frames[:2], max_new_tokens=4)
    assert tried == [1, 1]
    room = 0
    with pytest.raises(PredictionError, match=r"does not fit cpu with one video: CUDA out of mem"):
        answer(checkpoint, encoder, dialogue, frames, max_new_tokens=4)

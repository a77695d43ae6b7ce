"""A prompt and its answer have to fit in what the model holds, to the token."""

from __future__ import annotations

from pathlib import Path

import pytest

from physprior.dialogue import Dialogue, Templates
from physprior.errors import PredictionError
from physprior.eval.refusals import answer_limit, refuse_long
from physprior.knowledge.load import KnowledgeBase
from physprior.vlm.checkpoint import Checkpoint, load_checkpoint


@pytest.fixture
def checkpoint(tiny_base: Path) -> Checkpoint:
    return load_checkpoint(tiny_base)


@pytest.fixture
def dialogue(kb: KnowledgeBase, templates: Templates) -> Dialogue:
    return templates.render(kb.category("clip"), "multi_turn", anomalous=True, reason="It jams.")


def test_an_answer_may_fill_what_the_prompt_leaves_and_not_more(
    checkpoint: Checkpoint, dialogue: Dialogue
) -> None:
    prompt, _ = checkpoint.encoder(8).labels(dialogue)
    room = checkpoint.model.config.text_config.max_position_embeddings - len(prompt)
    refuse_long(checkpoint, 8, [dialogue], room)
    with pytest.raises(PredictionError, match=f"an answer may have {room + 1:,}") as caught:
        refuse_long(checkpoint, 8, [dialogue], room + 1)
    assert "--max-new-tokens" in caught.value.remedy


def test_where_only_a_label_is_asked_for_it_is_the_label_that_has_to_fit(
    checkpoint: Checkpoint, dialogue: Dialogue
) -> None:
    prompt, labels = checkpoint.encoder(8).labels(dialogue)
    text = checkpoint.model.config.text_config
    text.max_position_embeddings = len(prompt) + max(map(len, labels))
    limit = answer_limit("given", True, 128)
    refuse_long(checkpoint, 8, [dialogue], limit)
    text.max_position_embeddings -= 1
    with pytest.raises(PredictionError, match="the prompt of clip") as caught:
        refuse_long(checkpoint, 8, [dialogue], limit)
    assert "--max-new-tokens" not in caught.value.remedy

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from physprior.dialogue import Dialogue, Part, Templates, Turn
from physprior.errors import CheckpointError, TemplateError
from physprior.knowledge.load import KnowledgeBase
from physprior.vlm.chat import write_chat, write_prompt
from physprior.vlm.checkpoint import Checkpoint, load_checkpoint
from physprior.vlm.tokens import IGNORE, DialogueEncoder

MODES = ("multi_turn", "single_turn", "no_phys")
FRAMES = 8


@pytest.fixture(scope="module")
def checkpoint(tiny_base: Path) -> Checkpoint:
    return load_checkpoint(tiny_base)


def dialogues(kb: KnowledgeBase, templates: Templates, mode: str) -> list[Dialogue]:
    return [
        templates.render(
            category, mode, anomalous=class_id != "normal", reason=texts.explanations[0]
        )
        for category in kb.categories.values()
        for class_id, texts in category.classes()
    ]


@pytest.mark.parametrize("mode", MODES)
def test_supervised_tokens_are_the_answers_with_their_end_tokens(
    kb: KnowledgeBase, templates: Templates, checkpoint: Checkpoint, mode: str
) -> None:
    encoder = checkpoint.encoder(FRAMES)
    for dialogue in dialogues(kb, templates, mode):
        encoded = encoder.dialogue(dialogue)
        supervised = [label for label in encoded.labels if label != IGNORE]
        answers = [turn.text for turn in dialogue.turns if turn.role == "assistant"]
        expected = "".join(f"{answer}</s>" for answer in answers)
        said = checkpoint.tokenizer.decode(supervised).replace("</s> ", "</s>")
        assert said == expected
        assert supervised.count(checkpoint.tokenizer.eos_token_id) == len(answers)


@pytest.mark.parametrize("mode", MODES)
def test_each_supervised_token_knows_its_part(
    kb: KnowledgeBase, templates: Templates, checkpoint: Checkpoint, mode: str
) -> None:
    dialogue = dialogues(kb, templates, mode)[1]
    encoded = checkpoint.encoder(FRAMES).dialogue(dialogue)
    for part in (part for turn in dialogue.turns for part in turn.parts if part.kind != "prompt"):
        own = [
            token
            for token, kind in zip(encoded.input_ids, encoded.kinds, strict=True)
            if kind == part.kind
        ]
        assert checkpoint.tokenizer.decode(own).replace("</s>", "") == part.text


@pytest.mark.parametrize("mode", MODES)
def test_the_video_stands_once_per_feature_and_is_never_supervised(
    kb: KnowledgeBase, templates: Templates, checkpoint: Checkpoint, mode: str
) -> None:
    video = checkpoint.model.config.video_token_index
    encoded = checkpoint.encoder(FRAMES).dialogue(dialogues(kb, templates, mode)[0])
    assert encoded.input_ids.count(video) == FRAMES * checkpoint.tokens_per_frame
    assert video not in encoded.labels


@pytest.mark.parametrize("mode", MODES)
def test_prediction_reads_exactly_the_tokens_that_training_read(
    kb: KnowledgeBase, templates: Templates, checkpoint: Checkpoint, mode: str
) -> None:
    encoder = checkpoint.encoder(FRAMES)
    for dialogue in dialogues(kb, templates, mode):
        trained = encoder.dialogue(dialogue).input_ids
        prompt = encoder.prompt(dialogue)
        assert trained[: len(prompt)] == prompt
        prefix, labels = encoder.labels(dialogue)
        continuations = [prefix + label for label in labels]
        own = [ids for ids in continuations if trained[: len(ids)] == ids]
        assert len(own) == 1


def test_labels_are_scored_whole(
    kb: KnowledgeBase, templates: Templates, checkpoint: Checkpoint
) -> None:
    dialogue = dialogues(kb, templates, "multi_turn")[0]
    prefix, (normal, anomalous) = checkpoint.encoder(FRAMES).labels(dialogue)
    decode = checkpoint.tokenizer.decode
    assert decode(prefix).endswith("ASSISTANT: Verdict:")
    assert (decode(normal), decode(anomalous)) == ("Normal.", "Anomalous.")


def test_nothing_of_the_verdict_is_in_the_prompt(kb: KnowledgeBase, templates: Templates) -> None:
    for mode in MODES:
        for dialogue in dialogues(kb, templates, mode):
            assert "Verdict" not in write_prompt(dialogue)
            assert dialogue.turns[-1].parts[-1].text in write_chat(dialogue).text


def test_single_turn_is_given_its_physics_as_the_beginning_of_the_answer(
    kb: KnowledgeBase, templates: Templates
) -> None:
    clip = kb.category("clip")
    dialogue = templates.render(clip, "single_turn", anomalous=False, reason="All is well.")
    assert write_prompt(dialogue).endswith(clip.prior.motion.statement)
    others = templates.render(clip, "multi_turn", anomalous=False, reason="All is well.")
    assert write_prompt(others).endswith("ASSISTANT:")


def test_the_chat_template_of_the_checkpoint_writes_the_same_text(
    kb: KnowledgeBase, templates: Templates, checkpoint: Checkpoint
) -> None:
    for mode in MODES:
        dialogue = dialogues(kb, templates, mode)[0]
        messages = [{"role": turn.role, "content": turn.text} for turn in dialogue.turns]
        rendered: Any = checkpoint.tokenizer.apply_chat_template(messages, tokenize=False)
        assert rendered == write_chat(dialogue).text


@pytest.mark.parametrize("mark", ["<video>", "</s>", "USER:", "ASSISTANT:", "<pad>"])
def test_a_sentence_with_a_mark_of_the_form_is_refused(mark: str) -> None:
    dialogue = Dialogue(
        category="clip",
        mode="no_phys",
        turns=(
            Turn(role="user", parts=(Part(kind="prompt", text="Look."),)),
            Turn(role="assistant", parts=(Part(kind="verdict", text=f"It {mark} jams."),)),
        ),
    )
    with pytest.raises(TemplateError, match="clip"):
        write_chat(dialogue)


def test_a_tokenizer_without_the_video_token_is_refused(checkpoint: Checkpoint) -> None:
    with pytest.raises(CheckpointError, match="<video>"):
        DialogueEncoder(checkpoint.tokenizer, video_token=5, video_tokens=40)


def test_any_text_survives_the_tiny_tokenizer(checkpoint: Checkpoint) -> None:
    text = "Ein Lüfter dreht 3,5-mal; 風扇 … 100 % \u00e9"
    ids = checkpoint.tokenizer(text)["input_ids"]
    assert checkpoint.tokenizer.decode(ids, skip_special_tokens=True) == text

"""Given and generated histories: what stands before the verdict, and what is recorded of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from physprior.dialogue import Dialogue, Part, Templates, Turn
from physprior.errors import PredictionError
from physprior.eval.predict import PredictOptions, predict
from physprior.eval.predictions import read_predictions
from physprior.knowledge.load import KnowledgeBase
from physprior.verdict import parse
from physprior.vlm.answer import Answer, History, answer
from physprior.vlm.checkpoint import Checkpoint, load_checkpoint
from physprior.vlm.score import score_labels
from physprior.vlm.tokens import DialogueEncoder
from physprior.vlm.video_inputs import video_inputs

LIMIT = 12


@pytest.fixture(scope="module")
def checkpoint(tiny_base: Path) -> Checkpoint:
    return load_checkpoint(tiny_base)


@pytest.fixture(scope="module")
def frames() -> torch.Tensor:
    torch.manual_seed(0)
    return torch.randint(0, 255, (3, 8, 3, 28, 28), dtype=torch.uint8)


def ask(
    checkpoint: Checkpoint, dialogue: Dialogue, frames: torch.Tensor, history: History = "given"
) -> list[Answer]:
    encoder = checkpoint.encoder(8)
    return answer(checkpoint, encoder, dialogue, frames, history=history, max_new_tokens=LIMIT)


def render(kb: KnowledgeBase, templates: Templates, mode: str) -> Dialogue:
    return templates.render(kb.category("clip"), mode, anomalous=True, reason="It jams.")


def plain_score(checkpoint: Checkpoint, prefix: list[int], frames: torch.Tensor) -> float:
    """The score after a prefix that is given whole."""
    video = video_inputs(checkpoint.model, checkpoint.image_processor, frames=frames[None])
    labels = checkpoint.encoder(8).labels(_short())[1]
    return score_labels(checkpoint.model, [prefix], labels, video)[0].log_odds


def _short() -> Dialogue:
    said = Part(kind="verdict", text="Verdict: Normal. Reason: It runs.")
    asked = Turn(role="user", parts=(Part(kind="prompt", text="Is it sound?"),))
    turns = (asked, Turn(role="assistant", parts=(said,)))
    return Dialogue(category="clip", mode="short", turns=turns)


@pytest.mark.parametrize("mode", ["multi_turn", "single_turn", "no_phys"])
def test_a_given_history_scores_the_prompt_of_training(
    checkpoint: Checkpoint,
    kb: KnowledgeBase,
    templates: Templates,
    frames: torch.Tensor,
    mode: str,
) -> None:
    dialogue = render(kb, templates, mode)
    prefix, _ = checkpoint.encoder(8).labels(dialogue)
    for own, one in zip(frames, ask(checkpoint, dialogue, frames), strict=True):
        assert one.score == pytest.approx(plain_score(checkpoint, prefix, own), abs=1e-4)
        assert one.turns == ()


def test_a_token_that_joins_the_prompt_with_the_label_is_scored_and_not_answered_after(
    checkpoint: Checkpoint, kb: KnowledgeBase, templates: Templates, frames: torch.Tensor
) -> None:
    class Joining(DialogueEncoder):
        # As a tokenizer would that has one token for the prompt's end and the label's beginning.
        def labels(self, dialogue: Dialogue) -> tuple[list[int], tuple[list[int], list[int]]]:
            prefix, labels = super().labels(dialogue)
            last = len(self.prompt(dialogue)) - 1
            return [*prefix[:last], 350, *prefix[last + 2 :]], labels

    dialogue = render(kb, templates, "multi_turn")
    token = checkpoint.model.config.video_token_index
    encoder = Joining(checkpoint.tokenizer, video_token=token, video_tokens=8 * 5)
    prefix, _ = encoder.labels(dialogue)
    answers = answer(checkpoint, encoder, dialogue, frames, max_new_tokens=LIMIT)
    for own, one in zip(frames, answers, strict=True):
        assert one.score == pytest.approx(plain_score(checkpoint, prefix, own), abs=1e-4)
        assert one.text == encoder.decode(_greedy(checkpoint, encoder.prompt(dialogue), own))


def test_generated_turns_stand_before_the_verdict_in_the_form_of_training(
    checkpoint: Checkpoint, kb: KnowledgeBase, templates: Templates, frames: torch.Tensor
) -> None:
    dialogue = render(kb, templates, "multi_turn")
    encoder = checkpoint.encoder(8)
    forced = encoder.labels(dialogue)[0][len(encoder.prompt(dialogue)) :]
    end = checkpoint.tokenizer.eos_token_id
    for own, one in zip(frames, ask(checkpoint, dialogue, frames, "generated"), strict=True):
        assert len(one.turns) == 3
        # Turn by turn and video by video, with whole prompts and no cache between turns.
        ids: list[int] = []
        for question, said in zip(encoder.questions(dialogue), (*one.turns, None), strict=True):
            ids += question
            if said is not None:
                spoken = _greedy(checkpoint, ids, own)
                assert encoder.decode(spoken) == said
                ids += [*spoken, end]
        assert one.score == pytest.approx(plain_score(checkpoint, [*ids, *forced], own), abs=2e-4)


def _greedy(
    checkpoint: Checkpoint, ids: list[int], frames: torch.Tensor, limit: int = LIMIT
) -> list[int]:
    video = video_inputs(checkpoint.model, checkpoint.image_processor, frames=frames[None])
    made = checkpoint.model.generate(
        input_ids=torch.tensor([ids]),
        attention_mask=torch.ones(1, len(ids), dtype=torch.long),
        **video,
        do_sample=False,
        max_new_tokens=limit,
    )[0, len(ids) :].tolist()
    end = checkpoint.tokenizer.eos_token_id
    return made[: made.index(end)] if end in made else made


def test_the_answer_is_what_the_library_generates(
    checkpoint: Checkpoint, kb: KnowledgeBase, templates: Templates, frames: torch.Tensor
) -> None:
    dialogue = render(kb, templates, "multi_turn")
    encoder = checkpoint.encoder(8)
    for own, one in zip(frames, ask(checkpoint, dialogue, frames), strict=True):
        assert one.text == encoder.decode(_greedy(checkpoint, encoder.prompt(dialogue), own))
        assert one.truncated


def test_in_one_answer_the_labels_are_scored_where_it_comes_to_the_verdict(
    checkpoint: Checkpoint, kb: KnowledgeBase, templates: Templates, frames: torch.Tensor
) -> None:
    dialogue = render(kb, templates, "single_turn")
    encoder = checkpoint.encoder(8)
    places = iter((0, 3, 4 * LIMIT))

    class Finding(DialogueEncoder):
        # The untrained model never comes to a verdict; so these places are called its verdicts.
        def before_verdict(self, ids: list[int]) -> int:
            return next(places)

    config = checkpoint.model.config
    finding = Finding(
        checkpoint.tokenizer, video_token=config.video_token_index, video_tokens=8 * 5
    )
    answers = answer(
        checkpoint, finding, dialogue, frames, history="generated", max_new_tokens=LIMIT
    )
    question = encoder.questions(dialogue)[0]
    forced = encoder.labels(dialogue)[0][len(encoder.prompt(dialogue)) :]
    for own, one, place in zip(frames, answers, (0, 3, 4 * LIMIT), strict=True):
        ids = _greedy(checkpoint, question, own, 4 * LIMIT)
        prefix = [*question, *ids[:place], *forced]
        assert one.score == pytest.approx(plain_score(checkpoint, prefix, own), abs=2e-4)
        assert one.truncated == (len(ids) == 4 * LIMIT)
        if place == len(ids):  # no verdict anywhere: all of it is the answer
            assert (one.turns, one.text) == ((), encoder.decode(ids))
        else:
            assert one.turns == ((encoder.decode(ids[:place]),) if place else ())
            assert one.text == encoder.decode(ids[place:])


@pytest.mark.parametrize(
    ("said", "head"),
    [
        ("It turns. Verdict: Normal. Reason: It runs.", "It turns."),
        ("Verdict: Normal. Reason: It runs.", ""),
        ("It turns and turns.", "It turns and turns."),
        ("Verdict: Normal. It turns. Verdict: Anomalous.", "Verdict: Normal. It turns."),
        ("", ""),
        ("風扇轉。 Verdict: Normal.", "風扇轉。"),
        ("It turns 🌀 Verdict: Normal.", "It turns 🌀"),
        ("It turns 🌀. Verdict: Normal. Reason: 風。", "It turns 🌀."),
    ],
)
def test_what_stands_before_the_last_verdict_is_found_in_tokens(
    checkpoint: Checkpoint, said: str, head: str
) -> None:
    encoder = checkpoint.encoder(8)
    ids = checkpoint.tokenizer(f" {said}", add_special_tokens=False)["input_ids"] if said else []
    assert encoder.decode(ids[: encoder.before_verdict(ids)]) == head


def test_what_was_said_before_a_score_is_kept_where_no_text_is_wanted(
    checkpoint: Checkpoint, kb: KnowledgeBase, templates: Templates, frames: torch.Tensor
) -> None:
    dialogue = render(kb, templates, "single_turn")
    asked = {"history": "generated", "max_new_tokens": 2}
    with_text, without = (
        answer(checkpoint, checkpoint.encoder(8), dialogue, frames, text=text, **asked)
        for text in (True, False)
    )
    for one, scored in zip(with_text, without, strict=True):
        # The untrained model comes to no verdict, so that all of it stands before the score.
        assert one.turns == ()
        assert (scored.turns, scored.text) == ((one.text,), None)
        assert scored.score == one.score


def test_the_limit_of_generated_turns_is_recorded_where_only_scores_are_asked_for(
    tiny_base: Path, dataset: Path, tmp_path: Path, frames_cache: Path
) -> None:
    options = PredictOptions(score_only=True, history="generated", max_new_tokens=2)
    out = tmp_path / "test.jsonl"
    predict(str(tiny_base), dataset, out, replace(options, cache=frames_cache, workers=1))
    assert read_predictions(out).header.max_new_tokens == 2


def test_a_record_says_its_history_its_turns_and_how_it_was_read(
    tiny_base: Path, dataset: Path, tmp_path: Path, frames_cache: Path
) -> None:
    options = PredictOptions(max_new_tokens=4, batch_size=8, cache=frames_cache, workers=1)
    found = {}
    for history in ("given", "generated"):
        out = tmp_path / f"{history}.jsonl"
        predict(str(tiny_base), dataset, out, replace(options, history=history))
        found[history] = read_predictions(out)
        assert found[history].header.history == history
        for line in found[history].predictions:
            assert line.history == history
            assert len(line.turns) == (3 if history == "generated" else 0)
            assert line.parse == parse(line.text or "", truncated=line.truncated).status
            assert line.sampling == found[history].header.sampling
            assert line.seconds is not None
            assert line.seconds > 0
    given, generated = (found[name].predictions for name in ("given", "generated"))
    assert [line.score for line in given] != [line.score for line in generated]
    with pytest.raises(PredictionError, match="another model, dataset or setting"):
        predict(
            str(tiny_base),
            dataset,
            tmp_path / "given.jsonl",
            replace(options, history="generated"),
        )


def test_an_answer_that_the_model_cannot_hold_is_refused_before_the_work(
    tiny_base: Path, dataset: Path, tmp_path: Path, frames_cache: Path
) -> None:
    options = PredictOptions(max_new_tokens=100_000, cache=frames_cache, workers=1)
    with pytest.raises(PredictionError, match=r"the prompt of ball has \d+ tokens") as caught:
        predict(str(tiny_base), dataset, tmp_path / "test.jsonl", options)
    assert "--max-new-tokens" in caught.value.remedy

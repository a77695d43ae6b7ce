"""A reading gives what whole forward passes give: for labels, answers, dialogues of any length."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch

from physprior.vlm.checkpoint import Checkpoint, load_checkpoint
from physprior.vlm.reading import Reading

VIDEO = 8 * 5


@pytest.fixture(scope="module")
def checkpoint(tiny_base: Path) -> Checkpoint:
    return load_checkpoint(tiny_base)


@pytest.fixture(scope="module")
def prompt(checkpoint: Checkpoint) -> list[int]:
    return [1, 300, *[checkpoint.model.config.video_token_index] * VIDEO, 301, 302]


@pytest.fixture(scope="module")
def videos() -> torch.Tensor:
    torch.manual_seed(0)
    return torch.randn(3, 8, 3, 28, 28)


def start(checkpoint: Checkpoint, prompt: list[int], videos: torch.Tensor) -> Reading:
    video: dict[str, Any] = {"pixel_values_videos": videos}
    return Reading(checkpoint.model, [prompt] * len(videos), video)


@torch.no_grad()
def whole_pass(checkpoint: Checkpoint, ids: Sequence[int], video: torch.Tensor) -> torch.Tensor:
    """Log-probabilities (tokens, vocabulary) of one whole dialogue, without any cache."""
    logits = checkpoint.model(
        input_ids=torch.tensor([list(ids)]), pixel_values_videos=video[None], use_cache=False
    ).logits[0]
    return torch.log_softmax(logits.double(), dim=-1)


def plainly(
    checkpoint: Checkpoint, before: Sequence[int], text: Sequence[int], video: torch.Tensor
) -> float:
    logs = whole_pass(checkpoint, [*before, *text], video)
    places = range(len(before), len(before) + len(text))
    return sum(float(logs[place - 1, token]) for place, token in zip(places, text, strict=True))


def greedy(
    checkpoint: Checkpoint, ids: list[int], video: torch.Tensor, limit: int, end: int
) -> list[int]:
    said: list[int] = []
    while len(said) < limit:
        token = int(whole_pass(checkpoint, [*ids, *said], video)[-1].argmax())
        if token == end:
            break
        said.append(token)
    return said


@pytest.mark.parametrize("given", [[], [350], [350, 351, 352]])
def test_texts_have_the_probability_of_a_whole_pass(
    checkpoint: Checkpoint, prompt: list[int], videos: torch.Tensor, given: list[int]
) -> None:
    texts = ([400], [401, 402, 403])
    found = start(checkpoint, prompt, videos).log_probabilities(texts, given)
    assert found.dtype == torch.float64
    for row, video in enumerate(videos):
        for column, text in enumerate(texts):
            plain = plainly(checkpoint, [*prompt, *given], text, video)
            assert float(found[row, column]) == pytest.approx(plain, abs=1e-4)


def test_asking_for_labels_leaves_the_dialogues_where_they_were(
    checkpoint: Checkpoint, prompt: list[int], videos: torch.Tensor
) -> None:
    reading = start(checkpoint, prompt, videos)
    first = reading.log_probabilities([[400, 401]], [350])
    assert torch.equal(reading.log_probabilities([[400, 401]], [350]), first)
    said = [one.ids for one in reading.say(5, end=-1, last=True)]
    assert said == [greedy(checkpoint, prompt, video, 5, -1) for video in videos]


def test_dialogues_of_different_lengths_read_on_as_if_each_were_alone(
    checkpoint: Checkpoint, prompt: list[int], videos: torch.Tensor
) -> None:
    reading = start(checkpoint, prompt, videos)
    histories: list[list[int]] = [[], [], []]
    for texts in ([[310, 311], [312], []], [[313], [], [314, 315, 316]], [[320], [320], [320]]):
        reading.read(texts)
        histories = [[*own, *text] for own, text in zip(histories, texts, strict=True)]
        found = reading.log_probabilities([[400, 401]])
        for row, (own, video) in enumerate(zip(histories, videos, strict=True)):
            plain = plainly(checkpoint, [*prompt, *own], [400, 401], video)
            assert float(found[row, 0]) == pytest.approx(plain, abs=1e-4)


@pytest.fixture
def end_of_second(checkpoint: Checkpoint, prompt: list[int], videos: torch.Tensor) -> int:
    """A token that ends the second answer early, so that answers differ in length."""
    said = [greedy(checkpoint, prompt, video, 8, -1) for video in videos]
    chosen = [token for token in said[1][1:4] if token not in said[0] and token not in said[2]]
    assert chosen, "the answers are too much alike for this test"
    return chosen[0]


def test_answers_that_end_early_leave_the_others_what_they_were(
    checkpoint: Checkpoint, prompt: list[int], videos: torch.Tensor, end_of_second: int
) -> None:
    for last in (True, False):
        said = start(checkpoint, prompt, videos).say(8, end_of_second, last=last)
        plain = [greedy(checkpoint, prompt, video, 8, end_of_second) for video in videos]
        assert [one.ids for one in said] == plain
        assert [one.truncated for one in said] == [True, False, True]
        assert len(plain[1]) < 8


def test_one_that_goes_on_alone_says_what_it_would_have_said_among_the_others(
    checkpoint: Checkpoint, prompt: list[int], videos: torch.Tensor
) -> None:
    # The first and the third end alike; the second is shorter than they are, so that it is padded.
    three = videos[[1, 0, 1]]
    texts: list[list[int]] = [[310, 311], [], [310, 311]]
    plain = [
        greedy(checkpoint, [*prompt, *text], video, 8, -1)
        for text, video in zip(texts, three, strict=True)
    ]
    end = next(token for token in plain[0][1:5] if token not in plain[1])
    reading = start(checkpoint, prompt, three)
    reading.read(texts)
    said = [one.ids for one in reading.say(8, end, last=True)]
    assert said == [plain[0][: plain[0].index(end)], plain[1], plain[0][: plain[0].index(end)]]


def test_what_was_said_is_read_with_its_end_before_the_next_question(
    checkpoint: Checkpoint, prompt: list[int], videos: torch.Tensor, end_of_second: int
) -> None:
    reading = start(checkpoint, prompt, videos)
    said = reading.say(8, end_of_second, last=False)
    reading.read([[330, 331]] * 3)
    found = reading.log_probabilities([[400, 401]])
    again = [one.ids for one in reading.say(3, -1, last=True)]
    for row, (one, video) in enumerate(zip(said, videos, strict=True)):
        before = [*prompt, *one.ids, end_of_second, 330, 331]
        plain = plainly(checkpoint, before, [400, 401], video)
        assert float(found[row, 0]) == pytest.approx(plain, abs=1e-4)
        assert again[row] == greedy(checkpoint, before, video, 3, -1)


@pytest.mark.parametrize("counts", [(0, 1, 5), (5, 0, 2)])
def test_what_is_taken_back_was_never_said(
    checkpoint: Checkpoint, prompt: list[int], videos: torch.Tensor, counts: tuple[int, ...]
) -> None:
    reading = start(checkpoint, prompt, videos)
    said = reading.say(6, -1, last=False)
    kept = [one.ids[:count] for one, count in zip(said, counts, strict=True)]
    reading.take_back(kept)
    found = reading.log_probabilities([[400, 401]], [350])
    again = [one.ids for one in reading.say(3, -1, last=True)]
    for row, (own, video) in enumerate(zip(kept, videos, strict=True)):
        before = [*prompt, *own]
        plain = plainly(checkpoint, [*before, 350], [400, 401], video)
        assert float(found[row, 0]) == pytest.approx(plain, abs=1e-4)
        assert again[row] == greedy(checkpoint, before, video, 3, -1)

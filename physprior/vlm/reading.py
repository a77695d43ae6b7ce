"""What a model has read of a batch of dialogues: read on, asked for labels, or made to answer.

The video and all that stands before a label or an answer is computed once and kept as keys and
values. Labels are looked at and forgotten again, so that they cost no second copy of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from physprior.vlm.growing import growing_cache


@dataclass(frozen=True)
class Said:
    """One greedy answer."""

    ids: list[int]
    """Its tokens without the end token."""
    truncated: bool
    """It reached the limit without an end token."""


@dataclass(frozen=True)
class _Opened:
    """Where the last answers began: column of the cache, lengths and expectation of each row."""

    column: int
    lengths: torch.Tensor
    expected: torch.Tensor


class Reading:
    """A batch of dialogues, each read up to some point.

    ``model``: a Video-LLaVA, bare or wrapped; ``prompts``: token ids, all of one length; ``video``:
    the forward's arguments for the videos, on the model's device (see ``vlm.video_inputs``).
    """

    @torch.no_grad()
    def __init__(
        self, model: Any, prompts: Sequence[Sequence[int]], video: Mapping[str, Any]
    ) -> None:
        self._model = model
        self._device = next(model.parameters()).device
        ids = torch.tensor(prompts, device=self._device)
        self._cache = growing_cache()
        read = model(
            input_ids=ids, past_key_values=self._cache, use_cache=True, logits_to_keep=1, **video
        )
        self._expected = read.logits[:, -1]
        """Logits of each dialogue's next token."""
        self._mask: torch.Tensor | None = None
        """1 for what a dialogue holds, 0 for padding; None while there is no padding."""
        self._lengths = torch.full((len(ids),), ids.shape[1], device=self._device)
        """How many tokens each dialogue holds: the position of its next one."""
        self._unread: list[list[int]] = [[] for _ in prompts]
        """What each dialogue said last and has not read yet; it opens what is read next."""
        self._opened: _Opened | None = None
        self._over = False
        """The last answers were given: rows may be gone."""

    def __len__(self) -> int:
        return len(self._unread)

    @torch.no_grad()
    def read(self, texts: Sequence[Sequence[int]]) -> None:
        """Read on in each dialogue. ``texts``: token ids, of any lengths, or none."""
        rows = [[*unread, *text] for unread, text in zip(self._unread, texts, strict=True)]
        self._unread = [[] for _ in rows]
        if not any(rows):
            return
        logits = self._feed(rows, every_logit=True)
        last = torch.tensor([len(row) - 1 for row in rows], device=self._device)
        expected = logits[torch.arange(len(rows), device=self._device), last.clamp(min=0)]
        # A dialogue that nothing was added to still expects what it did.
        self._expected = torch.where((last >= 0)[:, None], expected, self._expected)

    @torch.no_grad()
    def log_probabilities(
        self, texts: Sequence[Sequence[int]], given: Sequence[int] = ()
    ) -> torch.Tensor:
        """Natural logarithm of the probability of each whole text, where ``given`` comes before it.

        Float64 of shape (dialogues, texts), on the CPU. The dialogues stay where they were.
        """
        self._refuse_unread()
        before = self._mask, self._lengths
        columns = []
        for text in texts:
            whole = [*given, *text]
            logits = self._expected[:, None]
            if len(whole) > 1:
                fed = self._feed([whole[:-1]] * len(self), every_logit=True)
                logits = torch.cat([logits, fed], dim=1)
                self._cache.crop(1 - len(whole))
                self._mask, self._lengths = before
            logs = torch.log_softmax(logits[:, len(given) :].double(), dim=-1)
            tokens = torch.tensor(list(text), device=self._device).expand(len(self), -1)
            columns.append(logs.gather(2, tokens[:, :, None]).sum(dim=(1, 2)).cpu())
        return torch.stack(columns, dim=1)

    @torch.no_grad()
    def say(self, limit: int, end: int, *, last: bool) -> list[Said]:
        """Greedy answers of at most ``limit`` tokens; ``end``: the id of the end token.

        With ``last`` nothing can be done afterwards, and dialogues that have ended are dropped, so
        that the others go faster. Else each answer is closed by an end token, said or not.
        """
        self._refuse_unread()
        self._over = last
        self._opened = _Opened(self._cache.get_seq_length(), self._lengths, self._expected)
        answers: list[list[int]] = [[] for _ in self._unread]
        going = list(range(len(self)))
        rows = going
        for left in reversed(range(limit)):
            tokens = dict(zip(rows, self._expected.argmax(dim=-1).tolist(), strict=True))
            going = [row for row in going if tokens[row] != end]
            for row in going:
                answers[row].append(tokens[row])
            if not left or not going:
                break
            if last and 2 * len(going) <= len(rows):
                self._keep([rows.index(row) for row in going])
                rows = going
            still = set(going)
            fed = [[tokens[row]] if last or row in still else [] for row in rows]
            self._expected = self._feed(fed, every_logit=False)[:, -1]
        truncated = set(going)
        if not last:
            self._unread = [
                [*(answer[-1:] if row in truncated else ()), end]
                for row, answer in enumerate(answers)
            ]
        return [Said(answer, row in truncated) for row, answer in enumerate(answers)]

    def take_back(self, kept: Sequence[Sequence[int]]) -> None:
        """Keep of each answer just said only ``kept``, its first tokens; no end token follows."""
        assert self._opened is not None, "nothing was said"
        opened = self._opened
        self._mask = self._whole_mask().clone()
        self._lengths = opened.lengths.clone()
        self._expected = self._expected.clone()
        for row, tokens in enumerate(kept):
            # The last one is read once more, as what it lets expect is known no longer.
            read = max(len(tokens) - 1, 0)
            self._mask[row, opened.column + read :] = 0
            self._lengths[row] += read
            self._unread[row] = list(tokens[-1:])
            if not tokens:
                self._expected[row] = opened.expected[row]
        self.read([[]] * len(kept))

    def _feed(self, rows: Sequence[Sequence[int]], *, every_logit: bool) -> torch.Tensor:
        """The logits of new tokens, which are padded on the right where rows differ in length."""
        width = max(len(row) for row in rows)
        padded = [[*row, *[0] * (width - len(row))] for row in rows]
        ids = torch.tensor(padded, device=self._device)
        places: dict[str, torch.Tensor] = {}
        lengths = torch.tensor([len(row) for row in rows], device=self._device)
        steps = torch.arange(width, device=self._device)
        if self._mask is not None or any(len(row) < width for row in rows):
            real = (steps < lengths[:, None]).long()
            self._mask = torch.cat([self._whole_mask(), real], dim=1)
            places = {
                "attention_mask": self._mask,
                "position_ids": self._lengths[:, None] + steps,
            }
        read = self._model(
            input_ids=ids,
            past_key_values=self._cache,
            use_cache=True,
            logits_to_keep=0 if every_logit else 1,
            **places,
        )
        self._lengths = self._lengths + lengths
        logits: torch.Tensor = read.logits
        return logits

    def _whole_mask(self) -> torch.Tensor:
        if self._mask is not None:
            return self._mask
        shape = (len(self._lengths), self._cache.get_seq_length())
        return torch.ones(shape, dtype=torch.long, device=self._device)

    def _keep(self, places: list[int]) -> None:
        chosen = torch.tensor(places, device=self._device)
        self._cache.batch_select_indices(chosen)
        self._lengths = self._lengths[chosen]
        self._mask = None if self._mask is None else self._mask[chosen]

    def _refuse_unread(self) -> None:
        assert not self._over, "the last answers have been given"
        assert not any(self._unread), "what was said is to be read first"

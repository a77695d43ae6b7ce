"""The anomaly score: log-odds of the whole verdict labels after a forced ``Verdict:``.

``score = log p(" Anomalous.") - log p(" Normal.")`` from one shared prefix, in float64; higher is
more anomalous. Label strings are scored whole: "Anomalous" is several tokens of the 7B's tokenizer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch


@dataclass(frozen=True)
class LabelScores:
    """Natural logarithms of the two labels' probabilities."""

    log_normal: float
    log_anomalous: float

    @property
    def log_odds(self) -> float:
        """The anomaly score."""
        return self.log_anomalous - self.log_normal

    @property
    def mass(self) -> float:
        """Probability of the two labels together; low where the model left the grammar."""
        return float(torch.tensor([self.log_normal, self.log_anomalous]).double().exp().sum())


@torch.no_grad()
def score_labels(
    model: Any,
    prefixes: Sequence[Sequence[int]],
    labels: tuple[Sequence[int], Sequence[int]],
    video: Mapping[str, Any],
) -> list[LabelScores]:
    """Scores of a batch of videos. ``prefixes``: token ids, all of one length; ``labels``: what the
    normal and the anomalous label add to them; ``video``: the forward's arguments for the videos,
    on its device (see ``vlm.video_inputs``).
    """
    device = next(model.parameters()).device
    ids = torch.tensor(prefixes, device=device)
    prefilled = model(
        input_ids=ids,
        use_cache=True,
        logits_to_keep=1,
        **video,
    )
    cache = prefilled.past_key_values
    first = _log_probabilities(prefilled.logits[:, -1])
    batch = len(prefixes)
    cache.batch_repeat_interleave(2)
    longest = max(len(label) for label in labels)
    # Padding on the right stands after every scored token, so that no scored token sees it.
    padded = [list(label) + [label[-1]] * (longest - len(label)) for label in labels]
    continued = torch.tensor(padded * batch, device=device)
    rest = None
    if longest > 1:
        outputs = model(input_ids=continued[:, :-1], past_key_values=cache, use_cache=True)
        rest = _log_probabilities(outputs.logits)
    totals = torch.zeros(batch, 2, dtype=torch.float64)
    for which, label in enumerate(labels):
        totals[:, which] = first[:, label[0]]
        for place in range(1, len(label)):
            assert rest is not None
            totals[:, which] += rest[which::2, place - 1, label[place]]
    return [LabelScores(float(normal), float(anomalous)) for normal, anomalous in totals]


def _log_probabilities(logits: torch.Tensor) -> torch.Tensor:
    return torch.log_softmax(logits.double(), dim=-1).cpu()


@dataclass(frozen=True)
class Generated:
    """One generated answer."""

    ids: list[int]
    """Its tokens without the end token."""
    truncated: bool
    """It reached the limit without an end token."""


@torch.no_grad()
def generate(
    model: Any,
    prompts: Sequence[Sequence[int]],
    video: Mapping[str, Any],
    *,
    max_new_tokens: int,
    end: int,
) -> list[Generated]:
    """Greedy answers of a batch of videos whose prompts are all of one length.

    Shapes as in ``score_labels``; ``end`` is the id of the end token.
    """
    device = next(model.parameters()).device
    ids = torch.tensor(prompts, device=device)
    generated = model.generate(
        input_ids=ids,
        attention_mask=torch.ones_like(ids),
        **video,
        do_sample=False,
        max_new_tokens=max_new_tokens,
        pad_token_id=end,
        eos_token_id=end,
    )
    answers = generated[:, ids.shape[1] :].tolist()
    return [
        Generated(answer[: answer.index(end)] if end in answer else answer, end not in answer)
        for answer in answers
    ]

"""The loss of a batch, token by token, and its sums by part: what is logged while training."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch

from physprior.errors import TrainingError
from physprior.train.samples import KINDS
from physprior.vlm.tokens import IGNORE

PARTS = KINDS[1:]
"""What sums are kept of; ``plain`` is an answer's text outside its parts."""


@dataclass(frozen=True)
class TokenLosses:
    """Of the columns of a batch in which somebody is taught something; all (batch, columns)."""

    losses: torch.Tensor
    """Negative log-likelihood in nats, float32; 0 where a token is not taught."""
    weights: torch.Tensor
    """How much each counts, float32; 0 where a token is not taught."""
    kinds: torch.Tensor
    """Codes of KINDS, uint8; 0 where a token is not taught."""
    in_label: torch.Tensor
    """Whether it is of the verdict's label, bool."""
    right: torch.Tensor
    """Whether the likeliest token is the taught one, bool."""

    @property
    def total(self) -> torch.Tensor:
        """The weighted sum, a scalar with its gradient."""
        return (self.losses * self.weights).sum()

    @property
    def taught(self) -> torch.Tensor:
        """How many tokens are taught, a scalar."""
        return (self.kinds > 0).sum()

    def of_part(self, part: str) -> torch.Tensor:
        """The weighted sum over one part's tokens, a scalar with its gradient."""
        return (self.losses * self.weights * (self.kinds == KINDS.index(part))).sum()


def token_losses(model: Any, inputs: dict[str, torch.Tensor], video: dict[str, Any]) -> TokenLosses:
    """Run the model over a batch of the collator's, with the head on taught columns only.

    Most of a dialogue is video and question, whose tokens need no logits. ``video`` holds the
    forward's arguments for the videos (see ``vlm.video_inputs``).
    """
    targets = inputs["labels"][:, 1:]
    columns = (targets != IGNORE).any(dim=0).nonzero().squeeze(1)
    outputs = model(
        input_ids=inputs["input_ids"],
        # Padding stands on the right, where no token that counts looks: without a mask, attention
        # takes its causal path, which leaves the upper half of the products out.
        attention_mask=None,
        logits_to_keep=columns,
        use_cache=False,
        **video,
    )
    targets = targets[:, columns]
    logits = outputs.logits.float()
    losses = torch.nn.functional.cross_entropy(
        logits.flatten(0, 1), targets.flatten(), ignore_index=IGNORE, reduction="none"
    )
    return TokenLosses(
        losses=losses.view(targets.shape),
        weights=inputs["weights"][:, 1:][:, columns],
        kinds=inputs["kinds"][:, 1:][:, columns],
        in_label=inputs["in_label"][:, 1:][:, columns],
        right=logits.detach().argmax(dim=-1) == targets,
    )


class PartSums:
    """Sums over batches, by part: they can be added up over processes before they are divided."""

    def __init__(self, device: torch.device) -> None:
        # For each of PARTS: loss, right ones, tokens. Last: nothing, labels wholly right, labels.
        self.sums = torch.zeros(len(PARTS) + 1, 3, dtype=torch.float64, device=device)

    @torch.no_grad()
    def add(self, tokens: TokenLosses) -> None:
        """Add a batch."""
        for row in range(len(PARTS)):
            own = tokens.kinds == row + 1
            loss = tokens.losses.double()[own].sum()
            self.sums[row] += torch.stack([loss, tokens.right[own].sum(), own.sum()])
        has_label = tokens.in_label.any(dim=1)
        whole = (tokens.right | ~tokens.in_label).all(dim=1) & has_label
        self.sums[-1, 1] += whole.sum()
        self.sums[-1, 2] += has_label.sum()

    def metrics(self) -> dict[str, float]:
        """Means in nats a token, unweighted, and shares of tokens guessed right, by part.

        ``accuracy/label`` is the share of dialogues whose whole label is guessed right.
        """
        found = {}
        for part, (loss, right, count) in zip(PARTS, self.sums.tolist(), strict=False):
            if count:
                found[f"loss/{part}"] = loss / count
                found[f"accuracy/{part}"] = right / count
        _, right, count = self.sums[-1].tolist()
        if count:
            found["accuracy/label"] = right / count
        return found

    @property
    def mean(self) -> float:
        """The unweighted mean over all taught tokens in nats; nan where there was none."""
        loss, _, count = self.sums[:-1].sum(dim=0).tolist()
        return loss / count if count else math.nan


def refuse_nan(tokens: TokenLosses, names: list[str], step: int) -> None:
    """Raises TrainingError where a loss is no number, naming the records of the batch."""
    rows = (tokens.losses.detach() * tokens.weights).sum(dim=1)
    bad = (~torch.isfinite(rows)).nonzero().flatten().tolist()
    if bad:
        listed = ", ".join(names[row] for row in bad[:8])
        more = f" and {len(bad) - 8} more" if len(bad) > 8 else ""
        raise TrainingError(
            f"the loss is not a number at step {step}, for {listed}{more}",
            remedy="lower learning_rate, or raise warmup, in the recipe; if it is always these "
            "records, look at their videos",
        )

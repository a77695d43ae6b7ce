"""What a rendered template is: a Dialogue of Turns, each made of Parts of one kind."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from physprior import fingerprint

PART_KINDS = ("component", "subject", "motion", "verdict")
"""What a span of an answer can be; a template marks each with ``{% part KIND %}``."""

History = Literal["given", "generated"]
"""What stands before the verdict at inference: the KB's own text, or what the model said itself."""

VideoTurn = Literal["first", "last"]
"""Which of the user's turns the video goes with."""

Kind = Literal["prompt", "plain", "component", "subject", "motion", "verdict"]


class Part(BaseModel):
    """One span of a turn: ``prompt`` in a user's turn; in an answer a part kind or ``plain``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind
    """What the span carries."""
    text: str
    """One line of text without surrounding blanks."""


class Turn(BaseModel):
    """What one side says. Parts are joined by one blank."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    role: Literal["user", "assistant"]
    """Who says it."""
    parts: tuple[Part, ...]
    """Its spans, in order; an answer that is still to be given has none."""

    @property
    def text(self) -> str:
        """The whole turn as the model reads it."""
        return " ".join(part.text for part in self.parts)


class Dialogue(BaseModel):
    """One rendered conversation about one video, which goes with one user turn."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    category: str
    """The category's id."""
    mode: str
    """The template's name: ``multi_turn``, ``single_turn``, ``no_phys``."""
    turns: tuple[Turn, ...]
    """User and assistant by turns, the verdict last."""
    video_turn: VideoTurn = "first"
    """The user turn that the video goes with: always the first, but in one arm of the ablation."""

    @property
    def video_place(self) -> int:
        """The place among ``turns`` of the one that the video goes with."""
        if self.video_turn == "first":
            return 0
        return max(place for place, turn in enumerate(self.turns) if turn.role == "user")

    def until_verdict(self) -> Dialogue:
        """What stands before the verdict: the given history, ending in an open answer.

        The last answer keeps the parts before its verdict (single_turn's physics) and may have
        none. The paper's protocol at inference (section 3.4).
        """
        *before, last = self.turns
        opened = Turn(role="assistant", parts=_before_verdict(last.parts))
        return self.model_copy(update={"turns": (*before, opened)})

    def prompt_hash(self) -> str:
        """Hash of everything before the verdict: what a run was trained on, and is asked with."""
        turns = [
            [turn.role, [[part.kind, part.text] for part in turn.parts]]
            for turn in self.until_verdict().turns
        ]
        return fingerprint.of_json(
            turns if self.video_turn == "first" else {"turns": turns, "video": self.video_turn}
        )


def _before_verdict(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    kinds = [part.kind for part in parts]
    return parts[: kinds.index("verdict")] if "verdict" in kinds else parts

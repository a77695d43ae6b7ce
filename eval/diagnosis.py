"""What comes of diagnosing a video: the JSON that ``physprior diagnose`` prints, key by key."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from physprior.dataset.unlabelled import PlacedBy
from physprior.dialogue import History
from physprior.verdict import ParseStatus
from physprior.video.sample import Sampling


class PriorTold(BaseModel):
    """The physics that stood before the verdict, in the words of the KB; None where none did."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    component: str | None
    """The key component and its property."""
    subject: str | None
    """The moving parts and how they respond."""
    motion: str | None
    """The motion that is to be seen."""


class Asked(BaseModel):
    """How the videos of one category were asked about; the same for all of them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str
    """The run folder, checkpoint folder or hub id."""
    run_fingerprint: str | None
    """Recognises the run; None for a bare checkpoint."""
    mode: str
    """The dialogue's mode."""
    history: History
    """What stood before the verdict: ``given``, the KB's text; ``generated``, the model's own."""
    sampling: Sampling
    """Which frames of a video were seen."""
    prompt_hash: str
    """Hash of everything that stands before the verdict."""
    trained: bool | None
    """Whether the run was trained on this category; None for a bare checkpoint."""
    prompt_changed: bool
    """Whether its prompts differ from those trained on, which the user has accepted."""
    prior: PriorTold | None
    """The physics it was told; None where it was told none."""


class Diagnosis(BaseModel):
    """What came of one video. All have the same keys in the same order."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    video: str
    """The file, as it was named."""
    error: str | None = None
    """Why it could not be diagnosed; None where it was."""
    category: str | None = None
    """The category it was asked about as; None where nobody knows it."""
    category_from: PlacedBy | None = None
    """Who said so: ``option``, or ``folder``, the name of a folder above it."""
    verdict: Literal["Normal", "Anomalous"] | None = None
    """Anomalous where the score is above the threshold; None where there is no score."""
    score: float | None = None
    """Log-odds of the verdict labels; higher is more anomalous."""
    threshold: float | None = None
    """What the score is compared with."""
    rule: str | None = None
    """What chose it: ``zero``, ``fixed`` by a person, or the rule of a thresholds file."""
    threshold_for: Literal["category", "all"] | None = None
    """Whether the threshold is the category's own, or one for all categories."""
    log_normal: float | None = None
    """Natural logarithm of the probability of `` Normal.`` after ``Verdict:``."""
    log_anomalous: float | None = None
    """The same of `` Anomalous.``."""
    mass: float | None = None
    """Probability of both labels together; low where the model left the grammar."""
    words: Literal["Normal", "Anomalous"] | None = None
    """The verdict that the words give; None where they give none."""
    contradicts: bool | None = None
    """Whether the words give the other verdict than the score; None where they give none."""
    parse: ParseStatus | None = None
    """How the words were read; None where only the score was asked for."""
    reason: str | None = None
    """The reason in the words; None where there is none."""
    text: str | None = None
    """The whole answer."""
    truncated: bool | None = None
    """Whether the answer reached the length limit; None where only the score was asked for."""
    turns: tuple[str, ...] = ()
    """What the model said before the verdict, where the history is generated."""
    asked: Asked | None = None
    """How it was asked about; None where it was not."""

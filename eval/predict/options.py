"""What a prediction is asked for, and what it did."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from physprior.dataset.records import SplitName
from physprior.dialogue import Dialogue, History
from physprior.eval.predictions import Control, SkippedVideo
from physprior.video.sample import Sampling

Progress = Callable[[str, int, int], None]
"""Called with (what is done, done, total)."""


@dataclass(frozen=True)
class PredictOptions:
    """How a split is predicted."""

    split: SplitName = "test"
    """Which split."""
    history: History = "given"
    """What stands before the verdict: the KB's physics, or what the model says itself."""
    control: Control | None = None
    """What is taken from the model; None shows it the videos as they are."""
    score_only: bool = False
    """Leave the text out: one forward pass a video."""
    describe: Mapping[str, Dialogue] | None = None
    """The question for a description by category, asked beside the verdict; None asks for none."""
    max_new_tokens: int = 128
    """Most tokens of an answer."""
    batch_size: int = 16
    """Videos on a device at once."""
    sampling: Sampling | None = None
    """Frames for a bare checkpoint; a run's own sampling cannot be changed."""
    accept_changed_prior: bool = False
    """Predict although a category's prompts differ from those trained on."""
    strict: bool = False
    """Treat a video that cannot be used as an error."""
    videos: Path | None = None
    """Where the videos lie, if not where the dataset says."""
    cache: Path | None = None
    """Where decoded frames are kept; the user's cache if None."""
    workers: int = 2
    """Processes that decode videos."""

    def under(self, control: Control | None) -> PredictOptions:
        """The same under a control, which needs no text; without one the same as they are."""
        if control is None:
            return self
        return replace(self, control=control, score_only=True, describe=None)


def control_path(out: Path, control: Control | None) -> Path:
    """Where a control's predictions lie: ``test.control-blank.jsonl`` beside ``test.jsonl``."""
    if control is None:
        return out
    return out.with_name(f"{out.stem}.control-{control.replace('_', '-')}{out.suffix}")


@dataclass(frozen=True)
class PredictReport:
    """What a prediction did."""

    path: Path
    """The predictions file."""
    made: int
    """Videos predicted now."""
    found: int
    """Videos that the file held already."""
    skipped: tuple[SkippedVideo, ...]
    """Videos that could not be used."""
    rebuilt: int = 0
    """Damaged files of the frame cache that were made again."""

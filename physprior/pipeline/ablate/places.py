"""Where everything of a study lies."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from physprior.pipeline.ablate.plan import Arm


@dataclass(frozen=True)
class Places:
    """The folders and files of a study."""

    out: Path
    """The study's folder."""

    @property
    def videos(self) -> Path:
        """Simulated videos."""
        return self.out / "videos"

    @property
    def base(self) -> Path:
        """A base of the study's own."""
        return self.out / "base"

    @property
    def frames(self) -> Path:
        """Decoded frames, shared by all runs; the towers' features lie in a folder of theirs."""
        return self.out / "cache" / "frames"

    @property
    def opened(self) -> Path:
        """What is written when the test split is opened."""
        return self.out / "opened.json"

    @property
    def test(self) -> Path:
        """All predictions of the test split."""
        return self.out / "test"

    def dataset(self, name: str) -> Path:
        """A dataset, by the name that arms of equal texts share."""
        return self.out / "datasets" / name

    def run(self, arm: Arm, seed: int) -> Path:
        """The run folder of one training."""
        return self.out / "arms" / arm.name / f"seed-{seed}"

    def validation(self, arm: Arm, seed: int, *, generated: bool = False) -> Path:
        """A run's predictions of the validation split, with the history given or generated."""
        return self.out / "val" / arm.name / f"seed-{seed}{'.generated' * generated}.jsonl"

    def tested(self, arm: Arm, seed: int, *, generated: bool = False) -> Path:
        """A run's predictions of the test split, with the history given or generated."""
        return self.test / arm.name / f"seed-{seed}{'.generated' * generated}.jsonl"

    def untuned(self, mode: str) -> Path:
        """The untuned base's predictions of the test split."""
        return self.test / "untuned" / f"{mode}.jsonl"

    @property
    def baselines(self) -> Path:
        """What needs no training."""
        return self.test / "baselines"

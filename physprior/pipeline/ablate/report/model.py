"""What the report of an ablation holds: ``summary.json``, every number of its tables and figure."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from physprior.stats import Estimate, Interval

PAPER = ("no_phys", "single_turn", "multi_turn")
"""The paper's three arms, in the order of its Table 3."""
REFERENCE = "no_phys"
"""The arm that the others are held against."""
MAIN = "multi_turn"
"""The arm that the paper speaks for."""

Kind = Literal["arm", "generated", "untuned", "control", "baseline"]


class Part(BaseModel):
    """Base of the parts of a summary."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Measured(Part):
    """A statistic with its 95 % interval, over videos."""

    value: float | None
    """None where it has no meaning, such as an AUROC of one class."""
    low: float | None = None
    high: float | None = None
    """None where there is no honest interval."""
    method: str = ""
    """The interval's, in the field's words."""
    n: int
    """Videos that it rests on."""

    @classmethod
    def of(cls, found: Estimate) -> Measured:
        """An estimate as it is written down."""
        span = found.interval
        if span is None:
            return cls(value=found.value, n=found.n)
        return cls(value=found.value, low=span.low, high=span.high, method=span.method, n=found.n)

    @property
    def estimate(self) -> Estimate:
        """The same as the statistics have it."""
        if self.low is None or self.high is None:
            return Estimate(self.value, self.n)
        return Estimate(self.value, self.n, Interval(self.low, self.high, self.method))


class Spread(Part):
    """One statistic of each of several trainings that differ in their seed alone."""

    mean: Measured
    """Mean over seeds: what one training gives. Its interval is over videos, for these seeds, as if
    all of them erred together (the means of the seeds' own ends), which is rather too wide."""
    seeds: dict[str, float | None] = {}
    """By seed; empty for what was not trained here."""
    least: float | None = None
    most: float | None = None
    deviation: float | None = None
    """Standard deviation over seeds; None below two of them."""


class Row(Part):
    """One row of the main table: predictions of the test split, of one or several seeds."""

    name: str
    kind: Kind
    arm: str
    """The arm that it is of; for what was not trained, the mode or the method."""
    mode: str | None
    """The dialogue's; None for a method without one."""
    history: str | None
    """``given`` or ``generated``."""
    seeds: tuple[int, ...]
    """Empty for what was not trained here."""
    normal: int
    anomalous: int
    """Videos that every seed has a score for."""
    left: int
    """Videos that a seed, or several, skipped, lack, or have no score for."""
    skipped: int
    """Videos that could not be used, the most that a seed skipped."""
    unparsed: int | None
    """Answers of all seeds whose verdict cannot be read; None without text."""
    auroc: Measured
    """Macro AUROC of the seed-averaged log-odds."""
    auroc_seeds: Spread
    """Macro AUROC of the log-odds, training by training."""
    verdict_seeds: Spread
    """Macro AUROC of the parsed verdicts, training by training."""
    explained: dict[str, Spread] = {}
    """Macro means of explanation scores, where such lie beside the predictions."""
    categories: dict[str, Measured] = {}
    """AUROC of the seed-averaged log-odds by category."""
    note: str = ""
    """What a control's figure says of the model."""


class Difference(Part):
    """Two rows on the videos that both have scored, with seed-averaged scores."""

    name: str
    against: str
    macro: Measured
    """Macro AUROC of ``name`` less that of ``against``."""
    p: float | None
    holm: float | None
    """p after Holm's correction over the comparisons of its table."""
    method: str
    smallest_visible: float | None
    """The difference that the test would have seen 4 times in 5."""
    left: int
    """Videos that one of both has and the other has not."""
    seeds: dict[str, float | None] = {}
    """The difference in macro AUROC of the trainings with the same seed."""
    better: dict[str, float] = {}
    """Categories where ``name`` ranks better after Holm's correction over categories."""
    worse: dict[str, float] = {}
    """The same where it ranks worse."""
    tested: int = 0
    """Categories that were compared."""


class Told(Part):
    """What the words of a row say beside its scores: does it collapse, or only its threshold?"""

    name: str
    answers: int
    """Texts of all seeds."""
    parsed: float | None
    """Share of them whose verdict can be read."""
    says_anomalous: float | None
    """Share that says Anomalous, an unread one does not."""
    is_anomalous: float | None
    """Share of the same videos that shows an anomaly."""
    constant: float | None
    """Categories, mean over seeds, in which every answer says the same word."""
    of: int
    """Categories with both classes."""
    auroc: Spread
    verdict: Spread
    at_threshold: Spread | None
    """Macro balanced accuracy at the threshold that the validation split chose; None without."""


class Trained(Part):
    """How the trainings of an arm ended, and what they cost; means over seeds."""

    arm: str
    seeds: tuple[int, ...]
    finished: int
    """How many of them have ended."""
    losses: dict[str, float]
    """Last logged training loss by part, in nats a token."""
    validation: dict[str, float]
    """Validation loss by part of the kept weights."""
    share_first: float | None
    share_mean: float | None
    share_last: float | None
    """The verdict's share of the gradient: first measured, mean over the training, last."""
    steps: float | None
    batch: float | None
    """Dialogues a step."""
    seconds: float | None
    """Of one training."""
    videos: float | None
    """Training videos."""
    tokens: float | None
    """Tokens of all dialogues that were learned from, each as often as it was."""
    parameters: float | None
    """Trained ones."""
    bases: tuple[str, ...] = ()
    """Fingerprints of what was tuned; one, where all trainings of the arm began alike."""


class Graded(Part):
    """A row's macro AUROC by severity."""

    name: str
    spans: dict[str, Measured]
    """``0.25 to 0.5`` to the macro AUROC of its anomalous videos against all normal ones."""
    anomalous: dict[str, int]
    reading: tuple[str, ...]


class Summary(Part):
    """All that a study's files say."""

    format: Literal[1] = 1
    physprior: str
    """The version that made the summary."""
    study: str
    """The study's folder, by its name."""
    rows: tuple[Row, ...]
    differences: tuple[Difference, ...]
    """Of the arms against ``no_phys``, and of multi_turn against single_turn."""
    histories: tuple[Difference, ...]
    """History generated against history given."""
    references: tuple[Difference, ...]
    """The main arm against what was not trained."""
    told: tuple[Told, ...]
    trained: tuple[Trained, ...]
    severity: tuple[Graded, ...]
    published: dict[str, str]
    """The macro averages that the paper's Table 3 prints, by arm; of other videos."""
    conclusions: tuple[str, ...]
    warnings: tuple[str, ...]
    missing: tuple[str, ...]
    """What was left out because its files are not there."""
    made_from: dict[str, str]
    """Predictions file below the study to the fingerprint of what made it."""

    def row(self, name: str) -> Row | None:
        """A row by its name."""
        return next((one for one in self.rows if one.name == name), None)

    def of_kind(self, *kinds: Kind) -> tuple[Row, ...]:
        """The rows of these kinds, in their order."""
        return tuple(one for one in self.rows if one.kind in kinds)

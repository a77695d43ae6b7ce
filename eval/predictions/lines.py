"""The lines of a predictions file: what made it, and what was said of each video."""

from __future__ import annotations

import json
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from physprior.dialogue import History
from physprior.verdict import ParseStatus
from physprior.video.sample import Sampling

Control = Literal["blank", "first_frame", "shuffled", "wrong_prior"]
"""What is taken from the model, to see what of its AUROC remains."""
Source = Literal["predict", "import", "baseline"]
"""Where predictions come from: a model of ours, another method's table, a baseline of ours."""
FORMAT: Literal[2] = 2
"""Version of the file's form."""


class Line(BaseModel):
    """Base of the lines of a predictions file."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True
    )


class Header(Line):
    """What made the predictions."""

    kind: Literal["header"] = "header"
    format: Literal[2] = FORMAT
    """Version of the file's form."""
    source: Source = "predict"
    """Whether a model of ours was asked, the predictions are another method's, or they are those of
    a baseline that nobody trains."""
    fingerprint: str
    """Hash of all that decides the predictions; the same command finds its own file by it."""
    model: str
    """The run folder or checkpoint; of an import, the method's name; of a baseline, its own."""
    base_fingerprint: str | None
    """Recognises the checkpoint; of a baseline, the one whose frames and features it reads; None
    for an import."""
    run_fingerprint: str | None
    """Recognises the run; None for all but a run."""
    dataset: str
    """The dataset's folder."""
    dataset_hash: str
    """Hash of its manifest."""
    split_hash: str
    """Hash of the split, so that only like is compared with like."""
    split: str
    """Which split was predicted."""
    mode: str | None
    """The dialogue's mode; None where nothing was asked: for an import and a baseline."""
    history: History | None = "given"
    """What stood before the verdict; None where nothing was asked."""
    control: Control | None = None
    """What was taken from the model; None where it saw the video as it is."""
    wrong_priors: dict[str, str] = {}
    """For the control ``wrong_prior``: whose prior each category was asked with."""
    sampling: Sampling | None
    """Which frames the model saw; None for an import."""
    max_new_tokens: int | None
    """Limit of an answer's length; None where the model said nothing, and for an import."""
    described: dict[str, str] = {}
    """Hash of the question for a description, by category; empty where none was asked for."""
    accepted_changed_prior: tuple[str, ...] = ()
    """Categories whose prompts differ from those trained on, accepted by the user."""
    total: int
    """How many videos the split holds."""
    provenance: dict[str, Any]
    """Versions and commit; of an import also its ``table``, of a baseline as ``baseline`` its
    parameters and what it was measured against."""


class VideoLine(Line):
    """A line that speaks of one video."""

    id: str
    """The record's id in the dataset."""
    video: str
    """Its path below the videos root."""
    category: str
    class_id: str = Field(alias="class")
    """``normal`` or the anomaly's id."""
    label: Literal[0, 1]
    """1 where it shows an anomaly."""
    instance: str
    """The physical object; empty where nobody said."""


class Prediction(VideoLine):
    """What the model said of one video."""

    kind: Literal["prediction"] = "prediction"
    score: float | None
    """Log-odds of the verdict labels; higher is more anomalous. Any finite number for an import or
    a baseline; None where the method gave none."""
    log_normal: float | None = None
    """Natural logarithm of the probability of `` Normal.`` after ``Verdict:``.

    None where no model of ours was asked, as all that follows up to ``sampling``."""
    log_anomalous: float | None = None
    """The same of `` Anomalous.``."""
    mass: float | None = None
    """Probability of both labels together; low where the model left the grammar."""
    text: str | None
    """The generated answer; None where only scores were asked for."""
    truncated: bool = False
    """The answer reached the length limit."""
    parse: ParseStatus | None = None
    """How the text was read when it was made; None without text."""
    description: str | None = None
    """What the model says it sees, asked in a dialogue of its own (PAEval); None if not asked."""
    description_truncated: bool = False
    """The description reached the length limit."""
    history: History | None = None
    """What stood before the verdict; None for an import."""
    turns: tuple[str, ...] = ()
    """What the model said before the verdict, an answer a turn, where the history is generated."""
    sampling: Sampling | None = None
    """Which frames the model saw; None for an import."""
    seconds: float | None = None
    """Its share of the time that its batch took, decoding left out; None for an import."""


class SkippedVideo(VideoLine):
    """A video that could not be used: it keeps its place in every total."""

    kind: Literal["skipped"] = "skipped"
    reason: str


def dump(line: Line) -> str:
    """A line as it stands in the file, its line break included; numbers are not rounded."""
    return json.dumps(line.model_dump(mode="json"), ensure_ascii=False) + "\n"

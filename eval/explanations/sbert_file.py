"""The file that SBERT scores are kept in, beside the predictions: ``STEM.sbert.json``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from physprior import files
from physprior.dataset.names import shown
from physprior.errors import OutputError, PredictionError

FORMAT: Literal["physprior-sbert"] = "physprior-sbert"
FORMAT_VERSION: Literal[1] = 1
MAX_BYTES = 512 * 2**20
_AGAIN = "remove it, and run 'physprior eval sbert' again"

Cosine = Annotated[float, Field(ge=-1, le=1, allow_inf_nan=False)]


class SbertScore(BaseModel):
    """How near one explanation lies to the references of the true class."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    max: Cosine
    """Cosine with the nearest reference; 0 for an empty explanation."""
    mean: Cosine
    """Mean cosine over the references."""
    nearest: Annotated[int, Field(ge=0)] | None
    """Which reference is the nearest, counted from 0; None for an empty explanation."""
    copied: bool
    """The explanation is one that training teaches of any class of the category."""
    copied_own: bool
    """The same, of the true class."""
    cut: bool
    """The explanation is longer than the encoder reads."""


class SbertResult(BaseModel):
    """The SBERT scores of a predictions file, and all that they depend on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["physprior-sbert"] = FORMAT
    """Tells this file from others."""
    format_version: Literal[1] = FORMAT_VERSION
    """Raised when the file changes so that older readers would go wrong."""
    predictions_hash: str
    """Hash over the answers (``content.predictions_hash``)."""
    references_source: str
    """``kb``, or the label file's name."""
    references_hash: str
    """Hash over the references."""
    taught_hash: str
    """Hash over the sentences that copies are looked for among."""
    encoder_name: str
    """What the sentence encoder is called."""
    encoder_hash: str
    """Hash over its weights, configuration and vocabulary."""
    encoder_max_tokens: int | None
    """How much of a sentence it reads; None where it has no limit."""
    libraries: dict[str, str]
    """Versions of what embeddings are computed with."""
    provenance: dict[str, Any]
    """Versions and commit."""
    scores: dict[str, SbertScore]
    """By the video's id."""
    unscored: dict[str, str]
    """By the video's id, why it has no score."""

    @model_validator(mode="after")
    def _each_once(self) -> SbertResult:
        if both := sorted(self.scores.keys() & self.unscored.keys()):
            raise ValueError(f"{shown(both[0])} is scored and unscored")
        return self

    def values(self, by: Literal["max", "mean"] = "max") -> dict[str, float | None]:
        """The score of each video by its id; None where it has none."""
        scored: dict[str, float | None] = {
            video: score.max if by == "max" else score.mean for video, score in self.scores.items()
        }
        return scored | dict.fromkeys(self.unscored)


def sbert_path(predictions: Path) -> Path:
    """Where the scores of a predictions file lie: ``STEM.sbert.json`` beside it."""
    return predictions.with_name(f"{predictions.stem}.sbert.json")


def check_sbert_place(path: Path) -> None:
    """Refuse a place where something lies that is no file of SBERT scores. Raises OutputError."""
    if path.is_dir():
        raise OutputError(f"{path}: a folder is in the way", remedy="name an output file: -o")
    if not path.exists():
        return
    try:
        said = _parse(path, _content(path))
    except PredictionError:
        said = {}
    if said.get("format") != FORMAT:
        raise OutputError(
            f"{path}: is there, and holds no SBERT scores",
            remedy="name another output file: -o; or remove that one, if it is a damaged one",
        )


def write_sbert(path: Path, result: SbertResult) -> None:
    """Write scores as JSON, whole or not at all; numbers are not rounded. Raises OutputError."""
    check_sbert_place(path)
    files.write_json(path, result.model_dump(mode="json"))


def read_sbert(path: Path) -> SbertResult:
    """The scores in a file that ``write_sbert`` made.

    Raises PredictionError with the place where it is missing, damaged, or something else.
    """
    said = _parse(path, _content(path))
    if said.get("format") != FORMAT:
        raise PredictionError(
            f"{path}: holds no SBERT scores",
            remedy="name a file that 'physprior eval sbert' has written",
        )
    if said.get("format_version") != FORMAT_VERSION:
        raise PredictionError(
            f"{path}: SBERT scores of another version; this physprior reads {FORMAT_VERSION}",
            remedy=_AGAIN,
        )
    try:
        return SbertResult.model_validate(said, strict=True)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        where = shown(".".join(["$", *map(str, problem["loc"])])[:200])
        raise PredictionError(f"{path}: {where}: {problem['msg']}", remedy=_AGAIN) from error


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise PredictionError(f"{path}: too large to hold SBERT scores", remedy=_AGAIN)
        return path.read_bytes()
    except OSError as error:
        raise PredictionError(
            f"{path} cannot be read: {error.strerror or error}",
            remedy="name a file that 'physprior eval sbert' has written",
        ) from error


def _parse(path: Path, content: bytes) -> Mapping[str, Any]:
    try:
        said = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise PredictionError(f"{path}: this is no JSON: {error}", remedy=_AGAIN) from error
    return said if isinstance(said, dict) else {}

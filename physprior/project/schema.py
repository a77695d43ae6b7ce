"""The project file ``physprior.yaml``: where everything of a project lies, and how it is built."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from physprior.knowledge.schema import Entity, Words


class Split(Entity):
    """How videos are split, as by the options of ``physprior build`` of the same names."""

    protocol: Literal["official", "supervised", "weak", "folds"] = "supervised"
    """Which protocol splits."""
    seed: int = Field(0, ge=0)
    """Seed of the split and of the choice of explanations."""
    fractions: Words = "0.7,0.1,0.2"
    """Parts of train, val and test; they sum to 1."""
    k: int | None = Field(None, ge=1)
    """For weak: anomalous videos of each class that train."""
    folds: int | None = Field(None, ge=2)
    """For folds: into how many parts."""
    fold: int | None = Field(None, ge=1)
    """For folds: which of them tests, from 1."""
    split_file: Words | None = None
    """A published split to use."""


class ProjectFile(Entity):
    """What ``physprior.yaml`` says. Paths are read from the folder that it lies in."""

    kb: Words = "kb"
    """The folder of KB entries."""
    templates: Words = "templates"
    """The folder of dialogue templates."""
    videos: Words = "videos"
    """The videos: a folder in Phys-AD's layout, a list, or an index."""
    dataset: Words = "work/dataset"
    """The dataset folder that ``build`` writes and training reads."""
    mode: Words = "multi_turn"
    """How the prior is delivered: a template's name."""
    split: Split = Split()
    """How the videos are split."""
    recipe: Words = "recipe.yaml"
    """The training recipe: a file, or the name of a shipped one."""
    base: Words = "work/base"
    """The checkpoint to tune: a folder, or a hub id."""
    run: Words = "work/run"
    """The run folder of the first training; retraining makes RUN-2, RUN-3 and so on beside it."""
    results: Words = "work/results"
    """Where predictions and reports go, a folder for each run."""

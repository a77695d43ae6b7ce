"""The ablation: the ways to tell the physics, trained alike and tested once on the same videos."""

from __future__ import annotations

from physprior.pipeline.ablate.arms import GENERATED, VARIED, read_arms
from physprior.pipeline.ablate.places import Places
from physprior.pipeline.ablate.plan import Arm, StudyPlan, read_plan
from physprior.pipeline.ablate.step import Voices
from physprior.pipeline.ablate.steps import ablate, commands

__all__ = [
    "GENERATED",
    "VARIED",
    "Arm",
    "Places",
    "StudyPlan",
    "Voices",
    "ablate",
    "commands",
    "read_arms",
    "read_plan",
]

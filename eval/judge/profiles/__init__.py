"""The profiles that a judge can be asked by: ``llm-score`` and ``paeval``."""

from __future__ import annotations

from physprior.eval.judge.profiles.llm_score import LLMScore
from physprior.eval.judge.profiles.model import (
    EMPTY_ANSWER,
    Marks,
    Profile,
    Question,
    Task,
    Unasked,
    Unreadable,
)
from physprior.eval.judge.profiles.paeval import PAEval
from physprior.eval.judge.profiles.rubric import Rubric, load_rubric

__all__ = [
    "EMPTY_ANSWER",
    "PROFILES",
    "Marks",
    "Profile",
    "Question",
    "Rubric",
    "Task",
    "Unasked",
    "Unreadable",
    "load_rubric",
]

PROFILES: dict[str, Profile] = {profile.name: profile for profile in (LLMScore(), PAEval())}
"""The profiles by name."""

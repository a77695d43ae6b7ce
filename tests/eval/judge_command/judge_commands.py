"""What the tests of ``eval judge`` share: what it says, what it is about, and a key to look for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

KEY = "sk-only-for-this-test-4f9a"
VARIABLES = [
    "PHYSPRIOR_JUDGE_URL",
    "PHYSPRIOR_JUDGE_MODEL",
    "PHYSPRIOR_JUDGE_KEY",
    "OPENAI_BASE_URL",
    "OPENAI_API_KEY",
]


@dataclass(frozen=True)
class Said:
    """How the command ended and what it said."""

    code: int
    out: str
    err: str


Command = Callable[..., Said]


def rows(count: int = 1) -> list[tuple[str, str, float, str]]:
    """Right and wrong answers, no two alike, of normal and anomalous videos of two categories."""
    classes = {"clip": "unable_to_press", "fan": "stuck"}
    return [
        (category, kind, 0.5, f"Verdict: {word}. Reason: Seen on {category} {kind} {number}.")
        for category, fault in classes.items()
        for kind in ("normal", fault)
        for word in ("Normal", "Anomalous")
        for number in range(count)
    ]


def assert_nowhere(folder: Path) -> None:
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    for path in files:
        assert KEY.encode() not in path.read_bytes(), path

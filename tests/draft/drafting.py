"""What the tests of drafting share: a model that answers as told, and sentences that pass."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from judge_server import Answer, Asked, Script, saying

from physprior.knowledge.source import parse_source

NOTES = """\
The torsion spring sits in the hinge. When the hinge rusts, nothing moves any more.
Die Feder ist im Gelenk; bei Rost klemmt alles. 錆びると動かない。
"""
GOOD = [
    "Corroded flanks in the hinge grip each other, so the handles meet a dead stop when pressed.",
    "The seized hinge passes the whole squeeze of the gripper from one handle to the other.",
    "No handle turns about the hinge, whose rusty faces have grown together over the years.",
]
"""Explanations of a clip that cannot be pressed."""
ONE = ("clip", "--what", "explanations", "--class", "unable_to_press")
"""One question: three explanations of a clip that cannot be pressed."""
VARIABLES = [
    *("PHYSPRIOR_DRAFT_URL", "PHYSPRIOR_DRAFT_MODEL", "PHYSPRIOR_DRAFT_KEY"),
    *("PHYSPRIOR_JUDGE_URL", "PHYSPRIOR_JUDGE_MODEL", "PHYSPRIOR_JUDGE_KEY"),
    *("OPENAI_BASE_URL", "OPENAI_API_KEY", "PHYSPRIOR_PROJECT"),
]


@dataclass(frozen=True)
class Said:
    """How the command ended and what it said."""

    code: int
    out: str
    err: str


Draft = Callable[..., Said]


def ids(asked: Asked) -> dict[str, Any]:
    """What an answer about the right category and class begins with."""
    assert asked.schema is not None
    known = asked.schema["properties"]
    return {key: known[key]["enum"][0] for key in ("category", "class") if key in known}


def sentences(*texts: str, **others: Any) -> Script:
    """Answers each question with these sentences."""

    def script(asked: Asked) -> Answer:
        return saying(json.dumps({**ids(asked), "sentences": list(texts), **others}))(asked)

    return script


def fields(said: Mapping[str, Any]) -> Script:
    """Answers a question for a prior with those of the values that are asked for."""

    def script(asked: Asked) -> Answer:
        assert asked.schema is not None
        wanted = {key: said[key] for key in asked.schema["properties"] if key in said}
        return saying(json.dumps({**ids(asked), **wanted}))(asked)

    return script


def data(path: Path) -> Any:
    source = parse_source(path, path.read_bytes())
    assert source.diagnostics == ()
    return source.data


def explanations(path: Path) -> list[str]:
    found: list[str] = data(path)["anomalies"][0]["explanations"]
    return found

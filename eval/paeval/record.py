"""PAEval's scores as one JSON object: every number as it is, nothing rounded."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from physprior import files, provenance
from physprior.errors import JudgeError
from physprior.eval.explanations.means import Summary
from physprior.eval.judge.replies import Judged
from physprior.eval.paeval.replies import RawReplies
from physprior.eval.paeval.scores import PaevalScores
from physprior.eval.published import as_json, read_table
from physprior.eval.report.explained_words import readings
from physprior.eval.scoring import Scores
from physprior.stats.estimate import Estimate

FORMAT = "physprior-paeval"
"""Tells this object from others."""
TABLE = "phys-ad-5"
"""The published table that stands beside."""


def record(scores: PaevalScores) -> dict[str, Any]:
    """The object, as docs/explanations.md describes it; null wherever a number has no meaning."""
    return {
        "format": FORMAT,
        "format_version": 1,
        "name": scores.name,
        "classification": _classification(scores.classification),
        "description": _summary(scores.description),
        "explanation": _summary(scores.explanation),
        "readings": readings(scores.explanations) if scores.explanations else [],
        "earned": _summary(scores.earned),
        "unscored": [asdict(one) for one in scores.unscored],
        "raw": scores.raw and _raw(scores.raw),
        "judge": scores.judged and _judge(scores.judged),
        "published": as_json(read_table(TABLE)),
        "provenance": provenance.describe(),
    }


def write_record(scores: PaevalScores, out: Path) -> None:
    """Write the object as a JSON file, whole or not at all.

    Raises JudgeError where ``out`` is there and no such file, OutputError where it cannot be
    written.
    """
    refuse_other(out)
    files.write_json(out, record(scores))


def refuse_other(out: Path) -> None:
    """Raises JudgeError where ``out`` is there and holds something else than an earlier result."""
    if not out.exists():
        return
    try:
        earlier = json.loads(out.read_bytes()) if out.is_file() else None
    except (OSError, ValueError, RecursionError):
        earlier = None
    if not isinstance(earlier, dict) or earlier.get("format") != FORMAT:
        raise JudgeError(
            f"{out} is there already and is no earlier result of PAEval",
            remedy="name another -o, or remove that file",
        )


def _classification(scores: Scores | None) -> dict[str, Any] | None:
    if scores is None:
        return None
    measures = ("auroc", "verdict_auroc")

    def both(found: Mapping[str, Estimate]) -> dict[str, Any]:
        return {name: asdict(found[name]) for name in measures}

    return {
        "categories": {one.category: both(one.measures) for one in scores.categories},
        "macro": both(scores.macro),
        "pooled": both(scores.pooled),
    }


def _summary(found: Summary | None) -> dict[str, Any] | None:
    return None if found is None else asdict(found)


def _raw(raw: RawReplies) -> dict[str, Any]:
    return {
        "source": raw.source,
        "source_sha256": raw.source_sha256,
        "knowledge": raw.knowledge,
        "replies": len(raw.replies),
        "not_bare": [
            {"path": one.path, "said": one.said, "value": one.value, "reason": one.reason}
            for one in raw.replies
            if not one.bare
        ],
        "unplaced": [one.model_dump() for one in raw.unplaced],
        "remarks": [one.model_dump() for one in raw.remarks],
    }


def _judge(judged: Judged) -> dict[str, Any]:
    return {
        "replies": str(judged.path),
        "header": judged.header.model_dump(mode="json"),
        "models": list(judged.models),
        "missing": judged.missing,
    }

"""The form of ``scores.json`` as a JSON Schema (draft 2020-12); docs/scores.md is made from it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_FILE = Path(__file__).resolve().parent / "scores.schema.json"


def scores_schema() -> dict[str, Any]:
    """The schema, with a description of every field."""
    schema: dict[str, Any] = json.loads(_FILE.read_text(encoding="utf-8"))
    return schema

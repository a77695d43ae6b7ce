"""A dialogue as ``conversations``: the turns of LLaVA's JSON, which ShareGPT's shares.

``<video>`` opens the first question, and a line break follows it: that is the form in which
Video-LLaVA was trained, and without the break it emits stray characters.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from physprior.dataset.export.form import Sample

TAG = "<video>\n"
"""What stands before the first question."""

_SPEAKERS = {"user": "human", "assistant": "gpt"}


def conversation(sample: Sample) -> list[dict[str, str]]:
    """The turns of one dialogue: ``from`` and ``value`` each."""
    return [
        {"from": _SPEAKERS[turn.role], "value": turn.text if number else TAG + turn.text}
        for number, turn in enumerate(sample.record.turns)
    ]


def json_array(rows: Iterable[dict[str, Any]]) -> bytes:
    """A JSON array with one row a line, so that two versions of it can be compared."""
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    return f"[\n{lines}\n]\n".encode()

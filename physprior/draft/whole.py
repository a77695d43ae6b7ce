"""An unfinished entry made whole, so that rules can judge what there is of it."""

from __future__ import annotations

import copy
from typing import Any

from pydantic import ValidationError

from physprior.knowledge.compose import DataPath
from physprior.knowledge.schema import Category

_TEXT = "The filling stands here alone"
_TEXTS: dict[str, int] = {"descriptions": 3, "explanations": 5, "references": 2}
_CLASS: dict[str, Any] = {
    kind: [f"{_TEXT}, {kind} {at}." for at in range(least)] for kind, least in _TEXTS.items()
}
_ENTRY: dict[str, Any] = {
    "id": "filling",
    "name": "filling",
    "status": "reviewed",
    "interaction": {"actuator": "filling", "actions": ["filling"]},
    "prior": {
        "component": {"names": ["filling"], "properties": ["filling"], "statement": f"{_TEXT}."},
        "subject": {"parts": ["filling"], "statement": f"{_TEXT}."},
        "motion": {
            "statement": f"{_TEXT}.",
            "phases": [{"id": "filling", "expected": f"{_TEXT}."}],
        },
    },
    "normal": _CLASS,
    "anomalies": [
        {
            "id": "filling",
            "name": "filling",
            "violates": ["filling"],
            "onset": "persistent",
            "evidence": "motion",
            **_CLASS,
        }
    ],
}
_ROUNDS = 20


def made_whole(data: dict[str, Any]) -> tuple[Category | None, frozenset[DataPath]]:
    """The category that data will be once its gaps are filled, as a reviewed one; and the gaps.

    None where something is wrong that is no gap.
    """
    data, filled = copy.deepcopy(data), set[DataPath]()
    for _ in range(_ROUNDS):
        try:
            category = Category.model_validate(data)
        except ValidationError as error:
            for detail in error.errors(include_url=False):
                if not _fill(data, detail["loc"], detail["type"], filled):
                    return None, frozenset()
        else:
            return category.model_copy(update={"status": "reviewed"}), frozenset(filled)
    return None, frozenset()


def _fill(data: Any, path: DataPath, kind: str, filled: set[DataPath]) -> bool:
    """Fill one gap in place; False where it is none."""
    filling: Any = _ENTRY
    holder: Any = data
    for step in path:
        filling = filling[0 if isinstance(step, int) else step] if _has(filling, step) else None
    for step in path[:-1]:
        holder = holder[step]
    there = _there(holder, path[-1])
    if filling is None:
        return False
    if kind == "too_short" and isinstance(there, list):
        filled.update((*path, at) for at in range(len(there), len(filling)))
        there += copy.deepcopy(filling[len(there) :])
        return True
    if there is not None and there != "":
        return False
    holder[path[-1]] = copy.deepcopy(filling)
    filled.add(path)
    return True


def _has(filling: Any, step: str | int) -> bool:
    if isinstance(step, int):
        return isinstance(filling, list) and bool(filling)
    return isinstance(filling, dict) and step in filling


def _there(holder: Any, step: str | int) -> Any:
    if isinstance(holder, dict):
        return holder.get(str(step))
    return holder[step] if isinstance(step, int) and step < len(holder) else None

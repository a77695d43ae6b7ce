"""The recipe of a retraining: the old run's, from its weights, on what has changed."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import yaml

from physprior.errors import RecipeError
from physprior.pipeline.retrain.changes import Changes
from physprior.pipeline.retrain.order import Before, RetrainOrder

if TYPE_CHECKING:
    from physprior.train.recipe import Recipe

_OWN = ("base", "continue_from", "dataset", "only", "out", "rehearse", "videos")
"""Fields that a retraining decides."""


def new_recipe(order: RetrainOrder, before: Before, only: tuple[str, ...]) -> Recipe:
    """The recipe of the new run: the old one's, from its weights, on what changed.

    Raises RecipeError for overrides that are no field, or that are the retraining's own to decide.
    """
    from physprior.train.recipe import read_recipe

    for override in order.overrides:
        if (key := override.partition("=")[0].strip()) in _OWN:
            raise RecipeError(
                f"--set {override}: a retraining decides {key} itself",
                remedy="leave it out; 'physprior train' with continue_from leaves all to you",
            )
    return read_recipe(str(order.run / "recipe.yaml"), overrides(order, before, only))


def overrides(order: RetrainOrder, before: Before, only: tuple[str, ...]) -> list[str]:
    """What makes the old run's recipe the new one's, as ``--set`` reads it."""
    fields: dict[str, Any] = {
        "base": before.record.base,
        "dataset": str(order.new_dataset),
        "out": str(order.new_run),
        "continue_from": str(order.run),
        "only": list(only),
        "rehearse": order.rehearse,
        "workers": order.workers,
    }
    if before.record.recipe.get("videos"):
        # The new dataset knows where its videos lie: it was made from them just now.
        fields["videos"] = None
    if order.cache is not None:
        fields["cache"] = str(order.cache)
    if order.epochs is not None:
        fields["epochs"] = order.epochs
    return [*(f"{name}={_value(value)}" for name, value in fields.items()), *order.overrides]


def _value(value: Any) -> str:
    """A value as ``--set`` reads it back: bare where that is enough."""
    if isinstance(value, list):
        return f"[{', '.join(_value(one) for one in value)}]"
    if not isinstance(value, str):
        return json.dumps(value)
    plain = re.fullmatch(r"[\w./-]+", value) and yaml.safe_load(value) == value
    return value if plain else json.dumps(value)


def chosen(changes: Changes, recipe: Recipe) -> Counter[str]:
    """Category to the number of records that the recipe trains on."""
    from physprior.train.selection import select

    return Counter(record.category for record in select(changes.records, recipe))

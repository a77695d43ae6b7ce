"""Which records of a split a run trains on: all, or some categories and a rehearsed share."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Sequence

import xxhash

from physprior.dataset.records import Record
from physprior.errors import RecipeError
from physprior.train.recipe import Recipe

_BINS = 1 << 32


def select(records: Sequence[Record], recipe: Recipe) -> list[Record]:
    """The records that the recipe asks for, in their order.

    Of the categories that ``only`` leaves out, each record is taken with the chance ``rehearse``,
    by a hash of seed and video: another record, more or less, changes nothing for the rest. A class
    of which chance would take none gives one: what is never rehearsed is forgotten first.
    Raises RecipeError for a category that the split does not hold.
    """
    if not recipe.only:
        return list(records)
    known = {record.category for record in records}
    for name in recipe.only:
        if name not in known:
            close = difflib.get_close_matches(name, sorted(known), n=1)
            hint = f"; did you mean {close[0]}?" if close else ""
            raise RecipeError(
                f"only: the dataset has no training videos of {name}{hint}",
                remedy=f"its categories are {', '.join(sorted(known))}",
            )
    taken = _rehearsed(records, recipe) if recipe.rehearse else set()
    return [record for record in records if record.category in recipe.only or record.video in taken]


def _rehearsed(records: Sequence[Record], recipe: Recipe) -> set[str]:
    classes: dict[tuple[str, str], list[tuple[float, str]]] = {}
    for record in records:
        draw = _chance(recipe.seed, record.video), record.video
        classes.setdefault((record.category, record.class_id), []).append(draw)
    taken = set()
    for draws in classes.values():
        taken |= {video for chance, video in draws if chance < recipe.rehearse} or {min(draws)[1]}
    return taken


def _chance(seed: int, video: str) -> float:
    return (xxhash.xxh3_64_intdigest(video.encode(), seed=seed) % _BINS) / _BINS


def counts(records: Sequence[Record]) -> dict[str, dict[str, int]]:
    """Category to class to number of records."""
    found: dict[str, Counter[str]] = {}
    for record in records:
        found.setdefault(record.category, Counter())[record.class_id] += 1
    return {category: dict(sorted(found[category].items())) for category in sorted(found)}


def remarks(records: Sequence[Record]) -> list[str]:
    """What a person should know of these records before a model learns from them."""
    found = counts(records)
    sound_only = [category for category, own in found.items() if set(own) == {"normal"}]
    broken_only = [category for category, own in found.items() if "normal" not in own]
    said = []
    if len(sound_only) == len(found):
        said.append("no training video shows an anomaly: the model can only learn to say Normal")
    elif sound_only:
        said.append(f"no anomaly is trained on in {', '.join(sound_only)}")
    if broken_only:
        said.append(f"no normal video is trained on in {', '.join(broken_only)}")
    return said

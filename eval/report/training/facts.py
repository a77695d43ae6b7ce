"""What a run's record says of its training, as names and values for a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from physprior.dataset.names import shown
from physprior.eval.report.training.record import RunFile
from physprior.eval.report.words import number, videos
from physprior.paths import as_typed

HASH = 12
"""Digits of a hash that are shown."""
_WAYS = {
    "lora": "lora: low-rank adapters on the language layers",
    "qlora": "qlora: low-rank adapters over language layers in 4 bits",
    "layers": "layers: the language layers' own weights",
}
_SETTINGS = (
    *("batch_size", "gradient_accumulation", "optimizer", "learning_rate", "schedule", "warmup"),
    *("weight_decay", "label_weight", "part_weights", "seed", "keep", "validate_every"),
)
_LONGEST = 300


def facts(record: RunFile, planned: int | None = None) -> tuple[tuple[str, str], ...]:
    """Name and value of all that is known; ``planned``: the steps that its epochs come to."""
    named = [
        ("tuned", _tuned(record)),
        ("base", _with_hash(record.text("base"), record.text("base_fingerprint"))),
        ("goes on from", short(record.text("continued_from"))),
        ("dataset", _with_hash(record.text("dataset", "folder"), record.text("dataset", "split"))),
        ("mode", record.text("mode")),
        ("categories", ", ".join(sorted(record.table("prompts")))),
        ("frames", sampling(record.table("sampling"))),
        ("learned from", _learned(record)),
        ("steps", _steps(record, planned)),
        ("settings", _settings(record)),
        ("mean loss", number(record.number("results", "train_loss"), 4)),
        *machine(record),
        ("run", short(record.text("fingerprint"))),
    ]
    return tuple((name, brief(value)) for name, value in named if value and value != number(None))


def machine(record: RunFile) -> Iterator[tuple[str, str]]:
    """What the run was made on and what that cost, as far as it was recorded."""
    yield "machine", record.text("results", "device")
    if (processes := record.count("results", "processes") or 1) > 1:
        yield "processes", str(processes)
    if (seconds := record.number("results", "seconds")) is not None:
        yield "time", duration(seconds)
    if peak := record.number("results", "peak_memory"):
        yield "peak memory of the device", f"{peak / 2**30:.2f} GiB"


def sampling(said: Mapping[str, Any]) -> str:
    """``8, uniform over the clip``; empty where nothing is said."""
    frames, kind = said.get("frames"), said.get("kind")
    if kind == "window":
        return f"{frames}, over the middle {said.get('window_seconds')} s"
    if kind == "burst":
        return f"{frames}, a burst at stride {said.get('stride')}"
    return f"{frames}, {kind} over the clip" if frames and kind else ""


def duration(seconds: float) -> str:
    """``48 s``, ``6 min 10 s``, ``3 h 5 min``."""
    whole = round(max(0.0, seconds))
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours:,} h {minutes} min"


def brief(value: str) -> str:
    """A value on one line, fit for a page and a terminal: a record may hold anything."""
    line = " ".join(value.split())
    return shown(line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…")


def _tuned(record: RunFile) -> str:
    way = _WAYS.get(record.text("tune"), record.text("tune"))
    trained = record.count("results", "trained_parameters")
    whole = record.count("results", "all_parameters")
    if not way or not trained or not whole:
        return way
    return f"{way}, {trained:,} of {whole:,} parameters ({trained / whole:.2%})"


def _with_hash(name: str, digest: str) -> str:
    known = as_typed(name)
    return f"{known} ({short(digest)})" if name and digest and digest != name else known


def short(digest: str) -> str:
    """The first digits of a hash."""
    # A hub's checkpoint is recognised by its name and commit, which are no hash to be cut.
    return digest[:HASH] if len(digest) == 64 else digest


def _learned(record: RunFile) -> str:
    count = record.count("results", "videos")
    if count is None:
        return ""
    skipped = record.at("results", "skipped")
    left = len(skipped) if isinstance(skipped, list) else 0
    return videos(count) + (f", {left} skipped" if left else "")


def _steps(record: RunFile, planned: int | None) -> str:
    done, epochs = record.count("results", "steps"), record.number("recipe", "epochs")
    over = f"{epochs:g} epochs" if epochs else ""
    if done is None:
        return f"{planned} planned, {over}" if planned else over
    if planned is not None and done < planned:
        return f"{done} of {planned}, {over} planned: ended early (patience)"
    return ", ".join(filter(None, (str(done), over)))


def _settings(record: RunFile) -> str:
    recipe = record.table("recipe")
    return ", ".join(
        f"{name} {_plain(recipe[name])}"
        for name in _SETTINGS
        if recipe.get(name) not in (None, "", [], {})
    )


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        return "(" + ", ".join(f"{name} {one}" for name, one in value.items()) + ")"
    return str(value)

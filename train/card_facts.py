"""The facts of a model card: rows of its tables, out of a run's record, its log and its dataset."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from physprior import fingerprint
from physprior.dataset.manifest import MANIFEST, Manifest, read_manifest
from physprior.errors import DatasetError
from physprior.knowledge.schema import NORMAL
from physprior.train.loss import PARTS
from physprior.train.recipe import Recipe
from physprior.vlm.run_folder import RunRecord

_NO_SETTING = (
    "base",
    "dataset",
    "out",
    "videos",
    "cache",
    "continue_from",
    "tune",
    "frames",
    "sampling",
    "window_seconds",
    "stride",
    "workers",
    "loader_workers",
    "clip_limit_s",
    "save_every",
    "log_every",
    "report_to",
    "strict",
)
"""Fields of a recipe that decide no weights, or that the card names elsewhere."""
_NONE = "–"


def manifest_of(record: RunRecord) -> Manifest | None:
    """The manifest of the run's dataset; None where it is not there any more, or is another."""
    folder = Path(record.dataset.get("folder", ""))
    try:
        if fingerprint.of_file(folder / MANIFEST) != record.dataset.get("manifest"):
            return None
        return read_manifest(folder)
    except (OSError, DatasetError):
        return None


def counts(record: RunRecord) -> list[tuple[str, int]]:
    """``category/class`` with its number of training videos, those that were skipped left out."""
    found: dict[str, dict[str, int]] = record.results.get("counts") or {}
    return [
        (f"{category}/{name}", count)
        for category, classes in sorted(found.items())
        for name, count in sorted(classes.items(), key=lambda one: (one[0] != NORMAL, one[0]))
    ]


def validation_rows(record: RunRecord) -> list[tuple[str, str, str, str]]:
    """Category, AUROC, normal and anomalous validation videos; their plain mean last."""
    validation = record.results.get("validation") or {}
    manifest = manifest_of(record)
    rows = []
    for name in sorted(record.results.get("counts") or record.prompts):
        value = validation.get(f"val/auroc/{name}")
        normal, anomalous = _validation_videos(manifest, name)
        if value is not None or (normal, anomalous) not in ((_NONE, _NONE), ("0", "0")):
            rows.append((name, _number(value, 3), normal, anomalous))
    if (mean := validation.get("val/auroc")) is not None:
        rows.append(("**macro**", _number(mean, 3), "", ""))
    return rows if any(name.startswith("val/auroc") for name in validation) else []


def _validation_videos(manifest: Manifest | None, category: str) -> tuple[str, str]:
    if manifest is None or category not in manifest.categories:
        return _NONE, _NONE
    made = manifest.categories[category].counts
    anomalous = sum(split["val"] for name, split in made.items() if name != NORMAL)
    return str(made.get(NORMAL, {}).get("val", 0)), str(anomalous)


def loss_rows(log: list[dict[str, Any]], validation: dict[str, float]) -> list[tuple[str, ...]]:
    """Part, its loss first and last logged, its accuracy last, and its loss in the validation."""
    rows = []
    for part in PARTS:
        lines = [line for line in log if f"loss/{part}" in line]
        if not lines:
            continue
        first, last = lines[0], lines[-1]
        row = [
            part,
            _number(first[f"loss/{part}"]),
            _number(last[f"loss/{part}"]),
            share(last.get(f"accuracy/{part}")),
        ]
        rows.append(tuple(row + ([_number(validation.get(f"val/loss/{part}"))] * bool(validation))))
    return rows


def gradient_share(log: list[dict[str, Any]]) -> tuple[str, int, str, int] | None:
    """The verdict's share of the gradient with its step, first and last measured."""
    found = [line for line in log if "gradient/share" in line]
    if not found:
        return None
    first, last = found[0], found[-1]
    return (
        share(first["gradient/share"]),
        first["step"],
        share(last["gradient/share"]),
        last["step"],
    )


def settings(record: RunRecord) -> list[tuple[str, str]]:
    """The fields of the recipe that decide what the weights become, with their values."""
    idle = [] if record.recipe.get("only") else ["rehearse"]
    if record.tune == "layers":
        idle += ["lora_rank", "lora_alpha", "lora_dropout"]
    found = [(name, record.recipe.get(name)) for name in Recipe.model_fields]
    return [
        (name, _value(value))
        for name, value in found
        if name not in (*_NO_SETTING, *idle) and value not in (None, [], {}, ())
    ]


def machine(record: RunRecord) -> list[tuple[str, str]]:
    """What the run was made on and what that cost, as far as it was recorded."""
    results = record.results
    found = [("device", str(results["device"]))] if results.get("device") else []
    if results.get("processes", 1) > 1:
        found.append(("processes", str(results["processes"])))
    if results.get("peak_memory"):
        found.append(("peak memory of the device", f"{results['peak_memory'] / 2**30:.2f} GiB"))
    if results.get("seconds") is not None:
        found.append(("time", f"{results['seconds']:,} s"))
    return found


def hashes(record: RunRecord, manifest: Manifest | None) -> list[tuple[str, ...]]:
    """Category and the beginnings of the hashes of its prompts, its KB entry and its template."""
    rows = []
    for name, prompt in sorted(record.prompts.items()):
        row = [name, _short(prompt)]
        if manifest is not None:
            made = manifest.categories.get(name)
            row += [_short(made.entry), _short(made.template)] if made else [_NONE, _NONE]
        rows.append(tuple(row))
    return rows


def _short(digest: str) -> str:
    return f"`{digest[:16]}`"


def _number(value: float | None, digits: int = 4) -> str:
    return _NONE if value is None else f"{value:.{digits}f}"


def share(value: float | None) -> str:
    """A share in percent."""
    return _NONE if value is None else f"{value:.1%}"


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return ", ".join(f"{name} {one}" for name, one in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return str(value)

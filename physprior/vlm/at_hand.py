"""Whether a base model is at hand: in a folder, or in the hub's cache; nothing is fetched."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SIDE = 224
"""The side in pixels of a frame as the 7B base sees it."""
MODEL_TYPE = "video_llava"
_TOKENIZERS = ("tokenizer.json", "tokenizer.model")
_LARGE = 4 * 10**9
"""Weights of more bytes than this are no work for a processor."""


@dataclass(frozen=True)
class Base:
    """What was found of a base model."""

    name: str
    """The folder or hub id that was asked for."""
    folder: Path | None
    """Where it lies; None where it is not at hand."""
    problems: tuple[str, ...] = ()
    """What is missing or wrong; with no folder, why there is none."""
    weights: int = 0
    """Bytes of its weights."""
    side: int = SIDE
    """The side in pixels of a frame as it sees it."""
    is_hub_id: bool = False
    """Whether the name is one of the hub's rather than a path."""

    @property
    def is_large(self) -> bool:
        """Whether it needs a GPU; what is not at hand is taken for large."""
        return self.folder is None or self.weights > _LARGE


def find_base(name: str) -> Base:
    """Look for a checkpoint: a folder of this name, else the hub's cache."""
    folder = Path(name)
    if folder.is_dir():
        return _look_into(name, folder, is_hub_id=False)
    if name.count("/") != 1 or name.startswith((".", "/", "~")):
        return Base(name, None, ("there is no such folder, and it is no hub id",))
    cache = hub_cache()
    cached = cache / f"models--{name.replace('/', '--')}"
    revision = _revision(cached)
    snapshot = cached / "snapshots" / revision
    if not revision or not snapshot.is_dir():
        return Base(name, None, (f"it is not in the hub's cache, {cache}",), is_hub_id=True)
    return _look_into(name, snapshot, is_hub_id=True)


def hub_cache() -> Path:
    """Where the hub's library keeps what it has fetched, by its own environment variables."""
    for variable in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        if chosen := os.environ.get(variable):
            return Path(chosen).expanduser()
    if home := os.environ.get("HF_HOME"):
        return Path(home).expanduser() / "hub"
    users = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(users) / "huggingface" / "hub"


def _revision(cached: Path) -> str:
    try:
        return (cached / "refs" / "main").read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _look_into(name: str, folder: Path, *, is_hub_id: bool) -> Base:
    shards = sorted(folder.glob("*.safetensors")) or sorted(folder.glob("pytorch_model*.bin"))
    return Base(
        name=name,
        folder=folder,
        problems=tuple(_problems(folder, {shard.name for shard in shards if shard.exists()})),
        weights=sum(shard.stat().st_size for shard in shards if shard.exists()),
        side=_side(_read(folder / "preprocessor_config.json")),
        is_hub_id=is_hub_id,
    )


def _problems(folder: Path, shards: set[str]) -> Iterator[str]:
    config = _read(folder / "config.json")
    if not config:
        yield "it has no readable config.json"
    elif config.get("model_type") != MODEL_TYPE:
        yield f"it is a {config.get('model_type')} model, not a {MODEL_TYPE}"
    if not any((folder / one).exists() for one in _TOKENIZERS):
        yield f"it has no {' or '.join(_TOKENIZERS)}"
    if not (folder / "preprocessor_config.json").exists():
        yield "it has no preprocessor_config.json"
    if not shards:
        yield "it has no weights"
    lacking = sorted(_promised(folder, shards) - shards)
    if lacking:
        yield f"{len(lacking)} of its files of weights are missing, such as {lacking[0]}"


def _promised(folder: Path, shards: set[str]) -> set[str]:
    """The files that the index of these shards names, where another format's may lie beside it."""
    for index in folder.glob("*.index.json"):
        named = _read(index).get("weight_map")
        if isinstance(named, dict) and shards & set(map(str, named.values())):
            return set(map(str, named.values()))
    return set()


def _side(processor: dict[str, Any]) -> int:
    size = processor.get("crop_size")
    side = size.get("height") if isinstance(size, dict) else size
    return side if isinstance(side, int) and side > 0 else SIDE


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}

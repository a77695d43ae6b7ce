"""Sidecars: the JSON file that may lie beside a video and say what it shows."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from physprior.dataset.layout import SIDECAR_ENDING

_MOST = 1 << 20


def read_sidecar(video: Path) -> dict[str, Any] | str:
    """What the JSON file beside a video says, nothing where there is none; or why it is no use."""
    sidecar = video.with_suffix(SIDECAR_ENDING)
    try:
        if not sidecar.is_file():
            return {}
        if sidecar.stat().st_size > _MOST:
            return f"its sidecar {sidecar.name} is larger than {_MOST} bytes"
        content = json.loads(sidecar.read_bytes())
    except (ValueError, RecursionError) as error:
        return f"its sidecar {sidecar.name} is not JSON: {error}"
    except OSError as error:
        return f"its sidecar {sidecar.name} cannot be read: {error.strerror or error}"
    return content if isinstance(content, dict) else {}


def find_sidecars(videos: Iterable[str], root: Path) -> Iterator[tuple[str, dict[str, Any] | str]]:
    """Those of ``videos``, paths below ``root``, that have a sidecar, each with what it says.

    As ``read_sidecar``: why, where it is no use.
    """
    # One listing a folder is cheaper than a question for each video.
    listings: dict[str, set[str]] = {}
    for video in videos:
        folder, _, name = f"{video.rpartition('.')[0]}{SIDECAR_ENDING}".rpartition("/")
        if folder not in listings:
            listings[folder] = _names(root / folder)
        if name in listings[folder]:
            yield video, read_sidecar(root / video)


def _names(folder: Path) -> set[str]:
    try:
        return set(os.listdir(folder))
    except (OSError, ValueError):  # a name that no file can have
        return set()

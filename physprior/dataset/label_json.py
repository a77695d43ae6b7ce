"""JSON that others have written, read so that every fault in it can be named by its place."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

from physprior.errors import DatasetError, PhyspriorError

MAX_BYTES = 64 * 2**20
"""No label file is larger; Phys-AD's has less than a megabyte."""

_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Object(dict[str, Any]):
    """A JSON object that remembers which of its keys were written twice."""

    repeated: tuple[str, ...] = ()


def load(path: Path, what: str = "label file", error: type[PhyspriorError] = DatasetError) -> Any:
    """The content of a JSON file in UTF-8, 16 or 32, with or without a byte-order mark.

    Objects are ``Object``. Raises ``error`` with ``file:line:column`` where it is no JSON; it calls
    the file ``what``.
    """
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise error(
                f"{path}: {size:,} bytes; a {what} has at most {MAX_BYTES:,}",
                remedy=f"name the {what}, such as the one of Phys-AD's official code",
            )
        data = path.read_bytes()
    except OSError as refused:
        raise error(
            f"{path}: cannot be read: {refused.strerror}", remedy=f"name the {what}"
        ) from refused
    try:
        return json.loads(data.decode(json.detect_encoding(data)), object_pairs_hook=_object)
    except json.JSONDecodeError as broken:
        raise error(
            f"{path}:{broken.lineno}:{broken.colno}: not JSON: {broken.msg}",
            remedy=f"name the {what}, or mend it at this place",
        ) from broken
    except UnicodeDecodeError as broken:
        raise error(
            f"{path}: not text: {broken.reason} at byte {broken.start}", remedy="save it as UTF-8"
        ) from broken
    except (RecursionError, ValueError) as broken:
        # Python refuses what is nested too deeply, and numbers of thousands of digits.
        raise error(f"{path}: not a {what}: {broken}", remedy=f"name the {what}") from broken


def below(path: str, step: str | int) -> str:
    """The JSON path of something in what ``path`` names: ``$.clip``, ``$['rubber band'][2]``."""
    if isinstance(step, int):
        return f"{path}[{step}]"
    if _PLAIN_KEY.fullmatch(step):
        return f"{path}.{step}"
    return f"{path}[{step!r}]"


def kind(value: Any) -> str:
    """What a JSON value is, in words."""
    if value is None:
        return "null"
    names = {dict: "an object", list: "a list", str: "a text", bool: "true or false"}
    return next((name for of, name in names.items() if isinstance(value, of)), "a number")


def _object(pairs: list[tuple[str, Any]]) -> Object:
    found = Object(pairs)
    if len(found) < len(pairs):
        counts = Counter(key for key, _ in pairs)
        found.repeated = tuple(key for key, count in counts.items() if count > 1)
    return found

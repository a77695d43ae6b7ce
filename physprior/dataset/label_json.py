"""JSON that others have written, read so that every fault in it can be named by its place."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

from physprior.errors import DatasetError

MAX_BYTES = 64 * 2**20
"""No label file is larger; Phys-AD's has less than a megabyte."""

_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Object(dict[str, Any]):
    """A JSON object that remembers which of its keys were written twice."""

    repeated: tuple[str, ...] = ()


def load(path: Path) -> Any:
    """The content of a JSON file in UTF-8, 16 or 32, with or without a byte-order mark.

    Objects are ``Object``. Raises DatasetError with ``file:line:column`` where it is no JSON.
    """
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise DatasetError(
                f"{path}: {size:,} bytes; a label file has at most {MAX_BYTES:,}",
                remedy="name the label file, such as the one of Phys-AD's official code",
            )
        data = path.read_bytes()
    except OSError as error:
        raise DatasetError(
            f"{path}: cannot be read: {error.strerror}", remedy="name the label file"
        ) from error
    try:
        return json.loads(data.decode(json.detect_encoding(data)), object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        raise DatasetError(
            f"{path}:{error.lineno}:{error.colno}: not JSON: {error.msg}",
            remedy="name the label file, or mend it at this place",
        ) from error
    except UnicodeDecodeError as error:
        raise DatasetError(
            f"{path}: not text: {error.reason} at byte {error.start}", remedy="save it as UTF-8"
        ) from error
    except (RecursionError, ValueError) as error:
        # Python refuses what is nested too deeply, and numbers of thousands of digits.
        raise DatasetError(
            f"{path}: not a label file: {error}", remedy="name the label file"
        ) from error


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

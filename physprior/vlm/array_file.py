"""Arrays kept in files that are mapped into memory, and that are found out when they are damaged.

A file is a plain ``.npy`` followed by 16 bytes: the XXH3 (128 bits) of all before them. ``np.load``
reads it as any other. Used by the caches of frames and of features.
"""

from __future__ import annotations

import contextlib
import functools
import io
import os
import platform
import re
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xxhash
from numpy.typing import DTypeLike, NDArray

from physprior import files
from physprior.errors import OutputError

FORM = 2
"""Version of the file's form; 1 was a ``.npy`` without a checksum."""

Known = dict[Path, tuple[int, int, int]]
"""Files whose checksum was found right, each with its state then."""

_DIGEST = 16
_ABANDONED_S = 3600
"""Part files of other machines are nobody's after so long."""


class DamagedArrayError(ValueError):
    """A file that is not what was written: cut, changed, or of another shape."""


def array_file_bytes(shape: Sequence[int], dtype: DTypeLike) -> int:
    """The size in bytes of the file of an array."""
    items = int(np.prod(shape, dtype=np.int64)) * np.dtype(dtype).itemsize
    return len(_head(tuple(shape), np.dtype(dtype).str)) + items + _DIGEST


def write_array(path: Path, array: NDArray[Any]) -> None:
    """Replace ``path`` by the array, atomically; makes missing parent folders.

    Raises OutputError. Nothing waits for the disk: what a power cut spoils is found at reading.
    """
    head = _head(array.shape, array.dtype.str)
    content = np.ascontiguousarray(array).data
    digest = xxhash.xxh3_128(head)
    digest.update(content)
    # A name of its own for each process: several may write the same file at once.
    part = path.with_name(f".{path.stem}.{_machine()}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as stream:
            stream.write(head)
            stream.write(content)
            stream.write(digest.digest())
        part.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink()
        raise OutputError(
            f"cannot write {path}: {error.strerror or error}",
            remedy="make room or get the right to write there, and give the same command again, "
            "which goes on; or set PHYSPRIOR_CACHE to a folder on another disk",
        ) from error


def map_array(path: Path, shape: Sequence[int], dtype: DTypeLike, known: Known) -> NDArray[Any]:
    """The array of a file, mapped into memory, read-only. Raises DamagedArrayError, or OSError.

    The checksum is looked at unless ``known`` has the file as it is now; it is entered there.
    """
    head = _head(tuple(shape), np.dtype(dtype).str)
    with path.open("rb") as stream:
        status = os.fstat(stream.fileno())
        if status.st_size != array_file_bytes(shape, dtype):
            raise DamagedArrayError(
                f"it has {status.st_size:,} bytes for {array_file_bytes(shape, dtype):,}"
            )
        state = (status.st_ino, status.st_size, status.st_mtime_ns)
        if known.get(path) != state:
            # Read, not mapped: a disk that fails is then an error and no signal that kills.
            content = memoryview(stream.read())
            if content[: len(head)] != head:
                raise DamagedArrayError("it holds something else")
            if xxhash.xxh3_128_digest(content[:-_DIGEST]) != content[-_DIGEST:]:
                raise DamagedArrayError("its checksum is wrong")
            known[path] = state
        return np.memmap(stream, dtype=dtype, mode="r", offset=len(head), shape=tuple(shape))


def need_room(folder: Path, needed: int, what: str) -> None:
    """See that ``needed`` bytes are free in ``folder``. Raises OutputError that names ``what``."""
    with files.writing_to(folder):
        free = shutil.disk_usage(folder).free
    if needed > free:
        from rich.filesize import decimal

        raise OutputError(
            f"{what} need {decimal(needed)} in {folder}, and {decimal(free)} are free there",
            remedy="make room, or set PHYSPRIOR_CACHE to a folder on another disk",
        )


def remove_abandoned(folder: Path) -> None:
    """Remove the part files below ``folder`` whose writers were killed, as far as one may."""
    for part in folder.glob("*/.*.part"):
        with contextlib.suppress(OSError):
            if _is_abandoned(part):
                part.unlink()


def _is_abandoned(part: Path) -> bool:
    machine, writer = part.name.split(".")[-3:-1]
    if machine == _machine() and writer.isdigit() and not _is_alive(int(writer)):
        return True
    return time.time() - part.stat().st_mtime > _ABANDONED_S


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # Somebody else's.
    return True


@functools.cache
def _machine() -> str:
    return re.sub(r"[^\w-]", "_", platform.node())


@functools.lru_cache(maxsize=64)
def _head(shape: tuple[int, ...], descr: str) -> bytes:
    stream = io.BytesIO()
    header = {"descr": descr, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(stream, header)
    return stream.getvalue()

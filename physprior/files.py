"""Writing so that nothing is ever half-written: files and folders appear whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from physprior.errors import OutputError

PROBE_PREFIX = ".physprior-probe-"
"""How the names of empty files begin that only try whether a folder can be written."""


@contextlib.contextmanager
def writing_to(path: Path) -> Iterator[None]:
    """Turn the operating system's refusal to write under ``path`` into an OutputError."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputError(
            f"cannot write {path}: {reason}",
            remedy="name an output place that you may write to and that has free space",
        ) from error


def write_bytes(path: Path, data: bytes) -> None:
    """Replace ``path`` by ``data``, atomically; makes missing parent folders.

    Raises OutputError where the place is read-only, full, or a folder.
    """
    write_together({path: data})


def write_together(contents: Mapping[Path, bytes]) -> None:
    """Replace several files that belong together; where one cannot be written, none is replaced.

    Each is whole beside its place before the first of them takes it; makes missing parent folders.
    Raises OutputError as write_bytes does.
    """
    parts: dict[Path, str] = {}
    try:
        for path, data in contents.items():
            with writing_to(path):
                _write_part(path, data, parts)
        for path, part in parts.items():
            with writing_to(path):
                os.replace(part, path)
    except BaseException:
        for part in parts.values():
            with contextlib.suppress(OSError):
                os.unlink(part)
        raise


def _is_name_of_a_stream(path: Path) -> bool:
    """Whether a path is a link such as /dev/stdout, also where that leads to a file by now."""
    return path.is_symlink() and path.parent.resolve() == Path("/dev")


def _write_part(path: Path, data: bytes, parts: dict[Path, str]) -> None:
    """Write ``data`` beside ``path``, and its name into ``parts``, however far it comes."""
    if (path.exists() and not path.is_file()) or _is_name_of_a_stream(path):
        # Replaced, /dev/null would be a file from then on, for everyone.
        raise OSError(errno.EINVAL, "it is there, and is no file")
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    parts[path] = name
    with os.fdopen(handle, "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    os.chmod(name, 0o666 & ~_umask())


def write_text(path: Path, text: str) -> None:
    """Replace ``path`` by ``text`` in UTF-8, atomically. Raises OutputError as write_bytes does."""
    write_bytes(path, text.encode("utf-8"))


def write_over_its_like(path: Path, text: str) -> None:
    """Replace ``path`` by ``text``, as write_text does, but not where another kind of file is.

    It is of ``text``'s kind if it begins as ``text`` does: a page takes the place of a page, never
    that of an entry that was named by mistake. Raises OutputError as write_bytes does, and then.
    """
    opening = text.encode("utf-8")[:15]
    if path.is_file():
        with writing_to(path), path.open("rb") as stream:
            there = stream.read(len(opening))
        if there and there != opening:
            raise OutputError(
                f"{path} is there, and is of another kind: it is left as it is",
                remedy="name another file, or move that one away",
            )
    write_text(path, text)


def write_json(path: Path, value: Any) -> None:
    """Write ``value`` as readable JSON with sorted keys: the same value gives the same bytes."""
    write_text(path, as_json(value))


def as_json(value: Any) -> str:
    """What ``write_json`` writes."""
    return json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def make_folder(path: Path) -> Path:
    """Make ``path`` and its parents and prove that a file can be written in it; returns it.

    Raises OutputError early, before the work whose result could then not be kept.
    """
    with writing_to(path):
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path, prefix=PROBE_PREFIX):
            pass
    return path


def _umask() -> int:
    # The only way to read the mask is to set it.
    mask = os.umask(0)
    os.umask(mask)
    return mask

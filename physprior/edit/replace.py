"""A person's file is replaced as a whole: by what was made from it, and from nothing else."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from pathlib import Path

from physprior.errors import OutputError


def replace_file(path: Path, before: bytes, after: bytes) -> None:
    """Put ``after`` in the place of ``before``, atomically, under the file's own name and mode.

    A symbolic link stays one: what it leads to is replaced. Raises OutputError where the file does
    not hold ``before`` any more, has several names, may not be written, or its folder may not; it
    is untouched then.
    """
    target = Path(os.path.realpath(path))
    try:
        known = os.stat(target)
        _refuse(path, target, known)
        _replace(path, target, known, before, after)
    except FileNotFoundError as error:
        raise OutputError(
            f"cannot write {path}: {error.strerror}: it was deleted or moved meanwhile",
            remedy="put it back and run the command again, if it is still wanted",
        ) from error
    except PermissionError as error:
        # The file itself may be written, or _refuse would have said so.
        raise OutputError(
            f"cannot write {path}: {error.strerror}",
            remedy=f"make the folder writable that it is replaced in: {target.parent}",
        ) from error
    except OSError as error:
        raise OutputError(
            f"cannot write {path}: {error.strerror or error}",
            remedy="see to it that its place may be written to and has free space",
        ) from error


def _refuse(path: Path, target: Path, known: os.stat_result) -> None:
    """Raise OutputError over what is not to be replaced."""
    if not stat.S_ISREG(known.st_mode):
        raise OutputError(f"cannot write {path}: it is no file", remedy="name a file")
    # A folder's permission is all that replacing needs; a file's own is to count as well.
    if not os.access(target, os.W_OK):
        raise OutputError(
            f"cannot write {path}: Permission denied", remedy="make the file writable"
        )
    if known.st_nlink > 1:
        raise OutputError(
            f"cannot write {path}: it has {known.st_nlink} names, as hard links, and replacing it"
            " would leave the others with the old content",
            remedy="make the change in an editor ('physprior check --diff' shows that of fixes), or"
            " let one name alone stay a file and the others be symbolic links to it",
        )


def _replace(path: Path, target: Path, known: os.stat_result, before: bytes, after: bytes) -> None:
    handle, part = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(after)
            stream.flush()
            os.fsync(stream.fileno())
        _keep_owner(part, known)
        os.chmod(part, stat.S_IMODE(known.st_mode))
        _refuse_changed(path, target, before)
        os.replace(part, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(part)
        raise


def _refuse_changed(path: Path, target: Path, before: bytes) -> None:
    if target.read_bytes() != before:
        raise OutputError(
            f"{path} was changed by someone else meanwhile, and is left as it is",
            remedy="run the command again, which then starts from the file as it is now",
        )


def _keep_owner(part: str, known: os.stat_result) -> None:
    if hasattr(os, "chown") and (known.st_uid, known.st_gid) != (os.getuid(), os.getgid()):
        # Who is not the owner cannot give a file to them, and may write it all the same.
        with contextlib.suppress(OSError):
            os.chown(part, known.st_uid, known.st_gid)

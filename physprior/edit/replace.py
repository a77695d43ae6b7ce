"""A person's file is replaced as a whole: by what was made from it, and from nothing else."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import tempfile
from pathlib import Path

from physprior.errors import OutputError
from physprior.files import writing_to


def replace_file(path: Path, before: bytes, after: bytes) -> None:
    """Put ``after`` in the place of ``before``, atomically, under the file's own name and mode.

    A symbolic link stays one: what it leads to is replaced. Raises OutputError where the file does
    not hold ``before`` any more, may not be written, or its folder may not; it is untouched then.
    """
    target = Path(os.path.realpath(path))
    with writing_to(path):
        known = os.stat(target)
        if not stat.S_ISREG(known.st_mode):
            raise OSError(errno.EINVAL, "it is no file")
        # A folder's permission is all that replacing needs; a file's own is to count as well.
        if not os.access(target, os.W_OK):
            raise OSError(errno.EACCES, os.strerror(errno.EACCES))
        handle, part = tempfile.mkstemp(
            dir=target.parent, prefix=f".{target.name}.", suffix=".part"
        )
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

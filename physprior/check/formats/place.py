"""Where a file is for those who read a check elsewhere: relative to the repository's root."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote


def in_repository(path: Path) -> str | None:
    """A file's path from the repository's root, with ``/`` between; None where it lies outside.

    The root is what GitHub Actions calls the workspace, where it runs us, else this folder.
    """
    root = os.environ.get("GITHUB_WORKSPACE") or os.getcwd()
    relative = os.path.relpath(os.path.abspath(path), root)
    if relative == os.pardir or relative.startswith(os.pardir + os.sep):
        return None
    return relative.replace(os.sep, "/")


def uri(path: str) -> str:
    """A path with ``/`` between its parts as part of a URI: all but plain letters in percents.

    A colon is no plain letter either: before the first ``/`` it would end a scheme.
    """
    return quote(os.fsencode(path), safe="/")

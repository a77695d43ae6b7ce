"""What made an artefact: versions of what was used, and the state of the code."""

from __future__ import annotations

import platform
import shutil
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Any

import physprior

_LIBRARIES = ("torch", "transformers", "trl", "peft", "accelerate", "datasets", "numpy", "av")


def describe() -> dict[str, Any]:
    """Versions of physprior, Python and the libraries, and the checkout's commit if it is one."""
    versions = {"physprior": physprior.__version__, "python": platform.python_version()}
    for library in _LIBRARIES:
        try:
            versions[library] = metadata.version(library)
        except metadata.PackageNotFoundError:
            versions[library] = "not installed"
    return {"versions": versions, "code": _code()}


def _code() -> dict[str, Any]:
    root = Path(__file__).resolve().parent.parent
    if not (root / ".git").exists() or shutil.which("git") is None:
        return {"commit": None, "dirty": None}
    commit = _git(root, "rev-parse", "HEAD")
    changed = _git(root, "status", "--porcelain", "--untracked-files=no")
    return {"commit": commit or None, "dirty": bool(changed)}


def _git(root: Path, *words: str) -> str:
    answer = subprocess.run(
        ["git", "-C", str(root), *words], capture_output=True, text=True, check=False, timeout=10
    )
    return answer.stdout.strip()

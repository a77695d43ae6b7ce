"""Where things lie: KB, templates and recipes in a checkout or a wheel, and the user's cache."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from physprior.errors import PhyspriorError

DESCRIBE = "describe"
"""Among the templates, the question for a description: a user's turn alone, and no mode."""
RUBRICS = "judge"
"""The folder among the templates that holds what a judge is asked."""
DRAFTS = "draft"
"""The folder among the templates that holds what a model is asked that drafts sentences."""
ABLATION = "ablation"
"""The folder among the templates that holds dialogues of a study's arms, which are no modes."""
_PACKAGE = Path(__file__).resolve().parent


def kb_folder() -> Path:
    """The folder of the shipped KB entries."""
    return _room("kb")


def templates_folder() -> Path:
    """The folder of the shipped dialogue templates."""
    return _room("templates")


def recipes_folder() -> Path:
    """The folder of the shipped training recipes."""
    return _room("train") / "recipes"


def pretrained_folder() -> Path:
    """The folder of the shipped pre-trained tiny base: a checkpoint in the hub's own format."""
    return _PACKAGE / "vlm" / "tiny_pretrained"


def launch_folder() -> Path:
    """The folder of the shipped configurations for ``accelerate launch``."""
    return _room("train") / "launch"


def cache_folder() -> Path:
    """Where what can be made again is kept: $PHYSPRIOR_CACHE, else physprior in the user's cache.

    It is shared by all datasets, because what lies in it is named by content.
    """
    if chosen := os.environ.get("PHYSPRIOR_CACHE"):
        return Path(chosen)
    users = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(users) / "physprior"


def as_typed(path: Path | str) -> str:
    """A path as one types it here: relative where it lies below this folder, else as it is."""
    text = str(path)
    if not os.path.isabs(text):
        return text
    inside = os.path.relpath(text)
    return text if inside == os.pardir or inside.startswith(os.pardir + os.sep) else inside


def is_pipe_or_device(path: Path | str) -> bool:
    """Whether a path leads to what is there and is neither a file nor a folder.

    Who opens a pipe that nobody writes to waits for ever; one that a person names may be meant.
    """
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return False  # What is not there is told by who reads it.
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def _room(name: str) -> Path:
    # A wheel holds the rooms inside the package; a checkout holds them beside it.
    for candidate in (_PACKAGE / name, _PACKAGE.parent / name):
        if candidate.is_dir():
            return candidate
    raise PhyspriorError(
        f"this installation of physprior has no {name}/ folder in {_PACKAGE} or beside it",
        remedy="install physprior again",
    )

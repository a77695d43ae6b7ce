"""Where the knowledge base, the templates and the recipes lie: in a checkout or in a wheel."""

from __future__ import annotations

from pathlib import Path

from physprior.errors import PhyspriorError

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


def _room(name: str) -> Path:
    # A wheel holds the rooms inside the package; a checkout holds them beside it.
    for candidate in (_PACKAGE / name, _PACKAGE.parent / name):
        if candidate.is_dir():
            return candidate
    raise PhyspriorError(
        f"this installation of physprior has no {name}/ folder (looked in {_PACKAGE} and beside it)",
        remedy="install physprior again",
    )

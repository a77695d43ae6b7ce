"""Options that several commands share, so that they read the same everywhere."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from physprior.dialogue import Templates
    from physprior.knowledge.load import KnowledgeBase

Kb = Annotated[
    Path | None,
    typer.Option("--kb", help="Folder of KB entries.", show_default="the shipped KB"),
]
TemplatesFolder = Annotated[
    Path | None,
    typer.Option(
        "--templates", help="Folder of dialogue templates.", show_default="the shipped templates"
    ),
]
Workers = Annotated[int, typer.Option("--workers", min=1, help="Processes that work side by side.")]
ControlFiles = Annotated[
    list[Path] | None,
    typer.Option(
        "--control",
        help="Predictions that the same model made with --control; repeatable.",
        show_default="those beside the predictions",
    ),
]
DEFAULT_WORKERS = max(1, min(8, os.cpu_count() or 1))


def open_kb(folder: Path | None) -> KnowledgeBase:
    """The KB of a folder, or the shipped one. Raises KnowledgeError."""
    from physprior.knowledge.load import load_knowledge
    from physprior.paths import kb_folder

    return load_knowledge(folder or kb_folder())


def open_templates(folder: Path | None) -> Templates:
    """The templates of a folder, or the shipped ones."""
    from physprior.dialogue import Templates
    from physprior.paths import templates_folder

    return Templates(folder or templates_folder())

"""Options that several commands share, so that they read the same everywhere."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from physprior.cli.completion import modes
from physprior.cli.in_project import AS_SAID, from_project, need_project, typed

if TYPE_CHECKING:
    from physprior.dialogue import Templates
    from physprior.knowledge.load import KnowledgeBase

Kb = Annotated[
    Path | None,
    typer.Option(
        "--kb",
        help="Folder of KB entries.",
        show_default="the project's, else the shipped KB",
    ),
]
TemplatesFolder = Annotated[
    Path | None,
    typer.Option(
        "--templates",
        help="Folder of dialogue templates.",
        show_default="the project's, else the shipped templates",
    ),
]
Videos = Annotated[
    Path | None,
    typer.Argument(
        help="The videos: a folder in Phys-AD's layout, a list, or an index.",
        show_default=AS_SAID,
    ),
]
Dataset = Annotated[
    Path | None,
    typer.Argument(help="A dataset folder that 'build' has made.", show_default=AS_SAID),
]
Mode = Annotated[
    str | None,
    typer.Option(
        "--mode",
        help="How the prior is delivered: a template's name.",
        autocompletion=modes,
        show_default="the project's, else multi_turn",
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
DEFAULT_MODE = "multi_turn"
DEFAULT_WORKERS = max(1, min(8, os.cpu_count() or 1))


def project_kb(folder: Path | None) -> Path | None:
    """The folder that was named, else the project's; None outside of any: the shipped KB.

    Raises ProjectError where the project names a folder that is not there.
    """
    if folder is not None:
        return folder
    project = from_project()
    return typed(project.existing("kb")) if project else None


def project_templates(folder: Path | None) -> Path | None:
    """As project_kb, for the templates."""
    if folder is not None:
        return folder
    project = from_project()
    return typed(project.existing("templates")) if project else None


def project_rubrics(folder: Path | None) -> Path | None:
    """As project_templates, where the project's hold what a judge is asked; None otherwise."""
    from physprior.paths import RUBRICS

    found = folder or project_templates(None)
    return found if folder is not None or (found and (found / RUBRICS).is_dir()) else None


def project_mode(mode: str | None) -> str:
    """The mode that was named, else the project's, else ``multi_turn``."""
    if mode is not None:
        return mode
    project = from_project()
    return project.file.mode if project else DEFAULT_MODE


def the_videos(videos: Path | None) -> Path:
    """The videos that were named, else the project's. Raises ProjectError."""
    return videos or typed(need_project("VIDEOS").existing("videos"))


def the_dataset(dataset: Path | None) -> Path:
    """The dataset that was named, else the one that the project's ``build`` has made.

    Raises ProjectError.
    """
    if dataset is not None:
        return dataset
    built = "'physprior build' makes it"
    return typed(need_project("DATASET").existing("dataset", remedy=built))


def the_dataset_to_write(out: Path | None) -> Path:
    """The dataset folder to write that was named, else the project's. Raises ProjectError."""
    return out or typed(need_project("--out").dataset)


def kb_and_templates() -> list[Path]:
    """What a check looks at that is told nothing: the project's folders, or the shipped ones."""
    from physprior.paths import kb_folder, templates_folder

    return [project_kb(None) or kb_folder(), project_templates(None) or templates_folder()]


def open_kb(folder: Path | None) -> KnowledgeBase:
    """The KB of a folder, else the project's, else the shipped one.

    Raises KnowledgeError, ProjectError.
    """
    from physprior.knowledge.load import load_knowledge
    from physprior.paths import kb_folder

    place = project_kb(folder)
    if folder is None and place is not None:
        _refuse_no_entries(place)
    return load_knowledge(place or kb_folder())


def _refuse_no_entries(kb: Path) -> None:
    """Raise ProjectError for the KB of a project that has only been begun."""
    from physprior.errors import ProjectError
    from physprior.knowledge.load import VOCABULARY

    if kb.is_dir() and not any(path.name != VOCABULARY for path in kb.glob("*.y*ml")):
        raise ProjectError(
            f"{kb} holds no KB entry yet", remedy="'physprior new CATEGORY' begins one"
        )


def open_templates(folder: Path | None) -> Templates:
    """The templates of a folder, else the project's, else the shipped ones."""
    from physprior.dialogue import Templates
    from physprior.paths import templates_folder

    return Templates(project_templates(folder) or templates_folder())

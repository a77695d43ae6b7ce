"""Recipes as commands read them: what neither recipe nor command line says, the project says."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from physprior.cli.in_project import from_project, need_project, project_here, typed
from physprior.errors import ProjectError, RecipeError
from physprior.paths import as_typed

if TYPE_CHECKING:
    from physprior.project.project import Project
    from physprior.train.recipe import Recipe

_HUB = "LanguageBind/Video-LLaVA-7B-hf"


def read_recipe_here(recipe: str | None, overrides: Sequence[str] = ()) -> Recipe:
    """The recipe that was named, else the project's, with what was set.

    Base, dataset and run folder are the project's where nothing else says them. Raises RecipeError,
    ProjectError.
    """
    from physprior.train.recipe import read_recipe

    project = project_here()
    if project is None:
        return read_recipe(recipe, overrides)
    return read_recipe(recipe or _recipe_of_project(), overrides, defaults=_field_of_project)


def _recipe_of_project() -> str:
    from physprior.paths import recipes_folder

    project = _project()
    said = project.recipe
    if Path(said).is_file() or (recipes_folder() / f"{said}.yaml").is_file():
        return as_typed(said)
    shipped = ", ".join(sorted(known.stem for known in recipes_folder().glob("*.yaml")))
    raise project.missing(
        "recipe", project.at(said), f"name a YAML file, or a shipped recipe: {shipped}"
    )


def _field_of_project(field: str) -> Any:
    """What the project says of a field of a recipe that nothing else has said, or None."""
    if field == "out":
        return str(typed(_project().run))
    if field == "dataset":
        built = "'physprior build' makes it"
        return str(typed(_project().existing("dataset", remedy=built)))
    return base_of_project(_project()) if field == "base" else None


def base_of_project(project: Project) -> str:
    """The base as one types it here: a folder, or a hub id. Raises ProjectError for no folder."""
    base = project.base
    if base == project.file.base or Path(base).is_dir():
        return as_typed(base)
    raise project.missing(
        "base",
        Path(base),
        f"'physprior model base tiny' makes a small one to try the way with; for real work let "
        f"base be {_HUB}",
    )


def base_to_make() -> Path:
    """The folder that the project says its base is in. Raises ProjectError for a hub id."""
    project = need_project("OUT")
    if project.base == project.file.base:
        raise ProjectError(
            f"{project.where('base')}: base is '{project.file.base}', which is no folder",
            remedy=f"let base be a folder, such as ./{project.file.base}; or name a folder here",
        )
    return typed(Path(project.base))


@contextlib.contextmanager
def pointing_at_retrain(out: Path) -> Iterator[None]:
    """Where the project's run is in the way of another training, say what is made for that."""
    try:
        yield
    except RecipeError as error:
        project = project_here()
        run = None if project is None else project.newest_run()
        if run is None or project is None or out.resolve() != project.run:
            raise
        remedy = f"'physprior retrain' trains {typed(run)} on what has changed; or {error.remedy}"
        raise RecipeError(error.message, remedy=remedy) from error


def _project() -> Project:
    project = from_project()
    assert project is not None, "only a project is asked for what it says"
    return project

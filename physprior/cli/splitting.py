"""The options that say how videos are split, for the commands that split them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from physprior.cli.in_project import from_project, project_here
from physprior.errors import DatasetError, ProjectError

if TYPE_CHECKING:
    from physprior.dataset.split import SplitOptions
    from physprior.project.project import Project

ProtocolName = Annotated[
    str,
    typer.Option(
        "--protocol",
        help="How to split: official, supervised, weak or folds.",
        show_default="the project's, else supervised",
    ),
]
Seed = Annotated[
    int,
    typer.Option(
        "--seed",
        help="Seed of the split and of the choice of explanations.",
        show_default="the project's, else 0",
    ),
]
Parts = Annotated[
    str,
    typer.Option(
        "--fractions",
        help="Parts of train, val and test; they sum to 1.",
        show_default="the project's, else 0.7,0.1,0.2",
    ),
]
K = Annotated[
    int | None,
    typer.Option(
        "--k",
        help="For weak: anomalous videos of each class that train.",
        show_default="the project's, else 4",
    ),
]
Folds = Annotated[
    int | None,
    typer.Option(
        "--folds", help="For folds: into how many parts.", show_default="the project's, else 5"
    ),
]
Fold = Annotated[
    int | None,
    typer.Option(
        "--fold",
        help="For folds: which of them tests, from 1.",
        show_default="the project's, else 1",
    ),
]
SplitFile = Annotated[
    Path | None,
    typer.Option(
        "--split-file",
        help="A published split to use; it needs no other option.",
        show_default="the project's, else none",
    ),
]
AllowMissing = Annotated[
    bool,
    typer.Option("--allow-missing", help="Leave out what is not both in the split file and here."),
]
AllowLeak = Annotated[
    list[str] | None,
    typer.Option(
        "--allow-leak",
        metavar="PATH=REASON",
        help="Let this video stand in two splits; the reason goes on record; repeatable.",
        show_default="none",
    ),
]


def split_options(context: typer.Context, options: dict[str, Any]) -> SplitOptions:
    """What was said about the split, and what the project says of the rest.

    A published split refuses what is said against it. Raises DatasetError for options that do not
    fit together, BadParameter for odd fractions, ProjectError for a split of the project's alone
    that cannot be made.
    """
    from physprior.dataset.split import SplitOptions

    said = {name: value for name, value in options.items() if _was_said(context, name)}
    if "fractions" in said:
        said["fractions"] = _parse_fractions(said["fractions"])
    project = project_here()
    if project is None or not project.file.split.model_fields_set:
        return SplitOptions(**said)
    agreed = _split_of(project, said)
    if agreed:
        from_project()
    try:
        return SplitOptions(**agreed, **said)
    except DatasetError as error:
        if not agreed:
            raise
        remedy = f"{error.remedy}; what the command line does not say, the project says"
        raise ProjectError(f"{project.where('split')}: {error.message}", remedy=remedy) from error


def _split_of(project: Project, said: dict[str, Any]) -> dict[str, Any]:
    """What the project says of the split beside what was typed; a kind that was typed is whole."""
    own = {name: getattr(project.file.split, name) for name in project.file.split.model_fields_set}
    own = {name: value for name, value in own.items() if value is not None and name not in said}
    if "split_file" in said:
        return {}
    if "protocol" in said:
        # k, folds and the like belong to the protocol that the project names.
        own = {name: value for name, value in own.items() if name in ("seed", "fractions")}
    if "split_file" in own:
        own["split_file"] = project.existing("split.split_file")
    if "fractions" in own:
        own["fractions"] = _project_fractions(project)
    return own


def _was_said(context: typer.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name != "DEFAULT"


def _project_fractions(project: Project) -> tuple[float, float, float]:
    try:
        return _parse_fractions(project.file.split.fractions)
    except typer.BadParameter as error:
        raise ProjectError(
            f"{project.where('split.fractions')}: fractions: {error.message}",
            remedy="write train, val and test parts that sum to 1",
        ) from error


def _parse_fractions(text: str) -> tuple[float, float, float]:
    try:
        train, val, test = (float(part) for part in text.split(","))
    except ValueError:
        raise typer.BadParameter(
            f"'{text}' is not three numbers such as 0.7,0.1,0.2", param_hint="--fractions"
        ) from None
    return train, val, test

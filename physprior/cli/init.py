"""``physprior init``: a project of one's own, in one folder."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from physprior.cli.console import remark, say
from physprior.paths import as_typed

if TYPE_CHECKING:
    from physprior.project.init import Made

_STEPS = """\
  physprior new OBJECT        write a commented entry for an object, such as door_closer
                              fill it in, and set 'status: reviewed'
  physprior check             say what is wrong in it, and what is missing
  physprior show OBJECT       print what the model will be taught
then, with videos in videos/OBJECT/train (sound) and videos/OBJECT/test/ANOMALY:
  physprior build             make the dataset
  physprior model base tiny   make the model to start from: small, for a laptop
  physprior train             train it
  physprior predict           try it on the test videos
  physprior report            say how good it is, where it fails, and what to edit
README.md says it again; physprior.yaml says where everything lies."""


def init_command(
    # Text, because Path("") is the current folder, and an unset variable gives "".
    folder: Annotated[str, typer.Argument(help="The folder; made if it is not there.")] = ".",
    github: Annotated[
        bool,
        typer.Option("--github", help="Add a workflow that checks the KB on every push to GitHub."),
    ] = False,
) -> None:
    """Start a project: a folder with a KB, templates, a recipe and settings for the editor.

    In it, and in folders below it, commands need no arguments: physprior.yaml says where everything
    lies. What is in the folder already stays as it is.
    """
    if not folder:
        raise typer.BadParameter(
            "the folder's name is empty; name one, '.' for this folder", param_hint="'FOLDER'"
        )
    from physprior.project.init import WORKFLOW, make_project

    _tell(make_project(Path(folder), _schemas(), github=github))
    if github:
        remark(f"say in {WORKFLOW} where physprior is to be installed from")


def _schemas() -> dict[str, str]:
    """The JSON Schemas of a project, by their place in it."""
    from physprior.knowledge.json_schema import kb_schema, schema_text, vocabulary_schema
    from physprior.project.init import KB_SCHEMA, PROJECT_SCHEMA, RECIPE_SCHEMA, VOCABULARY_SCHEMA
    from physprior.project.json_schema import project_schema
    from physprior.train.json_schema import recipe_schema

    return {
        KB_SCHEMA: schema_text(kb_schema()),
        VOCABULARY_SCHEMA: schema_text(vocabulary_schema()),
        PROJECT_SCHEMA: schema_text(project_schema()),
        RECIPE_SCHEMA: schema_text(recipe_schema()),
    }


def _tell(made: Made) -> None:
    """Say what was made, what stays, and what comes next."""
    here = made.folder.resolve() == Path.cwd()
    say(f"made a project in {'this folder' if here else made.folder}: {len(made.written)} files")
    for place, missing in made.kept.items():
        remark(f"{place} stays as it is{'; add to it:' if missing else ''}")
        for line in missing.splitlines():
            remark(f"  {line}")
    outer = _outer_project(made.folder)
    if outer is not None:
        remark(f"it lies in another project, {as_typed(outer)}, whose commands stop at its folder")
    say("\nnext:")
    if not here:
        say(f"  cd {shlex.quote(str(made.folder))}")
    say(_STEPS)


def _outer_project(folder: Path) -> Path | None:
    from physprior.project.find import FILE_NAME

    above = (parent / FILE_NAME for parent in folder.resolve().parents)
    return next((path for path in above if path.is_file()), None)

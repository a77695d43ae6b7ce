"""What a command takes from the project that it is given in, where a person has not said it.

What is typed beats the project, and the project beats what is shipped. Outside of any project
every command does what it does without one.
"""

from __future__ import annotations

from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from physprior.cli.console import remark
from physprior.cli.launched import is_main_process
from physprior.paths import as_typed

if TYPE_CHECKING:
    from physprior.project.project import Project

AS_SAID = "as physprior.yaml says"
"""The default that help shows for what a project says, and a command needs."""


class _Command:
    """What one command remembers of its project."""

    looked = False
    told = False
    project: Project | None = None


_COMMAND: ContextVar[_Command | None] = ContextVar("command", default=None)


def begin_command() -> None:
    """Forget the project of the command before, in a process that runs several."""
    _COMMAND.set(_Command())


def project_here() -> Project | None:
    """The project that this command is given in, or None; looked for once a command.

    Raises ProjectError where its file cannot be followed.
    """
    command = _memory()
    if not command.looked:
        from physprior.project.find import current_project

        command.project, command.looked = current_project(), True
    return command.project


def from_project() -> Project | None:
    """The project, of which something is about to be used; says once which it is."""
    project = project_here()
    command = _memory()
    if project is not None and not command.told and is_main_process():
        remark(f"project: {as_typed(project.path)}")
    command.told = True
    return project


def _memory() -> _Command:
    return _COMMAND.get() or _Command()


def need_project(missing: str) -> Project:
    """The project that is to say what ``missing`` (``VIDEOS``) stands for.

    Raises BadParameter where the command is not given in any.
    """
    project = from_project()
    if project is None:
        raise typer.BadParameter(
            f"nothing was named; name {missing}, or work in a project: 'physprior init' begins one",
            param_hint=missing,
        )
    return project


def typed(path: Path) -> Path:
    """A path of the project as a person would type it here, for messages that can be read."""
    return Path(as_typed(path))

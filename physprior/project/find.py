"""Which project a command is in: the nearest folder upwards that holds a project file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from physprior.errors import KnowledgeError, ProjectError
from physprior.paths import as_typed, is_pipe_or_device

if TYPE_CHECKING:
    from physprior.knowledge.diagnostic import Diagnostic, Position
    from physprior.knowledge.source import Source
    from physprior.project.project import Project

FILE_NAME = "physprior.yaml"
"""The file by which a folder is a project."""
VARIABLE = "PHYSPRIOR_PROJECT"
"""The environment variable that names a project's folder; it beats the current folder."""
_SHOWN = 20


def current_project() -> Project | None:
    """The project that is worked in: $PHYSPRIOR_PROJECT, or the nearest one upwards; or None.

    Raises ProjectError where the variable names no project, or its file cannot be followed.
    """
    named = os.environ.get(VARIABLE)
    if not named:
        return find_project(Path.cwd())
    # Of a user that is not there, "~nobody" stays as it is, and is told as a path to nothing.
    folder = Path(os.path.expanduser(named))
    if folder.name == FILE_NAME and folder.is_file():
        folder = folder.parent
    if not os.path.lexists(folder / FILE_NAME):
        raise ProjectError(
            f"{VARIABLE} is {named}, and there is no {FILE_NAME}",
            remedy=f"unset {VARIABLE}, or let it name the folder of a project",
        )
    return read_project(folder.resolve())


def find_project(start: Path) -> Project | None:
    """The project of the nearest folder, from ``start`` upwards, with a project file; or None.

    Raises ProjectError where that file cannot be followed.
    """
    begin = start.resolve()
    for folder in (begin, *begin.parents):
        if os.path.lexists(folder / FILE_NAME):
            return read_project(folder)
    return None


def read_project(folder: Path) -> Project:
    """The project of a folder. Raises ProjectError with everything that is wrong with its file."""
    # Most commands look for a project, and most of these find none.
    from physprior.knowledge import codes
    from physprior.knowledge.source import read_source
    from physprior.knowledge.validation import validate_as
    from physprior.project.project import Project
    from physprior.project.schema import ProjectFile

    path = folder / FILE_NAME
    remedy = "let it be a YAML file that you may read, or remove it"
    if is_pipe_or_device(path):
        raise ProjectError(f"cannot read {path}: it is no file", remedy=remedy)
    try:
        source = read_source(path)
    except KnowledgeError as error:
        raise ProjectError(error.message, remedy=remedy) from error
    findings = [found for found in source.diagnostics if found.code != codes.EMPTY_FILE.code]
    if source.data is None and not findings:
        # Every field has a default: a file without keys marks the folder.
        return Project(folder, ProjectFile())
    file, broken = validate_as(ProjectFile, source)
    findings += broken
    if file is None or findings:
        raise _unusable(path, sorted(findings))
    return Project(folder, file, _places(source))


def _places(source: Source) -> dict[str, Position]:
    return {".".join(map(str, path)): place for path, place in source.values.items() if path}


def _unusable(path: Path, findings: list[Diagnostic]) -> ProjectError:
    """All that is wrong, one line each, with what to do about it behind it."""
    if len(findings) == 1:
        return ProjectError(_where(path, findings[0]), remedy=_remedy(findings[0]))
    lines = [f"{_where(path, found)}; {_remedy(found)}" for found in findings[:_SHOWN]]
    if len(findings) > _SHOWN:
        lines.append(f"and {len(findings) - _SHOWN} more")
    return ProjectError("\n".join(lines), remedy="mend each line; docs/projects.md lists the keys")


def _where(path: Path, found: Diagnostic) -> str:
    return f"{as_typed(path)}:{found.line}:{found.column}: {found.message}"


def _remedy(found: Diagnostic) -> str:
    from physprior.knowledge import codes

    # What the KB's reader says of the top level is about an entry.
    if found.code == codes.NOT_A_MAPPING.code:
        return "write it as 'key: value' lines, such as 'videos: videos'"
    return found.remedy

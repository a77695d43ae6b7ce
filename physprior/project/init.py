"""A new project: what lies in its folder, written without touching what a person has there."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from physprior.errors import ProjectError
from physprior.files import write_together
from physprior.knowledge.load import VOCABULARY
from physprior.paths import kb_folder, templates_folder
from physprior.project.find import FILE_NAME
from physprior.project.layout import layout_bytes

KB_SCHEMA = ".physprior/kb.schema.json"
"""The JSON Schema of KB entries, by its place in a project."""
VOCABULARY_SCHEMA = ".physprior/vocabulary.schema.json"
"""The JSON Schema of the vocabulary, likewise."""
PROJECT_SCHEMA = ".physprior/project.schema.json"
"""The JSON Schema of the project file, likewise."""
RECIPE_SCHEMA = ".physprior/recipe.schema.json"
"""The JSON Schema of recipes, likewise."""
WORKFLOW = ".github/workflows/physprior.yml"
"""The workflow of GitHub Actions, likewise."""

_FILES = {
    "recipe.yaml": "recipe.yaml",
    "README.md": "README.md",
    ".gitignore": "gitignore",
    ".vscode/settings.json": "settings.json",
    ".vscode/extensions.json": "extensions.json",
    # Last: with it the folder is a project, and all else is there by then.
    FILE_NAME: FILE_NAME,
}
_PEOPLE_HAVE = ("README.md", ".gitignore", ".vscode/settings.json", ".vscode/extensions.json")
"""Files that stand in many folders; a project works with a person's own as well."""


@dataclass(frozen=True)
class Made:
    """What making a project did."""

    folder: Path
    """The project's folder."""
    written: tuple[str, ...]
    """The files that were written, by their place in the project."""
    kept: dict[str, str]
    """A person's files that stay as they are, each with what is to be added to it, if anything."""


def make_project(folder: Path, schemas: Mapping[str, str], *, github: bool = False) -> Made:
    """Make a folder a project; what a person has there stays as it is.

    ``schemas`` are the texts of JSON Schemas by their place in the project; with ``github`` comes a
    workflow that checks the KB there. All files are written, or none is.

    Raises ProjectError where the folder is a project already, is no folder, or holds files where
    the project's would be, and OutputError where it cannot be written.
    """
    if os.path.lexists(folder / FILE_NAME):
        raise ProjectError(
            f"{folder / FILE_NAME} is there: this is a project already",
            remedy="work in it, or name another folder",
        )
    if os.path.lexists(folder) and not folder.is_dir():
        raise ProjectError(f"{folder} is there, and is no folder", remedy="name another one")
    contents = _contents(schemas, github=github)
    there = _there(folder, contents)
    new = {place: data for place, data in contents.items() if place not in there}
    with _no_folder_left_behind(folder, new):
        write_together({folder / place: data for place, data in new.items()})
    kept = {
        place: _missing(place, theirs, contents[place])
        for place, theirs in there.items()
        if theirs != contents[place]
    }
    return Made(folder, tuple(new), kept)


def _contents(schemas: Mapping[str, str], *, github: bool) -> dict[str, bytes]:
    """The files of a project, by their place in it."""
    contents = {f"kb/{VOCABULARY}": (kb_folder() / VOCABULARY).read_bytes()}
    shipped = templates_folder()
    for path in sorted(shipped.rglob("*.j2")):
        contents[f"templates/{path.relative_to(shipped).as_posix()}"] = path.read_bytes()
    for place, schema in schemas.items():
        contents[place] = schema.encode("utf-8")
    if github:
        contents[WORKFLOW] = layout_bytes("github.yml")
    for place, name in _FILES.items():
        contents[place] = layout_bytes(name)
    return contents


def _there(folder: Path, contents: Mapping[str, bytes]) -> dict[str, bytes]:
    """What the files that are there and may stay hold. Raises ProjectError over any other."""
    stay: dict[str, bytes] = {}
    taken: list[str] = []
    for place, data in contents.items():
        path, blocked = folder / place, _no_folder_above(folder, place)
        if not blocked and not os.path.lexists(path):
            continue
        theirs = path.read_bytes() if path.is_file() else None
        if theirs is not None and (theirs == data or place in _PEOPLE_HAVE):
            stay[place] = theirs
        else:
            taken.append(blocked or place)
    if taken:
        listed = "\n".join(f"  {place}" for place in dict.fromkeys(taken))
        raise ProjectError(
            f"nothing was written: in {folder} these are in the way of the project's:\n{listed}",
            remedy="move them away or choose another folder; or, to work with them, write a"
            f" {FILE_NAME} yourself, which may be empty",
        )
    return stay


def _no_folder_above(folder: Path, place: str) -> str:
    """What stands where a folder above ``place`` has to be, and is none; or nothing."""
    for parent in reversed(PurePosixPath(place).parents[:-1]):
        path = folder / parent
        if os.path.lexists(path) and not path.is_dir():
            return str(parent)
    return ""


def _missing(place: str, theirs: bytes, ours: bytes) -> str:
    """What a person is to add to a file of theirs: settings whole, of lists what is not there."""
    if place == "README.md":
        return ""
    text = ours.decode("utf-8")
    if place != ".gitignore":
        return text.strip()
    there = {line.strip() for line in theirs.decode("utf-8", "replace").splitlines()}
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return "\n".join(line for line in lines if line not in there)


@contextlib.contextmanager
def _no_folder_left_behind(folder: Path, places: Mapping[str, bytes]) -> Iterator[None]:
    """Where writing fails, the folders that were made for it go again."""
    above = {parent for place in places for parent in (folder / place).parents}
    absent = sorted((path for path in above if not path.exists()), reverse=True)
    try:
        yield
    except BaseException:
        for path in absent:
            with contextlib.suppress(OSError):
                path.rmdir()
        raise

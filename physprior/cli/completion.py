"""What the tab key offers: categories, modes, recipes and rules, of the project where there is one.

A shell asks at every press of the key: nothing heavy is imported, and nothing is parsed that need
not be. Where a project cannot be followed, nothing of it is offered; the command itself says why.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from physprior.errors import PhyspriorError

_ID = re.compile(r"^id:[ \t]+([a-z0-9_]+)[ \t]*(?:#.*)?$", re.MULTILINE)


def categories(incomplete: str) -> list[str]:
    """The ids of the KB's categories."""
    return _beginning(incomplete, (name for path in _kb().glob("*.y*ml") if (name := _id(path))))


def modes(incomplete: str) -> list[str]:
    """The templates that are modes."""
    from physprior.paths import DESCRIBE

    stems = (path.stem for path in _templates().glob("*.j2"))
    return _beginning(incomplete, (name for name in stems if name != DESCRIBE))


def recipes(incomplete: str) -> list[str]:
    """The shipped recipes by name, and YAML files and folders by path."""
    from physprior.paths import recipes_folder

    names = [path.stem for path in recipes_folder().glob("*.yaml")]
    typed = Path(incomplete)
    folder = typed if incomplete.endswith("/") else typed.parent
    try:
        for path in folder.iterdir():
            if path.is_dir() and not path.name.startswith("."):
                names.append(f"{path}/")
            elif path.suffix in (".yaml", ".yml"):
                names.append(str(path))
    except OSError:
        pass
    return _beginning(incomplete, names)


def rules(incomplete: str) -> list[tuple[str, str]]:
    """The codes of the check's rules, each with its name."""
    from physprior.check.codes import CODES

    return [(code, CODES[code].name) for code in _beginning(incomplete, CODES)]


def _beginning(incomplete: str, names: Iterable[str]) -> list[str]:
    return sorted({name for name in names if name.startswith(incomplete)})


def _id(path: Path) -> str:
    """The id that an entry's file begins with; empty where it holds none, as the vocabulary."""
    try:
        with path.open(encoding="utf-8-sig") as stream:
            found = _ID.search(stream.read(4096))
    except (OSError, ValueError):
        return ""
    return found[1] if found else ""


def _kb() -> Path:
    from physprior.paths import kb_folder

    project = _project_folder("kb")
    return project or kb_folder()


def _templates() -> Path:
    from physprior.paths import templates_folder

    return _project_folder("templates") or templates_folder()


def _project_folder(key: str) -> Path | None:
    from physprior.project.find import current_project

    try:
        project = current_project()
    except PhyspriorError:
        return None
    return getattr(project, key) if project else None

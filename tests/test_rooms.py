"""Who may import whom, and who may import what is heavy (DESIGN, rooms)."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
BASE = {
    "errors",
    "files",
    "fingerprint",
    "line_file",
    "paths",
    "phys_ad",
    "processes",
    "provenance",
    "verdict",
    "__init__",
    "__main__",
}
HEAVY = {
    "datasets",
    "decord",
    "matplotlib",
    "peft",
    "pyarrow",
    "scipy",
    "openai",
    "sentence_transformers",
    "sklearn",
    "torch",
    "transformers",
    "trl",
}
MAY_IMPORT = {
    "knowledge": set(),
    "video": set(),
    "dialogue": {"knowledge"},
    "check": {"knowledge", "dialogue", "edit"},
    "edit": {"knowledge"},
    "endpoint": set(),
    "project": {"knowledge"},
    "preview": {"knowledge", "dialogue", "check", "video"},
    "draft": {"knowledge", "dialogue", "check", "video", "edit", "endpoint"},
    "simulate": {"knowledge", "video"},
    "dataset": {"knowledge", "video", "dialogue"},
    "stats": set(),
    "vlm": {"knowledge", "video", "dialogue", "check", "simulate", "dataset", "stats"},
}
MAY_IMPORT["train"] = {*MAY_IMPORT["vlm"], "vlm"}
MAY_IMPORT["eval"] = {*MAY_IMPORT["train"], "endpoint"}
MAY_IMPORT["pipeline"] = {*MAY_IMPORT["eval"], "train", "eval"}
MAY_IMPORT["cli"] = {*MAY_IMPORT["pipeline"], "pipeline", "project", "preview", "draft", "edit"}
LIGHT = set(MAY_IMPORT) - {"vlm", "train", "eval", "pipeline"}

ENTRY = "__main__.py"
"""Started and never imported, it stands above every room, wherever it lies."""

FOLDERS = {
    room: ROOT / room if room in ("train", "eval") else ROOT / "physprior" / room
    for room in MAY_IMPORT
}
MODULES = [
    (room, path) for room, folder in FOLDERS.items() for path in sorted(folder.rglob("*.py"))
]


def imports(tree: ast.AST) -> list[str]:
    found: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0 or node.module, "relative imports name their module"
            found += [f"{node.module}.{alias.name}" for alias in node.names]
    return found


@pytest.mark.parametrize(("room", "path"), MODULES, ids=lambda value: getattr(value, "name", value))
def test_a_room_imports_only_the_rooms_that_it_may(room: str, path: Path) -> None:
    for name in imports(ast.parse(path.read_text())):
        parts = name.split(".")
        assert "__main__" not in parts, f"{path}: {name}"
        ours = parts[0] == "physprior" and len(parts) > 1 and parts[1] not in BASE
        if ours and path.name != ENTRY:
            allowed = {*MAY_IMPORT[room], room}
            assert parts[1] in allowed or parts[1].startswith("__"), f"{path}: {name}"


@pytest.mark.parametrize(
    "path",
    [path for room, path in MODULES if room in LIGHT] + sorted((ROOT / "physprior").glob("*.py")),
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_nothing_heavy_is_imported_when_a_light_module_loads(path: Path) -> None:
    tree = ast.parse(path.read_text())
    for node in tree.body:
        names = (
            imports(ast.Module([node], [])) if isinstance(node, ast.Import | ast.ImportFrom) else []
        )
        assert not HEAVY & {name.split(".")[0] for name in names}, path


def test_every_room_was_looked_at() -> None:
    assert {room for room, _ in MODULES} == set(MAY_IMPORT)


def test_no_two_modules_of_tests_share_a_name() -> None:
    # pytest imports them by their name alone, so that one would be taken for the other.
    names = [path.name for path in (ROOT / "tests").rglob("*.py") if path.name != "conftest.py"]
    assert sorted(names) == sorted({*names})

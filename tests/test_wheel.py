"""A wheel holds all that the checkout does: each package, and each file that is no module."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
    "setuptools"
]
FOLDERS = {name: PurePosixPath(folder) for name, folder in SETTINGS["package-dir"].items()}


def files() -> Iterator[PurePosixPath]:
    """All files that belong in a wheel, by their place in the checkout."""
    for top in FOLDERS.values():
        for path in sorted((ROOT / top).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                yield PurePosixPath(path.relative_to(ROOT).as_posix())


MODULES = [path for path in files() if path.suffix == ".py"]
DATA = [path for path in files() if path.suffix != ".py"]


def folder_of(package: str) -> PurePosixPath:
    """Where a package lies in the checkout."""
    base = max((name for name in FOLDERS if f"{package}.".startswith(f"{name}.")), key=len)
    return FOLDERS[base].joinpath(*package.removeprefix(base).strip(".").split("."))


def is_shipped(path: PurePosixPath) -> bool:
    """Whether a pattern of the package data names a file that is no module."""
    named = (
        folder_of(package) / pattern
        for package, patterns in SETTINGS["package-data"].items()
        for pattern in patterns
    )
    return any(path.parent == pattern.parent and path.match(pattern.name) for pattern in named)


def test_every_folder_with_modules_is_a_package_of_the_wheel() -> None:
    assert {path.parent for path in MODULES} <= set(map(folder_of, SETTINGS["packages"]))


@pytest.mark.parametrize("path", DATA, ids=str)
def test_every_file_that_is_no_module_is_data_of_the_wheel(path: PurePosixPath) -> None:
    assert is_shipped(path)


@pytest.mark.parametrize("package", SETTINGS["package-data"])
def test_package_data_belongs_to_a_package_that_is_shipped(package: str) -> None:
    assert package in SETTINGS["packages"]


def test_the_rubrics_and_the_question_for_a_description_are_among_them() -> None:
    names = {"templates/judge/llm-score.j2", "templates/judge/paeval.j2", "templates/describe.j2"}
    assert names <= set(map(str, DATA))


def test_a_file_that_no_pattern_names_would_be_noticed() -> None:
    assert not is_shipped(PurePosixPath("templates/judge/more/mine.j2"))
    assert not is_shipped(PurePosixPath("eval/judge/words.txt"))

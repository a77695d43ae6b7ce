"""``physprior check`` as a process: what it prints, how it exits, and that it starts fast."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from physprior.paths import kb_folder, templates_folder

Command = Callable[..., Any]


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    path = tmp_path / "clip.yaml"
    path.write_text("id: clip\nname: a: b\n", encoding="utf-8")
    return path


def test_what_is_shipped_is_checked_by_default_and_clean(physprior: Command) -> None:
    done = physprior("check")
    count = len([*kb_folder().glob("*.yaml"), *templates_folder().rglob("*.j2")])
    assert (done.code, done.err) == (0, "")
    assert done.out == f"{count} files, no problems\n"


def test_problems_are_shown_with_line_caret_and_remedy_and_exit_with_1(
    broken: Path, physprior: Command
) -> None:
    done = physprior("check", broken)
    assert done.code == 1
    assert done.out == (
        f"{broken}:2:8: S001 syntax: a second ': ' in a text without quotes reads as another key\n"
        "    |\n"
        "  1 | id: clip\n"
        "  2 | name: a: b\n"
        "    |        ^\n"
        "  remedy: put the whole text between double quotes\n"
        "\n"
        "1 problem (1 error) in 1 of 1 file\n"
    )


def test_concise_prints_one_line_a_problem(broken: Path, physprior: Command) -> None:
    done = physprior("check", broken, "--format", "concise")
    assert done.code == 1
    first, closing = done.out.splitlines()
    assert first.startswith(f"{broken}:2:8: S001 syntax: ")
    assert closing == "1 problem (1 error) in 1 of 1 file"


def test_warnings_exit_with_1_too(sound: str, tmp_path: Path, physprior: Command) -> None:
    path = tmp_path / "pump.yaml"
    path.write_text(sound.replace("The plunger is bent", "The plunger may be bent"), "utf-8")
    done = physprior("check", path, "--format", "concise")
    assert done.code == 1
    assert done.out.endswith("\n1 problem (1 warning) in 1 of 1 file\n")


def test_what_is_passed_over_is_remarked_beside_the_result(
    sound: str, tmp_path: Path, physprior: Command
) -> None:
    (tmp_path / "pump.yaml").write_text(sound, "utf-8")
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text("base: tiny\n", "utf-8")
    done = physprior("check", tmp_path)
    assert (done.code, done.out) == (0, "1 file, no problems\n")
    assert done.err == f"passed over, neither KB entry nor template: {recipe}\n"


@pytest.mark.parametrize("arguments", [["absent.yaml"], ["--format", "xml"]])
def test_misuse_exits_with_2_and_no_result(
    arguments: list[str], physprior: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = physprior("check", *arguments)
    assert (done.code, done.out) == (2, "")
    assert arguments[-1] in done.err


def test_templates_that_are_in_the_cache_are_checked_without_jinja(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PHYSPRIOR_CACHE", str(tmp_path))
    script = (
        "import sys; from pathlib import Path; from physprior.check import check_paths;"
        f"check_paths([Path({str(templates_folder())!r})]); print('jinja2' in sys.modules)"
    )
    words = [sys.executable, "-c", script]
    said = [subprocess.run(words, capture_output=True, text=True).stdout for _ in range(2)]
    assert said == ["True\n", "False\n"]


def test_checking_entries_imports_nothing_heavy() -> None:
    script = (
        "import sys; from pathlib import Path; import physprior.cli.check;"
        "from physprior.check import check_paths;"
        f"check_paths([Path({str(kb_folder())!r})], cache=False);"
        "print(sorted({name.partition('.')[0] for name in sys.modules}"
        " & {'torch', 'transformers', 'numpy', 'jinja2', 'ruamel', 'datasets', 'av', 'scipy'}))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("[]\n", "")

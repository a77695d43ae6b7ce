"""``physprior check`` as a process: what it prints, how it exits, and that it starts fast."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from physprior.paths import kb_folder

# The command alone, as the main app runs it: the other commands' imports are not its doing.
COMMAND = """
import sys, typer
from physprior.cli.check import check_command
from physprior.errors import PhyspriorError
app = typer.Typer()
app.command()(check_command)
try:
    app(standalone_mode=True)
except PhyspriorError as error:
    sys.stderr.write(str(error)); sys.exit(2)
"""


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", COMMAND, *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
    )


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    path = tmp_path / "clip.yaml"
    path.write_text("id: clip\nname: a: b\n", encoding="utf-8")
    return path


def test_the_shipped_kb_is_checked_by_default_and_clean() -> None:
    done = run()
    assert done.returncode == 0
    assert done.stdout.endswith("files, no problems\n")
    assert done.stderr == ""


def test_problems_are_shown_with_line_caret_and_remedy_and_exit_with_1(broken: Path) -> None:
    done = run(broken)
    assert done.returncode == 1
    assert done.stdout == (
        f"{broken}:2:8: S001 syntax: a second ': ' in a text without quotes reads as another key\n"
        "    |\n"
        "  1 | id: clip\n"
        "  2 | name: a: b\n"
        "    |        ^\n"
        "  remedy: put the whole text between double quotes\n"
        "\n"
        "1 problem in 1 of 1 file\n"
    )


def test_concise_prints_one_line_a_problem(broken: Path) -> None:
    done = run(broken, "--format", "concise")
    assert done.returncode == 1
    first, closing = done.stdout.splitlines()
    assert first.startswith(f"{broken}:2:8: S001 syntax: ")
    assert closing == "1 problem in 1 of 1 file"


def test_a_missing_path_is_misuse(tmp_path: Path) -> None:
    done = run(tmp_path / "absent.yaml")
    assert done.returncode == 2
    assert done.stdout == ""
    assert "absent.yaml" in done.stderr


def test_an_unknown_format_is_misuse(broken: Path) -> None:
    assert run(broken, "--format", "xml").returncode == 2


def test_checking_imports_nothing_heavy() -> None:
    script = (
        "import sys; from pathlib import Path; import physprior.cli.check;"
        "from physprior.check import check_paths;"
        f"check_paths([Path({str(kb_folder())!r})]);"
        "print(sorted({name.partition('.')[0] for name in sys.modules}"
        " & {'torch', 'transformers', 'numpy', 'jinja2', 'ruamel', 'datasets', 'av', 'scipy'}))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("[]\n", "")

"""``physprior data simulate`` as a person runs it."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from physprior.cli.main import app

ARGUMENTS = [
    "--category",
    "ball",
    "--count",
    "4",
    "--size",
    "32",
    "--frames",
    "4",
    "--workers",
    "1",
]


def run(*arguments: str) -> object:
    return CliRunner().invoke(app, ["data", "simulate", *arguments])


def test_the_command_makes_what_its_options_say_and_counts_it(tmp_path: Path) -> None:
    result = run(str(tmp_path / "v"), *ARGUMENTS, "--fps", "10", "--seed", "3", "--instances", "2")
    assert result.exit_code == 0
    assert "ball/test/leak         1" in result.stdout
    assert f"simulation: {tmp_path / 'v'} (4 made)" in result.stdout
    options = json.loads((tmp_path / "v/simulation.json").read_text())["options"]
    assert options == {
        "categories": ["ball"],
        "count": 4,
        "instances": 2,
        "size": 32,
        "frames": 4,
        "fps": 10,
        "seed": 3,
    }


def test_run_again_it_says_that_all_was_there(tmp_path: Path) -> None:
    run(str(tmp_path / "v"), *ARGUMENTS)
    assert "(0 made, 4 were there)" in run(str(tmp_path / "v"), *ARGUMENTS).stdout


def test_an_odd_size_is_misuse(tmp_path: Path) -> None:
    result = run(str(tmp_path / "v"), "--size", "97")
    assert result.exit_code == 2
    assert not (tmp_path / "v").exists()

"""``physprior data simulate`` as a person runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
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
        "counts": "even",
        "count": 4,
        "instances": 2,
        "size": 32,
        "clips": "equal",
        "frames": 4,
        "fps": 10,
        "severity": [0.5, 1.0],
        "seed": 3,
    }


def test_run_again_it_says_that_all_was_there(tmp_path: Path) -> None:
    run(str(tmp_path / "v"), *ARGUMENTS)
    assert "(0 made, 4 were there)" in run(str(tmp_path / "v"), *ARGUMENTS).stdout


def test_an_odd_size_is_misuse(tmp_path: Path) -> None:
    result = run(str(tmp_path / "v"), "--size", "97")
    assert result.exit_code == 2
    assert not (tmp_path / "v").exists()


@pytest.mark.parametrize(
    ("arguments", "option"),
    [
        (("--counts", "phys-ad", "--count", "8"), "--count"),
        (("--counts", "phys-ad", "--instances", "8"), "--instances"),
        (("--clips", "phys-ad", "--frames", "8"), "--frames"),
        (("--clips", "phys-ad", "--fps", "8"), "--fps"),
        (("--severity", "0.2:1.2"), "--severity"),
        (("--severity", "0.9:0.1"), "--severity"),
        (("--severity", "slight"), "--severity"),
        (("--severity", "nan"), "--severity"),
        (("--severity", "0.2:"), "--severity"),
        (("--size", "4098"), "--size"),
        (("--fps", "1001"), "--fps"),
        (("--frames", "100001"), "--frames"),
        (("--frames", "2"), "--frames"),
    ],
)
def test_numbers_that_contradict_or_make_no_range_are_misuse(
    tmp_path: Path, arguments: tuple[str, ...], option: str
) -> None:
    result = run(str(tmp_path / "v"), *arguments)
    assert result.exit_code == 2
    assert f"Invalid value for {option}" in result.stderr.replace("'", "")
    assert not (tmp_path / "v").exists()


def test_one_severity_for_all_is_written_beside_each_anomaly(tmp_path: Path) -> None:
    assert run(str(tmp_path / "v"), *ARGUMENTS, "--severity", "0.25").exit_code == 0
    found = [
        json.loads(path.read_text())["severity"]
        for path in (tmp_path / "v/ball/test").rglob("*.json")
    ]
    assert sorted(found, key=str) == [0.25, 0.25, None]


def test_counts_and_clips_of_the_paper_are_made_for_the_category_that_is_asked_for(
    tmp_path: Path,
) -> None:
    arguments = ("--category", "hinge", "--counts", "phys-ad", "--size", "32", "--workers", "2")
    result = run(str(tmp_path / "v"), *arguments, "--clips", "phys-ad")
    assert result.exit_code == 0
    lines = [line.split() for line in result.stdout.splitlines()]
    assert ["hinge/train", "30"] in lines
    assert ["all", "90"] in lines
    sidecar = json.loads((tmp_path / "v/hinge/test/falloff/0000.json").read_text())
    assert (sidecar["frames"], sidecar["fps"]) == (120, 60)


def test_many_categories_are_counted_one_line_each(tmp_path: Path) -> None:
    result = run(str(tmp_path / "v"), "--count", "8", *ARGUMENTS[4:])
    assert result.exit_code == 0
    lines = [line.split() for line in result.stdout.splitlines()]
    assert ["ball", "2", "2", "4", "8"] in lines
    assert ["all", "44", "44", "88", "176"] in lines


def test_a_short_clip_is_remarked_on(tmp_path: Path) -> None:
    result = run(str(tmp_path / "v"), *ARGUMENTS)
    assert result.exit_code == 0
    assert "clips of 0.13 s are short: the machines move for 1 to 4 s" in result.stderr


def test_a_clip_in_which_nothing_can_move_is_refused_at_the_options_own_bound(
    tmp_path: Path,
) -> None:
    from physprior.simulate.plan import LEAST_S

    least = round(30 * LEAST_S)
    for frames, status in ((least - 1, 2), (least, 0)):
        arguments = (*ARGUMENTS, "--frames", str(frames), "--fps", "30")
        assert run(str(tmp_path / "v"), *arguments).exit_code == status


def test_the_commands_limits_are_those_of_the_options() -> None:
    from physprior.simulate.plan import MOST_FPS, MOST_FRAMES, MOST_SIDE

    text = run("--help").stdout
    for most in (MOST_SIDE, MOST_FRAMES, MOST_FPS):
        assert f"<={most}" in text

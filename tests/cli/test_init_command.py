"""``physprior init`` and ``physprior new`` as they are typed, one after the other."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from physprior.cli.main import app

Physprior = Callable[..., Any]


@pytest.fixture(autouse=True)
def _no_other_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PHYSPRIOR_PROJECT", raising=False)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new project."""
    folder = tmp_path_factory.mktemp("made") / "door"
    assert CliRunner().invoke(app, ["init", str(folder)]).exit_code == 0
    return folder


@pytest.fixture
def door(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A new project of the test's own, which is the current folder."""
    folder = Path(shutil.copytree(made, tmp_path / "door"))
    monkeypatch.chdir(folder)
    return folder


def test_the_next_steps_are_commands_that_there_are(
    tmp_path: Path, physprior: Physprior, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    outcome = physprior("init", "my door")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.startswith("made a project in my door: ")
    assert "\nnext:\n  cd 'my door'\n  physprior new OBJECT " in outcome.out
    steps = re.findall(r"^  physprior ((?:model )?\w+)", outcome.out, re.M)
    assert steps == [
        *("new", "check", "show", "build", "model base", "train", "predict", "report"),
    ]
    for step in steps:
        command = typer.main.get_command(app)
        for word in step.split():
            command = command.commands[word]  # type: ignore[attr-defined]


def test_the_schemas_for_the_editor_are_those_that_kb_schema_writes(
    door: Path, physprior: Physprior
) -> None:
    settings = json.loads((door / ".vscode/settings.json").read_text())
    places = sorted(settings["yaml.schemas"])
    assert places == sorted(f".physprior/{path.name}" for path in (door / ".physprior").iterdir())
    for place in places:
        kind = Path(place).name.partition(".")[0]
        assert (door / place).read_text() == physprior("kb", "schema", "--for", kind).out


def test_in_the_current_folder_there_is_no_cd(
    tmp_path: Path, physprior: Physprior, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    outcome = physprior("init")
    assert outcome.out.startswith("made a project in this folder: ")
    assert "  cd " not in outcome.out


def test_what_stays_is_said_with_what_to_add(
    tmp_path: Path, physprior: Physprior, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(".gitignore").write_text("*.pyc\n")
    Path("README.md").write_text("Doors.\n")
    outcome = physprior("init")
    assert (outcome.code, outcome.err) == (
        0,
        "README.md stays as it is\n.gitignore stays as it is; add to it:\n  work/\n",
    )


def test_a_project_within_a_project_is_remarked(door: Path, physprior: Physprior) -> None:
    outcome = physprior("init", "inner")
    assert outcome.code == 0
    assert outcome.err == (
        "it lies in another project, physprior.yaml, whose commands stop at its folder\n"
    )


def test_a_second_init_is_refused_in_one_message(door: Path, physprior: Physprior) -> None:
    outcome = physprior("init")
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err == (
        "error: physprior.yaml is there: this is a project already\n"
        "  remedy: work in it, or name another folder\n"
    )


def test_an_empty_name_is_not_the_current_folder(
    tmp_path: Path, physprior: Physprior, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    outcome = physprior("init", "")
    assert (outcome.code, outcome.out) == (2, "")
    assert "the folder's name is empty" in outcome.err
    assert list(tmp_path.iterdir()) == []


def test_a_new_entry_passes_the_check_of_the_project(door: Path, physprior: Physprior) -> None:
    outcome = physprior("new", "door_closer")
    assert outcome.code == 0
    assert outcome.out == (
        "wrote kb/door_closer.yaml, a draft with 35 TODOs\n"
        "next: replace each TODO, set 'status: reviewed', and run\n"
        "  physprior check kb/door_closer.yaml\n"
    )
    first = (door / "kb/door_closer.yaml").read_text().splitlines()[0]
    assert first == "# yaml-language-server: $schema=../.physprior/kb.schema.json"
    assert (door / "kb" / first.partition("=")[2]).is_file()
    assert physprior("check").code == 0


def test_what_is_known_stands_in_the_entry(door: Path, physprior: Physprior) -> None:
    from physprior.knowledge import load_entry

    words = ["--name", "Door closer", "--actuator", "robot_arm", "--action", "push"]
    words += ["--action", "release", "--phase", "open", "--phase", "close"]
    words += ["--anomaly", "slams_shut", "--anomaly", "stays_open"]
    assert physprior("new", "door_closer", *words).code == 0
    category = load_entry(door / "kb/door_closer.yaml").category
    assert category.name == "Door closer"
    assert (category.interaction.actuator, category.interaction.actions) == (
        "robot_arm",
        ("push", "release"),
    )
    assert [phase.id for phase in category.prior.motion.phases] == ["open", "close"]
    assert [(one.id, one.name) for one in category.anomalies] == [
        ("slams_shut", "slams shut"),
        ("stays_open", "stays open"),
    ]


def test_an_entry_goes_to_the_kb_that_the_project_names(door: Path, physprior: Physprior) -> None:
    text = (door / "physprior.yaml").read_text()
    (door / "physprior.yaml").write_text(
        text.replace("kb: kb", "kb: facts/kb").replace("videos: videos", "videos: clips")
    )
    (door / "facts").mkdir()
    (door / "kb").rename(door / "facts/kb")
    assert physprior("new", "door_closer").code == 0
    entry = (door / "facts/kb/door_closer.yaml").read_text()
    assert entry.startswith("# yaml-language-server: $schema=../../.physprior/kb.schema.json\n")
    assert "clips/door_closer/train" in entry


def test_words_of_the_project_s_own_vocabulary_are_words(door: Path, physprior: Physprior) -> None:
    lists = door / "kb/vocabulary.yaml"
    lists.write_text(lists.read_text().replace("actuators:\n", "actuators:\n  winch: It pulls.\n"))
    assert physprior("new", "pendulum", "--actuator", "winch").code == 0
    assert "One of: winch, " in (door / "kb/pendulum.yaml").read_text()


def test_outside_of_a_project_the_folder_is_named(
    tmp_path: Path, physprior: Physprior, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    outcome = physprior("new", "valve")
    assert outcome.code == 2
    assert "'physprior init'" in outcome.err
    Path("kb").mkdir()
    assert physprior("new", "valve", "--kb", "kb").code == 0
    # There is no schema for the editor here.
    assert Path("kb/valve.yaml").read_text().startswith("# valve, a kind of object.\n")


@pytest.mark.parametrize(
    ("words", "says", "remedy"),
    [
        (["Valve"], "the category 'Valve' is no id", "did you mean 'valve'?"),
        (["door_closer"], "kb/door_closer.yaml is there already", "edit that file"),
        (["Door-closer"], "is no id", "did you mean 'door_closer'?"),
        (["vocabulary"], "no category can be called 'vocabulary'", "choose another id"),
        (["valve", "--kb", "absent"], "absent is not a folder", "name a folder"),
        (
            ["valve", "--actuator", "griper"],
            "valve.yaml would not pass: 'griper' is not among the actuators",
            "did you mean 'gripper'?",
        ),
        (["valve", "--anomaly", "good"], "'good' already means the class without", "own"),
        (["valve", "--anomaly", "leak", "--anomaly", "leak"], "'leak' already means", "own"),
        (["valve", "--phase", "turn", "--phase", "turn"], "'turn'", ""),
        (["valve", "--name", "{{ x }}"], "would not pass", ""),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_written_is_one_message_and_writes_nothing(
    words: list[str], says: str, remedy: str, door: Path, physprior: Physprior
) -> None:
    (door / "kb/door_closer.yaml").write_text("id: door_closer\n")
    before = {path: path.read_bytes() for path in sorted(door.rglob("*.yaml"))}
    outcome = physprior("new", *words)
    assert (outcome.code, outcome.out) == (2, "")
    message = outcome.err.removeprefix("project: physprior.yaml\n")
    problem, told = message.splitlines()
    assert problem.startswith("error: ")
    assert says in problem
    assert told.startswith("  remedy: ")
    assert remedy in told
    assert {path: path.read_bytes() for path in sorted(door.rglob("*.yaml"))} == before


def test_a_kb_folder_that_is_gone_is_named_with_its_line(door: Path, physprior: Physprior) -> None:
    (door / "kb").rename(door / "knowledge")
    outcome = physprior("new", "valve")
    assert (outcome.code, outcome.out) == (2, "")
    assert re.search(r"physprior\.yaml:\d+:\d+: ", outcome.err)
    assert not (door / "kb").exists()


def test_a_project_is_begun_without_a_model_library(tmp_path: Path) -> None:
    script = (
        "import sys\nfrom physprior.cli.main import run\n"
        "try:\n    run()\nfinally:\n    print({'torch', 'transformers'} & {*sys.modules})"
    )
    words = [sys.executable, "-c", script, "init", str(tmp_path / "door")]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.stdout.endswith("\nset()\n")

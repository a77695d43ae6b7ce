"""``physprior kb schema``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft7Validator
from typer.testing import CliRunner

from physprior.cli.main import app
from physprior.knowledge.json_schema import kb_schema, schema_text, vocabulary_schema
from physprior.project.find import FILE_NAME
from physprior.project.json_schema import project_schema
from physprior.train.json_schema import recipe_schema

VOCABULARY = """\
actuators: {crane: It lifts.}
actions: {lift: Bring it up.}
properties: {strong: It bears the load.}
"""


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PHYSPRIOR_PROJECT", raising=False)
    return tmp_path


def actuators(text: str) -> list[str]:
    return json.loads(text)["properties"]["interaction"]["properties"]["actuator"]["enum"]


@pytest.mark.parametrize(
    ("wanted", "schema"),
    [
        ([], kb_schema()),
        (["--for", "kb"], kb_schema()),
        (["--for", "vocabulary"], vocabulary_schema()),
        (["--for", "project"], project_schema()),
        (["--for", "recipe"], recipe_schema()),
    ],
)
def test_the_schema_that_is_asked_for_is_printed(wanted: list[str], schema: object) -> None:
    result = CliRunner().invoke(app, ["kb", "schema", *wanted])
    assert result.exit_code == 0
    assert json.loads(result.stdout) == schema
    Draft7Validator.check_schema(json.loads(result.stdout))


def test_a_schema_is_written_to_a_file_whose_folder_is_made(nowhere: Path) -> None:
    result = CliRunner().invoke(app, ["kb", "schema", "-o", ".physprior/kb.schema.json"])
    assert result.exit_code == 0
    assert result.stdout == ""
    assert result.stderr == "wrote .physprior/kb.schema.json\n"
    written = (nowhere / ".physprior/kb.schema.json").read_text(encoding="utf-8")
    assert written == schema_text(kb_schema())


@pytest.mark.parametrize("kind", ["kb", "project", "recipe"])
def test_a_new_project_s_schemas_are_those_that_are_printed(nowhere: Path, kind: str) -> None:
    CliRunner().invoke(app, ["init"])
    printed = CliRunner().invoke(app, ["kb", "schema", "--for", kind]).stdout
    assert (nowhere / f".physprior/{kind}.schema.json").read_text(encoding="utf-8") == printed


def test_a_project_s_own_words_stand_in_its_schema(nowhere: Path) -> None:
    (nowhere / FILE_NAME).write_text("kb: entries\n")
    (nowhere / "entries").mkdir()
    (nowhere / "entries/vocabulary.yaml").write_text(VOCABULARY)
    assert actuators(CliRunner().invoke(app, ["kb", "schema"]).stdout) == ["crane"]


def test_a_project_without_words_of_its_own_has_the_shipped_ones(nowhere: Path) -> None:
    (nowhere / FILE_NAME).write_text("kb: entries\n")
    assert "gripper" in actuators(CliRunner().invoke(app, ["kb", "schema"]).stdout)


def test_a_broken_vocabulary_of_a_project_is_told_and_nothing_is_written(nowhere: Path) -> None:
    (nowhere / FILE_NAME).write_text("kb: entries\n")
    (nowhere / "entries").mkdir()
    (nowhere / "entries/vocabulary.yaml").write_text("actuators: {}\n")
    result = CliRunner().invoke(app, ["kb", "schema", "-o", "kb.schema.json"])
    assert result.exit_code != 0
    assert "vocabulary.yaml" in str(result.exception)
    assert not (nowhere / "kb.schema.json").exists()


def test_an_unknown_kind_is_misuse_that_names_the_kinds() -> None:
    result = CliRunner().invoke(app, ["kb", "schema", "--for", "templates"])
    assert result.exit_code == 2
    assert "'kb', 'vocabulary', 'project', 'recipe'" in result.stderr


def test_a_place_that_cannot_be_written_is_told(nowhere: Path) -> None:
    (nowhere / "taken").write_text("a file")
    result = CliRunner().invoke(app, ["kb", "schema", "-o", "taken/kb.schema.json"])
    assert result.exit_code != 0
    assert "taken" in str(result.exception)

"""What a new project holds, and that it never touches what a person has in its folder."""

from __future__ import annotations

import json
import re
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from physprior.check import check_paths
from physprior.dialogue import Templates
from physprior.errors import OutputError, ProjectError
from physprior.paths import templates_folder
from physprior.project.find import find_project
from physprior.project.init import WORKFLOW, Made, make_project
from physprior.project.layout import layout_bytes
from physprior.project.schema import ProjectFile
from physprior.train.recipe import Recipe, read_recipe

SCHEMAS = {".physprior/kb.schema.json": '{"title": "entry"}\n'}
PROJECT = {
    *("physprior.yaml", "recipe.yaml", "README.md", ".gitignore", "kb/vocabulary.yaml"),
    *(".vscode/settings.json", ".vscode/extensions.json", ".physprior/kb.schema.json"),
}


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def make(folder: Path, **options: bool) -> Made:
    return make_project(folder, SCHEMAS, **options)


def test_a_project_holds_kb_templates_recipe_and_settings(tmp_path: Path) -> None:
    made = make(tmp_path / "door")
    shipped = {f"templates/{name}" for name in files(templates_folder()) if name.endswith(".j2")}
    assert set(files(tmp_path / "door")) == PROJECT | shipped == set(made.written)
    assert not made.kept


def test_its_templates_are_those_that_are_shipped(tmp_path: Path) -> None:
    make(tmp_path)
    shipped = Templates(templates_folder())
    assert Templates(tmp_path / "templates").modes() == shipped.modes()
    assert files(tmp_path / "templates/judge") == files(templates_folder() / "judge")


def test_its_file_says_what_holds_without_it(tmp_path: Path) -> None:
    make(tmp_path)
    project = find_project(tmp_path)
    assert project is not None
    assert project.file == ProjectFile()


def test_every_key_of_its_file_stands_below_a_comment() -> None:
    lines = layout_bytes("physprior.yaml").decode().splitlines()
    for key in ProjectFile.model_fields:
        at = next(number for number, line in enumerate(lines) if line.startswith(f"{key}:"))
        assert lines[at - 1].startswith("# "), key


def test_the_check_finds_nothing_in_it(tmp_path: Path) -> None:
    make(tmp_path)
    assert check_paths([tmp_path], cache=False).diagnostics == ()


def test_its_recipe_can_be_followed_once_the_project_has_named_the_rest(tmp_path: Path) -> None:
    make(tmp_path)
    named = ["base=work/base", "dataset=work/dataset", "out=work/run"]
    recipe = read_recipe(str(tmp_path / "recipe.yaml"), named)
    assert (recipe.tune, recipe.keep) == ("layers", "best")


def test_what_its_recipe_says_of_the_7b_names_what_there_is() -> None:
    text = layout_bytes("recipe.yaml").decode()
    named = dict(re.findall(r"^# {3}(\w+): (\S+)", text, re.M))
    ProjectFile.model_validate(named)
    assert read_recipe(named["recipe"], ["dataset=x", "out=y"]).base == named["base"]
    for other in re.findall(r"video_llava_\w+", text):
        read_recipe(other, ["dataset=x", "out=y"])


def test_every_field_of_its_recipe_has_its_reason_beside_it_or_above() -> None:
    for paragraph in layout_bytes("recipe.yaml").decode().split("\n\n")[1:]:
        for line in paragraph.splitlines():
            assert "#" in line or paragraph.startswith("# "), line
            assert line.startswith("#") or line.partition(":")[0] in Recipe.model_fields, line


def test_its_settings_give_each_file_its_schema_and_the_vocabulary_none(tmp_path: Path) -> None:
    make(tmp_path)
    settings = json.loads((tmp_path / ".vscode/settings.json").read_text())
    schemas = settings["yaml.schemas"]
    assert set(schemas) == {
        ".physprior/kb.schema.json",
        ".physprior/vocabulary.schema.json",
        ".physprior/project.schema.json",
        ".physprior/recipe.schema.json",
    }
    assert "!kb/vocabulary.yaml" in schemas[".physprior/kb.schema.json"]


def test_git_ignores_what_is_made_and_nothing_else(tmp_path: Path) -> None:
    make(tmp_path)
    lines = (tmp_path / ".gitignore").read_text().splitlines()
    assert [line for line in lines if not line.startswith("#")] == ["work/"]
    made = ProjectFile()
    for place in (made.dataset, made.base, made.run, made.results):
        assert place.startswith("work/")


def test_the_workflow_comes_only_when_it_is_asked_for(tmp_path: Path) -> None:
    make(tmp_path / "without")
    make(tmp_path / "with", github=True)
    assert not (tmp_path / "without" / WORKFLOW).exists()
    workflow = yaml.safe_load((tmp_path / "with" / WORKFLOW).read_text())
    steps = workflow["jobs"]["check"]["steps"]
    assert any("physprior check" in step.get("run", "") for step in steps)


def test_the_same_project_has_the_same_bytes(tmp_path: Path) -> None:
    make(tmp_path / "a", github=True)
    make(tmp_path / "b", github=True)
    assert files(tmp_path / "a") == files(tmp_path / "b")


# In a folder that is not empty


def test_other_files_stay_beside_it(tmp_path: Path) -> None:
    (tmp_path / "kb").mkdir()
    (tmp_path / "kb/mine.txt").write_text("mine")
    (tmp_path / "notes.md").write_text("mine")
    assert not make(tmp_path).kept
    assert (tmp_path / "kb/mine.txt").read_text() == (tmp_path / "notes.md").read_text() == "mine"


def test_a_project_is_not_made_twice(tmp_path: Path) -> None:
    make(tmp_path)
    before = files(tmp_path)
    with pytest.raises(ProjectError, match="a project already"):
        make(tmp_path)
    assert files(tmp_path) == before


def test_files_in_the_way_are_all_listed_and_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "recipe.yaml").write_text("tune: lora\n")
    (tmp_path / "templates").write_text("no folder")
    (tmp_path / "kb").mkdir()
    (tmp_path / "kb/vocabulary.yaml").symlink_to("nowhere")
    before = files(tmp_path)
    with pytest.raises(ProjectError) as caught:
        make(tmp_path)
    listed = caught.value.message.splitlines()[1:]
    assert listed == ["  kb/vocabulary.yaml", "  templates", "  recipe.yaml"]
    assert files(tmp_path) == before
    assert not (tmp_path / ".vscode").exists()


def test_files_that_people_have_anyway_stay_and_what_to_add_is_said(tmp_path: Path) -> None:
    (tmp_path / ".vscode").mkdir()
    theirs = {"README.md": "Doors\n", ".gitignore": "*.pyc", ".vscode/settings.json": "{}"}
    for name, text in theirs.items():
        (tmp_path / name).write_text(text)
    made = make(tmp_path)
    assert {name: (tmp_path / name).read_text() for name in theirs} == theirs
    assert set(made.kept) == set(theirs)
    assert (made.kept["README.md"], made.kept[".gitignore"]) == ("", "work/")
    assert json.loads(made.kept[".vscode/settings.json"])["yaml.schemas"]


def test_what_is_in_a_list_already_is_not_to_be_added(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("*.pyc\nwork/\n")
    assert make(tmp_path).kept == {".gitignore": ""}


def test_files_that_an_interrupted_init_has_left_are_no_obstacle(tmp_path: Path) -> None:
    make(tmp_path)
    (tmp_path / "physprior.yaml").unlink()
    made = make(tmp_path)
    assert (made.written, made.kept) == (("physprior.yaml",), {})


def test_a_file_where_the_folder_would_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "door").write_text("")
    with pytest.raises(ProjectError, match="door is there, and is no folder"):
        make(tmp_path / "door")


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "door").write_text("")
    with pytest.raises(OutputError, match=r"cannot write .*door/closer"):
        make(tmp_path / "door/closer")


@contextmanager
def _disk_full_after(size: int) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_where_one_file_cannot_be_written_none_is_and_no_folder_is_left(tmp_path: Path) -> None:
    largest = max(len(data) for data in files(templates_folder()).values())
    with _disk_full_after(largest - 1), pytest.raises(OutputError, match="File too large"):
        make(tmp_path / "new/door")
    assert list(tmp_path.iterdir()) == []

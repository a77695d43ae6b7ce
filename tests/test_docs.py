"""The documentation keeps up with the code: nothing undocumented, no dead link, no false line."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from types import UnionType
from typing import Any, Literal, get_args, get_origin

import pytest
import typer
import yaml
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from typer.testing import CliRunner

from physprior.check.codes import CODES
from physprior.check.rule import Rule
from physprior.check.rules import rules
from physprior.cli.main import app
from physprior.knowledge.codes import CODES as READING_CODES
from physprior.knowledge.schema import Category
from physprior.knowledge.vocabulary import Vocabulary
from physprior.paths import kb_folder
from physprior.project.schema import ProjectFile
from physprior.train.recipe import Recipe, read_recipe

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
ROOM_FOR_WORKERS = "as many as cores, at most 8"


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def rows(text: str) -> dict[str, list[str]]:
    """The rows of all tables in a text, by each name in backticks in their first cell."""
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        if line.startswith("| `"):
            cells = [cell.strip() for cell in line.strip("|").split(" | ")]
            for name in re.findall("`([^`]+)`", cells[0]):
                found[name] = cells
    return found


def blocks(text: str, language: str) -> list[str]:
    """The fenced blocks of one language, those inside lists without their indent."""
    found = re.finditer(rf"^( *)```{language}\n(.*?)^ *```$", text, re.S | re.M)
    return [re.sub(f"^{match[1]}", "", match[2], flags=re.M) for match in found]


# Commands and their options


def commands(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    yield name, command
    for child, below in getattr(command, "commands", {}).items():
        yield from commands(below, f"{name} {child}")


TREE = dict(commands(typer.main.get_command(app), "physprior"))
LEAVES = {
    name: command
    for name, command in TREE.items()
    if name == "physprior" or not hasattr(command, "commands")
}
SECTIONS = dict(
    re.findall(
        r"^## (physprior[^\n]*)\n(.*?)(?=^## |\Z)", read("docs/commands.md"), re.DOTALL | re.M
    )
)


def names_of(setting: Any) -> list[str]:
    if setting.param_type_name == "argument":
        return [setting.name.upper()]
    return [*setting.opts, *setting.secondary_opts]


def default_of(setting: Any) -> str:
    """What the second cell of a setting's row must say."""
    if setting.required:
        return "required"
    if setting.name == "workers":
        return ROOM_FOR_WORKERS
    if isinstance(setting.show_default, str):
        return setting.show_default
    if getattr(setting, "is_flag", False):
        return "on" if setting.default is True else "off"
    if setting.default is None:
        return "none"
    default = setting.default
    return f"`{default.value if isinstance(default, Enum) else default}`"


def test_the_commands_page_has_a_section_for_each_command_and_no_other() -> None:
    assert sorted(SECTIONS) == sorted(LEAVES)


@pytest.mark.parametrize("name", sorted(LEAVES))
def test_a_command_s_section_has_its_arguments_and_options_and_no_others(name: str) -> None:
    real = {word for setting in LEAVES[name].params for word in names_of(setting)}
    assert set(rows(SECTIONS[name])) - {"--help"} == real - {"--help"}


@pytest.mark.parametrize("name", sorted(set(LEAVES) - {"physprior"}))
def test_a_command_s_section_gives_the_real_defaults(name: str) -> None:
    described = rows(SECTIONS[name])
    for setting in LEAVES[name].params:
        assert described[names_of(setting)[0]][1] == default_of(setting), setting.name


# Command lines


def lines_of(page: Path) -> Iterator[str]:
    for block in blocks(page.read_text(encoding="utf-8"), "sh"):
        for line in block.replace("\\\n", " ").splitlines():
            line = line.strip().removeprefix(".venv/bin/")
            if line.startswith("physprior"):
                yield line


LINES = [(page.name, line) for page in PAGES for line in lines_of(page)]


def parse(line: str) -> tuple[str, dict[str, Any]]:
    """A command line as typer reads it: the command's name and its values, unless it is misuse."""
    words = shlex.split(line, comments=True)
    name = words.pop(0)
    while hasattr(TREE[name], "commands"):
        assert words, f"'{line}' names no command"
        name = f"{name} {words.pop(0)}"
        assert name in TREE, f"there is no command '{name}'"
    return name, TREE[name].make_context(name, words).params


@pytest.mark.parametrize(("page", "line"), LINES)
def test_a_command_line_names_an_existing_command_and_existing_options(
    page: str, line: str
) -> None:
    if line == "physprior --version":
        return  # the one line without a command
    name, values = parse(line)
    shipped = values.get("recipe") or ""  # a project's own, if it is not named
    if name == "physprior train" and shipped and not shipped.endswith(".yaml"):
        read_recipe(values["recipe"], values["overrides"] or [])


def test_the_tour_takes_each_step_of_the_way() -> None:
    tour = read("README.md").partition("## A short tour")[2].partition("\n## ")[0]
    lines = "".join(blocks(tour, "sh")).splitlines()
    steps = [
        parse(line)[0].removeprefix("physprior ") for line in lines if line.startswith("physprior")
    ]
    assert steps == [
        "check",
        "show",
        "data simulate",
        "build",
        "model base",
        "train",
        "predict",
        "score",
        "report",
        "diagnose",
    ]


def test_a_line_with_an_unknown_option_would_be_noticed() -> None:
    with pytest.raises(Exception, match="No such option"):
        parse("physprior check --colour")


SHOWN = re.findall(
    r"^```sh\n(physprior (?:check|show)[^\n]*)\n```\n\n```text\n(.*?)^```$",
    read("README.md"),
    re.S | re.M,
)


@pytest.mark.parametrize(("line", "output"), SHOWN, ids=[line for line, _ in SHOWN])
def test_what_the_readme_shows_below_a_command_is_what_it_prints(line: str, output: str) -> None:
    assert CliRunner().invoke(app, shlex.split(line)[1:]).stdout == output


def test_the_readme_shows_what_check_and_show_print() -> None:
    assert [line.split()[1] for line, _ in SHOWN] == ["check", "show"]


# The knowledge base


def schema_fields(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, FieldInfo]]:
    for name, field in model.model_fields.items():
        path, kind = prefix + name, field.annotation
        yield path, field
        inner = get_args(kind)[0] if get_origin(kind) is tuple else kind
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            below = "[]." if inner is not kind else "."
            yield from schema_fields(inner, path + below)


FIELDS = dict(schema_fields(Category))
KB_PAGE = read("docs/kb.md")
CHECK_PAGE = read("docs/check.md")


def test_the_kb_page_has_every_field_of_the_schema_and_no_other() -> None:
    table = KB_PAGE.partition("## Fields")[2].partition("\n## ")[0]
    assert set(rows(table)) == set(FIELDS)


@pytest.mark.parametrize("path", FIELDS)
def test_a_schema_field_is_described_with_what_it_must_be(path: str) -> None:
    field, said = FIELDS[path], rows(KB_PAGE)[path][1]
    assert said.startswith("required" if field.is_required() else "optional")
    for choice in get_args(field.annotation) if get_origin(field.annotation) is Literal else ():
        assert f"`{choice}`" in said
    for least in (rule.min_length for rule in field.metadata if hasattr(rule, "min_length")):
        if get_origin(field.annotation) is tuple:
            assert f"at least {least} " in said


def test_the_check_page_has_every_finding_s_code_name_and_meaning_and_no_other() -> None:
    described = re.findall(r"^\| `([A-Z]\d+)` \| `([^`]+)` \| ([^|]+) \|", CHECK_PAGE, re.M)
    assert len(described) == len(CODES)
    assert set(described) == {(code.code, code.name, code.summary) for code in CODES.values()}


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.code)
def test_the_check_page_says_how_severe_a_rule_is_and_whether_drafts_are_held_to_it(
    rule: Rule,
) -> None:
    assert rows(CHECK_PAGE)[rule.code][3:] == [rule.severity, "yes" if rule.drafts else "no"]


def test_the_check_page_says_what_to_do_as_the_codes_do() -> None:
    said = {code: cells[3] for code, cells in rows(CHECK_PAGE).items() if code.startswith("S0")}
    assert said == {code.code: code.advice for code in READING_CODES}


def test_the_kb_page_has_every_list_of_the_vocabulary() -> None:
    assert set(Vocabulary.model_fields) <= set(rows(KB_PAGE))


def test_the_finding_on_the_check_page_is_what_check_prints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = (kb_folder() / "clip.yaml").read_text(encoding="utf-8")
    (tmp_path / "kb").mkdir()
    broken = entry.replace("onset: persistent", "onsett: persistent", 1)
    (tmp_path / "kb/clip.yaml").write_text(broken, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, ["check", "kb/clip.yaml"])
    assert result.stdout in blocks(CHECK_PAGE, "text")


# Projects


PROJECT_FIELDS = dict(schema_fields(ProjectFile))


def project_rows() -> dict[str, list[str]]:
    return rows(read("docs/projects.md").partition("## Fields")[2].partition("\n## ")[0])


def test_the_projects_page_has_every_field_of_a_project_file_and_no_other() -> None:
    assert set(project_rows()) == set(PROJECT_FIELDS)


@pytest.mark.parametrize("path", PROJECT_FIELDS)
def test_a_project_file_s_field_is_described_with_its_default_and_its_choices(path: str) -> None:
    field, row = PROJECT_FIELDS[path], project_rows()[path]
    default = field.get_default(call_default_factory=True)
    if not isinstance(default, BaseModel):
        assert row[1] == ("none" if default is None else f"`{default}`")
    for choice in choices_of(field.annotation):
        assert f"`{choice}`" in " ".join(row)


# Recipes


RECIPES_PAGE = read("docs/recipes.md").partition("\n## The run folder")[0]


def test_the_recipes_page_has_every_field_and_no_other() -> None:
    assert set(rows(RECIPES_PAGE)) == set(Recipe.model_fields)


@pytest.mark.parametrize("name", Recipe.model_fields)
def test_a_recipe_field_is_described_with_its_default(name: str) -> None:
    field, said = Recipe.model_fields[name], rows(RECIPES_PAGE)[name][1]
    default = field.get_default(call_default_factory=True)
    if field.is_required():
        assert said == "required"
    elif default is None:
        assert said == "none"
    else:
        default = list(default) if isinstance(default, tuple) else default
        assert yaml.safe_load(said.strip("`")) == default


@pytest.mark.parametrize("name", Recipe.model_fields)
def test_a_recipe_field_s_choices_are_all_named(name: str) -> None:
    row = " ".join(rows(RECIPES_PAGE)[name])
    for choice in choices_of(Recipe.model_fields[name].annotation):
        assert f"`{choice}`" in row


def choices_of(kind: Any) -> tuple[str, ...]:
    if get_origin(kind) is Literal:
        return get_args(kind)
    if get_origin(kind) in (dict, tuple, UnionType):
        return tuple(choice for inner in get_args(kind) for choice in choices_of(inner))
    return ()


@pytest.mark.parametrize("page", ["README.md", "docs/recipes.md"])
def test_a_recipe_that_is_shown_can_be_followed(page: str) -> None:
    shown = [yaml.safe_load(block) for block in blocks(read(page), "yaml")]
    assert shown
    for recipe in shown:
        Recipe.model_validate(recipe)


# Links and places


def prose(page: Path) -> str:
    return re.sub(r"^ *```.*?^ *```$", "", page.read_text(encoding="utf-8"), flags=re.S | re.M)


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub names them."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


LINKS = [
    (page, target)
    for page in PAGES
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(page))
    if not target.startswith("https://")
]


@pytest.mark.parametrize(
    ("page", "target"), LINKS, ids=[f"{page.name}-{target}" for page, target in LINKS]
)
def test_a_link_leads_to_something_that_exists(page: Path, target: str) -> None:
    path, _, anchor = target.partition("#")
    place = page.parent / path if path else page
    assert place.exists()
    assert not anchor or anchor in anchors(place)


def test_every_page_is_reached_from_the_readme() -> None:
    seen, waiting = set[Path](), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        seen.add(page)
        found = {
            (page.parent / target.partition("#")[0]).resolve() for at, target in LINKS if at == page
        }
        waiting += [place for place in found if place in PAGES and place not in seen]
    assert seen == set(PAGES)


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_the_folder_map_names_folders_that_exist(page: str) -> None:
    folders = [name for name in rows(read(page)) if name.endswith("/")]
    assert folders
    assert all((ROOT / name).is_dir() for name in folders)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_page_names_a_place_on_somebody_s_machine(page: Path) -> None:
    assert not re.search(r"(?<![\w.~>])/(?:work|tmp|home|root|Users)/", page.read_text())

"""What an editor is told about KB entries, vocabularies, project files and recipes."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, get_args, get_origin

import pytest
import yaml
from jsonschema import Draft7Validator
from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML

from physprior.check.entry import CheckedEntry
from physprior.check.rules.unknown_word import RULE as UNKNOWN_WORD
from physprior.knowledge.json_schema import kb_schema, schema_text, vocabulary_schema
from physprior.knowledge.schema import Category, Entity
from physprior.knowledge.source import parse_source
from physprior.knowledge.validation import validate_as
from physprior.knowledge.vocabulary import Vocabulary, load_vocabulary
from physprior.paths import kb_folder, recipes_folder, templates_folder
from physprior.project.json_schema import project_schema
from physprior.project.schema import ProjectFile
from physprior.train.json_schema import recipe_schema
from physprior.train.recipe import Recipe

SCHEMAS = {
    "kb": kb_schema,
    "vocabulary": vocabulary_schema,
    "project": project_schema,
    "recipe": recipe_schema,
}
MODELS: dict[str, type[BaseModel]] = {
    "kb": Category,
    "vocabulary": Vocabulary,
    "project": ProjectFile,
    "recipe": Recipe,
}
ENTRIES = sorted(path for path in kb_folder().glob("*.yaml") if path.name != "vocabulary.yaml")


@cache
def validator(name: str) -> Draft7Validator:
    return Draft7Validator(SCHEMAS[name]())


@cache
def words() -> Vocabulary:
    return load_vocabulary(kb_folder() / "vocabulary.yaml")


def as_editor(text: str) -> Any:
    """A text as an editor reads it: by the types of YAML 1.2, in which ``no`` is a word."""
    return YAML(typ="safe", pure=True).load(text)


def nodes(schema: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every field of a schema, and each list's items, by its path."""
    if path:
        yield path, schema
    for name, below in schema.get("properties", {}).items():
        yield from nodes(below, f"{path}.{name}".lstrip("."))
    for below in (schema.get("items"), schema.get("additionalProperties")):
        if isinstance(below, dict):
            yield from nodes(below, f"{path}[]")


def fields(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """The paths of a model's fields, as ``nodes`` writes them."""
    for name, field in model.model_fields.items():
        yield prefix + name
        kind = field.annotation
        inner = get_args(kind)[0] if get_origin(kind) is tuple else kind
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from fields(inner, f"{prefix}{name}{'[]' if inner is not kind else ''}.")


# Its form


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_draft_07_and_needs_no_other(name: str) -> None:
    schema = SCHEMAS[name]()
    assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"
    Draft7Validator.check_schema(schema)
    assert "$ref" not in schema_text(schema)


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_has_every_field_of_its_model(name: str) -> None:
    assert set(fields(MODELS[name])) <= {path for path, _ in nodes(SCHEMAS[name]())}


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_field_says_what_it_is_for(name: str) -> None:
    for path, node in nodes(SCHEMAS[name]()):
        for said in (node["description"], node["markdownDescription"]):
            assert len(said.split()) > 1, path
            assert "``" not in said, path


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_choice_says_what_each_value_means(name: str) -> None:
    for path, node in nodes(SCHEMAS[name]()):
        assert len(node.get("enumDescriptions", ())) == len(node.get("enum", ())), path
        assert all(node.get("enumDescriptions", ())), path


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_wrong_value_is_met_with_a_sentence(name: str) -> None:
    for path, node in nodes(SCHEMAS[name]()):
        assert node["type"] == "object" or len(node["errorMessage"].split()) > 3, path
        assert ("pattern" in node) == ("patternErrorMessage" in node), path


def test_the_same_words_give_the_same_bytes() -> None:
    assert schema_text(kb_schema()) == schema_text(kb_schema())


def test_keys_stand_in_the_order_in_which_one_writes_them() -> None:
    keys = list(kb_schema()["properties"]["anomalies"]["items"]["properties"])
    assert keys[:3] == ["id", "name", "aliases"]
    assert keys[-3:] == ["descriptions", "explanations", "references"]


def test_a_field_shows_its_value_in_a_shipped_entry() -> None:
    parts = dict(nodes(kb_schema()))["prior.subject.parts"]
    assert "for example: *handles*" in parts["markdownDescription"]


def test_the_closed_lists_are_those_of_the_vocabulary_that_is_given() -> None:
    own = Vocabulary(
        actuators={"crane": "It lifts."}, actions={"lift": "Up."}, properties={"a": "b"}
    )
    found = dict(nodes(kb_schema(own)))
    assert found["interaction.actuator"]["enum"] == ["crane"]
    assert found["interaction.actions[]"]["enum"] == ["lift"]
    assert found["prior.component.properties[]"]["enumDescriptions"] == ["b"]


def test_a_project_s_mode_is_proposed_from_the_templates() -> None:
    proposed = dict(nodes(project_schema()))["mode"]["examples"]
    assert {"multi_turn", "single_turn", "no_phys"} <= set(proposed)
    assert all((templates_folder() / f"{mode}.j2").is_file() for mode in proposed)


# What it lets pass


@pytest.mark.parametrize("path", ENTRIES, ids=lambda path: path.stem)
def test_a_shipped_entry_passes(path: Path) -> None:
    validator("kb").validate(as_editor(path.read_text(encoding="utf-8")))


def test_the_shipped_vocabulary_passes() -> None:
    text = (kb_folder() / "vocabulary.yaml").read_text(encoding="utf-8")
    validator("vocabulary").validate(as_editor(text))


@pytest.mark.parametrize(
    "path", sorted(recipes_folder().glob("*.yaml")), ids=lambda path: path.stem
)
def test_a_shipped_recipe_passes(path: Path) -> None:
    validator("recipe").validate(as_editor(path.read_text(encoding="utf-8")))


def test_a_recipe_that_leaves_its_places_to_the_project_passes() -> None:
    validator("recipe").validate({"tune": "lora"})


@pytest.mark.parametrize(
    "text", ["kb: kb\n", "split:\n  protocol: folds\n  folds: 5\n  fold: '1'\n"]
)
def test_a_project_file_passes(text: str) -> None:
    validator("project").validate(as_editor(text))


def test_a_project_file_with_every_default_written_out_passes() -> None:
    said = ProjectFile().model_dump(mode="json")
    validator("project").validate(said)


# What it refuses, and that the check refuses the same


class Writer(yaml.SafeDumper):
    """Writes None as nothing, as a person leaves a value out, and what is repeated in full."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


Writer.add_representer(
    type(None), lambda writer, _: writer.represent_scalar("tag:yaml.org,2002:null", "")
)
SPOILT: tuple[Any, ...] = (
    *(None, "", "  ", 12, 1.5, -3, "Not An Id", "some_word", "two words"),
    *([], {}, ["some_word"], [None], {"key": "value"}, ["a", "b", "c", "d", "e", "f"]),
)


def places(data: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every key and item, the outermost first."""
    if not isinstance(data, dict | list):
        return
    for part, value in data.items() if isinstance(data, dict) else enumerate(data):
        yield (*at, part)
        yield from places(value, (*at, part))


def spoil(data: Any, chance: random.Random) -> str:
    """A copy of the data with one thing wrong, or now and then not wrong, as YAML."""
    data = copy.deepcopy(data)
    *path, last = chance.choice(list(places(data)))
    holder = data
    for part in path:
        holder = holder[part]
    match chance.choice(["remove", "rename", "add", "replace", "replace", "repeat"]):
        case "remove":
            del holder[last]
        case "rename" if isinstance(last, str):
            holder[last + "s"] = holder.pop(last)
        case "add" if isinstance(holder, dict):
            holder["surprise"] = "here"
        case "repeat" if isinstance(holder, list):
            holder.append(holder[last])
        case _:
            holder[last] = chance.choice(SPOILT)
    return yaml.dump(data, Dumper=Writer, sort_keys=False)


def check_refuses(model: type[Entity], text: str) -> bool:
    source = parse_source(Path("clip.yaml"), text.encode("utf-8"))
    read, found = validate_as(model, source)
    if read is None or found or source.diagnostics:
        return True
    known = isinstance(read, Category) and CheckedEntry(read, source, words())
    return bool(known and list(UNKNOWN_WORD.on_entry(known)))


def disagreements(model: type[Entity], name: str, spoilt: Callable[[int], str]) -> list[str]:
    """The spoilt texts that one of the two refuses and the other does not; some must be refused."""
    texts = [spoilt(number) for number in range(200)]
    checked = [check_refuses(model, text) for text in texts]
    edited = [not validator(name).is_valid(as_editor(text)) for text in texts]
    assert 40 < sum(checked) < 200
    return [text for text, one, other in zip(texts, checked, edited, strict=True) if one != other]


def test_the_editor_and_the_check_refuse_the_same_of_200_spoilt_entries(entry_text: str) -> None:
    entry = as_editor(entry_text)
    assert disagreements(Category, "kb", lambda at: spoil(entry, random.Random(at))) == []


def test_the_editor_and_the_check_refuse_the_same_of_200_spoilt_vocabularies() -> None:
    lists = {name: {"press": "Down.", "pull": "Up."} for name in Vocabulary.model_fields}
    assert disagreements(Vocabulary, "vocabulary", lambda at: spoil(lists, random.Random(at))) == []


def test_the_editor_and_the_reader_refuse_the_same_of_200_spoilt_project_files() -> None:
    said = ProjectFile().model_dump(mode="json")
    assert disagreements(ProjectFile, "project", lambda at: spoil(said, random.Random(at))) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("epochs", 0),
        ("epochs", "many"),
        ("batch_size", 1.5),
        ("tune", "adapters"),
        ("lora_dropout", 1),
        ("frames", []),
        ("cache_features", "sometimes"),
        ("report_to", ["nowhere"]),
        ("part_weights", {"verdct": 1.0}),
        ("part_weights", {"verdict": "heavy"}),
        ("learning_rat", 0.1),
        ("only", "clip"),
        ("base", None),
    ],
)
def test_a_recipe_s_fault_is_refused_by_the_editor_and_by_the_reader(
    field: str, value: Any
) -> None:
    sound = {"base": "tiny", "dataset": "data", "out": "run"}
    Recipe.model_validate(sound)
    assert validator("recipe").is_valid(sound)
    with pytest.raises(ValidationError):
        Recipe.model_validate({**sound, field: value})
    assert not validator("recipe").is_valid({**sound, field: value})


@pytest.mark.parametrize("word", ["true", "null"])
def test_a_word_that_yaml_takes_for_more_than_a_word_is_marked_by_the_editor_alone(
    entry_text: str, word: str
) -> None:
    text = entry_text.replace("names: [spring]", f"names: [{word}]")
    assert not check_refuses(Category, text)
    assert not validator("kb").is_valid(as_editor(text))


def test_a_number_that_is_meant_as_a_name_is_one_to_both(entry_text: str) -> None:
    text = entry_text.replace("names: [spring]", "names: [608]")
    assert not check_refuses(Category, text)
    assert validator("kb").is_valid(as_editor(text))

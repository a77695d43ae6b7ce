"""``scores.json``: every number as it is, in a form that its schema describes key by key."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from explained import GOOD
from exported_reports import IMPORTED, ROWS, a_training, report_of, whole_report, write_rows
from jsonschema import Draft202012Validator
from schema_page import MARK, PAGE, field_tables

from physprior.eval.report import Report
from physprior.eval.report.exports import record, scores_schema
from physprior.eval.report.exports.write import write_exports
from physprior.eval.report.training import Series, TrainingRun

WriteFile = Callable[..., Path]
SCHEMA = scores_schema()
VALIDATOR = Draft202012Validator(SCHEMA)


def problems(found: dict[str, Any]) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(found)]


def as_written(report: Report) -> dict[str, Any]:
    """The record after a round trip through strict JSON."""
    found: dict[str, Any] = json.loads(json.dumps(record(report), allow_nan=False))
    return found


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("exported")
    own = write_rows(folder / "own.jsonl", GOOD)
    return as_written(whole_report(own, write_rows(folder / "b.jsonl", GOOD, model="runs/other")))


@pytest.fixture
def whole(everything: dict[str, Any]) -> dict[str, Any]:
    """The record of a report with something of everything."""
    return copy.deepcopy(everything)


def test_the_schema_is_one_of_draft_2020_12_and_names_its_version() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$id"] == f"urn:physprior:scores:{SCHEMA['properties']['format']['const']}"


def objects(schema: Any) -> Iterator[dict[str, Any]]:
    """Every part of the schema that has keys."""
    if isinstance(schema, dict):
        if "properties" in schema:
            yield schema
        for below in schema.values():
            yield from objects(below)


def test_every_field_is_described_and_required_and_no_other_is_allowed() -> None:
    found = list(objects(SCHEMA))
    assert len(found) > 30
    for one in found:
        assert one["description"].endswith(".")
        assert one["additionalProperties"] is False
        assert one["required"] == list(one["properties"])
        for name, field in one["properties"].items():
            assert field["description"].endswith("."), name


def test_the_page_holds_the_fields_of_the_schema_as_it_stands() -> None:
    written = PAGE.read_text(encoding="utf-8").partition(MARK)[2]
    assert written.strip() == field_tables(SCHEMA).strip(), (
        "run tests/eval/report/schema_page.py to write the tables anew"
    )


def test_a_report_with_something_of_everything_is_of_the_form(whole: dict[str, Any]) -> None:
    found = whole
    assert problems(found) == []
    for part in ("comparisons", "severity", "confusion", "training", "data", "published", "beside"):
        assert found[part], part
    assert found["explanations"]["judges"]


@pytest.mark.parametrize(
    ("rows", "header"),
    [
        (ROWS, {}),
        (ROWS, IMPORTED),
        ([(*row[:3], None) for row in ROWS], {"max_new_tokens": None}),
        ([("clip", "normal", 0.0, None)], {}),
        ([("clip", "normal", 0.0, "?"), ("fan", "stuck", None, None)], {}),
        ([("one of mine", "leak", 1.0, "?")], {"control": "blank", "total": 9}),
    ],
    ids=[
        "words",
        "import",
        "scores alone",
        "one class",
        "a category of skipped ones",
        "a control, unfinished",
    ],
)
def test_any_predictions_are_of_the_form(
    write_file: WriteFile, rows: Any, header: dict[str, Any]
) -> None:
    assert problems(as_written(report_of(write_file(rows, **header)))) == []


def test_a_report_of_training_alone_is_of_the_form() -> None:
    found = as_written(Report(None, training=(a_training(),)))
    assert problems(found) == []
    assert found["macro"] is None
    last = found["training"][0]["last"]
    assert last["loss/verdict"] == {"step": 20, "value": 1 / 3}


PLACES: list[tuple[str | int, ...]] = [
    (),
    ("header",),
    ("macro",),
    ("macro", "auroc"),
    ("categories", 0),
    ("categories", 0, "types", 0),
    ("categories", 0, "calibration", "bins", 0),
    ("beside", 0),
    ("explanations", "sbert", "max"),
    ("explanations", "judges", 0, "tasks", "explanation"),
    ("published", 0),
    ("comparisons", 0, "macro"),
    ("severity", "bins", 0),
    ("confusion", "categories", 0, "classes", 0),
    ("training", 0),
    ("data", 0, "facts", 0),
]


@pytest.mark.parametrize("place", PLACES, ids=lambda place: ".".join(map(str, place)) or "top")
def test_a_key_that_is_misspelt_is_refused(
    whole: dict[str, Any], place: tuple[str | int, ...]
) -> None:
    part: Any = whole
    for step in place:
        part = part[step]
    name = next(iter(part))
    part[f"{name}x"] = part.pop(name)
    assert not VALIDATOR.is_valid(whole)


def test_a_key_that_is_lost_and_a_number_that_is_a_text_are_refused(whole: dict[str, Any]) -> None:
    lost, text = copy.deepcopy(whole), copy.deepcopy(whole)
    del lost["severity"]
    text["macro"]["auroc"]["value"] = "0.9"
    assert problems(lost) == ["$: 'severity' is a required property"]
    assert problems(text)


def test_published_figures_stand_in_one_place_and_say_so(whole: dict[str, Any]) -> None:
    found = whole
    assert [one["published"] for one in found["published"]] == [True, True]
    assert found["published"][0]["categories"]["clip"][-1] == 0.974
    rest = json.dumps({name: part for name, part in found.items() if name != "published"})
    assert "0.974" not in rest
    assert "LAVAD" not in rest


def test_what_is_no_number_is_null(write_file: WriteFile) -> None:
    run = TrainingRun(Path("r"), "finished", {"loss": Series((1,), (float("nan"),))}, None, "", ())
    found = as_written(Report(None, training=(run,)))
    assert found["training"][0]["last"]["loss"] == {"step": 1, "value": None}


def test_a_path_that_is_not_utf_8_can_be_written(write_file: WriteFile, tmp_path: Path) -> None:
    strange = write_file(ROWS).rename(tmp_path / "a\udcff.jsonl")
    write_exports(report_of(strange), tmp_path / "out")
    found = json.loads((tmp_path / "out" / "scores.json").read_text(encoding="utf-8"))
    assert found["predictions"].endswith("a?.jsonl")


def test_each_run_has_a_name_of_its_own(write_file: WriteFile) -> None:
    alike = [write_file(ROWS, f"{name}.jsonl") for name in ("a", "b", "c")]
    found = as_written(report_of(alike[0], alike[1:]))
    assert [found["name"], *(one["name"] for one in found["beside"])] == ["a", "b", "c"]

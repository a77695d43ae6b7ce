"""``--format json`` is one document, whose keys are those that docs/check.md promises."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from made_findings import FIX, finding, result

from physprior.check.formats.json_document import VERSION, render

Command = Callable[..., Any]
PAGE = (Path(__file__).resolve().parents[2] / "docs/check.md").read_text(encoding="utf-8")


def test_a_finding_is_given_with_place_words_and_fix() -> None:
    document = json.loads(render(result(finding(fix=FIX))))
    assert document["findings"] == [
        {
            "file": "kb/clip.yaml",
            "line": 2,
            "column": 5,
            "end_line": 2,
            "end_column": 11,
            "code": "S012",
            "name": "unknown-key",
            "severity": "error",
            "message": "unknown key 'onsett'",
            "remedy": "did you mean 'onset'?",
            "fix": {
                "title": "rename 'onsett' to 'onset'",
                "safe": False,
                "edits": [
                    {"line": 2, "column": 5, "end_line": 2, "end_column": 11, "text": "onset"},
                    {"line": 9, "column": 1, "end_line": 9, "end_column": 1, "text": "second\n"},
                ],
            },
        }
    ]


def test_a_finding_without_a_fix_says_so() -> None:
    assert json.loads(render(result(finding())))["findings"][0]["fix"] is None


def test_the_summary_counts_files_errors_and_warnings() -> None:
    found = [finding(), finding(at=(3, 1, 3, 2), severity="warning")]
    document = json.loads(render(result(*found, files=("kb/fan.yaml",))))
    assert document["files"] == ["kb/clip.yaml", "kb/fan.yaml"]
    assert document["summary"] == {"files": 2, "findings": 2, "errors": 1, "warnings": 1}


def test_a_clean_check_is_a_document_without_findings(physprior: Command) -> None:
    done = physprior("check", "--format", "json")
    document = json.loads(done.out)
    assert (done.code, document["version"], document["findings"]) == (0, VERSION, [])
    assert document["summary"]["files"] == len(document["files"]) > 0
    assert done.err == f"{len(document['files'])} files, no problems\n"


def test_findings_exit_with_1_and_the_closing_line_goes_beside(
    physprior: Command, tmp_path: Path
) -> None:
    path = tmp_path / "clip.yaml"
    path.write_text("id: clip\nname: a: b\n", "utf-8")
    done = physprior("check", path, "--format", "json")
    assert done.code == 1
    assert json.loads(done.out)["findings"][0]["file"] == str(path)
    assert "1 problem (1 error) in 1 of 1 file" in done.err.splitlines()


def test_what_was_passed_over_is_named(physprior: Command, tmp_path: Path, sound: str) -> None:
    (tmp_path / "pump.yaml").write_text(sound, "utf-8")
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text("base: tiny\n", "utf-8")
    done = physprior("check", tmp_path, "--format", "json")
    assert json.loads(done.out)["passed_over"] == [str(recipe)]


def test_letters_beyond_ascii_and_names_that_are_no_text_survive_every_pipe() -> None:
    written = render(result(finding("kb/ü\udce9😀.yaml", "unknown key 'ö'")))
    assert written.isascii()
    assert json.loads(written)["findings"][0]["file"] == "kb/ü\udce9😀.yaml"


def test_statistics_stand_beside_the_findings() -> None:
    found = [
        finding(code="P001", name="verdict-in-prior"),
        finding(at=(3, 1, 3, 2)),
        finding(at=(4, 1, 4, 2)),
    ]
    document = json.loads(render(result(*found), statistics=True))
    assert len(document["findings"]) == 3
    assert document["statistics"] == [
        {"code": "S012", "name": "unknown-key", "severity": "error", "findings": 2},
        {"code": "P001", "name": "verdict-in-prior", "severity": "error", "findings": 1},
    ]


def keys(value: Any, prefix: str = "") -> set[str]:
    """The keys of a document, each below those that it lies in: ``findings[].fix.title``."""
    if isinstance(value, list):
        return set().union(*(keys(item, prefix + "[]") for item in value))
    if isinstance(value, dict):
        below = (keys(item, f"{prefix}.{key}") for key, item in value.items())
        return {f"{prefix}.{key}" for key in value}.union(*below)
    return set()


def test_the_page_has_every_key_and_no_other() -> None:
    document = json.loads(render(result(finding(fix=FIX)), statistics=True))
    section = PAGE.partition("### JSON")[2].partition("\n### ")[0]
    described = set(re.findall(r"^\| `([^`]+)` \|", section, re.M))
    assert described == {key.removeprefix(".") for key in keys(document)}
    assert f"`version` is {VERSION}" in section


@pytest.mark.parametrize("form", ["json", "sarif", "junit"])
def test_the_same_files_give_the_same_bytes(form: str, physprior: Command, tmp_path: Path) -> None:
    (tmp_path / "clip.yaml").write_text("id: clip\nname: a: b\n", "utf-8")
    once, twice = (physprior("check", tmp_path, "--format", form) for _ in range(2))
    assert once == twice

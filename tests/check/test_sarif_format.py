"""``--format sarif`` is valid SARIF 2.1.0, and says what its readers need to show a finding.

The schema beside this file comes from Microsoft's SARIF Multitool; see sarif-2.1.0.LICENSE.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator
from made_findings import ANY_NAME, ANY_TEXT, FIX, finding, result

from physprior.check.codes import CODES
from physprior.check.formats import sarif
from physprior.edit.splice import splice

Command = Callable[..., Any]
BROKEN = "id: clip\nname: a: b\n"


@cache
def schema() -> Draft202012Validator:
    text = Path(__file__).with_name("sarif-2.1.0.json").read_text(encoding="utf-8")
    return Draft202012Validator(json.loads(text))


def log(*found: Any, files: tuple[str, ...] = ()) -> dict[str, Any]:
    """The only run of a log, which is valid."""
    document = json.loads(sarif.render(result(*found, files=files)))
    schema().validate(document)
    (run,) = document["runs"]
    return run


def test_a_schema_that_would_let_everything_pass_would_be_noticed() -> None:
    document = json.loads(sarif.render(result(finding())))
    document["runs"][0]["results"][0]["level"] = "fatal"
    assert not schema().is_valid(document)


def test_a_result_has_its_rule_level_and_region() -> None:
    run = log(finding(severity="warning"))
    (found,) = run["results"]
    rule = run["tool"]["driver"]["rules"][found["ruleIndex"]]
    assert (found["ruleId"], rule["id"], found["level"]) == ("S012", "S012", "warning")
    assert found["locations"][0]["physicalLocation"]["region"] == {
        "startLine": 2,
        "startColumn": 5,
        "endLine": 2,
        "endColumn": 11,
    }
    assert found["message"]["text"] == "unknown key 'onsett'\nRemedy: did you mean 'onset'?"


def test_columns_are_in_the_unit_that_is_said(tmp_path: Path, physprior: Command) -> None:
    path = tmp_path / "clip.yaml"
    # The face is one character, two units of UTF-16, and four bytes.
    path.write_bytes("\ufeffid: clip\r\nname: 😀: b\r\n".encode())
    (run,) = json.loads(physprior("check", path, "--format", "sarif").out)["runs"]
    region = run["results"][0]["locations"][0]["physicalLocation"]["region"]
    assert (run["columnKind"], region["startColumn"]) == ("unicodeCodePoints", 8)


def test_every_rule_has_its_page_and_its_level() -> None:
    rules = log()["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == list(CODES)
    for rule in rules:
        assert len(rule["help"]["text"].split()) > 20
        assert rule["defaultConfiguration"]["level"] == CODES[rule["id"]].severity


def test_a_rule_names_its_page_on_the_web_where_the_package_names_its_documentation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert "helpUri" not in log()["tool"]["driver"]["rules"][0] or sarif.pages_of_rules()
    monkeypatch.setattr(sarif, "pages_of_rules", lambda: "https://example.org/docs/rules")
    uris = {rule["id"]: rule["helpUri"] for rule in log()["tool"]["driver"]["rules"]}
    assert uris["P003"] == "https://example.org/docs/rules/P003.md"


def test_a_clean_check_has_an_empty_list_of_results_and_the_files_that_were_looked_at() -> None:
    run = log(files=("kb/clip.yaml", "kb/fan.yaml"))
    assert run["results"] == []
    assert run["invocations"] == [{"executionSuccessful": True}]
    assert [unquote(one["location"]["uri"]) for one in run["artifacts"]] == [
        "kb/clip.yaml",
        "kb/fan.yaml",
    ]


@settings(max_examples=25, deadline=None)
@given(name=ANY_NAME, message=ANY_TEXT)
def test_whatever_a_file_is_called_and_a_finding_says_the_log_is_valid_and_ascii(
    name: str, message: str
) -> None:
    written = sarif.render(result(finding(f"kb/{name}x", message)))
    assert written.isascii()
    schema().validate(json.loads(written))


@pytest.mark.parametrize("name", ["kb/a b#?%:ü.yaml", "c:/clip.yaml", "kb/\udce9.yaml"])
def test_a_file_below_the_root_has_a_relative_uri_that_decodes_to_it(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_WORKSPACE", raising=False)
    place = log(finding(name))["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    split = urlsplit(place["uri"])
    assert (place["uriBaseId"], split.scheme, split.query, split.fragment) == (
        "%SRCROOT%",
        "",
        "",
        "",
    )
    assert unquote(split.path, errors="surrogateescape") == name


def test_a_file_elsewhere_has_an_absolute_uri(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_WORKSPACE", raising=False)
    place = log(finding("../other place/clip.yaml"))["results"][0]["locations"][0]
    expected = f"file://{tmp_path.parent}/other%20place/clip.yaml"
    assert place["physicalLocation"]["artifactLocation"] == {"uri": expected}


def test_braces_are_doubled_and_what_looks_like_a_link_is_none() -> None:
    (found,) = log(finding(message="a text with {{ name }} and [x](y), but fans[0]"))["results"]
    said = found["message"]["text"].partition("\n")[0]
    assert said == "a text with {{{{ name }}}} and \\[x](y), but fans[0]"


def test_a_fix_made_from_the_log_is_the_fix_that_was_meant() -> None:
    (found,) = log(finding(fix=FIX))["results"]
    (change,) = found["fixes"][0]["artifactChanges"]
    text = "".join(f"line {number} of text\n" for number in range(1, 10))
    lines = text.splitlines(keepends=True)
    for replacement in reversed(change["replacements"]):
        region, new = replacement["deletedRegion"], replacement["insertedContent"]["text"]
        assert region["startLine"] == region["endLine"]
        line = lines[region["startLine"] - 1]
        before, after = line[: region["startColumn"] - 1], line[region["endColumn"] - 1 :]
        lines[region["startLine"] - 1] = before + new + after
    assert "".join(lines).encode() == splice(text.encode(), FIX.edits)


def test_real_findings_make_a_valid_log_and_exit_with_1(tmp_path: Path, physprior: Command) -> None:
    (tmp_path / "clip.yaml").write_text(BROKEN, "utf-8")
    (tmp_path / "chat.j2").write_text("{% user %}{{ nobody }}{% enduser %}", "utf-8")
    (tmp_path / "large.yaml").write_text("#" * 250_001, "utf-8")
    done = physprior("check", tmp_path, "--format", "sarif")
    document = json.loads(done.out)
    schema().validate(document)
    assert done.code == 1
    assert {found["ruleId"] for found in document["runs"][0]["results"]} > {"S001", "S008"}

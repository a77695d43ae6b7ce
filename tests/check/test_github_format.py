"""``--format github`` prints workflow commands, as GitHub's runner reads them."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from made_findings import ANY_NAME, ANY_TEXT, finding, result

from physprior.check.formats.annotations import render
from physprior.paths import kb_folder

Command = Callable[..., Any]


def read(line: str) -> tuple[str, dict[str, str], str]:
    """A workflow command taken apart and unescaped, as the runner does."""
    match = re.fullmatch(r"::(\w+) ([^\r\n]*?)::([^\r\n]*)", line)
    assert match, line
    properties = dict(pair.split("=", 1) for pair in match[2].split(","))
    return match[1], {key: back(value) for key, value in properties.items()}, back(match[3])


def back(text: str) -> str:
    for sign, code in (("\r", "%0D"), ("\n", "%0A"), (":", "%3A"), (",", "%2C"), ("%", "%25")):
        text = text.replace(code, sign)
    return text


def test_an_annotation_has_severity_place_title_message_and_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_WORKSPACE", raising=False)
    assert render(result(finding())) == (
        "::error file=kb/clip.yaml,line=2,endLine=2,col=5,endColumn=11,title=S012 unknown-key"
        "::unknown key 'onsett'%0Aremedy: did you mean 'onset'?\n"
    )


def test_a_warning_is_a_warning() -> None:
    assert render(result(finding(severity="warning"))).startswith("::warning file=")


def test_a_finding_of_several_lines_has_no_columns_which_the_runner_would_refuse() -> None:
    _, properties, _ = read(render(result(finding(at=(2, 5, 4, 1)))).strip())
    assert (properties["line"], properties["endLine"]) == ("2", "4")
    assert not {"col", "endColumn"} & set(properties)


@settings(max_examples=60, deadline=None)
@given(name=ANY_NAME, message=ANY_TEXT, remedy=ANY_TEXT)
def test_whatever_a_finding_says_it_is_one_line_that_reads_back(
    name: str, message: str, remedy: str
) -> None:
    written = render(result(finding(f"/elsewhere/{name}", message, remedy=remedy)))
    assert written.endswith("\n")
    _, properties, text = read(written[:-1])
    assert properties["file"] == str(Path(f"/elsewhere/{name}"))
    assert text == f"{message}\nremedy: {remedy}"


def test_a_file_is_named_from_the_repository_s_root_wherever_the_check_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "parts").mkdir()
    monkeypatch.chdir(tmp_path / "parts")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path))
    _, properties, _ = read(render(result(finding())).strip())
    assert properties["file"] == "parts/kb/clip.yaml"


def test_the_closing_line_follows_and_a_clean_check_is_that_alone(physprior: Command) -> None:
    done = physprior("check", kb_folder(), "--format", "github")
    count = len([*kb_folder().glob("*.yaml")])
    assert (done.code, done.out) == (0, f"{count} files, no problems\n")


def test_counts_follow_the_annotations(physprior: Command, tmp_path: Path) -> None:
    (tmp_path / "clip.yaml").write_text("id: clip\nname: a: b\n", "utf-8")
    done = physprior("check", tmp_path, "--format", "github", "--statistics")
    assert done.out.startswith("::error file=")
    assert re.search(r"^S001  syntax  error +1$", done.out, re.M)


def test_what_ends_a_property_or_looks_like_an_escape_is_escaped() -> None:
    written = render(result(finding("/elsewhere/a,b:c%2C.yaml", "100%0A\n", remedy="none")))
    _, properties, text = read(written[:-1])
    assert properties["file"] == "/elsewhere/a,b:c%2C.yaml"
    assert text == "100%0A\n\nremedy: none"

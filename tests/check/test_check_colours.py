"""Findings are coloured on a terminal, and only the colour differs from what a file gets."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from made_findings import finding, result

from physprior.check.formats import text
from physprior.cli.colour import colours

Command = Callable[..., Any]
BROKEN = "id: clip\nname: a: b\n"


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _no_wishes(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


def test_a_terminal_gets_colours_and_a_file_does_not() -> None:
    assert colours(Screen())
    assert not colours(io.StringIO())


@pytest.mark.parametrize(
    ("wishes", "on_a_screen", "in_a_file"),
    [
        ({"NO_COLOR": "1"}, False, False),
        ({"NO_COLOR": "0"}, False, False),
        ({"NO_COLOR": ""}, True, False),
        ({"FORCE_COLOR": "1"}, True, True),
        ({"FORCE_COLOR": ""}, True, False),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False, False),
        ({"TERM": "dumb"}, False, False),
        ({"TERM": "dumb", "FORCE_COLOR": "1"}, True, True),
    ],
)
def test_the_environment_can_wish_for_colours_or_for_none(
    wishes: dict[str, str],
    on_a_screen: bool,
    in_a_file: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in wishes.items():
        monkeypatch.setenv(name, value)
    assert (colours(Screen()), colours(io.StringIO())) == (on_a_screen, in_a_file)


@pytest.mark.parametrize("form", ["full", "concise", "github"])
def test_without_its_colours_the_output_is_what_a_file_gets(
    form: str, tmp_path: Path, physprior: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "clip.yaml").write_text(BROKEN, "utf-8")
    plain = physprior("check", tmp_path, "--format", form).out
    monkeypatch.setenv("FORCE_COLOR", "1")
    coloured = physprior("check", tmp_path, "--format", form).out
    assert "\x1b" not in plain
    assert coloured != plain
    assert re.sub(r"\x1b\[\d+m", "", coloured) == plain


@pytest.mark.parametrize("form", ["json", "sarif", "junit"])
def test_a_document_is_never_coloured(
    form: str, tmp_path: Path, physprior: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "clip.yaml").write_text(BROKEN, "utf-8")
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b" not in physprior("check", tmp_path, "--format", form).out


def test_an_error_is_red_and_a_warning_yellow_with_their_carets() -> None:
    def styles(severity: Any) -> list[str]:
        written = text.full(result(finding(severity=severity)), text.coloured)
        return re.findall(r"\x1b\[(\d+)m(?:S012 unknown-key:|\^+)", written)

    assert styles("error") == ["31", "31"]
    assert styles("warning") == ["33", "33"]


def test_a_caret_in_the_file_itself_is_not_taken_for_ours() -> None:
    checked = result(finding(at=(1, 1, 1, 3)))
    checked.contents[Path("kb/clip.yaml")] = b"x ^^ | remedy: ^\n"
    written = text.full(checked, text.coloured)
    assert "\x1b[2m  1 |\x1b[0m x ^^ | remedy: ^\n" in written

"""``physprior check - --stdin-filename FILE`` checks a buffer in a file's place, for editors."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Command = Callable[..., Any]


@pytest.fixture
def kb(tmp_path: Path, sound: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in with one sound entry in ``kb``."""
    folder = tmp_path / "kb"
    folder.mkdir()
    (folder / "pump.yaml").write_text(sound, "utf-8")
    monkeypatch.chdir(tmp_path)
    return folder


@pytest.fixture
def check_buffer(physprior: Command, monkeypatch: pytest.MonkeyPatch) -> Command:
    def check(text: str | bytes, name: str, *words: str) -> Any:
        data = text.encode() if isinstance(text, str) else text
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        return physprior("check", "-", "--stdin-filename", name, "--format", "concise", *words)

    return check


def test_the_buffer_is_checked_and_not_the_file(
    kb: Path, sound: str, check_buffer: Command
) -> None:
    done = check_buffer(sound.replace("onset:", "onsett:"), "kb/pump.yaml")
    assert done.code == 1
    assert done.out.startswith("kb/pump.yaml:44:5: S012 unknown-key: ")
    assert done.out.endswith("\n1 problem (1 error) in 1 of 1 file\n")


def test_a_broken_file_with_a_sound_buffer_is_fine(
    kb: Path, sound: str, check_buffer: Command
) -> None:
    (kb / "pump.yaml").write_text("id: a: b\n", "utf-8")
    done = check_buffer(sound, "kb/pump.yaml")
    assert (done.code, done.out, done.err) == (0, "1 file, no problems\n", "")


def test_nothing_is_written(kb: Path, sound: str, check_buffer: Command) -> None:
    before = (kb / "pump.yaml").read_bytes()
    check_buffer(sound.replace("onset:", "onsett:"), "kb/pump.yaml")
    assert (kb / "pump.yaml").read_bytes() == before
    assert [path.name for path in kb.iterdir()] == ["pump.yaml"]


@pytest.mark.parametrize("name", ["kb/apump.yaml", "kb/zpump.yaml"])
def test_what_another_entry_of_the_folder_has_is_told_to_the_buffer(
    name: str, kb: Path, sound: str, check_buffer: Command
) -> None:
    done = check_buffer(sound, name, "--ignore", "file-name")
    assert done.code == 1
    assert "S019 duplicate-category" in done.out
    assert "kb/pump.yaml" in done.out
    assert done.out.count("\n") == 2


def test_the_file_itself_is_no_other_entry_however_it_is_named(
    kb: Path, sound: str, check_buffer: Command
) -> None:
    (kb.parent / "link.yaml").symlink_to(kb / "pump.yaml")
    assert check_buffer(sound, str(kb / "pump.yaml")).code == 0
    assert check_buffer(sound, "kb/../kb/pump.yaml").code == 0


def test_what_is_wrong_with_other_files_is_not_said(
    kb: Path, sound: str, check_buffer: Command
) -> None:
    (kb / "fan.yaml").write_text("id: a: b\n", "utf-8")
    assert check_buffer(sound, "kb/pump.yaml").out == "1 file, no problems\n"


def test_the_vocabulary_of_the_folder_goes_for_the_buffer(
    kb: Path, sound: str, check_buffer: Command
) -> None:
    (kb / "vocabulary.yaml").write_text(
        "actuators: {crane: A crane lifts it.}\nactions: {lift: It goes up.}\n"
        "properties: {stiff: It keeps its shape.}\n",
        "utf-8",
    )
    assert "R006 unknown-word" in check_buffer(sound, "kb/pump.yaml").out


def test_a_template_s_buffer_is_held_to_the_rules_of_templates(
    kb: Path, check_buffer: Command
) -> None:
    done = check_buffer("{% user %}{{ nobody }}{% enduser %}", "templates/chat.j2")
    assert done.code == 1
    assert "templates/chat.j2:1:14: J002 unknown-field" in done.out


def test_neither_the_file_nor_its_folder_need_exist(
    kb: Path, sound: str, check_buffer: Command
) -> None:
    assert check_buffer(sound, "new/place/pump.yaml").code == 0


def test_bytes_that_are_no_text_are_a_finding(kb: Path, check_buffer: Command) -> None:
    assert "S006 encoding" in check_buffer(b"id: \xff\n", "kb/pump.yaml").out


def test_an_empty_buffer_is_a_finding(kb: Path, check_buffer: Command) -> None:
    assert "S010 empty-file" in check_buffer("", "kb/pump.yaml").out


def test_json_names_the_file_that_the_buffer_stands_for(kb: Path, check_buffer: Command) -> None:
    done = check_buffer("id: a: b\n", "kb/pump.yaml", "--format", "json")
    assert json.loads(done.out)["findings"][0]["file"] == "kb/pump.yaml"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-"], "add --stdin-filename kb/CATEGORY.yaml"),
        (["--stdin-filename", "kb/pump.yaml"], "give '-' and no other path"),
        (["-", "kb", "--stdin-filename", "kb/pump.yaml"], "give '-' and no other path"),
        (["-", "--stdin-filename", "kb"], "kb is a folder"),
        (["-", "--stdin-filename", "kb/pump.yaml", "--watch"], "standard input is read once"),
    ],
)
def test_words_that_do_not_go_together_are_misuse(
    words: list[str], said: str, kb: Path, physprior: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    done = physprior("check", *words)
    assert (done.code, done.out) == (2, "")
    assert said in " ".join(done.err.split())


def test_a_closed_standard_input_is_misuse(
    kb: Path, physprior: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    done = physprior("check", "-", "--stdin-filename", "kb/pump.yaml")
    assert (done.code, done.out) == (2, "")
    assert "standard input is closed" in done.err

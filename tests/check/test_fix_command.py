"""``physprior check --fix``, ``--unsafe-fixes``, ``--diff``: what is written, printed, refused."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from physprior.check import repair as repairing
from physprior.cli import check_fixes

Command = Callable[..., Any]

WRONG = [("onset: persistent", "Onset: persistent"), ("evidence: motion", "evidense: motion")]
"""A slip with a safe fix, and one with an unsafe fix."""


@pytest.fixture(autouse=True)
def no_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")


@pytest.fixture
def wrong(sound: str) -> str:
    text = sound
    for right, slip in WRONG:
        assert text.count(right) == 1
        text = text.replace(right, slip)
    return text


@pytest.fixture
def pump(tmp_path: Path, wrong: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An entry with both slips, in CRLF, in ``kb`` of the folder that is worked in."""
    monkeypatch.chdir(tmp_path)
    path = Path("kb/pump.yaml")
    path.parent.mkdir()
    path.write_bytes(wrong.replace("\n", "\r\n").encode())
    return path


def test_safe_fixes_are_written_and_the_rest_is_shown(pump: Path, physprior: Command) -> None:
    before = pump.read_bytes()
    done = physprior("check", "kb", "--fix", "--format", "concise")
    assert pump.read_bytes() == before.replace(b"Onset:", b"onset:")
    assert done.out == (
        "kb/pump.yaml:45:5: S012 unknown-key: unknown key 'evidense' in anomalies[stays_down]\n"
        "1 problem fixed in 1 file; 1 problem (1 error) in 1 of 1 file\n"
    )
    assert done.err == "fixed kb/pump.yaml:44: S012 unknown-key: write 'onset' for 'Onset'\n"
    assert done.code == 1


def test_with_unsafe_fixes_nothing_is_left(pump: Path, sound: str, physprior: Command) -> None:
    done = physprior("check", "kb", "--fix", "--unsafe-fixes")
    assert (done.code, done.out) == (0, "2 problems fixed in 1 file; 1 file, no problems\n")
    assert pump.read_bytes() == sound.replace("\n", "\r\n").encode()


def test_the_difference_is_shown_and_nothing_written(pump: Path, physprior: Command) -> None:
    before = pump.read_bytes()
    done = physprior("check", "kb", "--diff")
    assert pump.read_bytes() == before
    lines = done.out.splitlines()
    assert lines[:3] == ["--- kb/pump.yaml", "+++ kb/pump.yaml", "@@ -41,7 +41,7 @@"]
    assert [line for line in lines[3:] if line[0] != " "] == [
        "-    Onset: persistent",
        "+    onset: persistent",
    ]
    assert done.err == (
        "1 problem would be fixed in 1 file, 1 would be left; --unsafe-fixes has a fix for 1, by a "
        "guess\n"
    )
    assert done.code == 1


def test_where_nothing_would_change_there_is_no_difference(
    pump: Path, sound: str, physprior: Command
) -> None:
    pump.write_text(sound.replace("onset:", "onsett:"), "utf-8")
    done = physprior("check", "kb", "--diff")
    guess = "nothing to fix; --unsafe-fixes has a fix for 1, by a guess\n"
    assert (done.code, done.out, done.err) == (0, "", guess)


def test_where_not_even_a_guess_is_left_there_is_nothing_to_fix(
    pump: Path, sound: str, physprior: Command
) -> None:
    pump.write_text(sound, "utf-8")
    done = physprior("check", "kb", "--diff")
    assert (done.code, done.out, done.err) == (0, "", "nothing to fix\n")


def test_difference_and_fix_together_write_nothing(pump: Path, physprior: Command) -> None:
    before = pump.read_bytes()
    assert physprior("check", "kb", "--fix", "--diff").code == 1
    assert pump.read_bytes() == before


def test_a_check_says_what_could_be_fixed(pump: Path, physprior: Command) -> None:
    done = physprior("check", "kb")
    assert done.err == (
        "1 of them can be fixed with --fix, and 1 more with --unsafe-fixes; --diff shows how\n"
    )


def test_rules_that_are_not_listened_to_fix_nothing(
    pump: Path, sound: str, physprior: Command
) -> None:
    pump.write_text(sound.replace("[sink, rise]", "[sink, rise, sink]"), "utf-8")
    assert physprior("check", "kb", "--fix", "--ignore", "R005").code == 0
    assert "sink, rise, sink" in pump.read_text("utf-8")


def test_a_document_of_what_is_left_stands_alone(pump: Path, physprior: Command) -> None:
    done = physprior("check", "kb", "--fix", "--format", "json")
    assert [found["code"] for found in json.loads(done.out)["findings"]] == ["S012"]


def test_a_file_without_findings_is_not_touched(pump: Path, sound: str, physprior: Command) -> None:
    pump.write_text(sound, "utf-8")
    before = pump.stat()
    assert physprior("check", "kb", "--fix").out == "1 file, no problems\n"
    after = pump.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_fix_that_would_bring_an_error_is_told(
    pump: Path, sound: str, physprior: Command
) -> None:
    text = sound.replace("name: hand pump", "name: hand pump #<video>")
    pump.write_text(text, "utf-8")
    done = physprior("check", "kb", "--fix", "--unsafe-fixes")
    assert done.code == 1
    assert pump.read_text("utf-8") == text
    assert done.err == (
        "not fixed kb/pump.yaml:3: S020: to put the whole text between quotation marks would "
        "bring T001\n"
    )


def test_a_file_that_changes_meanwhile_is_left_and_the_others_are_fixed(
    pump: Path, wrong: str, physprior: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = pump.with_name("bellows.yaml")
    other.write_text(wrong.replace("id: pump", "id: bellows"), "utf-8")
    repair = repairing.repair

    def then_somebody_saves(*words: Any, **options: Any) -> Any:
        done = repair(*words, **options)
        other.write_text("# Mine.\n", "utf-8")
        return done

    monkeypatch.setattr(check_fixes, "repair", then_somebody_saves)
    done = physprior("check", "kb", "--fix")
    assert done.code == 2
    assert "kb/bellows.yaml was changed by someone else meanwhile" in done.err
    assert "remedy: run the command again" in done.err
    assert "fixed kb/pump.yaml:44" in done.err
    assert other.read_text("utf-8") == "# Mine.\n"
    assert b"    onset: persistent" in pump.read_bytes()


def test_files_that_may_not_be_written_are_all_said_and_the_others_are_fixed(
    pump: Path, wrong: str, physprior: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = pump.read_bytes()
    for name in ("bellows", "valve"):
        pump.with_name(f"{name}.yaml").write_text(wrong.replace("id: pump", f"id: {name}"), "utf-8")
    locked = {"pump.yaml", "bellows.yaml"}
    # Root may write everything: what the system answers to another user is put in its mouth.
    monkeypatch.setattr(
        os, "access", lambda path, mode: mode != os.W_OK or Path(path).name not in locked
    )
    done = physprior("check", "kb", "--fix", "--format", "concise")
    assert done.code == 2
    assert pump.read_bytes() == before
    assert "onset: persistent" in pump.with_name("valve.yaml").read_text("utf-8")
    for name in ("bellows", "pump"):
        assert f"error: cannot write kb/{name}.yaml: Permission denied" in done.err
    assert done.err.count("remedy: make the file writable") == 2
    assert done.out.count("unknown key 'Onset'") == 2
    assert done.out.splitlines()[-1] == (
        "1 problem fixed in 1 file; 5 problems (5 errors) in 3 of 3 files"
    )


@pytest.fixture
def check_buffer(physprior: Command, monkeypatch: pytest.MonkeyPatch) -> Command:
    def check(data: bytes, *words: str) -> Any:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        return physprior("check", "-", "--stdin-filename", "kb/pump.yaml", *words)

    return check


def test_of_standard_input_the_fixed_text_is_printed(
    pump: Path, wrong: str, check_buffer: Command
) -> None:
    before = pump.read_bytes()
    done = check_buffer(wrong.encode(), "--fix", "--format", "concise")
    assert done.out == wrong.replace("Onset:", "onset:")
    assert "S012 unknown-key: unknown key 'evidense'" in done.err
    assert done.code == 1
    assert pump.read_bytes() == before


def test_standard_input_without_findings_is_printed_as_it_is(
    pump: Path, sound: str, check_buffer: Command
) -> None:
    done = check_buffer(sound.encode(), "--fix")
    assert (done.code, done.out) == (0, sound)


def test_a_difference_of_standard_input_is_one_of_its_file(
    pump: Path, wrong: str, check_buffer: Command
) -> None:
    done = check_buffer(wrong.encode(), "--diff")
    assert done.out.startswith("--- kb/pump.yaml\n+++ kb/pump.yaml\n")


def test_of_a_large_input_not_the_beginning_alone_is_printed(
    pump: Path, wrong: str, check_buffer: Command
) -> None:
    done = check_buffer(wrong.encode() + b"#" * 250_000, "--fix")
    assert (done.code, done.out) == (2, "")
    assert "more than 250,000 bytes" in done.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--unsafe-fixes"], "add one of them"),
        (["--fix", "--watch"], "leave --watch out"),
        (["--diff", "--format", "json"], "leave --format and --statistics out"),
        (["--diff", "--statistics"], "leave --format and --statistics out"),
    ],
)
def test_options_that_do_not_go_together_are_refused(
    words: list[str], said: str, pump: Path, physprior: Command
) -> None:
    before = pump.read_bytes()
    done = physprior("check", "kb", *words)
    assert (done.code, done.out) == (2, "")
    assert said in " ".join(done.err.split())
    assert pump.read_bytes() == before

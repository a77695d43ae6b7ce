"""Where a fix would be a guess, or stands in the way of others, or has no place to be made."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from physprior.check import Result, check_paths
from physprior.check.repair import repair
from physprior.check.request import Request
from physprior.check.run import Buffer, check_bytes
from physprior.paths import templates_folder

WORDS = ("close", "insert", "pinch", "press", "release", "return", "rotate", "shake", "slide")
UNUSED = b"{# physprior: ignore[J003] our own word #}\n"
TEMPLATE = (templates_folder() / "multi_turn.j2").read_bytes()


def in_folder(folder: Path, data: bytes) -> Path:
    path = folder / "multi_turn.j2"
    path.write_bytes(data)
    return path


def test_one_fix_that_would_bring_an_error_holds_up_no_other(sound: str, tmp_path: Path) -> None:
    listed = ", ".join(f"{word}z" for word in [*WORDS, *WORDS])
    text = sound.replace("actions: [press, release]", f"actions: [{listed}]")
    path = tmp_path / "pump.yaml"
    path.write_text(text.rstrip(".\n") + " # TODO say more\n", "utf-8")

    def check(unsaved: Mapping[Path, bytes]) -> Result:
        return check_paths([path], cache=False, unsaved=unsaved)

    done = repair(check, unsafe=True)
    assert len(done.fixed) == 2 * len(WORDS)
    assert [(one.code, brings) for one, brings in done.refused] == [("S020", "T005")]


@pytest.mark.parametrize(
    "typed",
    [
        "name: hand pump\n  of brass\nname: hand pump\n",
        "name: hand pump\nname: hand pump\n  of brass\n",
    ],
)
def test_two_keys_of_which_one_goes_on_below_are_not_the_same(sound: str, typed: str) -> None:
    text = sound.replace("name: hand pump\n", typed)
    (found,) = check_bytes(Path("pump.yaml"), text.encode())
    assert (found.code, found.fix) == ("S002", None)


def test_a_tag_of_what_is_not_meant_as_typed_is_left_to_a_person(sound: str) -> None:
    text = sound.replace("name: hand pump", "name: !!binary aGFuZCBwdW1w")
    (found,) = check_bytes(Path("pump.yaml"), text.encode())
    assert (found.code, found.fix) == ("S004", None)


def test_a_template_that_does_not_parse_keeps_its_suppressions(tmp_path: Path) -> None:
    in_folder(tmp_path, UNUSED + TEMPLATE + b"{% if %}\n")
    (found,) = check_paths([tmp_path], cache=False).diagnostics
    assert found.code == "J001"


def test_a_template_that_is_no_text_has_nothing_to_fix(tmp_path: Path) -> None:
    path = in_folder(tmp_path, b"{# physprior: ignore[j003] ours #}\n" + TEMPLATE + b"{# \xe9 #}\n")

    def check(unsaved: Mapping[Path, bytes]) -> Result:
        return check_paths([path], cache=False, unsaved=unsaved)

    done = repair(check)
    assert (done.fixed, [one.code for one in done.result.diagnostics]) == ((), ["J001"])


@pytest.mark.parametrize("data", [b"\xef\xbb\xbf" + TEMPLATE, TEMPLATE + b"{# \xe9 #}\n"])
def test_a_template_that_cannot_be_read_is_not_passed_over(tmp_path: Path, data: bytes) -> None:
    path = in_folder(tmp_path, data)
    done = check_paths([tmp_path], cache=False)
    assert (done.passed_over, [one.path for one in done.diagnostics]) == ((), [path])


def test_a_buffer_is_looked_at_as_its_fixes_leave_it(sound: str, tmp_path: Path) -> None:
    path = tmp_path / "pump.yaml"
    buffer = Buffer(path, sound.replace("status: reviewed", "Status: Reviewed").encode())
    done = repair(Request((path,), cache=False, buffer=buffer).check)
    assert [one.code for one in done.fixed] == ["S012", "S017"]
    assert (done.after[path], done.result.diagnostics) == (sound.encode(), ())

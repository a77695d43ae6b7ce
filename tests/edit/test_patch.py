"""The difference of two contents is a patch that others' tools can follow."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from physprior.edit.patch import unified

CASES = {
    "a line": (b"id: clip\nname: clip\n", b"id: clip\nname: clamp\n"),
    "CRLF": (b"id: clip\r\nname: a\r\n", b"id: clip\r\nname: b\r\n"),
    "no line break at the end": (b"id: clip\nname: a", b"id: clip\nname: b"),
    "a line break that comes": (b"id: clip\nname: a", b"id: clip\nname: a\n"),
    "a line break that goes": (b"id: clip\nname: a\n", b"id: clip\nname: a"),
    "a byte order mark": (b"\xef\xbb\xbfid: a\n", b"\xef\xbb\xbfid: b\n"),
    "no UTF-8": (b"id: \xb0\nname: a\n", b"id: \xb0\nname: b\n"),
}


def test_what_is_equal_has_no_difference() -> None:
    assert unified("kb/clip.yaml", b"id: clip\n", b"id: clip\n") == b""


def test_the_file_is_named_and_the_lines_are_marked() -> None:
    assert unified("kb/clip.yaml", *CASES["a line"]).splitlines() == [
        b"--- kb/clip.yaml",
        b"+++ kb/clip.yaml",
        b"@@ -1,2 +1,2 @@",
        b" id: clip",
        b"-name: clip",
        b"+name: clamp",
    ]


@pytest.mark.parametrize("case", CASES)
def test_git_makes_the_new_content_of_it_to_the_byte(case: str, tmp_path: Path) -> None:
    before, after = CASES[case]
    (tmp_path / "clip.yaml").write_bytes(before)
    subprocess.run(
        ["git", "apply", "-p0", "-"],
        input=unified("clip.yaml", before, after),
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )
    assert (tmp_path / "clip.yaml").read_bytes() == after

"""What ``-o`` writes takes the place of its like, and never that of what a person wrote."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from physprior.paths import kb_folder

COMMANDS = [["show", "clip"], ["kb", "schema"]]


@pytest.mark.parametrize("words", COMMANDS)
def test_an_entry_that_is_named_as_the_output_stays(
    physprior: Any, words: list[str], tmp_path: Path
) -> None:
    entry = tmp_path / "clip.yaml"
    before = (kb_folder() / "clip.yaml").read_bytes()
    entry.write_bytes(before)
    outcome = physprior(*words, "-o", entry)
    assert (outcome.code, outcome.out) == (2, "")
    problem, remedy = outcome.err.splitlines()
    assert problem == f"error: {entry} is there, and is of another kind: it is left as it is"
    assert remedy.startswith("  remedy: name another file")
    assert entry.read_bytes() == before


@pytest.mark.parametrize("words", COMMANDS)
def test_what_was_written_before_is_written_anew(
    physprior: Any, words: list[str], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    assert physprior(*words, "-o", out).code == 0
    written = out.read_bytes()
    out.write_bytes(written + b"more")
    assert physprior(*words, "-o", out).code == 0
    assert out.read_bytes() == written

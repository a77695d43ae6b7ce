from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from physprior import files
from physprior.errors import OutputError


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "report.md"
    files.write_text(path, "old")
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    # What a full disk does, for this process alone: no file may grow beyond 10 bytes.
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, limit[1]))
    try:
        with pytest.raises(OutputError, match=r"report\.md"):
            files.write_text(path, "new" * 100)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
        signal.signal(signal.SIGXFSZ, before)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_of_files_that_belong_together_none_is_replaced_where_one_cannot_be(tmp_path: Path) -> None:
    files.write_text(tmp_path / "page.html", "old")
    (tmp_path / "tables").write_text("someone's file, where a folder should be")
    both = {tmp_path / "page.html": b"new", tmp_path / "tables" / "all.tex": b"new"}
    with pytest.raises(OutputError, match=r"all\.tex"):
        files.write_together(both)
    assert (tmp_path / "page.html").read_text() == "old"
    assert {path.name for path in tmp_path.iterdir()} == {"page.html", "tables"}


def test_a_place_that_is_no_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(OutputError, match="taken"):
        files.make_folder(tmp_path / "taken" / "below")


def test_json_does_not_depend_on_the_order_of_keys(tmp_path: Path) -> None:
    files.write_json(tmp_path / "a", {"x": 1, "y": [1, 2]})
    files.write_json(tmp_path / "b", {"y": [1, 2], "x": 1})
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_pipe_or_device_is_not_replaced_by_a_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("/dev/null")
    for name in ("pipe", "link"):
        with pytest.raises(OutputError, match="is no file"):
            files.write_text(tmp_path / name, "text")
    assert (tmp_path / "pipe").is_fifo()
    assert (tmp_path / "link").is_symlink()


def test_the_name_of_a_stream_is_not_replaced_where_the_stream_is_a_file(tmp_path: Path) -> None:
    # Not run on /dev/stdout for good: who is root would lose it, were this wrong.
    script = (
        "import os; from pathlib import Path; from physprior import files\n"
        "def lost(*_): raise SystemExit('replaced')\n"
        "files.os.replace = lost\n"
        "try: files.write_text(Path('/dev/stdout'), 'x')\n"
        "except files.OutputError as error: raise SystemExit(str(error))\n"
    )
    with (tmp_path / "out").open("w") as out:
        done = subprocess.run(
            [sys.executable, "-c", script], stdout=out, stderr=subprocess.PIPE, text=True
        )
    assert "cannot write /dev/stdout: it is there, and is no file" in done.stderr

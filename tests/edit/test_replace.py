"""A person's file is replaced whole, under its own name and mode, or not at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from physprior.edit import replace as replacing
from physprior.edit.replace import replace_file
from physprior.errors import OutputError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "clip.yaml"
    path.write_bytes(b"id: clip\r\n")
    return path


def test_the_new_content_stands_in_the_old_one_s_place(file: Path) -> None:
    replace_file(file, b"id: clip\r\n", b"id: clamp\r\n")
    assert file.read_bytes() == b"id: clamp\r\n"
    assert os.listdir(file.parent) == ["clip.yaml"]


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o664, 0o755])
def test_the_mode_stays(file: Path, mode: int) -> None:
    file.chmod(mode)
    replace_file(file, b"id: clip\r\n", b"id: clamp\r\n")
    assert stat.S_IMODE(file.stat().st_mode) == mode


def test_a_link_stays_a_link_and_what_it_leads_to_is_replaced(file: Path, tmp_path: Path) -> None:
    (tmp_path / "kb").mkdir()
    link = tmp_path / "kb" / "linked.yaml"
    link.symlink_to("../clip.yaml")
    replace_file(link, b"id: clip\r\n", b"id: clamp\r\n")
    assert link.is_symlink()
    assert file.read_bytes() == b"id: clamp\r\n"
    assert not file.is_symlink()


def test_a_file_that_was_changed_meanwhile_is_left_alone(file: Path) -> None:
    with pytest.raises(OutputError, match="changed by someone else meanwhile"):
        replace_file(file, b"id: other\n", b"id: clamp\r\n")
    assert file.read_bytes() == b"id: clip\r\n"
    assert os.listdir(file.parent) == ["clip.yaml"]


def test_a_file_that_is_gone_is_not_made_again(file: Path) -> None:
    file.unlink()
    with pytest.raises(OutputError, match=r"cannot write .*clip\.yaml: No such file") as caught:
        replace_file(file, b"id: clip\r\n", b"id: clamp\r\n")
    assert caught.value.remedy.startswith("put it back")
    assert os.listdir(file.parent) == []


def test_a_file_that_may_not_be_written_is_left_alone(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Root may write everything: what the system answers to another user is put in its mouth.
    monkeypatch.setattr(replacing.os, "access", lambda path, mode: mode != os.W_OK)
    with pytest.raises(OutputError, match="Permission denied") as caught:
        replace_file(file, b"id: clip\r\n", b"id: clamp\r\n")
    assert caught.value.remedy == "make the file writable"
    assert file.read_bytes() == b"id: clip\r\n"


def test_hard_links_are_not_parted(file: Path) -> None:
    other = file.with_name("other.yaml")
    other.hardlink_to(file)
    with pytest.raises(OutputError, match="it has 2 names, as hard links") as caught:
        replace_file(file, b"id: clip\r\n", b"id: clamp\r\n")
    assert "--diff' shows" in caught.value.remedy
    assert file.samefile(other)
    assert file.read_bytes() == b"id: clip\r\n"


def test_no_pipe_is_made_a_file(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.yaml"
    os.mkfifo(pipe)
    with pytest.raises(OutputError, match="it is no file"):
        replace_file(pipe, b"", b"id: clamp\n")
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_what_fails_at_the_end_leaves_nothing_behind(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(part: str, target: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(replacing.os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        replace_file(file, b"id: clip\r\n", b"id: clamp\r\n")
    assert file.read_bytes() == b"id: clip\r\n"
    assert os.listdir(file.parent) == ["clip.yaml"]

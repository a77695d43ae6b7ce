"""The index file: written, read, held against the KB."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from physprior import files
from physprior.dataset.index import Index, Video, index_videos
from physprior.dataset.index_file import index_hash, is_index, read_index, write_index
from physprior.dataset.open import open_videos
from physprior.errors import DatasetError, OutputError
from physprior.knowledge.load import KnowledgeBase
from physprior.video.probe import VideoInfo

AddVideos = Callable[..., list[Path]]
Edit = Callable[[list[str]], None]


def made_up(root: Path, count: int = 3) -> Index:
    """An index without videos on the disk."""
    info = VideoInfo(frames=60, fps=59.94, width=96, height=96, duration_s=1.001, codec="h264")
    videos = tuple(
        Video(
            path=f"clip/train/{n:06d} 夹.mp4",
            category="clip",
            class_id="normal",
            label=0,
            instance=f"clip-{n % 2}",
            split="val",
            sha256=f"{n // 2:064d}",
            content=f"{n:032d}",
            prints=(f"{n:016x}",) * 8,
            info=info,
        )
        for n in range(count)
    )
    same = ((videos[0].path, videos[1].path),)
    return Index(
        root=root, videos=videos, skipped=(), ignored={".md": 2}, duplicates=same, notes=("a note",)
    )


@pytest.fixture
def edited(tmp_path: Path) -> Callable[[Edit], Path]:
    """Writes an index of three videos and changes its lines."""

    def edit(change: Edit) -> Path:
        path = tmp_path / "index.jsonl"
        write_index(made_up(tmp_path / "videos"), path)
        lines = path.read_text().splitlines(keepends=True)
        change(lines)
        path.write_text("".join(lines))
        return path

    return edit


def test_what_is_written_is_read(tmp_path: Path) -> None:
    index = made_up(tmp_path / "videos")
    write_index(index, tmp_path / "out" / "index.jsonl")
    assert read_index(tmp_path / "out" / "index.jsonl") == index


def test_a_real_collection_is_opened_without_its_videos(
    root: Path, add_videos: AddVideos, kb: KnowledgeBase, tmp_path: Path
) -> None:
    add_videos("clip/train", 2, instances=2)
    add_videos("clip/test/unable_press")[0].with_name("0001.mp4").touch()
    index = index_videos(root, kb)
    write_index(index, tmp_path / "index.jsonl")
    shutil.rmtree(root)
    opened = open_videos(tmp_path / "index.jsonl", kb)
    assert opened == index
    assert [skip.reason for skip in opened.skipped] == ["empty file"]


def test_index_and_videos_may_move_together(tmp_path: Path) -> None:
    write_index(made_up(tmp_path / "here" / "videos"), tmp_path / "here" / "index.jsonl")
    before = index_hash(tmp_path / "here" / "index.jsonl")
    (tmp_path / "here").rename(tmp_path / "there")
    assert read_index(tmp_path / "there" / "index.jsonl").root == tmp_path / "there" / "videos"
    assert index_hash(tmp_path / "there" / "index.jsonl") == before


def test_the_same_videos_give_the_same_bytes_whatever_looked_at_them(
    root: Path, add_videos: AddVideos, kb: KnowledgeBase, tmp_path: Path
) -> None:
    add_videos("clip/train", 20)
    settings = ({"workers": 1, "cache": False}, {"workers": 2, "cache": True}, {"workers": 2})
    contents = set()
    for one in settings:
        write_index(index_videos(root, kb, **one), tmp_path / "index.jsonl")
        contents.add((tmp_path / "index.jsonl").read_bytes())
    assert len(contents) == 1


def test_another_video_changes_the_hash(tmp_path: Path) -> None:
    write_index(made_up(tmp_path, 3), tmp_path / "one.jsonl")
    write_index(made_up(tmp_path, 4), tmp_path / "other.jsonl")
    assert index_hash(tmp_path / "one.jsonl") != index_hash(tmp_path / "other.jsonl")


def test_an_index_is_known_by_its_first_line(tmp_path: Path) -> None:
    write_index(made_up(tmp_path), tmp_path / "index")
    (tmp_path / "list.jsonl").write_text('{"video": "a.mp4"}\n')
    (tmp_path / "list.csv").write_bytes(b"\xff" * 100)
    assert is_index(tmp_path / "index")
    assert not any(map(is_index, (tmp_path / "list.jsonl", tmp_path / "list.csv", tmp_path)))


def set_line(number: int, **changes: object) -> Edit:
    def change(lines: list[str]) -> None:
        lines[number] = json.dumps({**json.loads(lines[number]), **changes}) + "\n"

    return change


def drop_last(lines: list[str]) -> None:
    del lines[-1]


def add_one(lines: list[str]) -> None:
    lines.append(lines[-1])


def cut(lines: list[str]) -> None:
    lines[-1] = lines[-1][:40]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (set_line(0, format_version=2), r":1: not an index file's header of this version"),
        (set_line(2, label=2), r":3: not a video of an index of this version: \$\.label"),
        (set_line(3, colour="red"), r":4: not a video of an index of this version: \$\.colour"),
        (set_line(2, path="../../etc/a.mp4"), ":3: ../../etc/a.mp4 leads out of the videos root"),
        (set_line(2, path="/etc/a.mp4"), ":3: /etc/a.mp4 leads out of the videos root"),
        (drop_last, ": cut, or more than one file in one: its header says 3 videos"),
        (add_one, ": cut, or more than one file in one: its header says 3 videos"),
        (cut, ":4: not a video of an index"),
    ],
)
def test_an_index_that_was_changed_is_refused_with_its_line(
    edited: Callable[[Edit], Path], change: Edit, why: str
) -> None:
    path = edited(change)
    with pytest.raises(DatasetError, match=why) as caught:
        read_index(path)
    assert str(path) in caught.value.message
    assert "index" in caught.value.remedy


def test_an_index_that_is_not_there_is_refused(tmp_path: Path, kb: KnowledgeBase) -> None:
    for read in (read_index, index_hash, lambda path: open_videos(path, kb)):
        with pytest.raises(DatasetError, match=r"No such file|no such file"):
            read(tmp_path / "index.jsonl")


def test_an_index_of_another_kb_is_refused(tmp_path: Path, kb: KnowledgeBase) -> None:
    write_index(made_up(tmp_path), tmp_path / "index.jsonl")
    with pytest.raises(DatasetError, match="the KB does not hold clip/normal"):
        open_videos(tmp_path / "index.jsonl", kb.only(["fan"]))


def test_an_index_is_written_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "index.jsonl"
    write_index(made_up(tmp_path), path)
    before = path.read_bytes()

    def disk_is_full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", disk_is_full)
    with pytest.raises(OutputError, match="No space left"):
        write_index(made_up(tmp_path, 5), path)
    assert path.read_bytes() == before


# Not ru_maxrss, in which the memory of the parent outlives exec.
MEASURED = r"""
import re, sys, time
from pathlib import Path
from physprior.dataset.index_file import read_index
started = time.process_time()
count = len(read_index(Path(sys.argv[1])).videos)
took = time.process_time() - started
peak = int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]) // 1024
print(count, took, peak)
"""


@pytest.mark.slow
def test_a_hundred_thousand_videos_are_read_in_seconds(tmp_path: Path) -> None:
    import subprocess
    import sys

    write_index(made_up(tmp_path, 100_000), tmp_path / "index.jsonl")
    command = [sys.executable, "-c", MEASURED, str(tmp_path / "index.jsonl")]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    count, seconds, megabytes = said.split()
    assert count == "100000"
    assert float(seconds) < 10
    assert int(megabytes) < 400

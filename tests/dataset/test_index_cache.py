"""Looks at videos are remembered, and whatever is wrong with the memory costs no result."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from physprior import processes
from physprior.dataset import examine as examining
from physprior.dataset.index import Index, index_videos
from physprior.knowledge.load import KnowledgeBase

AddVideos = Callable[..., list[Path]]
LookedAt = Callable[[], list[str]]


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the looks are kept, in an empty cache."""
    monkeypatch.setenv("PHYSPRIOR_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "probe" / "looks.sqlite"


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> LookedAt:
    """Names of the files that were opened since it was last called."""
    names: list[str] = []

    def work(function, items, **settings):  # type: ignore[no-untyped-def]
        names.extend(path.name for path in items)
        return processes.work(function, items, **settings)

    monkeypatch.setattr(examining, "work", work)

    def since() -> list[str]:
        seen = list(names)
        names.clear()
        return seen

    return since


def test_what_has_not_changed_is_not_opened_again(
    root: Path, add_videos: AddVideos, kb: KnowledgeBase, database: Path, looked_at: LookedAt
) -> None:
    add_videos("clip/train", 3)
    first = index_videos(root, kb)
    assert looked_at() == ["0000.mp4", "0001.mp4", "0002.mp4"]
    told: list[tuple[int, int]] = []
    assert index_videos(root, kb, progress=lambda *done: told.append(done)) == first
    assert looked_at() == []
    assert told == [(3, 3)]


def test_what_has_changed_is(
    root: Path, add_videos: AddVideos, kb: KnowledgeBase, database: Path, looked_at: LookedAt
) -> None:
    first, second, third, _ = add_videos("clip/train", 4)
    index_videos(root, kb)
    looked_at()
    shutil.copy(second, first)
    status = second.stat()
    second.write_bytes(third.read_bytes()[: status.st_size].ljust(status.st_size, b"\0"))
    os.utime(second, ns=(status.st_atime_ns, status.st_mtime_ns))  # as old and long as before
    third.rename(third.with_name("0009.mp4"))
    index_videos(root, kb)
    assert looked_at() == ["0000.mp4", "0001.mp4", "0009.mp4"]


def test_a_broken_file_is_looked_at_each_time(
    root: Path, add_videos: AddVideos, kb: KnowledgeBase, database: Path, looked_at: LookedAt
) -> None:
    add_videos("clip/train", 2)[1].write_bytes(b"")
    index_videos(root, kb)
    looked_at()
    index_videos(root, kb)
    assert looked_at() == ["0001.mp4"]


def test_one_memory_serves_every_way_to_a_file(
    root: Path,
    add_videos: AddVideos,
    kb: KnowledgeBase,
    database: Path,
    looked_at: LookedAt,
    tmp_path: Path,
) -> None:
    add_videos("clip/train", 2)
    (tmp_path / "link").symlink_to(root)
    index_videos(root, kb)
    looked_at()
    index_videos(tmp_path / "link", kb)
    assert looked_at() == []


def test_without_cache_nothing_is_remembered(
    root: Path, add_videos: AddVideos, kb: KnowledgeBase, database: Path
) -> None:
    add_videos("clip/train")
    index_videos(root, kb, cache=False)
    assert not database.exists()


def spoil_with_text(database: Path) -> None:
    database.write_text("no database, but a long text\n" * 1000)


def spoil_pages(database: Path) -> None:
    data = bytearray(database.read_bytes())
    data[200:] = os.urandom(len(data) - 200)
    database.write_bytes(data)


def spoil_content(database: Path) -> None:
    with sqlite3.connect(database) as opened:
        opened.execute("UPDATE looks SET found = 'nonsense'")


def spoil_columns(database: Path) -> None:
    with sqlite3.connect(database) as opened:
        opened.execute("DROP TABLE looks")
        opened.execute("CREATE TABLE looks (something_else)")


def put_folder(database: Path) -> None:
    database.unlink()
    database.mkdir()


@pytest.mark.parametrize(
    "spoil", [spoil_with_text, spoil_pages, spoil_content, spoil_columns, put_folder]
)
def test_a_damaged_memory_costs_no_result(
    root: Path,
    add_videos: AddVideos,
    kb: KnowledgeBase,
    database: Path,
    spoil: Callable[[Path], None],
) -> None:
    add_videos("clip/train", 2)
    first = index_videos(root, kb)
    spoil(database)
    assert index_videos(root, kb) == first


def test_a_damaged_memory_is_made_again(
    root: Path, add_videos: AddVideos, kb: KnowledgeBase, database: Path, looked_at: LookedAt
) -> None:
    add_videos("clip/train", 2)
    index_videos(root, kb)
    spoil_with_text(database)
    index_videos(root, kb)
    looked_at()
    index_videos(root, kb)
    assert looked_at() == []


def test_a_place_that_cannot_be_written_costs_no_result(
    root: Path,
    add_videos: AddVideos,
    kb: KnowledgeBase,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    add_videos("clip/train")
    (tmp_path / "cache").touch()  # a file where the folder should be
    monkeypatch.setenv("PHYSPRIOR_CACHE", str(tmp_path / "cache"))
    assert len(index_videos(root, kb).videos) == 1


INDEX = """
import sys
from pathlib import Path
from physprior import paths
from physprior.dataset.index import index_videos
from physprior.knowledge.load import load_knowledge
print(index_videos(Path(sys.argv[1]), load_knowledge(paths.kb_folder())).model_dump_json())
"""


def test_several_runs_at_a_time_get_along(
    root: Path, add_videos: AddVideos, kb: KnowledgeBase, database: Path, looked_at: LookedAt
) -> None:
    add_videos("clip/train", 12)
    command = [sys.executable, "-c", INDEX, str(root)]
    runs = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(3)]
    said = {run.communicate()[0] for run in runs}
    assert [run.returncode for run in runs] == [0, 0, 0]
    assert len(said) == 1
    assert Index.model_validate_json(said.pop()) == index_videos(root, kb)
    assert looked_at() == []

"""Whatever lies among the videos: it is named, and the rest is indexed."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from physprior.dataset.examine import Examined, examine, no_progress
from physprior.dataset.index import Index, index_videos
from physprior.errors import DatasetError
from physprior.knowledge.load import KnowledgeBase

AddVideos = Callable[..., list[Path]]
WriteClip = Callable[..., Path]


@pytest.fixture
def folder(root: Path, add_videos: AddVideos) -> Path:
    """A class folder with one good video, good.mp4."""
    (path,) = add_videos("clip/train")
    return path.rename(path.with_name("good.mp4")).parent


def skipped(index: Index) -> dict[str, str]:
    """Name to reason; the good one must be there."""
    assert "clip/train/good.mp4" in [video.path for video in index.videos]
    return {skip.path.removeprefix("clip/train/"): skip.reason for skip in index.skipped}


def test_what_is_no_video_is_skipped_with_its_reason(
    root: Path, folder: Path, kb: KnowledgeBase, write_clip: WriteClip
) -> None:
    (folder / "empty.mp4").touch()
    (folder / "text.mp4").write_text("0.7, 0.1, 0.2\n" * 50)
    (folder / "to_nowhere.mp4").symlink_to("nowhere.mp4")
    (folder / "loop.mp4").symlink_to("loop.mp4")
    os.mkfifo(folder / "pipe.mp4")
    cut = write_clip(folder / "cut.mp4", frames=60)
    os.truncate(cut, cut.stat().st_size // 2)
    reasons = skipped(index_videos(root, kb))
    assert reasons == {
        "empty.mp4": "empty file",
        "text.mp4": "not a video file, whatever its name says",
        "to_nowhere.mp4": "a symbolic link to nothing",
        "loop.mp4": "a symbolic link to nothing",
        "pipe.mp4": "no regular file",
        "cut.mp4": "truncated: it begins as a video but its index is missing or damaged",
    }


def test_sound_alone_is_skipped(root: Path, folder: Path, kb: KnowledgeBase) -> None:
    import av
    import numpy as np

    with av.open(str(folder / "sound.mp4"), "w") as file:
        stream = file.add_stream("aac", rate=44100)
        frame = av.AudioFrame.from_ndarray(np.zeros((2, 1024), np.float32), "fltp", "stereo")
        frame.rate = 44100
        file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    assert skipped(index_videos(root, kb)) == {"sound.mp4": "holds audio only"}


def test_a_file_without_the_right_to_read_it_is_skipped(
    root: Path, folder: Path, kb: KnowledgeBase, add_videos: AddVideos
) -> None:
    (secret,) = add_videos("clip/train")
    secret.chmod(0)
    if os.access(secret, os.R_OK):  # root may read everything: then there is nothing to refuse
        secret.unlink()
        secret.symlink_to("/proc/self/mem")
        assert "out of the videos root" in skipped(index_videos(root, kb))["0000.mp4"]
    else:
        assert "cannot be read" in skipped(index_videos(root, kb))["0000.mp4"]


def test_damage_behind_the_first_frame_is_skipped(
    root: Path, folder: Path, kb: KnowledgeBase, write_clip: WriteClip
) -> None:
    path = write_clip(folder / "damaged.mp4", frames=40, container={"movflags": "faststart"})
    data = bytearray(path.read_bytes())
    middle = (data.index(b"mdat") + len(data)) // 2
    data[middle : middle + 200] = bytes(200)
    path.write_bytes(data)
    assert skipped(index_videos(root, kb))["damaged.mp4"].startswith("damaged: ")


def test_clips_of_one_frame_are_videos(
    root: Path, folder: Path, kb: KnowledgeBase, write_clip: WriteClip
) -> None:
    write_clip(folder / "one.mp4", frames=1)
    _, one = index_videos(root, kb).videos
    assert (one.info.frames, len(one.prints)) == (1, 1)


def test_a_sparse_file_of_zeros_is_no_video(root: Path, folder: Path, kb: KnowledgeBase) -> None:
    (folder / "hole.mp4").touch()
    os.truncate(folder / "hole.mp4", 4 << 30)
    assert skipped(index_videos(root, kb)) == {
        "hole.mp4": "not a video file, whatever its name says"
    }


def test_a_video_in_a_huge_hole_is_given_up_in_time(
    root: Path, folder: Path, kb: KnowledgeBase, write_clip: WriteClip
) -> None:
    path = write_clip(folder / "hole.avi", codec="mpeg4")
    os.truncate(path, 1 << 40)
    started = time.monotonic()
    reason = skipped(index_videos(root, kb, limit_s=4))["hole.avi"]
    assert reason == "not looked at within 4 s, so it was given up"
    assert time.monotonic() - started < 30


def test_any_printable_name_is_a_name(root: Path, folder: Path, kb: KnowledgeBase) -> None:
    names = [
        "two  words.mp4",
        'it\'s "quoted".mp4',
        "夹子 〔一〕.mp4",
        "مشبك.mp4",
        "wide\u3000blank.mp4",
        "Klämmer é.mp4",
        "-rf.mp4",
        "100%.mp4",
        "a,b;c.mp4",
        "{x}.mp4",
        "back\\slash.mp4",
    ]
    for name in names:
        (folder / name).symlink_to("good.mp4")
    index = index_videos(root, kb)
    assert {video.path for video in index.videos} == {
        f"clip/train/{name}" for name in ("good.mp4", *names)
    }


def test_names_that_break_lines_are_skipped_and_shown(
    root: Path, folder: Path, kb: KnowledgeBase
) -> None:
    names = {
        b"new\nline.mp4": "new\\x0aline.mp4",
        b"bell\x07.mp4": "bell\\x07.mp4",
        b"latin\xe9.mp4": "latin\\udce9.mp4",
        "line\u2028.mp4".encode(): "line\\u2028.mp4",
        "tür\n.mp4".encode(): "tür\\x0a.mp4",
    }
    for name in names:
        Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).touch()
    why = "its name holds control characters or is not UTF-8: rename it"
    assert skipped(index_videos(root, kb)) == dict.fromkeys(names.values(), why)


def test_a_folder_whose_name_breaks_lines_is_unexplained(
    root: Path, folder: Path, kb: KnowledgeBase
) -> None:
    (root / "fan\n").mkdir()
    with pytest.raises(DatasetError, match=r"fan\\x0a/: its name holds control characters"):
        index_videos(root, kb)


def test_names_that_differ_only_in_case_are_two_videos_and_told(
    root: Path, folder: Path, kb: KnowledgeBase, write_clip: WriteClip
) -> None:
    write_clip(folder / "Good.mp4", frames=3)
    index = index_videos(root, kb)
    assert len(index.videos) == 2
    told = "names that other file systems take for one: clip/train/Good.mp4 = clip/train/good.mp4"
    assert index.notes == (told,)


def test_links_that_lead_in_circles_end(root: Path, folder: Path, kb: KnowledgeBase) -> None:
    (root / "again").symlink_to(root)
    (root / "clip" / "test").symlink_to(root / "clip")
    (root / "itself").symlink_to(root / "itself")
    index = index_videos(root, kb)
    circle = "a symbolic link to a folder that it lies in"
    assert {skip.path: skip.reason for skip in index.skipped} == {
        "again": circle,
        "clip/test": circle,
    }
    assert len(index.videos) == 1


def test_a_sidecar_as_large_as_a_disk_is_not_read(
    root: Path, folder: Path, kb: KnowledgeBase, add_videos: AddVideos
) -> None:
    (path,) = add_videos("clip/train")
    path.with_suffix(".json").touch()
    os.truncate(path.with_suffix(".json"), 1 << 40)
    assert "its sidecar 0000.json is larger than" in skipped(index_videos(root, kb))["0000.mp4"]


# What a decoder may do to its process


def misbehave(path: Path) -> Examined:
    if path.name == "kills":
        os.kill(os.getpid(), signal.SIGSEGV)
    if path.name == "hangs":
        time.sleep(600)
    return Examined(path, sha256="looked at")


@pytest.mark.parametrize("workers", [1, 2])
def test_a_file_that_hangs_or_kills_its_reader_costs_no_other_file(workers: int) -> None:
    paths = [Path(f"{number}") for number in range(40)]
    paths[17], paths[23] = Path("kills"), Path("hangs")
    found = examine(paths, workers=workers, progress=no_progress, look=misbehave, limit_s=1.5)
    assert [one.path for one in found] == paths
    assert {one.path.name: one.reason for one in found if not one.sha256} == {
        "kills": "the process that read it died; it may be damaged",
        "hangs": "not looked at within 1.5 s, so it was given up",
    }

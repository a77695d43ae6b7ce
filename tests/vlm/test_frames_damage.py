"""Cache files that are damaged, in every way: found, and made again from the video."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from physprior.errors import VideoError
from physprior.video.sample import Sampling
from physprior.vlm import array_file
from physprior.vlm.array_file import write_array
from physprior.vlm.frames import Clip, FrameStore, Rebuilt

Damage = Callable[[Path], None]


def flip(place: int) -> Damage:
    def damage(path: Path) -> None:
        content = bytearray(path.read_bytes())
        content[place] ^= 1
        path.write_bytes(content)

    return damage


def of_another_shape(path: Path) -> None:
    write_array(path, np.zeros((8, 3, 14, 56), np.uint8))


DAMAGES: dict[str, Damage] = {
    "empty": lambda path: path.write_bytes(b"") and None,
    "cut": lambda path: os.truncate(path, path.stat().st_size - 100),
    "longer": lambda path: os.truncate(path, path.stat().st_size + 100),
    "a bit of the array": flip(5000),
    "a bit of the header": flip(40),
    "a bit of the checksum": flip(-1),
    "zeros": lambda path: path.write_bytes(bytes(path.stat().st_size)) and None,
    "text": lambda path: path.write_text("no array") and None,
    "another shape": of_another_shape,
    "without a checksum": lambda path: np.save(path, np.zeros((8, 3, 28, 28), np.uint8)),
}


@pytest.mark.parametrize("kind", DAMAGES)
def test_a_damaged_file_is_made_again_as_it_was_when_it_is_loaded(
    store: FrameStore, clips: list[Clip], image_processor: Any, kind: str
) -> None:
    store.prepare(clips[:1])
    path = store.path(clips[0])
    before = path.read_bytes()
    DAMAGES[kind](path)
    assert path.read_bytes() != before
    fresh = FrameStore(store.folder.parent, image_processor, Sampling())
    np.testing.assert_array_equal(fresh.load(clips[0]), np.load(path))
    assert path.read_bytes() == before
    assert [rebuilt.path for rebuilt in fresh.rebuilt] == [clips[0].path]


def test_what_was_rebuilt_is_known_with_its_reason(store: FrameStore, clips: list[Clip]) -> None:
    store.prepare(clips)
    flip(5000)(store.path(clips[1]))
    for clip in (*clips, *clips):
        store.load(clip)
    assert store.rebuilt == [Rebuilt(clips[1].path, "its checksum is wrong")]


def test_a_file_that_was_lost_is_made_again(store: FrameStore, clips: list[Clip]) -> None:
    store.prepare(clips[:1])
    before = store.path(clips[0]).read_bytes()
    store.path(clips[0]).unlink()
    store.load(clips[0])
    assert store.path(clips[0]).read_bytes() == before


def test_a_damaged_file_whose_video_is_gone_is_an_error_that_names_both(
    store: FrameStore, clips: list[Clip], tmp_path: Path
) -> None:
    store.prepare(clips[:1])
    flip(5000)(store.path(clips[0]))
    lost = Clip(tmp_path / "lost.mp4", clips[0].sha256)
    with pytest.raises(VideoError, match=r"lost\.mp4: no such file.*its checksum is wrong"):
        store.load(lost)


def test_preparing_makes_files_of_a_wrong_size_again(store: FrameStore, clips: list[Clip]) -> None:
    store.prepare(clips)
    DAMAGES["cut"](store.path(clips[2]))
    DAMAGES["empty"](store.path(clips[4]))
    assert store.prepare(clips, workers=2) == []
    # In the order of their ending: two workers made them.
    assert {rebuilt.path.name for rebuilt in store.rebuilt} == {"2.mp4", "4.mp4"}


def test_preparing_with_verify_reads_all_of_them(
    store: FrameStore, clips: list[Clip], image_processor: Any
) -> None:
    store.prepare(clips)
    before = store.path(clips[3]).read_bytes()
    flip(5000)(store.path(clips[3]))
    fresh = FrameStore(store.folder.parent, image_processor, Sampling())
    calls: list[tuple[int, int]] = []
    fresh.prepare(clips, verify=True, progress=lambda done, total: calls.append((done, total)))
    assert fresh.rebuilt == [Rebuilt(clips[3].path, "its checksum is wrong")]
    assert store.path(clips[3]).read_bytes() == before
    assert calls == [*((done, 6) for done in range(1, 6)), (5, 6), (6, 6)]


def test_a_checksum_is_looked_at_once_while_the_file_stays_as_it_is(
    store: FrameStore, clips: list[Clip], monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[int] = []
    digest = array_file.xxhash.xxh3_128_digest

    def count(content: memoryview) -> bytes:
        looked.append(len(content))
        return digest(content)

    store.prepare(clips)
    monkeypatch.setattr(array_file.xxhash, "xxh3_128_digest", count)
    for _ in range(3):
        for clip in clips:
            store.load(clip)
    assert len(looked) == len(clips)
    os.utime(store.path(clips[0]), ns=(1, 1))
    store.load(clips[0])
    assert len(looked) == len(clips) + 1


def test_loading_a_clip_of_the_7b_s_size_takes_less_than_a_millisecond(tmp_path: Path) -> None:
    shape, known, times = (8, 3, 224, 224), {}, []
    array = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    for number in range(20):
        write_array(tmp_path / f"{number}.npy", array)
    for number in range(20):
        started = time.perf_counter()
        array_file.map_array(tmp_path / f"{number}.npy", shape, np.uint8, known)
        times.append(time.perf_counter() - started)
    assert sorted(times)[10] < 1e-3

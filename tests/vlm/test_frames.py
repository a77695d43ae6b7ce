"""The cache of frames: what is in it, by what it is found, and which videos are skipped."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import VideoLlavaImageProcessor

from physprior import fingerprint
from physprior.errors import OutputError, VideoError
from physprior.video.decode import decode
from physprior.video.sample import Sampling, frame_indices
from physprior.vlm.clip_frames import FrameMaker
from physprior.vlm.crop import Crop
from physprior.vlm.frames import Clip, FrameStore, Skipped, normalise, read_frames

WriteClip = Callable[..., Path]


def test_frames_are_those_that_the_sampling_names_resized_and_cropped(
    store: FrameStore, clips: list[Clip], image_processor: Any
) -> None:
    assert store.prepare(clips, workers=2) == []
    for clip in clips:
        decoded = decode(clip.path, frame_indices(12, 30, Sampling()))
        own = image_processor(
            list(decoded),
            do_rescale=False,
            do_normalize=False,
            return_tensors="np",
            return_legacy_image_output=False,
        )
        np.testing.assert_array_equal(store.load(clip), own["pixel_values"])


@pytest.mark.parametrize("size", [(48, 64), (270, 150)])
def test_both_decoders_give_the_same_bytes(
    tmp_path: Path, write_clip: WriteClip, image_processor: Any, size: tuple[int, int]
) -> None:
    path = write_clip(tmp_path / "clip.mp4", frames=40, size=size)
    maker = FrameMaker(tmp_path, Crop.of(image_processor), Sampling())
    by_decord, by_av = (maker.frames(path, backend) for backend in ("decord", "av"))
    np.testing.assert_array_equal(by_decord, by_av)


def test_cached_frames_are_mapped_and_cannot_be_written(
    store: FrameStore, clips: list[Clip]
) -> None:
    store.prepare(clips[:1])
    frames = store.load(clips[0])
    assert isinstance(frames, np.memmap)
    assert frames.shape == store.shape == (8, 3, 28, 28)
    with pytest.raises(ValueError, match="read-only"):
        frames[0, 0, 0, 0] = 1


def test_a_cache_file_is_a_plain_numpy_file_too(store: FrameStore, clips: list[Clip]) -> None:
    store.prepare(clips[:1])
    np.testing.assert_array_equal(np.load(store.path(clips[0])), store.load(clips[0]))


def test_what_is_cached_is_not_made_again(store: FrameStore, clips: list[Clip]) -> None:
    store.prepare(clips[:4])
    before = [store.path(clip).stat().st_mtime_ns for clip in clips[:4]]
    calls: list[tuple[int, int]] = []
    store.prepare(clips, progress=lambda done, total: calls.append((done, total)))
    assert [store.path(clip).stat().st_mtime_ns for clip in clips[:4]] == before
    assert calls == [(4, 6), (5, 6), (6, 6)]


def test_a_cache_that_has_everything_is_not_written_to(
    store: FrameStore, clips: list[Clip]
) -> None:
    store.prepare(clips)
    before = [path.stat().st_mtime_ns for path in (store.folder, *store.folder.iterdir())]
    store.prepare(clips, verify=True)
    assert [path.stat().st_mtime_ns for path in (store.folder, *store.folder.iterdir())] == before


def test_a_video_that_comes_several_times_is_made_once(
    store: FrameStore, clips: list[Clip], tmp_path: Path
) -> None:
    copy = Clip(Path(shutil.copy(clips[0].path, tmp_path / "copy.mp4")), clips[0].sha256)
    assert store.needed_bytes([clips[0], copy, clips[0]]) == store.needed_bytes(clips[:1])
    assert store.prepare([clips[0], copy, clips[0]]) == []
    assert len(list(store.folder.rglob("*.npy"))) == 1


def test_a_lost_video_does_not_spoil_its_copy(
    store: FrameStore, clips: list[Clip], tmp_path: Path
) -> None:
    lost = Clip(tmp_path / "lost.mp4", clips[0].sha256)
    assert store.prepare([lost, clips[0]]) == [Skipped(lost.path, "no such file")]
    assert store.load(clips[0]).shape == store.shape


def test_a_cached_clip_needs_its_video_no_more(
    store: FrameStore, clips: list[Clip], tmp_path: Path
) -> None:
    store.prepare(clips[:1])
    lost = Clip(tmp_path / "lost.mp4", clips[0].sha256)
    assert store.prepare([lost]) == []
    np.testing.assert_array_equal(store.load(lost), store.load(clips[0]))


# What the cache is named by


def test_another_sampling_or_processor_is_another_folder(
    tmp_path: Path, image_processor: Any
) -> None:
    larger = VideoLlavaImageProcessor(
        size={"shortest_edge": 56}, crop_size={"height": 56, "width": 56}
    )
    other_mean = VideoLlavaImageProcessor(**{**image_processor.to_dict(), "image_mean": [0, 0, 0]})
    folders = {
        FrameStore(tmp_path, processor, sampling).folder
        for processor, sampling in (
            (image_processor, Sampling()),
            (image_processor, Sampling(frames=4)),
            (image_processor, Sampling(kind="burst")),
            (larger, Sampling()),
            (other_mean, Sampling()),
        )
    }
    assert len(folders) == 5


def test_a_processor_that_was_saved_and_loaded_shares_the_folder(
    tmp_path: Path, image_processor: Any
) -> None:
    image_processor.save_pretrained(tmp_path)
    again = VideoLlavaImageProcessor.from_pretrained(tmp_path)
    again.note = "of another version"
    first, second = (FrameStore(tmp_path, one, Sampling()) for one in (image_processor, again))
    assert first.folder == second.folder


# Videos that cannot be used


def test_videos_that_cannot_be_used_are_named_in_order_and_cost_no_other(
    store: FrameStore, clips: list[Clip], tmp_path: Path, write_clip: WriteClip
) -> None:
    short = write_clip(tmp_path / "short.mp4", frames=5)
    text = tmp_path / "text.mp4"
    text.write_text("no video " * 50)
    bad = [
        Clip(tmp_path / "gone.mp4", "0" * 64),
        Clip(short, fingerprint.of_file(short)),
        Clip(text, fingerprint.of_file(text)),
    ]
    skipped = store.prepare([bad[0], clips[0], bad[1], clips[1], bad[2]], workers=2)
    assert [skip.path for skip in skipped] == [clip.path for clip in bad]
    assert [skip.reason.split(";")[0] for skip in skipped] == [
        "no such file",
        "the clip has 5 frame(s)",
        "not a video file, whatever its name says",
    ]
    assert [store.load(clip).shape for clip in clips[:2]] == [store.shape] * 2


def test_a_video_that_changed_since_the_dataset_was_built_is_skipped(
    store: FrameStore, tmp_path: Path, write_clip: WriteClip
) -> None:
    clip = Clip(write_clip(tmp_path / "clip.mp4"), "")
    clip = Clip(clip.path, fingerprint.of_file(clip.path))
    write_clip(clip.path, seed=9)
    assert store.prepare([clip]) == [Skipped(clip.path, "changed since the dataset was built")]
    assert not store.path(clip).exists()
    with pytest.raises(VideoError, match=r"clip\.mp4: changed since the dataset was built"):
        store.load(clip)


def test_a_video_that_hangs_its_decoder_is_given_up_in_time(
    tmp_path: Path, image_processor: Any, clips: list[Clip], write_clip: WriteClip
) -> None:
    endless = write_clip(tmp_path / "hole.avi", codec="mpeg4")
    os.truncate(endless, 1 << 40)
    store = FrameStore(tmp_path / "frames", image_processor, Sampling(), limit_s=3)
    started = time.monotonic()
    skipped = store.prepare([Clip(endless, "0" * 64), *clips], workers=2)
    assert skipped == [Skipped(endless, "not decoded within 3 s, so it was given up")]
    assert time.monotonic() - started < 60
    assert all(store.path(clip).exists() for clip in clips)


# The disk


def test_the_room_that_is_needed_is_that_of_the_files(store: FrameStore, clips: list[Clip]) -> None:
    needed = store.needed_bytes(clips)
    store.prepare(clips)
    files = [store.path(clip).stat() for clip in clips]
    assert sum(status.st_size for status in files) <= needed
    assert needed <= sum(status.st_size for status in files) + 4096 * len(files)
    assert store.needed_bytes(clips) == 0


def test_a_disk_without_room_is_refused_before_anything_is_decoded(
    store: FrameStore, clips: list[Clip], monkeypatch: pytest.MonkeyPatch
) -> None:
    needed = store.needed_bytes(clips)
    monkeypatch.setattr(
        shutil, "disk_usage", lambda place: shutil._ntuple_diskusage(9, 9, needed - 1)
    )
    with pytest.raises(OutputError, match=r"the frames of 6 videos need 122\.9 kB") as caught:
        store.prepare(clips)
    assert str(store.folder) in caught.value.message
    assert "PHYSPRIOR_CACHE" in caught.value.remedy
    assert not list(store.folder.rglob("*.npy"))


def test_a_place_that_cannot_be_written_is_an_error_and_loses_nothing(
    store: FrameStore, clips: list[Clip]
) -> None:
    store.prepare(clips[:2])
    in_the_way = store.path(clips[2]).parent
    in_the_way.write_text("")
    with pytest.raises(OutputError, match=f"cannot write {store.path(clips[2])}") as caught:
        store.prepare(clips, workers=2)
    assert "PHYSPRIOR_CACHE" in caught.value.remedy
    in_the_way.unlink()
    assert store.prepare(clips) == []


# Pixel values


def of_the_processor(processor: Any, frames: np.ndarray) -> np.ndarray:
    made = processor(
        list(frames), do_resize=False, return_tensors="np", return_legacy_image_output=False
    )
    values: np.ndarray = made["pixel_values"]
    return values


def test_normalised_frames_are_what_the_processor_gives(
    clips: list[Clip], image_processor: Any
) -> None:
    frames = read_frames(clips[0].path, image_processor, Sampling())
    found = normalise(frames, image_processor)
    assert found.dtype == torch.float32
    np.testing.assert_allclose(found.numpy(), of_the_processor(image_processor, frames), atol=1e-6)


def test_arrays_and_tensors_are_normalised_to_the_same_bits(image_processor: Any) -> None:
    every = np.arange(256, dtype=np.uint8).repeat(3 * 4).reshape(256, 3, 2, 2)
    mean, deviation = (
        np.asarray(values, np.float32).reshape(3, 1, 1)
        for values in (image_processor.image_mean, image_processor.image_std)
    )
    scaled = every.astype(np.float32) * np.float32(image_processor.rescale_factor)
    exact = torch.from_numpy((scaled - mean) / deviation)
    assert torch.equal(normalise(every, image_processor), exact)
    assert torch.equal(normalise(torch.from_numpy(every), image_processor), exact)


def test_normalising_leaves_its_input_as_it_is(image_processor: Any) -> None:
    frames = torch.full((2, 3, 4, 4), 100.0)
    normalise(frames, image_processor)
    assert torch.equal(frames, torch.full((2, 3, 4, 4), 100.0))


def test_mapped_frames_can_be_normalised(
    store: FrameStore, clips: list[Clip], image_processor: Any
) -> None:
    store.prepare(clips[:1])
    assert normalise(store.load(clips[0]), image_processor).shape == store.shape

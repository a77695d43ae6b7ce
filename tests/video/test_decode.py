from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest

from physprior.errors import VideoError
from physprior.video import decode as decode_module
from physprior.video.decode import Backend, decode
from physprior.video.write import write_video

WriteClip = Callable[..., Path]
BACKENDS: tuple[Backend, ...] = ("decord", "av")


def all_frames(path: Path) -> np.ndarray:
    with av.open(str(path)) as container:
        return np.stack([f.to_ndarray(format="rgb24") for f in container.decode(video=0)])


@pytest.fixture
def clip(tmp_path: Path, write_clip: WriteClip) -> Path:
    return write_clip(tmp_path / "a.mp4", frames=60, encoder={"g": "12", "bf": "3"})


def cut_by_edit_list(source: Path, path: Path, frames: int) -> Path:
    with av.open(str(source)) as old, av.open(str(path), "w") as new:
        stream = new.add_stream_from_template(old.streams.video[0])
        for packet in old.demux(video=0):
            if packet.dts is not None:
                shift = round(frames / (30 * packet.time_base))
                packet.pts, packet.dts = packet.pts - shift, packet.dts - shift
                packet.stream = stream
                new.mux(packet)
    return path


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_frames_asked_for_come_in_the_order_asked(clip: Path, backend: Backend) -> None:
    images = decode(clip, [40, 3, 3, 59, 0], backend=backend)
    assert images.dtype == np.uint8
    assert images.shape == (5, 48, 64, 3)
    assert np.array_equal(images, all_frames(clip)[[40, 3, 3, 59, 0]])


@pytest.mark.parametrize(
    ("name", "codec"),
    [("a.mp4", "libx264"), ("a.mkv", "libx264"), ("a.avi", "mpeg4"), ("a.webm", "libvpx")],
)
def test_both_backends_give_the_same_bytes(
    tmp_path: Path, write_clip: WriteClip, name: str, codec: str
) -> None:
    path = write_clip(tmp_path / name, codec=codec, frames=60)
    indices = np.array([3, 11, 18, 26, 33, 41, 48, 56])
    by_decord, by_av = (decode(path, indices, backend=backend) for backend in BACKENDS)
    assert np.array_equal(by_decord, by_av)
    assert len(np.unique(by_av.reshape(8, -1), axis=0)) == 8


@pytest.mark.parametrize(("rotation", "turns"), [(90, 1), (180, 2), (270, 3)])
@pytest.mark.parametrize("size", [(48, 64), (120, 160)])
def test_the_picture_is_turned_as_the_file_says(
    tmp_path: Path, write_clip: WriteClip, size: tuple[int, int], rotation: int, turns: int
) -> None:
    # decord itself refuses the smaller of the two when its width and height change places.
    path = write_clip(tmp_path / "a.mp4", rotation=rotation, size=size)
    turned = np.rot90(all_frames(path)[[0, 5]], turns, axes=(1, 2))
    assert np.array_equal(decode(path, [0, 5]), turned)
    assert np.array_equal(decode(path, [0, 5], backend="av"), turned)


def test_a_clip_with_an_edit_list_is_read_as_it_is_shown(clip: Path, tmp_path: Path) -> None:
    # decord counts 60 frames here and gives the last one again and again.
    path = cut_by_edit_list(clip, tmp_path / "b.mp4", 5)
    assert np.array_equal(decode(path, [0, 54]), all_frames(clip)[[5, 59]])
    with pytest.raises(VideoError, match="frames are 0 to 54"):
        decode(path, [55])
    with pytest.raises(VideoError, match="decord counts 60 frames where 55 are shown"):
        decode(path, [0], backend="decord")


def test_frames_that_the_decoder_loses_are_refused_and_not_repeated(
    tmp_path: Path, write_clip: WriteClip
) -> None:
    path = write_clip(tmp_path / "a.avi", codec="mpeg4", frames=60)
    data = bytearray(path.read_bytes())
    at = data.index(b"idx1")
    for _ in range(3):
        at = data.rindex(b"00dc", 0, at)
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        # An MPEG-4 picture that says it is not coded, which a decoder passes over.
        data[at + 8 : at + 8 + size] = b"\0\0\1\xb6\x5e\xcf".ljust(size, b"\0")
    path.write_bytes(data)
    assert decode(path, [0, 30, 56]).shape == (3, 48, 64, 3)
    with pytest.raises(VideoError, match="1 of 2 frames came out"):
        decode(path, [30, 58])


def test_a_clip_that_stands_still_is_no_lost_frame(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    write_video(path, [np.full((48, 64, 3), 90, np.uint8)] * 20, 30)
    assert decode(path, [3, 19]).shape == (2, 48, 64, 3)


def test_without_decord_pyav_decodes(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decode_module, "_decord", lambda: None)
    assert np.array_equal(decode(clip, [7]), all_frames(clip)[[7]])
    with pytest.raises(VideoError, match="decord is not installed"):
        decode(clip, [7], backend="decord")


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("indices", [[60], [-1], [0, 1000], []])
def test_a_frame_outside_the_clip_is_refused(
    clip: Path, backend: Backend, indices: list[int]
) -> None:
    with pytest.raises(VideoError) as caught:
        decode(clip, indices, backend=backend)
    assert caught.value.remedy


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_truncated_clip_is_refused_even_for_the_frames_it_has(
    tmp_path: Path, write_clip: WriteClip, backend: Backend
) -> None:
    path = write_clip(tmp_path / "a.mp4", frames=60, container={"movflags": "faststart"})
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
    with pytest.raises(VideoError, match="truncated"):
        decode(path, [0], backend=backend)


@pytest.mark.parametrize("backend", BACKENDS)
def test_damage_in_the_middle_is_refused_quietly_when_it_is_reached(
    tmp_path: Path, write_clip: WriteClip, backend: Backend, capfd: pytest.CaptureFixture[str]
) -> None:
    path = write_clip(tmp_path / "a.mp4", frames=60, container={"movflags": "faststart"})
    data = bytearray(path.read_bytes())
    middle = (data.index(b"mdat") + len(data)) // 2
    data[middle : middle + 600] = bytes(byte ^ 0x5A for byte in data[middle : middle + 600])
    path.write_bytes(data)
    with pytest.raises(VideoError, match=r"cannot be decoded"):
        decode(path, range(60), backend=backend)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_file_that_is_no_video_is_refused_quietly(
    tmp_path: Path, backend: Backend, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.mp4").write_text("no video")
    with pytest.raises(VideoError, match="not a video file"):
        decode(tmp_path / "a.mp4", [0], backend=backend)
    assert capfd.readouterr() == ("", "")

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest

from physprior.errors import VideoError
from physprior.video.probe import probe

WriteClip = Callable[..., Path]
FASTSTART = {"movflags": "faststart"}


def refusal(path: Path) -> str:
    with pytest.raises(VideoError) as caught:
        probe(path)
    assert str(path) in caught.value.message
    assert caught.value.remedy
    return caught.value.message


def write_sound(path: Path) -> Path:
    with av.open(str(path), "w") as file:
        stream = file.add_stream("aac", rate=44100)
        frame = av.AudioFrame.from_ndarray(np.zeros((2, 1024), np.float32), "fltp", "stereo")
        frame.rate = 44100
        file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return path


def cut(path: Path, part: float) -> Path:
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * part)])
    return path


def write_with_edit_list(source: Path, path: Path, frames_cut: int, fps: int) -> Path:
    """A copy of the stream that tells players to leave out its first frames."""
    with av.open(str(source)) as old, av.open(str(path), "w") as new:
        stream = new.add_stream_from_template(old.streams.video[0])
        for packet in old.demux(video=0):
            if packet.dts is not None:
                shift = round(frames_cut / (fps * packet.time_base))
                packet.pts, packet.dts = packet.pts - shift, packet.dts - shift
                packet.stream = stream
                new.mux(packet)
    return path


def test_the_measures_of_a_clip_are_read(tmp_path: Path, write_clip: WriteClip) -> None:
    info = probe(write_clip(tmp_path / "a.mp4", frames=45, size=(48, 64), fps=30))
    assert (info.frames, info.fps, info.width, info.height) == (45, 30.0, 64, 48)
    assert (info.duration_s, info.codec) == (1.5, "h264")


@pytest.mark.parametrize(
    ("name", "codec"), [("a.avi", "mpeg4"), ("a.mkv", "libx264"), ("a.webm", "libvpx")]
)
def test_other_containers_are_read(
    tmp_path: Path, write_clip: WriteClip, name: str, codec: str
) -> None:
    assert probe(write_clip(tmp_path / name, codec=codec, frames=20)).frames == 20


def test_the_size_is_the_one_that_is_shown(tmp_path: Path, write_clip: WriteClip) -> None:
    info = probe(write_clip(tmp_path / "a.mp4", size=(48, 64), rotation=90))
    assert (info.width, info.height) == (48, 64)


def test_frames_that_an_edit_list_cuts_away_are_not_counted(
    tmp_path: Path, write_clip: WriteClip
) -> None:
    whole = write_clip(tmp_path / "a.mp4", frames=40, encoder={"g": "10"})
    assert probe(write_with_edit_list(whole, tmp_path / "b.mp4", 5, 30)).frames == 35


def test_a_title_that_is_not_utf_8_does_no_harm(tmp_path: Path, write_clip: WriteClip) -> None:
    path = write_clip(tmp_path / "a.mp4", title="Ventilator")
    path.write_bytes(path.read_bytes().replace(b"Ventilator", b"L\xfcfter 120"))
    assert b"L\xfcfter" in path.read_bytes()
    assert probe(path).frames == 12


def test_a_missing_file_is_named_missing(tmp_path: Path) -> None:
    assert "no such file" in refusal(tmp_path / "a.mp4")


def test_a_folder_is_named_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").mkdir()
    assert "a folder" in refusal(tmp_path / "a.mp4")


def test_an_empty_file_is_named_empty(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").touch()
    assert "empty file" in refusal(tmp_path / "a.mp4")


def test_a_text_file_is_named_no_video(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_text("0.7, 0.1, 0.2\n" * 50)
    assert "not a video file" in refusal(tmp_path / "a.mp4")


def test_a_photograph_is_named_no_moving_pictures(tmp_path: Path) -> None:
    from PIL import Image

    Image.new("RGB", (64, 48)).save(tmp_path / "a.png")
    (tmp_path / "a.png").rename(tmp_path / "a.mp4")
    assert "no moving pictures" in refusal(tmp_path / "a.mp4")


def test_sound_alone_is_named_audio(tmp_path: Path) -> None:
    assert "audio only" in refusal(write_sound(tmp_path / "a.mp4"))


def test_a_truncated_file_is_named_with_both_counts(tmp_path: Path, write_clip: WriteClip) -> None:
    path = cut(write_clip(tmp_path / "a.mp4", frames=60, container=FASTSTART), 0.6)
    message = refusal(path)
    assert "truncated: its header says 60 frames, it holds " in message
    assert 0 < int(message.rsplit(" ", 1)[1]) < 60


def test_a_file_that_lacks_only_its_last_frame_is_truncated(
    tmp_path: Path, write_clip: WriteClip
) -> None:
    path = write_clip(tmp_path / "a.mp4", frames=60, container=FASTSTART)
    path.write_bytes(path.read_bytes()[:-4])
    assert "truncated" in refusal(path)


def test_a_file_cut_before_its_index_is_truncated(tmp_path: Path, write_clip: WriteClip) -> None:
    assert "truncated" in refusal(cut(write_clip(tmp_path / "a.mp4", frames=60), 0.5))


@pytest.mark.parametrize(("name", "codec"), [("a.avi", "mpeg4"), ("a.mkv", "libx264")])
def test_other_truncated_containers_are_told_too(
    tmp_path: Path, write_clip: WriteClip, name: str, codec: str
) -> None:
    assert "truncated" in refusal(cut(write_clip(tmp_path / name, codec=codec, frames=60), 0.6))


def test_frames_of_zeros_are_undecodable(tmp_path: Path, write_clip: WriteClip) -> None:
    path = write_clip(tmp_path / "a.mp4", container=FASTSTART)
    data = path.read_bytes()
    start = data.index(b"mdat") + 4
    path.write_bytes(data[:start] + bytes(len(data) - start))
    assert "first frame cannot be decoded" in refusal(path)


def test_nothing_is_said_on_the_terminal(
    tmp_path: Path, write_clip: WriteClip, capfd: pytest.CaptureFixture[str]
) -> None:
    refusal(cut(write_clip(tmp_path / "a.mp4", frames=60, container=FASTSTART), 0.6))
    (tmp_path / "b.mp4").write_text("no video")
    refusal(tmp_path / "b.mp4")
    assert capfd.readouterr() == ("", "")

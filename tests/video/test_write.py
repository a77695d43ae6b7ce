from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from physprior.errors import OutputError, VideoError
from physprior.video.write import write_video


def moving_square(count: int = 12, height: int = 48, width: int = 64) -> list[NDArray[np.uint8]]:
    frames = np.full((count, height, width, 3), 90, np.uint8)
    for t, frame in enumerate(frames):
        frame[10:26, 2 * t : 2 * t + 16] = (220, 60, 30)
    return list(frames)


def read(path: Path) -> NDArray[np.uint8]:
    with av.open(str(path)) as container:
        return np.stack([f.to_ndarray(format="rgb24") for f in container.decode(video=0)])


def test_a_written_video_has_the_frames_size_rate_and_codec_asked_for(tmp_path: Path) -> None:
    write_video(tmp_path / "a.mp4", moving_square(), 25)
    with av.open(str(tmp_path / "a.mp4")) as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height, stream.frames) == (64, 48, 12)
        assert stream.average_rate == 25
        assert stream.codec_context.name == "h264"
        assert stream.codec_context.pix_fmt == "yuv420p"


def test_what_is_read_back_looks_like_what_was_written(tmp_path: Path) -> None:
    frames = moving_square()
    write_video(tmp_path / "a.mp4", frames, 25)
    difference = np.abs(read(tmp_path / "a.mp4").astype(int) - np.stack(frames))
    assert difference.mean() < 3


def test_the_same_frames_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.mp4", "b.mp4"):
        write_video(tmp_path / name, iter(moving_square()), 25)
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


def test_an_odd_size_is_refused_with_its_remedy(tmp_path: Path) -> None:
    with pytest.raises(VideoError, match="63x48") as refusal:
        write_video(tmp_path / "a.mp4", moving_square(width=63), 25)
    assert "even" in refusal.value.remedy
    assert not list(tmp_path.iterdir())


def test_no_frame_at_all_is_refused(tmp_path: Path) -> None:
    with pytest.raises(VideoError, match="no frame"):
        write_video(tmp_path / "a.mp4", [], 25)


@pytest.mark.parametrize(
    "frame",
    [np.zeros((48, 64, 3), np.float32), np.zeros((48, 64), np.uint8)],
    ids=["float", "grey"],
)
def test_frames_that_are_no_rgb_pictures_are_refused(tmp_path: Path, frame: NDArray) -> None:
    with pytest.raises(VideoError, match="no picture"):
        write_video(tmp_path / "a.mp4", [frame], 25)


def test_frames_of_two_sizes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(VideoError, match="different shapes"):
        write_video(tmp_path / "a.mp4", moving_square(2) + moving_square(1, 50), 25)


def test_frames_that_break_off_leave_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    def broken() -> object:
        yield from moving_square(5)
        raise RuntimeError("the camera fell")

    (tmp_path / "a.mp4").write_bytes(b"before")
    with pytest.raises(RuntimeError):
        write_video(tmp_path / "a.mp4", broken(), 25)
    assert (tmp_path / "a.mp4").read_bytes() == b"before"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_place_that_cannot_be_written_is_an_output_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError):
        write_video(tmp_path / "file" / "a.mp4", moving_square(2), 25)
    (tmp_path / "a.mp4").mkdir()
    with pytest.raises(OutputError):
        write_video(tmp_path / "a.mp4", moving_square(2), 25)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.mp4", "file"]

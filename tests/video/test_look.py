from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import av
import numpy as np
import pytest

from physprior.errors import VideoError
from physprior.video.look import look
from physprior.video.probe import probe

WriteClip = Callable[..., Path]
FASTSTART = {"movflags": "faststart"}


def remuxed(source: Path, path: Path, times: Sequence[int] | None = None) -> Path:
    """A copy of the stream in another container, shown at other times where they are given."""
    with av.open(str(source)) as old, av.open(str(path), "w") as new:
        stream = new.add_stream_from_template(old.streams.video[0])
        for number, packet in enumerate(p for p in old.demux(video=0) if p.dts is not None):
            if times is not None:
                packet.pts = packet.dts = times[number]
            packet.stream = stream
            new.mux(packet)
    return path


def write_pictures(path: Path, pictures: Sequence[np.ndarray], codec: str = "libx264") -> Path:
    with av.open(str(path), "w") as file:
        stream = file.add_stream(codec, rate=30)
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        for picture in pictures:
            file.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        file.mux(stream.encode(None))
    return path


def distance(one: Sequence[str], other: Sequence[str]) -> int:
    """Bits that differ, at most, between prints of the same frames."""
    return max((int(a, 16) ^ int(b, 16)).bit_count() for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("a.mp4", {}),
        ("a.mp4", {"rotation": 90}),
        ("a.mp4", {"encoder": {"bf": "3"}}),
        ("a.mkv", {}),
        ("a.avi", {"codec": "mpeg4"}),
        ("a.webm", {"codec": "libvpx"}),
    ],
)
def test_the_measures_are_those_of_a_probe(
    tmp_path: Path, write_clip: WriteClip, name: str, settings: dict[str, object]
) -> None:
    path = write_clip(tmp_path / name, frames=45, **settings)
    assert look(path).info == probe(path)


def test_equal_pictures_are_known_in_another_container(
    tmp_path: Path, write_clip: WriteClip
) -> None:
    path = write_clip(tmp_path / "a.mp4", frames=40)
    copy = look(remuxed(path, tmp_path / "a.mkv"))
    assert copy.content == look(path).content
    assert copy.prints == look(path).prints
    assert (tmp_path / "a.mkv").read_bytes() != path.read_bytes()


def test_other_pictures_sizes_or_lengths_have_other_content(
    tmp_path: Path, write_clip: WriteClip
) -> None:
    contents = [
        look(write_clip(tmp_path / f"{n}.mp4", **settings)).content
        for n, settings in enumerate(
            ({}, {"seed": 1}, {"frames": 13}, {"size": (50, 64)}, {"size": (64, 48)})
        )
    ]
    assert len(set(contents)) == 5


def test_what_pads_the_rows_in_memory_is_no_part_of_the_content(
    tmp_path: Path, write_clip: WriteClip
) -> None:
    # 70 is no multiple of what decoders align rows to.
    path = write_clip(tmp_path / "a.mp4", size=(50, 70), frames=30)
    assert len({look(path).content for _ in range(3)}) == 1


def test_eight_frames_are_printed_or_as_many_as_there_are(
    tmp_path: Path, write_clip: WriteClip
) -> None:
    assert len(look(write_clip(tmp_path / "a.mp4", frames=60)).prints) == 8
    assert len(look(write_clip(tmp_path / "b.mp4", frames=5)).prints) == 5
    assert len(look(write_clip(tmp_path / "c.mp4", frames=1)).prints) == 1


def scene(seed: int, size: int = 96) -> list[np.ndarray]:
    """Soft random patches over which a bright bar moves."""
    patches = np.random.default_rng(seed).integers(0, 200, (12, 12, 3), dtype=np.uint8)
    ground = patches.repeat(size // 12, axis=0).repeat(size // 12, axis=1)
    pictures = []
    for number in range(24):
        picture = ground.copy()
        picture[:, number * size // 32 : number * size // 32 + size // 12] = 240
        pictures.append(picture)
    return pictures


def test_pictures_that_look_alike_have_near_prints_and_others_far_ones(tmp_path: Path) -> None:
    first = look(write_pictures(tmp_path / "a.mp4", scene(0))).prints
    coarse = look(write_pictures(tmp_path / "b.avi", scene(0), codec="mpeg4")).prints
    larger = look(write_pictures(tmp_path / "c.mp4", scene(0, size=192))).prints
    darker = [(0.8 * picture).astype(np.uint8) for picture in scene(0)]
    dark = look(write_pictures(tmp_path / "d.mp4", darker)).prints
    other = look(write_pictures(tmp_path / "e.mp4", scene(1))).prints
    assert max(distance(first, alike) for alike in (coarse, larger, dark)) <= 8
    assert distance(first, other) >= 20


def test_a_print_says_where_it_grows_brighter_to_the_right(tmp_path: Path) -> None:
    ramp = np.linspace(0, 240, 90, dtype=np.uint8)[None, :, None].repeat(80, 0).repeat(3, 2)
    assert set(look(write_pictures(tmp_path / "a.mp4", [ramp] * 8)).prints) == {"f" * 16}
    assert set(look(write_pictures(tmp_path / "b.mp4", [ramp[:, ::-1]] * 8)).prints) == {"0" * 16}


def test_a_turned_clip_is_printed_as_it_is_shown(tmp_path: Path, write_clip: WriteClip) -> None:
    turned = write_clip(tmp_path / "a.mp4", size=(48, 64), rotation=90)
    seen = look(turned)
    assert (seen.info.width, seen.info.height) == (48, 64)
    assert seen.info.rotation in (90, 270)
    lying = look(write_clip(tmp_path / "b.mp4", size=(48, 64)))
    assert lying.info.rotation == 0
    assert lying.content == seen.content
    assert lying.prints != seen.prints


def test_frames_that_are_shown_longer_than_others_are_told(
    tmp_path: Path, write_clip: WriteClip
) -> None:
    path = write_clip(tmp_path / "a.mp4", frames=12, encoder={"bf": "0"})
    ticks = 512  # of a frame at 30 frames a second in mp4
    even = [number * ticks for number in range(12)]
    late = [time + (ticks if number > 5 else 0) for number, time in enumerate(even)]
    assert look(remuxed(path, tmp_path / "even.mp4", even)).info.constant_rate
    assert not look(remuxed(path, tmp_path / "late.mp4", late)).info.constant_rate


@pytest.mark.parametrize("fps", [30, 60, 7])
def test_a_clock_of_milliseconds_is_no_variable_rate(
    tmp_path: Path, write_clip: WriteClip, fps: int
) -> None:
    path = write_clip(tmp_path / "a.mp4", frames=40, fps=fps)
    assert look(remuxed(path, tmp_path / "a.mkv")).info.constant_rate


@pytest.mark.parametrize("count", [1, 8, 200])
def test_damage_behind_the_first_frame_is_found(
    tmp_path: Path, write_clip: WriteClip, count: int
) -> None:
    path = write_clip(tmp_path / "a.mp4", frames=60, size=(96, 96), container=FASTSTART)
    data = bytearray(path.read_bytes())
    middle = (data.index(b"mdat") + len(data)) // 2
    data[middle : middle + count] = bytes(255 - byte for byte in data[middle : middle + count])
    path.write_bytes(data)
    probe(path)
    with pytest.raises(VideoError, match=r"a\.mp4: damaged: ") as caught:
        look(path)
    assert caught.value.remedy


def test_a_file_that_a_probe_refuses_is_refused_alike(
    tmp_path: Path, write_clip: WriteClip
) -> None:
    path = write_clip(tmp_path / "a.mp4", container=FASTSTART)
    data = path.read_bytes()
    start = data.index(b"mdat") + 4
    zeros = tmp_path / "zeros.mp4"
    zeros.write_bytes(data[:start] + bytes(len(data) - start))
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(data[: len(data) * 6 // 10])
    (tmp_path / "text.mp4").write_text("no video")
    for broken in (zeros, cut, tmp_path / "text.mp4", tmp_path / "nowhere.mp4"):
        with pytest.raises(VideoError) as by_probe:
            probe(broken)
        with pytest.raises(VideoError) as by_look:
            look(broken)
        assert by_look.value.message.split(" (")[0] == by_probe.value.message.split(" (")[0]

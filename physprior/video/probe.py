"""What a video file holds, found without decoding it whole, and what is wrong with a broken one."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from physprior.errors import VideoError

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.stream import VideoStream


class VideoInfo(BaseModel):
    """The measures of one video file, as it is shown."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    frames: int
    """Frames that are shown; those an edit list cuts away are not counted."""
    fps: float
    """Mean frame rate in 1/s."""
    width: int
    """Width in pixels, after the rotation that the file asks for."""
    height: int
    """Height in pixels, after the rotation that the file asks for."""
    duration_s: float
    """Length in seconds: frames / fps."""
    codec: str
    """FFmpeg's name of the codec: ``h264``."""
    rotation: int = 0
    """The turn in degrees that the file asks a player for; the sizes above are after it."""
    constant_rate: bool = True
    """Whether all frames are shown equally long; ``probe`` does not know, ``look`` does."""


def probe(path: Path) -> VideoInfo:
    """Measure a video file: its packets are counted and its first frame is decoded.

    Raises VideoError that says whether the file is missing, empty, no video, audio alone,
    truncated, or not decodable. Damage behind the first frame shows only when it is decoded.
    """
    with open_video(path) as container:
        stream = container.streams.video[0]
        frames = count_frames(path, container, stream)
        rate = mean_rate(path, stream)
        width, height, rotation = _shown_size(path, container)
        return VideoInfo(
            frames=frames,
            fps=float(rate),
            width=width,
            height=height,
            duration_s=float(frames / rate),
            codec=stream.codec_context.name,
            rotation=rotation,
        )


def open_video(path: Path) -> InputContainer:
    """Open a file that has a video stream, with FFmpeg's log kept off the terminal.

    The caller closes it. Raises VideoError for a missing or empty file, no video, audio alone.
    """
    import av

    av.logging.set_level(None)
    head = _read_head(path)
    try:
        # Titles and comments in another encoding than UTF-8 do not make a video unreadable.
        container = av.open(str(path), metadata_errors="replace")
    except (av.error.FFmpegError, OSError) as error:
        raise _unreadable(path, head) from error
    if _moving_pictures(container):
        return container
    has_audio = bool(container.streams.audio)
    container.close()
    raise VideoError(
        f"{path}: holds audio only" if has_audio else f"{path}: holds no moving pictures",
        remedy="replace it by a file with a video stream, or remove it",
    )


def mean_rate(path: Path, stream: VideoStream) -> Fraction:
    """The mean frame rate in 1/s. Raises VideoError where the file gives none."""
    rate = stream.average_rate or stream.guessed_rate
    if not rate:
        raise VideoError(f"{path}: its header gives no frame rate", remedy="write the file again")
    return rate


def count_frames(path: Path, container: InputContainer, stream: VideoStream) -> int:
    """The number of frames that are shown, by the packets; leaves the container at its end.

    Raises VideoError where there are none, or fewer than the header promises: a truncated file.
    """
    import av

    packets, shown, end, failure = 0, 0, 0, ""
    try:
        for packet in container.demux(stream):
            # FFmpeg gives out the first half of a packet that is cut in two, and marks it.
            if packet.size and not packet.is_corrupt:
                packets += 1
                shown += not packet.is_discard
                end = max(end, (packet.pts or 0) + (packet.duration or 0))
    except av.error.FFmpegError as error:
        failure = f" ({_why(error)})"
    promised = stream.frames or _frames_of_duration(container, stream, packets, end)
    if failure or packets < promised:
        raise VideoError(
            f"{path}: truncated: its header says {promised} frames, it holds {packets}{failure}",
            remedy="copy or download the file again, or remove it",
        )
    if not shown:
        raise VideoError(f"{path}: a video stream without a frame", remedy="remove the file")
    return shown


def _frames_of_duration(
    container: InputContainer, stream: VideoStream, packets: int, end: int
) -> int:
    # Matroska's header has no frame count, but a length, which is the video's where it is alone.
    if container.duration is None or len(container.streams) > 1 or stream.time_base is None:
        return packets
    header_s, held_s = container.duration / 1e6, float(end * stream.time_base)
    rate = float(stream.average_rate or stream.guessed_rate or 0)
    missing = round((header_s - held_s) * rate)
    # Its clock ticks in milliseconds, so that one frame more or less proves nothing.
    return packets + missing if missing > 1 else packets


def _shown_size(path: Path, container: InputContainer) -> tuple[int, int, int]:
    import av

    try:
        container.seek(0)
        frame = next(container.decode(video=0), None)
    except av.error.FFmpegError as error:
        raise _undecodable(path, _why(error)) from error
    if frame is None:
        raise _undecodable(path, "the decoder gave nothing")
    rotation = frame.rotation % 360
    sides = (frame.width, frame.height)
    return (*(sides[::-1] if rotation % 180 == 90 else sides), rotation)


def _undecodable(path: Path, why: str) -> VideoError:
    return VideoError(
        f"{path}: its first frame cannot be decoded ({why})",
        remedy="copy or download the file again, or remove it",
    )


def _read_head(path: Path) -> bytes:
    if not path.exists():
        raise VideoError(f"{path}: no such file", remedy="check the path")
    if not path.is_file():
        raise VideoError(f"{path}: a folder, not a video file", remedy="name a file in it")
    try:
        with path.open("rb") as stream:
            head = stream.read(12)
    except OSError as error:
        raise VideoError(
            f"{path}: cannot be read: {_why(error)}", remedy="give yourself the right to read it"
        ) from error
    if not head:
        raise VideoError(f"{path}: empty file", remedy="copy or download it again, or remove it")
    return head


def _unreadable(path: Path, head: bytes) -> VideoError:
    # FFmpeg says "invalid data" of both; the first bytes tell a cut video from another file.
    begins_as_video = head[4:8] == b"ftyp" or head[:4] in (b"RIFF", b"\x1aE\xdf\xa3")
    if begins_as_video:
        return VideoError(
            f"{path}: truncated: it begins as a video but its index is missing or damaged",
            remedy="copy or download the file again, or remove it",
        )
    return VideoError(
        f"{path}: not a video file, whatever its name says",
        remedy="replace it by the video, or remove it",
    )


def _moving_pictures(container: InputContainer) -> bool:
    from av.stream import Disposition

    # FFmpeg takes photographs, and the cover picture of a song, for video streams.
    if container.format.name.endswith("_pipe") or container.format.name == "image2":
        return False
    return any(
        not stream.disposition & Disposition.attached_pic for stream in container.streams.video
    )


def _why(error: Any) -> str:
    return error.strerror or type(error).__name__

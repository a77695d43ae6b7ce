"""``physprior kb draft --from-videos``: frames of sound objects go out, their motion comes back."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from drafting import Draft, fields
from judge_server import JudgeServer, error
from PIL import Image

from physprior.knowledge.source import parse_source

STATEMENT = "Therefore, the jaws should open under the gripper and close fully again after it."
PHASES = [
    {"id": "press", "expected": "The handles come together, and the jaws open."},
    {"id": "release", "expected": "The handles spread, and the jaws close fully."},
]
MOTION = {"motion_statement": STATEMENT, "motion_phases": PHASES}
WriteClip = Callable[..., Path]


@pytest.fixture
def videos(tmp_path: Path, write_clip: WriteClip) -> Path:
    """Five normal videos, one that is broken, and two of a defect."""
    root = tmp_path / "videos"
    for number in range(5):
        write_clip(root / "train" / f"{number:04d}.mp4", seed=number, frames=10)
    (root / "train" / "9999.mp4").write_bytes(b"no video")
    for number in range(2):
        write_clip(root / "test" / "unable_press" / f"{number:04d}.mp4", frames=10)
    return root


@pytest.fixture
def open_clip(clip: Path) -> Path:
    """A clip whose motion nobody has written yet."""
    text = clip.read_text()
    start = text.index("    statement: >-\n      Therefore")
    clip.write_text(f"{text[:start]}    statement:\n    phases:\n\n{text[text.index('normal:') :]}")
    return clip


def prior(path: Path) -> object:
    source = parse_source(path, path.read_bytes())
    assert source.data is not None
    return source.data["prior"]["motion"]


def test_the_motion_that_videos_show_is_proposed_with_its_phases(
    draft: Draft, server: JudgeServer, open_clip: Path, videos: Path, notes: Path
) -> None:
    server.script = fields(MOTION)
    said = draft("clip", "--from-videos", videos, "--notes", notes)
    assert said.code == 0, said.out + said.err
    assert prior(open_clip) == {"statement": STATEMENT, "phases": PHASES}
    assert open_clip.read_text().count("# draft: review me (model a-model)") == 3
    asked = server.asked[0]
    assert "3 pictures, each of one video of a sound object, with 8 frames" in asked.user
    assert notes.read_text().strip() in asked.user


def test_each_picture_shows_the_frames_of_a_normal_video_row_by_row(
    draft: Draft, server: JudgeServer, open_clip: Path, videos: Path
) -> None:
    server.script = fields(MOTION)
    said = draft("clip", "--from-videos", videos, "--videos", 5, "--frames", 6)
    assert said.code == 0, said.out + said.err
    images = server.asked[0].images
    assert len(images) == len(set(images)) == 5
    head, _, body = images[0].partition(",")
    assert head == "data:image/jpeg;base64"
    picture = np.asarray(Image.open(io.BytesIO(base64.b64decode(body))))
    assert picture.shape == (2 * 48, 4 * 64, 3)
    greens = [
        picture[row : row + 48, at : at + 64, 1].mean()
        for row in (0, 48)
        for at in range(0, 256, 64)
    ]
    assert greens[:6] == sorted(greens[:6]), "the films turn green with time"
    assert max(greens[6:]) < 10, "two frames of the second row stay empty"
    assert "notes" not in server.asked[0].user


def test_how_many_and_how_large_is_told_before_anything_is_sent(
    draft: Draft, server: JudgeServer, open_clip: Path, videos: Path
) -> None:
    server.script = error(500)
    before = open_clip.read_bytes()
    said = draft("clip", "--from-videos", videos)
    assert said.code == 2
    size = sum(map(len, server.asked[0].images))
    assert f"videos: 3 pictures of 8 frames each, {size:,} bytes: 0000.mp4, " in said.err
    assert (
        "unable_press: 2 videos of the defect 'unable_to_press', which are not normal" in said.err
    )
    assert open_clip.read_bytes() == before


def test_a_video_that_cannot_be_shown_is_passed_over_and_named(
    draft: Draft, server: JudgeServer, open_clip: Path, videos: Path
) -> None:
    server.script = fields(MOTION)
    said = draft("clip", "--from-videos", videos, "--videos", 16)
    assert said.code == 0, said.err
    assert len(server.asked[0].images) == 5
    assert "9999.mp4" in said.err


@pytest.mark.parametrize(
    ("below", "words", "reason"),
    [
        ("test/unable_press", (), "holds no video of a sound object"),
        ("nowhere", (), "is no folder"),
        ("train", ("--frames", "11"), "has 10 frame(s); 11 are to be sampled"),
        ("train", ("--what", "prior"), "videos show the normal motion"),
    ],
)
def test_videos_of_no_use_are_refused_before_anything_is_sent(
    draft: Draft,
    server: JudgeServer,
    open_clip: Path,
    videos: Path,
    below: str,
    words: tuple[str, ...],
    reason: str,
) -> None:
    said = draft("clip", "--from-videos", videos / below, *words)
    assert (said.code, server.count) == (2, 0)
    assert reason in " ".join(said.err.replace("│", " ").split())


def test_a_motion_that_is_there_is_not_asked_about(
    draft: Draft, server: JudgeServer, clip: Path, videos: Path
) -> None:
    said = draft("clip", "--from-videos", videos)
    assert (said.code, server.count) == (2, 0)
    assert (
        "nothing is missing of the motion of clip, and what is there is never replaced" in said.err
    )


def test_a_model_without_eyes_is_one_message(
    draft: Draft, server: JudgeServer, open_clip: Path, videos: Path
) -> None:
    server.script = error(400, "image_url is not supported by this model")
    said = draft("clip", "--from-videos", videos)
    assert said.code == 2
    assert "image_url is not supported by this model" in said.err
    assert said.err.count("error: ") == 1

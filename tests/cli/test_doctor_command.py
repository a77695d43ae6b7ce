from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Command = Callable[..., Any]


@pytest.fixture(scope="module")
def videos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from physprior.simulate import Options, simulate

    root = tmp_path_factory.mktemp("doctor") / "videos"
    options = Options(categories=("clip",), count=28, size=32, frames=8)
    simulate(root, options, workers=1, progress=lambda done, total: None)
    return root


@pytest.fixture
def broken(videos: Path, tmp_path: Path) -> Path:
    """Thirteen broken videos, and an unplaced folder."""
    root = tmp_path / "videos"
    shutil.copytree(videos, root)
    for path in sorted(root.rglob("*.mp4"))[:13]:
        path.write_text("no video")
    (root / "clip/test/unable_to_rebound").rename(root / "clip/test/unable_to_reboun")
    return root


def test_sound_videos_end_with_0_and_every_section_s_verdict(
    physprior: Command, videos: Path
) -> None:
    outcome = physprior("data", "doctor", videos, "--no-machine")
    assert outcome.code == 0
    assert "Complete or not: nothing wrong" in outcome.out
    assert "Folders and their places: nothing wrong" in outcome.out
    assert "Clips: broken, double, odd: nothing wrong" in outcome.out
    assert "Sampling: 8 frames, uniform over the clip: nothing wrong" in outcome.out
    assert outcome.out.splitlines()[-1] == "nothing wrong"
    assert "videos: 28/28" in outcome.err


def test_findings_end_with_1_and_a_count_by_section(physprior: Command, broken: Path) -> None:
    outcome = physprior("data", "doctor", broken, "--no-machine")
    assert outcome.code == 1
    assert outcome.out.splitlines()[-1].startswith("4 findings (")
    assert "places 1" in outcome.out.splitlines()[-1]


def test_the_alias_is_printed_as_yaml_with_its_file(physprior: Command, broken: Path) -> None:
    said = physprior("data", "doctor", broken, "--no-machine").out
    assert "clip.yaml:" in said
    assert (
        "      anomalies:\n"
        "        - id: unable_to_rebound\n"
        "          aliases:\n"
        "            - unable_rebound\n"
        "            - unable_to_reboun  # new\n"
    ) in said


def test_long_lists_are_cut_at_10_with_a_count_unless_all_is_asked_for(
    physprior: Command, broken: Path
) -> None:
    short = physprior("data", "doctor", broken, "--no-machine").out
    assert short.count(": not a video file") == 10
    assert "… and 3 more; --all lists them" in short
    full = physprior("data", "doctor", broken, "--no-machine", "--all").out
    assert full.count(": not a video file") == 13
    assert "--all" not in full


def test_the_paper_s_counts_are_compared_where_asked(physprior: Command, videos: Path) -> None:
    outcome = physprior("data", "doctor", videos, "--no-machine", "--reference")
    assert outcome.code == 1
    assert "found/reference" in outcome.out
    assert "21 categories of the reference" in outcome.out
    assert "ball, button, car" in outcome.out


def test_json_holds_everything_and_nothing_else(physprior: Command, broken: Path) -> None:
    outcome = physprior("data", "doctor", broken, "--no-machine", "--json")
    report = json.loads(outcome.out)
    assert outcome.code == 1
    assert report["wrong"] == 4
    assert [section["name"] for section in report["sections"]] == [
        "complete",
        "places",
        "clips",
        "sampling",
    ]
    broken_clips = [one for one in report["sections"][2]["findings"] if one["kind"] == "broken"]
    assert len(broken_clips[0]["places"]) == 13


def test_the_sampling_that_is_asked_for_is_judged(physprior: Command, videos: Path) -> None:
    said = physprior("data", "doctor", videos, "--no-machine", "--frames", 9).out
    assert "has 8 frame(s); 9 are to be sampled" in said
    burst = physprior("data", "doctor", videos, "--no-machine", "--sampling", "burst")
    assert "Sampling: 8 frames, a burst at the centre, 1 apart" in burst.out


def test_the_machine_is_looked_at_after_the_videos_and_alone_without_them(
    physprior: Command, videos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = physprior("data", "doctor", videos)
    assert both.code == 0
    assert "28 clips take" in both.out.partition("The machine: nothing wrong")[2]
    monkeypatch.setattr("physprior.vlm.machine.look_at_torch", lambda notes, needs_gpu: None)
    monkeypatch.setattr("physprior.vlm.machine.look_at_decoders", lambda notes: None)
    alone = physprior("data", "doctor")
    assert alone.out.startswith("The machine: nothing wrong")
    assert "clips take" not in alone.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nowhere",), "nowhere: no such file or folder"),
        (("--no-machine",), "without videos there is nothing left"),
        (("x", "--sampling", "window"), "window_seconds belongs to kind window"),
        (("x", "--stride", "2"), "stride belongs to kind burst"),
    ],
)
def test_misuse_ends_with_2(
    physprior: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: Any, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    outcome = physprior("data", "doctor", *words)
    assert outcome.code == 2
    assert said in " ".join(outcome.err.replace("│", " ").split())


def test_the_unplaced_folder_on_the_page_is_what_the_doctor_prints(
    physprior: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from physprior.paths import kb_folder

    page = (Path(__file__).parents[2] / "docs/datasets.md").read_text(encoding="utf-8")
    shown = page.partition("## Doctor")[2].partition("```text\n")[2].partition("```")[0]
    (tmp_path / "kb").mkdir()
    shutil.copy(kb_folder() / "fan.yaml", tmp_path / "kb")
    folder = tmp_path / "videos/fan/test/vibratin"
    folder.mkdir(parents=True)
    for number in range(90):
        (folder / f"{number:04d}.mp4").touch()
    monkeypatch.chdir(tmp_path)
    said = physprior("data", "doctor", "videos", "--kb", "kb", "--no-machine").out
    assert shown
    assert shown in said

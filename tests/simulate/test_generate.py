"""The folder that a simulation makes: its tree, its bytes, and what it does when begun again."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import av
import pytest

from physprior.errors import DatasetError, OutputError
from physprior.simulate import Options, Summary, simulate
from physprior.simulate.folder import SIMULATOR
from physprior.simulate.generate import _batches, make_video
from physprior.simulate.plan import path_of, plan

SMALL = Options(categories=("fan", "slide"), count=8, instances=3, size=32, frames=6, seed=5)


def run(out: Path, options: Options = SMALL, workers: int = 1) -> Summary:
    return simulate(out, options, workers=workers, progress=lambda done, total: None)


def contents(out: Path) -> dict[str, bytes]:
    files = (path for path in out.rglob("*") if path.is_file())
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in files}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("simulation") / "videos"
    run(out)
    return out


def test_the_tree_is_that_of_phys_ad(made: Path) -> None:
    assert {path.relative_to(made).as_posix() for path in made.rglob("*.mp4")} == {
        *(
            f"{c}/{f}/000{k}.mp4"
            for c in ("fan", "slide")
            for f in ("train", "test/normal")
            for k in (0, 1)
        ),
        *(f"fan/test/{name}" for name in ("stuck/0000.mp4", "stuck/0001.mp4")),
        *(f"fan/test/{name}/0000.mp4" for name in ("uneven", "vibration")),
        *(f"slide/test/{name}" for name in ("ball_drop/0000.mp4", "ball_drop/0001.mp4")),
        *(f"slide/test/{name}/0000.mp4" for name in ("derailment", "jam")),
    }


def test_every_video_has_the_frames_size_and_rate_asked_for(made: Path) -> None:
    for path in made.rglob("*.mp4"):
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            assert (stream.width, stream.height, stream.frames) == (32, 32, 6)
            assert stream.average_rate == 30


def test_a_sidecar_says_what_is_in_its_video(made: Path) -> None:
    for path in made.rglob("*.mp4"):
        sidecar = json.loads(path.with_suffix(".json").read_text())
        category, *middle = path.relative_to(made).parent.parts
        class_id = "normal" if middle == ["train"] else middle[1]
        assert (sidecar["category"], sidecar["class"]) == (category, class_id)
        assert sidecar["instance"].startswith(f"{category}-0")
        assert (sidecar["size"], sidecar["frames"], sidecar["fps"]) == (32, 6, 30)
        assert sidecar["seed"] == 5
        assert sidecar["bytes"] == path.stat().st_size
        assert sidecar["parameters"]
        assert all(isinstance(value, float) for value in sidecar["parameters"].values())


def test_only_faulty_videos_have_an_onset_and_a_severity(made: Path) -> None:
    for path in made.rglob("0*.json"):
        sidecar = json.loads(path.read_text())
        if sidecar["class"] == "normal":
            assert sidecar["onset"] is None
            assert sidecar["severity"] is None
            continue
        assert 0.5 <= sidecar["severity"] <= 1
        intermittent = sidecar["class"] not in ("uneven", "vibration")
        low, high = (0.2 * 6 / 30, 0.5 * 6 / 30) if intermittent else (0, 0)
        assert low <= sidecar["onset"] <= high


def test_severity_is_drawn_from_the_range_asked_for(tmp_path: Path) -> None:
    wanted = Options(categories=("slide",), count=24, severity=(0.1, 0.2), size=32, frames=4)
    for shot in plan(wanted)[12:]:
        make_video(tmp_path, shot)
    drawn = [json.loads(path.read_text())["severity"] for path in tmp_path.rglob("*.json")]
    assert len(drawn) == 12
    assert 0.1 <= min(drawn) < 0.14
    assert 0.16 < max(drawn) <= 0.2


def test_a_clip_as_phys_ads_has_its_frames_at_60_a_second(tmp_path: Path) -> None:
    shot = plan(Options(categories=("slide",), clips="phys-ad", size=32))[0]
    make_video(tmp_path, shot)
    with av.open(str(tmp_path / path_of(shot))) as container:
        stream = container.streams.video[0]
        assert (stream.frames, stream.average_rate) == (120, 60)


def test_the_record_at_the_root_says_options_simulator_and_counts(made: Path) -> None:
    record = json.loads((made / "simulation.json").read_text())
    assert record["options"] == SMALL.model_dump(mode="json")
    assert record["simulator"] == SIMULATOR
    assert record["counts"]["fan"] == {
        "train": 2,
        "test/normal": 2,
        "test/stuck": 2,
        "test/uneven": 1,
        "test/vibration": 1,
    }
    assert not (made / "simulation.part.json").exists()


def test_two_workers_make_the_same_bytes_as_one(made: Path, tmp_path: Path) -> None:
    run(tmp_path / "again", workers=2)
    assert contents(tmp_path / "again") == contents(made)


def test_a_video_made_alone_is_the_one_made_among_others(made: Path, tmp_path: Path) -> None:
    shot = plan(SMALL)[-1]
    make_video(tmp_path, shot)
    assert (tmp_path / path_of(shot)).read_bytes() == (made / path_of(shot)).read_bytes()


def test_another_seed_gives_other_videos(made: Path, tmp_path: Path) -> None:
    run(tmp_path / "other", SMALL.model_copy(update={"seed": 6}))
    ours, others = contents(made), contents(tmp_path / "other")
    assert all(ours[name] != others[name] for name in ours if name.endswith(".mp4"))


def test_more_videos_leave_the_first_ones_as_they_are(made: Path, tmp_path: Path) -> None:
    run(tmp_path / "more", SMALL.model_copy(update={"count": 12}))
    more = contents(tmp_path / "more")
    ours = {name: data for name, data in contents(made).items() if name.endswith(".mp4")}
    assert {name: more[name] for name in ours} == ours


def test_what_is_missing_after_a_stop_is_made_and_the_rest_is_kept(
    made: Path, tmp_path: Path
) -> None:
    out, seen = tmp_path / "stopped", []

    def stop(done: int, total: int) -> None:
        if done >= 8:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        simulate(out, SMALL, workers=1, progress=stop)
    assert not (out / "simulation.json").exists()
    half = contents(out)
    # A kill can also leave a video without its sidecar, and a file that was being written.
    (out / "slide/test/jam").mkdir(parents=True)
    (out / "slide/test/jam/0000.mp4").write_bytes(b"no sidecar yet")
    (out / "slide/test/jam/.0000.mp4.77.part").write_bytes(b"half")
    first = out / "fan/train/0000.mp4"
    before = first.stat().st_mtime_ns
    summary = simulate(out, SMALL, workers=1, progress=lambda d, t: seen.append((d, t)))
    assert (summary.kept, summary.made) == (8, 8)
    assert seen == [(done, 16) for done in range(8, 17)]
    assert first.stat().st_mtime_ns == before
    assert contents(out) == contents(made)
    assert len(half) < len(contents(out))


def test_a_video_that_was_cut_short_is_made_again(made: Path, tmp_path: Path) -> None:
    out = tmp_path / "cut"
    run(out)
    (out / "fan/train/0001.mp4").write_bytes(b"")
    (out / "fan/train/0000.json").write_text("{")
    assert run(out).made == 2
    assert contents(out) == contents(made)


@pytest.mark.parametrize("field", ["class", "index", "seed", "size"])
def test_a_video_whose_sidecar_is_that_of_another_is_made_again(
    made: Path, tmp_path: Path, field: str
) -> None:
    out = tmp_path / "mixed"
    shutil.copytree(made, out)
    sidecar = out / "fan/train/0001.json"
    sidecar.write_text(json.dumps({**json.loads(sidecar.read_text()), field: "other"}))
    assert run(out).made == 1
    assert contents(out) == contents(made)


@pytest.mark.parametrize("left", [".simulation.part.json.abc12345.part", ".physprior-probe-x1y2"])
def test_what_a_run_leaves_that_is_killed_at_once_is_no_obstacle(
    made: Path, tmp_path: Path, left: str
) -> None:
    (tmp_path / left).touch()
    run(tmp_path)
    assert contents(tmp_path) == contents(made)


def test_what_a_file_manager_leaves_in_a_folder_is_no_obstacle(made: Path, tmp_path: Path) -> None:
    out = tmp_path / "seen"
    shutil.copytree(made, out)
    (out / "fan/.DS_Store").write_bytes(b"icons")
    assert run(out).made == 0
    assert (out / "fan/.DS_Store").read_bytes() == b"icons"


def test_a_finished_simulation_is_not_even_written_to(made: Path) -> None:
    before = (made / "simulation.json").stat().st_mtime_ns
    run(made)
    assert (made / "simulation.json").stat().st_mtime_ns == before


def test_a_place_below_a_file_is_refused_as_a_place(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError, match="cannot write"):
        run(tmp_path / "file/sub")


def test_large_videos_are_made_in_smaller_batches() -> None:
    few, large = plan(SMALL), plan(SMALL.model_copy(update={"size": 1024, "frames": 60}))
    assert [len(batch) for batch in _batches(few)] == [8, 8]
    assert [len(batch) for batch in _batches(large)] == [1] * 16


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_workers_end_with_their_parent(tmp_path: Path, how: signal.Signals) -> None:
    command = [sys.executable, "-m", "physprior", "data", "simulate", str(tmp_path / "v")]
    with subprocess.Popen(
        [*command, "--count", "200", "--workers", "2"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as running:
        until = time.monotonic() + 60
        while not list(tmp_path.rglob("*.mp4")) and time.monotonic() < until:
            time.sleep(0.1)
        running.send_signal(how)
        # The workers hold the same standard output: it ends when the last of them has.
        running.communicate(timeout=30)
    made = len(list(tmp_path.rglob("*.mp4")))
    time.sleep(2)
    assert 0 < made == len(list(tmp_path.rglob("*.mp4")))


def test_a_finished_simulation_is_not_made_again(made: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in made.rglob("*")}
    summary = run(made)
    assert (summary.made, summary.kept) == (0, 16)
    videos = {path: time for path, time in before.items() if path.suffix == ".mp4"}
    assert {path: path.stat().st_mtime_ns for path in videos} == videos


def test_a_folder_of_other_options_is_refused_with_the_difference(made: Path) -> None:
    options = SMALL.model_copy(update={"seed": 9, "fps": 60})
    with pytest.raises(DatasetError, match="fps was 30, now 60; seed was 5, now 9") as refusal:
        run(made, options)
    assert "another folder" in refusal.value.remedy


def test_a_folder_of_another_severity_is_refused_too(made: Path) -> None:
    options = SMALL.model_copy(update={"severity": (0.0, 1.0)})
    with pytest.raises(DatasetError, match=r"severity was 0\.5, 1\.0, now 0\.0, 1\.0"):
        run(made, options)


def test_an_unfinished_folder_of_other_options_is_refused_too(tmp_path: Path) -> None:
    def stop(done: int, total: int) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        simulate(tmp_path, SMALL, workers=1, progress=stop)
    with pytest.raises(DatasetError, match="count was 8, now 12"):
        run(tmp_path, SMALL.model_copy(update={"count": 12}))


def test_a_folder_of_foreign_files_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "fan/train").mkdir(parents=True)
    (tmp_path / "fan/train/0000.mp4").write_bytes(b"a real video")
    with pytest.raises(DatasetError, match=r"did not make: fan/train/0000\.mp4"):
        run(tmp_path)
    assert contents(tmp_path) == {"fan/train/0000.mp4": b"a real video"}


def test_a_file_added_to_a_simulation_is_refused(tmp_path: Path) -> None:
    run(tmp_path)
    (tmp_path / "fan/test/stuck/mine.mp4").write_bytes(b"")
    with pytest.raises(DatasetError, match=r"fan/test/stuck/mine\.mp4"):
        run(tmp_path)


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_bytes(b"")
    with pytest.raises(DatasetError, match="is a file"):
        run(tmp_path / "out")

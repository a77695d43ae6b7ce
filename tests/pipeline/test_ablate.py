"""A study as it runs: every arm alike, the test split opened once, and gone on with when killed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from studying import MODES, QUICK, scores, small_plan
from typer.testing import CliRunner

from physprior.cli.main import app
from physprior.dataset.folder import Dataset
from physprior.errors import StudyError
from physprior.eval.baselines import BASELINES
from physprior.eval.predictions import read_predictions
from physprior.pipeline.ablate import Places, StudyPlan, Voices, ablate, read_plan
from physprior.pipeline.ablate.report import summarise
from physprior.pipeline.ablate.runs import refuse_unequal
from physprior.vlm.run_folder import read_run

FURTHER = ("turns_shuffled", "wrong_prior", "video_last")
CONTROLS = ("blank", "first-frame", "shuffled", "wrong-prior")


class KilledError(Exception):
    """Stands for a kill."""


@dataclass
class Watched:
    """Follows a study, and may end it at a step."""

    places: Places
    die_at: str = ""
    commands: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def __call__(self, command: str) -> None:
        if " --split test " not in command and "baselines" not in command:
            assert not self.places.test.exists(), f"asked before {command}"
        if self.die_at and self.die_at in command:
            raise KilledError
        self.commands.append(command)

    @property
    def voices(self) -> Voices:
        return Voices(announce=self, remark=self.remarks.append)


@pytest.fixture(scope="module")
def videos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from physprior.simulate import Options, simulate

    folder = tmp_path_factory.mktemp("study") / "videos"
    simulate(
        folder,
        Options(categories=("ball", "clip"), count=24, instances=24, size=64, frames=16),
        workers=1,
        progress=lambda done, total: None,
    )
    return folder


@dataclass(frozen=True)
class Done:
    """A finished study."""

    places: Places
    plan: StudyPlan
    watched: Watched

    def copy(self, folder: Path) -> Places:
        """Another folder that holds the same."""
        return Places(Path(shutil.copytree(self.places.out, folder / "copy")))


@pytest.fixture(scope="module")
def done(videos: Path, tiny_base: Path) -> Done:
    """A study of six arms, killed at five steps of its way."""
    plan = small_plan(videos, tiny_base, further=FURTHER)
    places = Places(videos.parent / "study")
    deaths = (
        "--mode single_turn",
        "arms/single_turn/seed-0",
        "--split val",
        "opened, once",
        "control first-frame",
    )
    for death in deaths:
        with pytest.raises(KilledError):
            ablate(places.out, plan, workers=1, voices=Watched(places, death).voices)
    assert places.opened.is_file()
    last = Watched(Places(places.out / "never"))
    assert ablate(places.out, plan, workers=1, voices=last.voices)
    return Done(places, plan, last)


def state(folder: Path) -> dict[str, int]:
    return {
        str(path): path.stat().st_mtime_ns for path in sorted(folder.rglob("*")) if path.is_file()
    }


def test_every_file_of_a_study_is_where_its_report_looks_for_it(done: Done) -> None:
    names = [*MODES, *FURTHER]
    assert [arm.name for arm in read_plan(done.places.out).arms] == names
    for name in names:
        run = done.places.out / "arms" / name / "seed-0"
        assert read_run(run).state == "finished"
        for split in ("val", "test"):
            made = read_predictions(done.places.out / split / name / "seed-0.jsonl")
            assert made.header.split == split
            assert made.header.run_fingerprint == read_run(run).fingerprint
            assert not made.missing
            assert all((line.text is None) == (split == "val") for line in made.predictions)
    test = done.places.test
    for split in ("val", "test"):
        said = read_predictions(done.places.out / split / "single_turn/seed-0.generated.jsonl")
        assert (said.header.split, said.header.history) == (split, "generated")
        assert all((line.text is None) == (split == "val") for line in said.predictions)
    controls = {path.name for path in (test / "multi_turn").glob("*.control-*.jsonl")}
    assert controls == {f"seed-0.control-{name}.jsonl" for name in CONTROLS}
    assert len(list(test.rglob("*.control-*"))) == len(CONTROLS)
    for mode in ("multi_turn", "no_phys"):
        base = read_predictions(test / "untuned" / f"{mode}.jsonl").header
        assert (base.mode, base.run_fingerprint) == (mode, None)


def test_all_arms_have_the_same_videos_split_and_steps(done: Done) -> None:
    datasets = [Dataset.open(done.places.dataset(arm.dataset)) for arm in done.plan.arms]
    assert len({one.manifest.split for one in datasets}) == 1
    told = [
        {(record.id, record.sha256, record.split) for record in one.records("train")}
        for one in datasets
    ]
    assert told == [told[0]] * len(told)
    results = [read_run(done.places.run(arm, 0)).results for arm in done.plan.arms]
    assert {one["steps"] for one in results} == {2}
    assert {one["videos"] for one in results} == {32}
    recipes = [read_run(done.places.run(arm, 0)).recipe for arm in done.plan.arms]
    alike = [{**one, "dataset": "", "out": ""} for one in recipes]
    assert alike == [alike[0]] * len(alike)


def test_the_arms_were_taught_otherwise(done: Done) -> None:
    weights = {run.weights for run in _opened(done.places).values()}
    assert len(weights) == len(done.plan.arms)


def test_the_wrong_priors_are_written_down_and_were_told(done: Done) -> None:
    assert read_plan(done.places.out).wrong_priors == {"ball": "clip", "clip": "ball"}
    said, plain = (
        {
            record.category: record
            for record in Dataset.open(done.places.dataset(name)).records("val")
        }
        for name in ("wrong_prior", "multi_turn")
    )
    assert said["ball"].turns[1] == plain["clip"].turns[1] != plain["ball"].turns[1]
    assert said["ball"].turns[0] == plain["ball"].turns[0]


@pytest.mark.slow
def test_a_study_stopped_and_gone_on_with_ends_as_one_that_was_not(
    done: Done, videos: Path, tiny_base: Path, tmp_path: Path
) -> None:
    places = Places(tmp_path / "whole")
    ablate(places.out, done.plan, workers=1, voices=Watched(places).voices)
    assert scores(places.test) == scores(done.places.test)
    assert scores(places.out / "val") == scores(done.places.out / "val")


def test_a_finished_study_does_nothing_again(done: Done) -> None:
    before = state(done.places.out)
    again = Watched(Places(done.places.out / "never"))
    assert ablate(done.places.out, done.plan, workers=1, voices=again.voices)
    after = state(done.places.out)
    changed = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    assert all("baselines" in path for path in changed)
    assert not any("train" in command.split()[:2] for command in again.commands)


def test_the_time_that_is_left_is_said(videos: Path, tiny_base: Path, tmp_path: Path) -> None:
    watched = Watched(Places(tmp_path / "study"))
    plan = small_plan(videos, tiny_base, modes=("no_phys",), seeds=2)
    assert not ablate(watched.places.out, plan, stop_before_test=True, voices=watched.voices)
    first, second, *_ = [said for said in watched.remarks if said.startswith("train ")]
    assert first == "train 1 of 2: no_phys, seed 0"
    assert second.startswith("train 2 of 2: no_phys, seed 1; about ")
    # Stopped there, the test split is still closed.
    assert not watched.places.opened.exists()
    assert not watched.places.test.exists()


# The test split is opened once


def test_opening_says_when_and_for_which_runs(done: Done) -> None:
    opened = json.loads(done.places.opened.read_text())
    assert opened["runs"].keys() == {f"{arm.name}/seed-0" for arm in done.plan.arms}
    for arm in done.plan.arms:
        run = read_run(done.places.run(arm, 0))
        assert opened["runs"][f"{arm.name}/seed-0"]["fingerprint"] == run.fingerprint
        assert opened["base"] == run.base_fingerprint
    assert opened["versions"]["versions"]["physprior"]


def test_a_run_that_was_trained_again_is_refused(done: Done, tmp_path: Path) -> None:
    places = done.copy(tmp_path)
    path = places.run(done.plan.arms[1], 0) / "run.json"
    record = json.loads(path.read_text())
    record["results"]["seconds"] += 1
    path.write_text(json.dumps(record))
    before = state(places.test)
    with pytest.raises(StudyError, match="changed since: the run single_turn/seed-0"):
        ablate(places.out, done.plan, workers=1)
    assert state(places.test) == before


def test_a_run_whose_weights_changed_is_refused(done: Done, tmp_path: Path) -> None:
    places = done.copy(tmp_path)
    shutil.copy(
        places.run(done.plan.arms[0], 0) / "model/model.safetensors",
        places.run(done.plan.arms[2], 0) / "model/model.safetensors",
    )
    with pytest.raises(StudyError, match="changed since: the run no_phys/seed-0"):
        ablate(places.out, done.plan, workers=1)


def test_a_run_that_is_gone_is_not_trained_again(done: Done, tmp_path: Path) -> None:
    places = done.copy(tmp_path)
    shutil.rmtree(places.run(done.plan.arms[0], 0))
    with pytest.raises(StudyError, match="multi_turn/seed-0 has not finished, or is gone"):
        ablate(places.out, done.plan, workers=1)
    assert not places.run(done.plan.arms[0], 0).exists()


def test_an_arm_cannot_be_added_after_the_test_split_was_seen(
    done: Done, videos: Path, tiny_base: Path, tmp_path: Path
) -> None:
    places = done.copy(tmp_path)
    other = small_plan(videos, tiny_base)
    with pytest.raises(StudyError, match=r"was opened, and the study would now change \(in: arms"):
        ablate(places.out, other, workers=1)


def test_predictions_of_the_test_split_before_it_was_opened_are_refused(
    done: Done, tmp_path: Path
) -> None:
    places = done.copy(tmp_path)
    places.opened.unlink()
    with pytest.raises(StudyError, match="never opened"):
        ablate(places.out, done.plan, workers=1)


def test_the_test_split_stays_closed_while_a_run_is_unfinished(done: Done, tmp_path: Path) -> None:
    from physprior.pipeline.ablate.opened import open_test

    places = done.copy(tmp_path)
    places.opened.unlink()
    shutil.rmtree(places.test)
    path = places.run(done.plan.arms[2], 0) / "run.json"
    path.write_text(path.read_text().replace('"state": "finished"', '"state": "running"'))
    with pytest.raises(StudyError, match="no_phys/seed-0 has not finished"):
        open_test(done.plan, places, ["multi_turn"])
    assert not places.opened.exists()


def test_what_was_opened_cannot_be_left_closed(done: Done) -> None:
    with pytest.raises(StudyError, match="was opened at"):
        ablate(done.places.out, done.plan, stop_before_test=True)


def test_a_video_that_cannot_be_used_is_told_of_at_every_step_that_meets_it(
    videos: Path, tiny_base: Path, tmp_path: Path
) -> None:
    damaged = Path(shutil.copytree(videos, tmp_path / "videos"))
    path = sorted((damaged / "clip/train").glob("*.mp4"))[0]
    path.write_bytes(b"no video")
    watched = Watched(Places(tmp_path / "study"), "physprior train")
    with pytest.raises(KilledError):
        ablate(watched.places.out, small_plan(damaged, tiny_base), voices=watched.voices)
    (said,) = [line for line in watched.remarks if line.startswith("skipped")]
    assert said.startswith(f"skipped a video: clip/train/{path.name}: ")


# Equal arms


@pytest.mark.parametrize("field", ["steps", "videos"])
def test_runs_of_unequal_steps_or_videos_are_not_compared(
    done: Done, tmp_path: Path, field: str
) -> None:
    places = done.copy(tmp_path)
    refuse_unequal(done.plan, places)
    path = places.run(done.plan.arms[0], 0) / "run.json"
    record = json.loads(path.read_text())
    record["results"][field] += 1
    path.write_text(json.dumps(record))
    with pytest.raises(StudyError, match=f"as many {field}: multi_turn/seed-0"):
        refuse_unequal(done.plan, places)


def test_videos_that_change_between_two_arms_are_refused(
    videos: Path, tiny_base: Path, tmp_path: Path
) -> None:
    moved = Path(shutil.copytree(videos, tmp_path / "videos"))
    places = Places(tmp_path / "study")
    plan = small_plan(moved, tiny_base)
    watched = Watched(places)

    def lose_one(command: str) -> None:
        watched(command)
        if "--mode no_phys" in command:
            next(moved.rglob("*.mp4")).unlink()

    with pytest.raises(StudyError, match="do not hold the same videos"):
        ablate(places.out, plan, workers=1, voices=Voices(announce=lose_one))


def _opened(places: Places) -> dict[str, object]:
    from physprior.pipeline.ablate.opened import read_opened

    return dict(read_opened(places).runs)


def test_the_results_that_are_kept_are_those_of_every_step(
    done: Done, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(Path(__file__).parents[2] / "bench")
    from study_results import main

    study = done.copy(tmp_path).out
    summarise(study)
    assert main([str(study), "-o", str(tmp_path / "kept")]) == 0
    steps = json.loads((tmp_path / "kept" / "runs.json").read_text(encoding="utf-8"))["steps"]
    trained = [one["command"] for one in steps if "train_loss" in one]
    assert len(trained) == len(done.plan.arms)
    assert all(command.startswith("physprior train") for command in trained)
    tested = [one for one in steps if one.get("split") == "test"]
    assert len(tested) == len(list((study / "test").rglob("*.jsonl")))
    assert {one["control"] for one in tested} == {
        None,
        *(name.replace("-", "_") for name in CONTROLS),
    }
    assert {one["baseline"] for one in tested if "baseline" in one} == set(BASELINES)
    assert all(one["videos"] + one["skipped"] == tested[0]["videos"] for one in tested)


# The command


def test_a_dry_run_prints_arms_and_commands_and_makes_nothing(tmp_path: Path) -> None:
    out = tmp_path / "study"
    words = ["study", "ablate", "-o", str(out), "--dry-run", "--arms", "turns_shuffled"]
    result = CliRunner().invoke(app, [*words, "--arm", "few=no_phys,frames=4"])
    assert result.exit_code == 0, result.output
    assert result.stdout.count("physprior train tiny") == 5 * 3
    assert "frames=4" in result.stdout
    assert not out.exists()


@pytest.mark.parametrize(
    "words", [("videos", "--count", "40"), ("videos", "--category", "clip"), ("--seeds", "0")]
)
def test_options_that_do_not_fit_are_misuse(words: tuple[str, ...], tmp_path: Path) -> None:
    out = tmp_path / "study"
    result = CliRunner().invoke(app, ["study", "ablate", "-o", str(out), "--dry-run", *words])
    assert result.exit_code == 2


def _start(out: Path, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "physprior", "study", "ablate", "-o", str(out), *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={**os.environ, "HF_HUB_OFFLINE": "1"},
        start_new_session=True,
    )


def _lines_until(running: subprocess.Popen[str], said: str) -> Iterator[str]:
    assert running.stderr is not None
    for line in running.stderr:
        yield line
        if said in line:
            return


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_the_command_killed_anywhere_ends_as_one_that_was_not(tmp_path: Path) -> None:
    fields = [word for one in QUICK for word in ("--set", one)]
    words = ["--category", "ball", "--category", "clip", "--count", "24", "--seeds", "1", *fields]
    whole = _start(tmp_path / "whole", *words)
    stdout, stderr = whole.communicate()
    assert whole.returncode == 0, stderr
    assert "Traceback" not in stderr
    assert f"ablation: {tmp_path / 'whole' / 'ablation.md'}" in stdout

    out = tmp_path / "killed"
    for said in ("$ physprior build", "train 1 of", "train 2 of", "validate 2 of", "test 3 of"):
        running = _start(out, *words)
        lines = list(_lines_until(running, said))
        assert said in lines[-1], lines
        os.killpg(running.pid, signal.SIGKILL)
        running.communicate()
        assert (out / "test").exists() <= (out / "opened.json").exists()
    last = _start(out, *words)
    stdout, stderr = last.communicate()
    assert last.returncode == 0, stderr
    assert scores(out / "test") == scores(tmp_path / "whole" / "test")
    assert scores(out / "val") == scores(tmp_path / "whole" / "val")

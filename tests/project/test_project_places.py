"""Where everything of a project lies, and which of its runs is the one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from physprior import fingerprint
from physprior.errors import OutputError, ProjectError
from physprior.project.find import find_project
from physprior.project.keep import keeping_trained_dataset
from physprior.project.project import Project


def make(folder: Path, text: str = "") -> Project:
    (folder / "physprior.yaml").write_text(text)
    found = find_project(folder)
    assert found is not None
    return found


def run(
    project: Project, name: str, *, state: str = "finished", dataset: Path | None = None
) -> Path:
    folder = project.folder / "work" / name
    folder.mkdir(parents=True)
    known = fingerprint.of_file(dataset / "manifest.json") if dataset else "unknown"
    record: dict[str, Any] = {"state": state, "dataset": {"manifest": known}}
    (folder / "run.json").write_text(json.dumps(record))
    return folder


def dataset(folder: Path, said: str = "first") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "manifest.json").write_text(json.dumps(said))
    return folder


def test_paths_are_read_from_the_project_s_folder(tmp_path: Path) -> None:
    project = make(tmp_path, "kb: ../facts\nvideos: /films\n")
    assert project.kb == tmp_path.parent / "facts"
    assert project.videos == Path("/films")


def test_a_path_may_begin_at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert make(tmp_path, "videos: ~/films\n").videos == tmp_path / "home" / "films"


@pytest.mark.parametrize(
    ("said", "is_path"),
    [
        ("work/base", True),
        ("./models/7b", True),
        ("~/7b", True),
        ("models", True),
        ("models/video/7b", True),
        ("Language/Video-7B-hf", False),
    ],
)
def test_a_base_is_a_folder_or_a_hub_id(tmp_path: Path, said: str, is_path: bool) -> None:
    base = make(tmp_path, f"base: {said}\n").base
    assert Path(base).is_absolute() == is_path
    assert is_path or base == said


def test_a_base_that_looks_like_a_hub_id_is_the_folder_that_is_there(tmp_path: Path) -> None:
    (tmp_path / "Language" / "Video-7B-hf").mkdir(parents=True)
    assert make(tmp_path, "base: Language/Video-7B-hf\n").base == str(
        tmp_path / "Language" / "Video-7B-hf"
    )


def test_a_path_to_nothing_is_told_with_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ProjectError) as error:
        make(tmp_path, "kb: kb\nvideos: films\n").existing("videos")
    assert str(error.value).startswith(
        "physprior.yaml:2:9: videos is 'films', and there is no such"
    )


def test_a_default_to_nothing_is_told_as_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ProjectError, match=r"^physprior\.yaml: videos is not said, which means"):
        make(tmp_path).existing("videos")


def test_runs_are_listed_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    project = make(tmp_path)
    for name in ("run-10", "run-2", "run", "run-x", "run-1", "running"):
        run(project, name)
    (tmp_path / "work" / "run-3").mkdir()
    assert [path.name for path in project.runs()] == ["run", "run-2", "run-10"]


def test_the_newest_run_is_the_last_that_has_finished(tmp_path: Path) -> None:
    project = make(tmp_path)
    assert project.newest_run() is None
    run(project, "run")
    run(project, "run-2", state="running")
    assert project.newest_run() == tmp_path / "work" / "run"


def test_a_record_that_cannot_be_read_is_of_no_finished_run(tmp_path: Path) -> None:
    project = make(tmp_path)
    (run(project, "run") / "run.json").write_text('{"state": "fin')
    assert project.newest_run() is None


def test_the_next_run_has_the_next_number(tmp_path: Path) -> None:
    project = make(tmp_path)
    run(project, "run")
    assert project.next_run().name == "run-2"
    run(project, "run-2")
    assert project.next_run().name == "run-3"


def test_the_number_of_a_run_that_was_deleted_is_not_given_anew(tmp_path: Path) -> None:
    project = make(tmp_path)
    run(project, "run")
    run(project, "run-5")
    assert project.next_run().name == "run-6"


@pytest.mark.parametrize("state", ["running", "finished"])
def test_a_retraining_that_was_stopped_is_gone_on_with(tmp_path: Path, state: str) -> None:
    project = make(tmp_path)
    first = run(project, "run")
    second = run(project, "run-2", state=state)
    dataset(tmp_path / "work" / "run-2-dataset")
    assert (project.run_to_retrain(), project.next_run()) == (first, second)
    (second / "retrain.md").touch()
    if state == "finished":
        assert (project.run_to_retrain(), project.next_run().name) == (second, "run-3")


def test_predictions_lie_in_the_results_by_run_and_split(tmp_path: Path) -> None:
    project = make(tmp_path, "results: out\n")
    assert project.predictions(project.run, "val") == tmp_path / "out" / "run" / "val.jsonl"


def test_a_run_s_dataset_is_the_one_that_its_record_recognises(tmp_path: Path) -> None:
    project = make(tmp_path)
    now = dataset(project.dataset)
    first = run(project, "run", dataset=now)
    dataset(tmp_path / "work" / "run-dataset", "of a run that was here before")
    assert project.dataset_of(first) == now


def test_a_dataset_that_is_built_anew_is_kept_for_its_run(tmp_path: Path) -> None:
    project = make(tmp_path)
    first = run(project, "run", dataset=dataset(project.dataset))
    told: list[tuple[Path, Path]] = []
    with keeping_trained_dataset(project, lambda kept, of: told.append((kept, of))):
        dataset(project.dataset, "second")
    kept = tmp_path / "work" / "run-dataset"
    assert told == [(kept, first)]
    assert json.loads((kept / "manifest.json").read_text()) == "first"
    assert project.dataset_of(first) == kept


def test_a_dataset_that_stays_as_it_is_is_not_kept_twice(tmp_path: Path) -> None:
    project = make(tmp_path)
    run(project, "run", dataset=dataset(project.dataset))
    with keeping_trained_dataset(project, lambda kept, of: pytest.fail("nothing to tell")):
        dataset(project.dataset)
    assert sorted(path.name for path in (tmp_path / "work").iterdir()) == ["dataset", "run"]


def test_a_dataset_that_no_run_was_trained_on_is_not_kept(tmp_path: Path) -> None:
    project = make(tmp_path)
    dataset(project.dataset)
    run(project, "run")
    with keeping_trained_dataset(project, lambda kept, of: pytest.fail("nothing to tell")):
        dataset(project.dataset, "second")
    assert not (tmp_path / "work" / "run-dataset").exists()


def test_a_build_that_fails_leaves_no_copy(tmp_path: Path) -> None:
    project = make(tmp_path)
    run(project, "run", dataset=dataset(project.dataset))
    with (
        pytest.raises(ZeroDivisionError),
        keeping_trained_dataset(project, lambda kept, of: pytest.fail("nothing to tell")),
    ):
        raise ZeroDivisionError
    assert not (tmp_path / "work" / "run-dataset").exists()


def test_something_else_in_the_copy_s_place_is_never_removed(tmp_path: Path) -> None:
    project = make(tmp_path)
    run(project, "run", dataset=dataset(project.dataset))
    (tmp_path / "work" / "run-dataset").mkdir()
    (tmp_path / "work" / "run-dataset" / "notes.txt").touch()
    with (
        pytest.raises(OutputError, match="in the way"),
        keeping_trained_dataset(project, lambda kept, of: None),
    ):
        dataset(project.dataset, "second")
    assert (tmp_path / "work" / "run-dataset" / "notes.txt").exists()
    assert json.loads((project.dataset / "manifest.json").read_text()) == "first"

"""Retraining a real run: on what changed alone, from its weights, told against what it was."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from retraining import PRIOR, TOLD, Trained, copy_kb, edit, link_tree, state

from physprior import fingerprint
from physprior.dataset.folder import Dataset
from physprior.dataset.records import SPLITS
from physprior.errors import CheckpointError, DatasetError, RecipeError
from physprior.eval.predict import PredictOptions, predict
from physprior.eval.predictions import read_predictions
from physprior.eval.scoring import score
from physprior.pipeline.retrain import (
    RetrainOrder,
    RetrainReport,
    find_changes,
    read_before,
    retrain,
)
from physprior.vlm.run_folder import read_run


class KilledError(Exception):
    """Stands for the signal that ends a process."""


def kill_at(what: str, at: int) -> Callable[..., None]:
    def progress(step: str, done: int, total: int, said: str = "") -> None:
        if step == what and done == at:
            raise KilledError

    return progress


def go(
    order: RetrainOrder,
    *,
    progress: Callable[..., None] = lambda *said: None,
    announce: Callable[[str], None] = lambda command: None,
) -> RetrainReport:
    before = read_before(order)
    changes = find_changes(order, before)
    return retrain(order, before, changes, announce=announce, progress=progress)


def weights(run: Path) -> str:
    return fingerprint.of_file(run / "adapter" / "adapter_model.safetensors")


@pytest.fixture(scope="module")
def edited(trained: Trained, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A retraining after an explanation of the clip was edited and the ball's videos came."""
    root = tmp_path_factory.mktemp("edited")
    kb = copy_kb(root / "kb")
    edit(kb / "clip.yaml", TOLD, TOLD.replace("work", "effort"))
    order = trained.order(root, kb=kb, videos=trained.all_videos, rehearse=0.5)
    untouched = {name: state(trained.root / name) for name in ("run", "dataset")}
    commands: list[str] = []
    report = go(order, announce=commands.append)
    assert {name: state(trained.root / name) for name in ("run", "dataset")} == untouched
    return order, report, commands


@pytest.mark.slow
def test_it_trains_on_what_changed_and_what_came_with_a_share_of_the_rest(edited: Any) -> None:
    order, report, _ = edited
    assert {one.category: one.role for one in report.outcomes} == {
        "ball": "added",
        "clip": "changed",
        "slide": "rehearsed",
    }
    trained = {one.category: one.trained for one in report.outcomes}
    assert trained["ball"] == trained["clip"] == 12
    assert 0 < trained["slide"] < 12
    run = read_run(order.new_run)
    assert run.recipe["only"] == ["ball", "clip"]
    assert run.recipe["rehearse"] == 0.5
    assert run.continued_from == read_run(order.run).fingerprint
    assert run.results["videos"] == sum(trained.values())


@pytest.mark.slow
def test_the_new_dataset_holds_what_was_announced_and_keeps_the_split(
    edited: Any, trained: Trained
) -> None:
    order, _, _ = edited
    changes = find_changes(order, read_before(order))
    new, old = Dataset.open(order.new_dataset), Dataset.open(trained.dataset)
    assert sorted(new.records("train"), key=lambda one: one.id) == sorted(
        changes.records, key=lambda one: one.id
    )
    for split in SPLITS:
        then = {record.sha256 for record in old.records(split)}
        now = {record.sha256 for record in new.records(split) if record.category != "ball"}
        assert now == then


@pytest.mark.slow
def test_the_figures_are_those_of_the_score_command(edited: Any, trained: Trained) -> None:
    order, report, _ = edited
    old = trained.root / "old-val.jsonl"
    options = PredictOptions(split="val", score_only=True, cache=trained.root / "frames")
    predict(str(trained.run), trained.dataset, old, options)
    new = order.predictions("new")
    scored = [
        {one.category: one.auroc for one in score(read_predictions(path)).categories}
        for path in (old, new)
    ]
    told = {one.category: (one.old, one.new) for one in report.outcomes}
    assert told["clip"] == (scored[0]["clip"], scored[1]["clip"])
    assert told["slide"] == (scored[0]["slide"], scored[1]["slide"])
    assert told["ball"][1] == scored[1]["ball"]
    assert [one.foreign for one in report.outcomes] == [True, False, False]


@pytest.mark.slow
def test_each_step_is_announced_as_its_command(edited: Any) -> None:
    verbs = [command.split()[1] for command in edited[2]]
    assert verbs == ["build", "train", "predict", "predict"]


@pytest.mark.slow
def test_the_same_command_again_does_nothing_again(edited: Any) -> None:
    order, report, _ = edited
    held = {path: made for path, made in state(order.new_run).items() if "retrain." not in path}
    words = (order.new_run / "retrain.md").read_text(encoding="utf-8")
    again = go(order, progress=kill_at("train", 1))
    assert again == report
    assert {p: made for p, made in state(order.new_run).items() if "retrain." not in p} == held
    assert (order.new_run / "retrain.md").read_text(encoding="utf-8") == words


@pytest.mark.slow
def test_the_report_says_what_had_changed_and_what_it_did(edited: Any) -> None:
    order, report, _ = edited
    words = (order.new_run / "retrain.md").read_text(encoding="utf-8")
    assert "| ball | added | 12 | the run's dataset has none of it |" in words
    assert "| clip | changed | 12 | explanations changed: " in words
    data = json.loads((order.new_run / "retrain.json").read_text(encoding="utf-8"))
    assert [one["category"] for one in data["categories"]] == ["ball", "clip", "slide"]
    for one, outcome in zip(data["categories"], report.outcomes, strict=True):
        assert (one["old"], one["new"], one["delta"]) == (outcome.old, outcome.new, outcome.delta)


@pytest.mark.slow
def test_another_edit_does_not_touch_the_dataset_of_a_finished_retraining(
    edited: Any, tmp_path: Path
) -> None:
    order, _, _ = edited
    kb = Path(shutil.copytree(order.kb, tmp_path / "kb"))
    edit(kb / "clip.yaml", PRIOR, "has a torsion spring between its handles, which")
    held = state(order.new_dataset)
    with pytest.raises(RecipeError, match="retrained from another state") as refused:
        go(replace(order, kb=kb))
    assert f"physprior retrain {order.new_run}" in refused.value.remedy
    assert state(order.new_dataset) == held


@pytest.mark.slow
def test_a_retrained_run_can_be_retrained_and_finds_only_what_is_new(
    edited: Any, tmp_path: Path
) -> None:
    order, _, _ = edited
    further = replace(order, run=order.new_run, out=tmp_path / "third")
    assert find_changes(further, read_before(further)).to_train == ()
    kb = Path(shutil.copytree(order.kb, tmp_path / "kb"))
    edit(kb / "slide.yaml", "status: reviewed", "status: draft")
    edit(kb / "ball.yaml", "statement: >-\n", "statement: >-\n      Look at it closely.\n")
    report = go(replace(further, kb=kb, rehearse=0.0))
    assert {one.category: one.role for one in report.outcomes} == {
        "ball": "changed",
        "clip": "untouched",
        "slide": "untouched",
    }
    assert read_run(report.new_run).recipe["continue_from"] == str(order.new_run)


@pytest.mark.slow
def test_with_a_changed_prompt_the_old_model_is_asked_with_the_one_it_knows(
    trained: Trained, tmp_path: Path
) -> None:
    kb = copy_kb(tmp_path / "kb")
    edit(kb / "clip.yaml", PRIOR, "has a torsion spring between its handles, which")
    order = trained.order(tmp_path, kb=kb, videos=trained.all_videos, split="test")
    report = go(order)
    old = read_predictions(order.predictions("old"))
    assert Path(old.header.dataset) == trained.dataset
    assert old.header.accepted_changed_prior == ()
    strange = read_predictions(order.predictions("old-on-new"))
    assert strange.header.accepted_changed_prior == ("clip",)
    ball = next(one for one in score(strange).categories if one.category == "ball")
    clip = next(one for one in score(old).categories if one.category == "clip")
    told = {one.category: one for one in report.outcomes}
    assert told["ball"].old == ball.auroc
    assert told["clip"].old == clip.auroc
    assert report.split == "test"
    assert not report.selected


@pytest.mark.slow
def test_killed_at_each_step_in_turn_it_goes_on_and_ends_in_the_same_weights(
    trained: Trained, tmp_path: Path
) -> None:
    kb = copy_kb(tmp_path / "kb")
    edit(kb / "clip.yaml", TOLD, TOLD.replace("work", "effort"))
    # A cache of its own, so that there is something to decode.
    order = trained.order(tmp_path, kb=kb, cache=tmp_path / "frames", rehearse=0.5)
    for step, at in (("videos", 48), ("decode", 5), ("train", 2), ("predict", 0)):
        with pytest.raises(KilledError):
            go(order, progress=kill_at(step, at))
        assert not (order.new_run / "retrain.md").exists()
    report = go(order)
    undisturbed = go(replace(order, out=tmp_path / "other"))
    assert weights(order.new_run) == weights(undisturbed.new_run)
    assert report.outcomes == undisturbed.outcomes


@pytest.mark.slow
def test_videos_that_came_to_a_known_category_leave_the_split_as_it_was(
    trained: Trained, tmp_path: Path
) -> None:
    from physprior.simulate import Options, simulate

    simulate(
        tmp_path / "more",
        Options(categories=("clip",), count=40, seed=7, size=64, frames=16),
        workers=1,
        progress=lambda done, total: None,
    )
    videos = tmp_path / "videos"
    link_tree(trained.root / "videos", videos)
    for path in sorted((tmp_path / "more" / "clip" / "train").glob("*.mp4")):
        shutil.copy(path, videos / "clip" / "train" / f"new-{path.name}")
    order = trained.order(tmp_path, videos=videos)
    report = go(order)
    assert report.pinned
    assert sum(report.placed.values()) == len([*videos.glob("clip/train/new-*")])
    old, new = Dataset.open(trained.dataset), Dataset.open(order.new_dataset)
    held_back = {one.sha256 for split in ("val", "test") for one in old.records(split)}
    assert held_back.isdisjoint(one.sha256 for one in new.records("train"))
    assert go(order) == report


def test_what_retraining_decides_cannot_be_set(trained: Trained, tmp_path: Path) -> None:
    kb = copy_kb(tmp_path / "kb")
    edit(kb / "clip.yaml", TOLD, TOLD.replace("work", "effort"))
    order = trained.order(tmp_path, kb=kb, overrides=("only=[slide]",))
    with pytest.raises(RecipeError, match="a retraining decides only itself"):
        go(order)
    assert not order.new_run.exists()


def test_a_folder_that_is_no_run_or_an_unfinished_one_is_refused(
    trained: Trained, tmp_path: Path
) -> None:
    with pytest.raises(CheckpointError, match="not a run folder"):
        read_before(RetrainOrder(tmp_path))
    run = Path(shutil.copytree(trained.run, tmp_path / "run"))
    edit(run / "run.json", '"state": "finished"', '"state": "running"')
    with pytest.raises(CheckpointError, match="has not finished"):
        read_before(RetrainOrder(run))


def test_a_dataset_that_is_gone_or_was_built_anew_is_refused(
    trained: Trained, tmp_path: Path
) -> None:
    run = Path(shutil.copytree(trained.run, tmp_path / "run"))
    edit(run / "run.json", str(trained.dataset), str(tmp_path / "gone"))
    with pytest.raises(DatasetError, match="is not there"):
        read_before(RetrainOrder(run))
    assert read_before(RetrainOrder(run, dataset=trained.dataset)).dataset.folder
    other = Path(shutil.copytree(trained.dataset, tmp_path / "other"))
    edit(other / "manifest.json", '"seed": 0', '"seed": 1')
    with pytest.raises(DatasetError, match="it was built anew since"):
        read_before(RetrainOrder(run, dataset=other))


def test_videos_that_are_gone_are_said_and_can_be_named_anew(
    trained: Trained, tmp_path: Path
) -> None:
    dataset = Path(shutil.copytree(trained.dataset, tmp_path / "elsewhere" / "dataset"))
    order = trained.order(tmp_path, dataset=dataset)
    with pytest.raises(DatasetError, match="the videos are not there") as refused:
        read_before(order)
    assert "--videos" in refused.value.remedy
    found = read_before(replace(order, videos=trained.root / "videos"))
    assert found.place == trained.root / "videos"

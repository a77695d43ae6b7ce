"""The commands that reproduce a report's numbers, as a shell reads them."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any, get_args

import pytest
import typer
from data_material import ROWS, dataset_folder, header_of
from run_folders import RECORD, run_folder

from physprior import fingerprint
from physprior.cli import threshold_options
from physprior.cli.main import app
from physprior.eval.predictions import Control
from physprior.eval.report import evaluate
from physprior.eval.report.controls import control_file
from physprior.eval.report.data import data_of
from physprior.eval.report.reproduce import JUDGE_TOKENS, PER, RULE, TOKENS
from physprior.eval.report.training import read_training
from physprior.eval.thresholds import Thresholds, choose_thresholds
from physprior.knowledge.load import KnowledgeBase

BARE = {"model": "models/base", "run_fingerprint": None}


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Commands are typed where the work lies."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def built(here: Path, kb: KnowledgeBase) -> Path:
    return dataset_folder(here / "data", kb)


@pytest.fixture
def make(read: Any, built: Path) -> Callable[..., Any]:
    """A predictions file of that dataset by ``runs/mine``."""
    return lambda name="test.jsonl", **header: read(ROWS, name, **header_of(built, **header))


def commands(evaluation: Any, *rest: Any, **named: Any) -> list[str]:
    """The commands, each of which the command line takes; a KB is not needed for them."""
    _, found = data_of(evaluation, *rest, **{"knowledge": Path("no kb"), **named})
    for line in found:
        check(line)
    return [*found]


@cache
def command_line() -> Any:
    return typer.main.get_command(app)


def check(line: str) -> None:
    """The line is one that the command line takes."""
    words = shlex.split(line)
    assert words.pop(0) == "physprior"
    command = command_line()
    while hasattr(command, "commands"):
        name = words.pop(0)
        assert name in command.commands, line
        command = command.commands[name]
    command.make_context(name, words)


def only(found: list[str], verb: str) -> str:
    (line,) = (line for line in found if line.startswith(f"physprior {verb} "))
    return line


def test_commands_come_in_the_order_of_the_work(make: Any, here: Path) -> None:
    run_folder(here / "runs" / "mine")
    found = commands(evaluate(make()))
    assert [line.split()[1] for line in found] == ["build", "train", "predict", "report"]


def test_build_has_the_options_that_the_manifest_records(make: Any) -> None:
    assert only(commands(evaluate(make())), "build") == (
        "physprior build 'my videos' -o data --mode multi_turn --seed 3 --variants 2 --balance"
    )


def test_train_makes_the_run_anew_in_another_folder(make: Any, here: Path, built: Path) -> None:
    recipe = {**RECORD["recipe"], "dataset": "data"}
    run_folder(here / "runs" / "mine", recipe=recipe)
    line = only(commands(evaluate(make())), "train")
    assert line == "physprior train runs/mine/recipe.yaml --set out=runs/mine-again"


def test_train_names_base_and_dataset_where_the_recipe_does_not_lead_to_them_from_here(
    make: Any, here: Path
) -> None:
    recipe = {**RECORD["recipe"], "dataset": "../there/data", "base": "../there/base"}
    run_folder(here / "runs" / "mine", recipe=recipe, base=str(here / "models" / "base"))
    line = only(commands(evaluate(make())), "train")
    assert line.endswith("--set base=models/base --set dataset=data")


def test_without_its_recipe_a_run_has_no_command(make: Any, here: Path) -> None:
    run_folder(here / "runs" / "mine", with_recipe=False)
    assert not any(line.startswith("physprior train") for line in commands(evaluate(make())))


def test_predict_has_what_the_header_records(make: Any) -> None:
    file = make(max_new_tokens=99, history="generated", split="val", described={"clip": "0" * 64})
    assert only(commands(evaluate(file)), "predict") == (
        "physprior predict runs/mine data -o test.jsonl --split val --history generated "
        "--max-new-tokens 99 --describe"
    )


def test_predictions_without_text_are_score_only(make: Any) -> None:
    line = only(commands(evaluate(make(max_new_tokens=None))), "predict")
    assert line == "physprior predict runs/mine data -o test.jsonl --score-only"


def test_an_accepted_prior_is_accepted_again(make: Any) -> None:
    line = only(commands(evaluate(make(accepted_changed_prior=("clip",)))), "predict")
    assert line.endswith(" --accept-changed-prior")


@pytest.mark.parametrize(
    ("sampling", "said"),
    [
        ({}, "--max-new-tokens 64"),
        ({"frames": 16}, "--frames 16"),
        ({"kind": "window", "window_seconds": 2.5}, "--sampling window --window-seconds 2.5"),
        ({"kind": "burst", "stride": 4}, "--sampling burst --stride 4"),
    ],
)
def test_a_bare_checkpoint_is_told_its_frames(make: Any, sampling: Any, said: str) -> None:
    line = only(commands(evaluate(make(sampling=sampling, **BARE))), "predict")
    assert line.endswith(said)


def test_a_run_knows_its_frames(make: Any) -> None:
    line = only(commands(evaluate(make(sampling={"frames": 16}))), "predict")
    assert "--frames" not in line


def test_controls_that_lie_beside_are_made_with_the_predictions(make: Any) -> None:
    own = make()
    for name in get_args(Control):
        make(control_file(own.path, name).name, control=name, max_new_tokens=None)
    line = only(commands(evaluate(own)), "predict")
    assert line.endswith(
        "--control blank --control first-frame --control shuffled --control wrong-prior "
        "--max-new-tokens 64"
    )


def test_controls_that_lie_elsewhere_have_their_own_command_and_are_named(
    make: Any, here: Path
) -> None:
    own = make()
    there = make("else.control-blank.jsonl", control="blank", max_new_tokens=None)
    found = commands(evaluate(own, controls=[there.path]))
    assert "physprior predict runs/mine data -o else.jsonl --control blank" in found
    assert found[-1] == "physprior report test.jsonl --control else.control-blank.jsonl"


def test_a_control_of_any_name_is_predicted_into_one_file_of_predictions(make: Any) -> None:
    own = make("doubts.jsonl", control="blank", max_new_tokens=None)
    line = only(commands(evaluate(own)), "predict")
    assert line == "physprior predict runs/mine data -o doubts.jsonl --control blank"


def test_runs_beside_are_predicted_and_named_too(make: Any) -> None:
    other = make("base.jsonl", max_new_tokens=None, **BARE)
    found = commands(evaluate(make(), beside=[other.path]))
    assert "physprior predict models/base data -o base.jsonl --score-only" in found
    assert found[-1] == "physprior report test.jsonl base.jsonl"


def test_a_run_beside_of_another_dataset_keeps_its_own(make: Any, here: Path, built: Path) -> None:
    other = make("base.jsonl", dataset="elsewhere", dataset_hash="0" * 64, **BARE)
    found = commands(evaluate(make(), beside=[other.path]), dataset=built)
    assert "physprior predict models/base elsewhere -o base.jsonl" in " ".join(found)


def test_an_import_names_its_table(make: Any) -> None:
    imported = {
        **{"source": "import", "model": "My Other", "base_fingerprint": None, "mode": None},
        **{"run_fingerprint": None, "history": None, "sampling": None, "max_new_tokens": None},
        "provenance": {"table": {"file": "other.csv", "sha256": "e" * 64}},
    }
    line = only(commands(evaluate(make(**imported))), "eval import")
    assert line == "physprior eval import other.csv data --name 'My Other' -o test.jsonl"


BASELINE = {
    **{"source": "baseline", "model": "nearest_normal", "mode": None, "history": None},
    **{"run_fingerprint": None, "max_new_tokens": None},
    "provenance": {"baseline": {"base": "models/base", "parameters": {"neighbours": 1}}},
}


def test_a_baseline_names_its_base_and_its_frames(make: Any, here: Path) -> None:
    (here / "results").mkdir()
    file = make("results/nearest_normal.jsonl", sampling={"frames": 16}, split="val", **BASELINE)
    line = only(commands(evaluate(file)), "eval baselines")
    assert line == (
        "physprior eval baselines data -o results --base models/base --split val --frames 16"
    )


def test_baselines_that_one_command_makes_have_one(make: Any) -> None:
    other = make("motion_energy.jsonl", **{**BASELINE, "model": "motion_energy"})
    own = make("nearest_normal.jsonl", **BASELINE)
    line = only(commands(evaluate(own, beside=[other.path])), "eval baselines")
    assert line == "physprior eval baselines data -o . --base models/base"


def test_a_baseline_whose_base_is_not_on_record_leaves_a_word_for_it(make: Any) -> None:
    file = make(**{**BASELINE, "provenance": {}})
    assert only(commands(evaluate(file)), "eval baselines").endswith(" --base BASE")


def test_thresholds_are_chosen_again_from_the_validation_predictions(make: Any) -> None:
    found = commands(evaluate(make(), thresholds=_chosen(make, "fpr=0.05", "global")))
    assert "physprior predict runs/mine data -o val.jsonl --split val" in " ".join(found)
    assert found[-1] == (
        "physprior report test.jsonl --validation val.jsonl --rule fpr=0.05 --per global"
    )


def test_validation_predictions_that_are_gone_are_made_again_score_only(
    make: Any, here: Path
) -> None:
    chosen = _chosen(make, "youden", "category")
    (here / "val.jsonl").unlink()
    # Without an answer there is no description, either.
    found = commands(evaluate(make(described={"clip": "0" * 64}), thresholds=chosen))
    assert "physprior predict runs/mine data -o val.jsonl --split val --score-only" in found
    assert found[-1] == "physprior report test.jsonl --validation val.jsonl"


def _chosen(make: Any, rule: str, per: Any) -> Thresholds:
    chosen = choose_thresholds(make("val.jsonl", split="val"), rule, per)
    assert chosen.validation is not None
    # The videos of a real val split are others than those of the test split.
    return chosen.model_copy(
        update={"validation": chosen.validation.model_copy(update={"videos": ()})}
    )


def test_explanation_scores_are_made_again_and_no_key_is_said(
    make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PHYSPRIOR_JUDGE_KEY", "sk-secret")
    judge = SimpleNamespace(
        profile="paeval",
        base_url="http://localhost:1/v1",
        model="my judge",
        repeat=3,
        structured="schema",
        max_tokens=100,
    )
    scores: Any = SimpleNamespace(
        sbert=SimpleNamespace(
            result=SimpleNamespace(references_source="kb", encoder_name="other/encoder")
        ),
        judged=(SimpleNamespace(judged=SimpleNamespace(header=judge)),),
    )
    from physprior.eval.report.reproduce import _explained

    found = [*_explained(scores, make().path)]
    assert found == [
        "physprior eval sbert test.jsonl --encoder other/encoder",
        "physprior eval judge test.jsonl --profile paeval --base-url http://localhost:1/v1 "
        "--model 'my judge' --repeat 3 --structured schema --max-tokens 100",
    ]


def test_paths_above_the_current_folder_stay_whole(
    make: Any, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluation = evaluate(make())
    (here / "below").mkdir()
    monkeypatch.chdir(here / "below")
    assert only(commands(evaluation), "report") == f"physprior report {here}/test.jsonl"


def test_names_are_quoted_for_a_shell(make: Any) -> None:
    evil = "$(touch gone); `id` 'x' \"y\""
    line = only(commands(evaluate(make(model=evil))), "predict")
    assert shlex.split(line)[2] == evil


@pytest.mark.parametrize("name", ["a\0b", "\ud800", "a\nb", "x" * 5000])
def test_a_record_with_impossible_names_still_has_commands_that_can_be_written(
    here: Path, name: str
) -> None:
    recipe = {**RECORD["recipe"], "base": name, "dataset": name}
    folder = run_folder(here / "mine", recipe=recipe, base=name + "x", dataset={"folder": name})
    found = commands(None, [read_training(folder)])
    assert [line.split()[1] for line in found] == ["train", "report"]
    assert all(line.encode() and "\n" not in line for line in found)


def test_a_dataset_that_is_gone_has_no_build(make: Any, built: Path) -> None:
    file = make()
    (built / "manifest.json").unlink()
    found = commands(evaluate(file))
    assert [line.split()[1] for line in found] == ["predict", "report"]


def test_trainings_alone_are_trained_and_reported(here: Path, built: Path) -> None:
    held = {
        "folder": str(built),
        "manifest": fingerprint.of_file(built / "manifest.json"),
        "split": "5" * 64,
    }
    runs = [
        read_training(run_folder(here / name, fingerprint=mark * 64, dataset=held))
        for name, mark in (("one", "1"), ("two", "2"))
    ]
    found = commands(None, runs)
    assert [line.split()[1] for line in found] == ["build", "train", "train", "report"]
    assert found[-1] == "physprior report one two"


def test_a_run_that_was_named_besides_is_named_again(make: Any, here: Path) -> None:
    run_folder(here / "runs" / "mine")
    other = read_training(run_folder(here / "other", fingerprint="0" * 64))
    assert commands(evaluate(make()), [other])[-1] == "physprior report test.jsonl other"


def test_a_dataset_that_has_moved_is_named_where_it_is_now(
    make: Any, here: Path, built: Path
) -> None:
    file = make()
    built.rename(here / "moved")
    found = commands(evaluate(file), dataset=here / "moved")
    assert only(found, "predict").split()[3] == "moved"


def test_defaults_that_are_left_out_are_those_of_the_commands() -> None:
    import inspect

    from physprior.cli.eval_judge import judge_command
    from physprior.cli.predict import predict_command

    assert (threshold_options.RULE, threshold_options.PER) == (RULE, PER)
    assert inspect.signature(predict_command).parameters["max_new_tokens"].default == TOKENS
    assert inspect.signature(judge_command).parameters["max_tokens"].default == JUDGE_TOKENS

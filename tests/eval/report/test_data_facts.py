"""Data last: what stands behind the numbers, and what of it is gone or has changed since."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from data_material import ROWS, dataset_folder, header_of, small_kb
from run_folders import RECORD, RUN, killed, run_folder

from physprior import fingerprint
from physprior.eval.report import evaluate
from physprior.eval.report.data import data_of
from physprior.eval.report.training import read_training
from physprior.eval.thresholds import choose_thresholds
from physprior.knowledge.load import KnowledgeBase
from physprior.paths import templates_folder

Facts = Callable[..., dict[str, dict[str, str]]]


@pytest.fixture
def built(tmp_path: Path, kb: KnowledgeBase) -> Path:
    """A dataset folder of ball and clip as the KB has them now."""
    return dataset_folder(tmp_path / "data", kb)


@pytest.fixture
def evaluated(read: Any, built: Path) -> Callable[..., Any]:
    """Predictions of that dataset by ``runs/mine``, scored."""

    def call(*, thresholds: Any = None, **header: Any) -> Any:
        file = read(ROWS, "test.jsonl", **header_of(built, **header))
        return evaluate(file, thresholds=thresholds)

    return call


@pytest.fixture
def known(tmp_path: Path) -> Path:
    """A KB folder that the entries of the dataset are in."""
    return small_kb(tmp_path / "kb")


@pytest.fixture
def facts(known: Path) -> Facts:
    """The groups by their titles."""

    def call(*arguments: Any, **named: Any) -> dict[str, dict[str, str]]:
        groups, _ = data_of(*arguments, **{"knowledge": known, **named})
        return {title: dict(found) for title, found in groups}

    return call


def test_groups_come_in_the_order_of_the_work(evaluated: Any, tmp_path: Path) -> None:
    run_folder(tmp_path / "runs" / "mine")
    groups, _ = data_of(evaluated())
    assert [title for title, _ in groups] == [
        "Model",
        "Knowledge base and template",
        "Dataset and split",
        "Versions",
        "Machine",
    ]


def test_the_model_group_names_run_base_tuning_kept_step_and_frames(
    facts: Facts, evaluated: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run_folder(tmp_path / "runs" / "mine")
    said = facts(evaluated())["Model"]
    assert said["run"] == f"runs/mine ({RUN[:12]})"
    assert said["base"] == "models/base (bbbbbbbbbbbb)"
    assert said["tuned"] == "lora"
    assert said["kept"] == "the weights of step 20"
    assert said["frames"] == "8, uniform over the clip"
    assert said["mode"] == "multi_turn, history given"


def test_an_unfinished_run_says_so(facts: Facts, evaluated: Any, tmp_path: Path) -> None:
    killed(tmp_path / "runs" / "mine")
    assert facts(evaluated())["Model"]["state"] == "not finished when this was made"


def test_a_run_that_is_gone_is_known_by_its_hash(facts: Facts, evaluated: Any) -> None:
    said = facts(evaluated())["Model"]
    assert said["run"] == f"{RUN[:12]}; its folder is not here any more"


def test_thresholds_name_what_chose_them(facts: Facts, evaluated: Any, read: Any) -> None:
    validation = read(ROWS, "val.jsonl", split="val", run_fingerprint=RUN)
    chosen = choose_thresholds(validation, "youden", "category")
    renamed = chosen.model_copy(
        update={"validation": chosen.validation.model_copy(update={"videos": ()})}
    )
    said = facts(evaluated(thresholds=renamed))["Model"]["thresholds"]
    assert said.startswith("rule youden, per category, on 4 videos of ")
    assert fingerprint.of_file(validation.path)[:12] in said


def test_another_method_s_predictions_name_their_table(facts: Facts, read: Any) -> None:
    table = {"file": "other.csv", "sha256": "e" * 64}
    imported = {
        **{"source": "import", "model": "Other", "base_fingerprint": None, "mode": None},
        **{"run_fingerprint": None, "history": None, "sampling": None, "max_new_tokens": None},
        "provenance": {"table": table},
    }
    said = facts(evaluate(read(ROWS, **imported)))["Model"]
    assert said == {"method": "Other", "source": "imported from other.csv (eeeeeeeeeeee)"}


def test_a_baseline_says_what_it_measures_and_on_what(read: Any, facts: Facts) -> None:
    header = {
        **{"source": "baseline", "model": "nearest_normal", "mode": None, "history": None},
        **{"run_fingerprint": None, "base_fingerprint": "b" * 64, "max_new_tokens": None},
        "provenance": {
            "baseline": {"base": "models/base", "parameters": {"score": "far", "neighbours": 1}}
        },
    }
    said = facts(evaluate(read(ROWS, **header)))["Model"]
    assert said == {
        "baseline": "nearest_normal",
        "source": "a baseline that nobody trains",
        "score": "far",
        "neighbours": "1",
        "base": "models/base (bbbbbbbbbbbb)",
        "frames": "8, uniform over the clip",
    }


# The knowledge base and the template


def test_entries_that_are_as_they_were_have_their_hash_and_no_more(
    facts: Facts, evaluated: Any, kb: KnowledgeBase
) -> None:
    said = facts(evaluated())["Knowledge base and template"]
    assert said["clip"] == f"{kb.fingerprint('clip')[:12]}, reviewed"
    assert "changed" not in " ".join(said.values())


def test_an_entry_that_was_edited_since_is_marked(
    facts: Facts, known: Path, evaluated: Any, tmp_path: Path
) -> None:
    text = (known / "clip.yaml").read_text(encoding="utf-8")
    edited = text.replace("name: spring clip", "name: coil clip")
    (known / "clip.yaml").write_text(edited, encoding="utf-8")
    said = facts(evaluated())["Knowledge base and template"]
    assert "changed since the dataset was built" in said["clip"]
    assert "changed" not in said["ball"]


def test_an_entry_that_is_gone_is_said(
    facts: Facts, known: Path, evaluated: Any, tmp_path: Path
) -> None:
    (known / "clip.yaml").unlink()
    said = facts(evaluated())["Knowledge base and template"]
    assert said["clip"].endswith("; it is not there any more")


def test_a_kb_that_cannot_be_read_costs_no_other_fact(
    facts: Facts, known: Path, evaluated: Any, tmp_path: Path
) -> None:
    (known / "clip.yaml").write_text("id: [", encoding="utf-8")
    said = facts(evaluated())["Knowledge base and template"]
    assert said["knowledge base"].startswith("cannot be read now: ")
    assert said["clip"].endswith(", reviewed")


@pytest.mark.parametrize(("change", "word"), [("edit", "changed"), ("remove", "not there")])
def test_a_template_that_is_another_now_is_marked(
    facts: Facts, evaluated: Any, tmp_path: Path, change: str, word: str
) -> None:
    words = tmp_path / "templates"
    shutil.copytree(templates_folder(), words)
    template = words / "multi_turn.j2"
    if change == "edit":
        template.write_text(template.read_text(encoding="utf-8") + "\n ", encoding="utf-8")
    else:
        template.unlink()
    said = facts(evaluated(), templates=words)["Knowledge base and template"]
    assert word in said["template multi_turn"]


def test_a_run_that_was_trained_on_another_prompt_is_marked(
    facts: Facts, evaluated: Any, tmp_path: Path
) -> None:
    prompts = {**RECORD["prompts"], "clip": "0" * 64}
    run_folder(tmp_path / "runs" / "mine", prompts=prompts)
    said = facts(evaluated())["Knowledge base and template"]
    assert "trained on another prompt" in said["clip"]
    assert "trained on" not in said["ball"]


# Dataset and split


def test_the_split_is_named_with_protocol_seed_hash_and_counts(
    facts: Facts, evaluated: Any
) -> None:
    said = facts(evaluated())["Dataset and split"]
    assert said["split"] == "supervised, seed 3 (555555555555)"
    assert said["asked for"] == (
        "train, val, test 0.7, 0.1, 0.2, 2 records a training video, training records balanced"
    )
    assert said["test"] == "22 videos: 12 normal, 10 anomalous"
    assert said["objects kept apart"] == "ball"
    assert said["to be said with every number"] == "say this"


def test_a_dataset_that_is_gone_is_said_with_what_would_bring_it(
    facts: Facts, evaluated: Any, built: Path
) -> None:
    found = evaluated()
    shutil.rmtree(built)
    said = facts(found)["Dataset and split"]
    assert "name it with --dataset" in said["not at hand"]
    assert said["split"] == "555555555555"
    assert "Knowledge base and template" not in facts(found)


def test_a_dataset_that_has_moved_is_taken_where_it_is_named(
    facts: Facts, evaluated: Any, built: Path, tmp_path: Path
) -> None:
    found = evaluated()
    shutil.move(built, tmp_path / "moved")
    said = facts(found, dataset=tmp_path / "moved")["Dataset and split"]
    assert said["split"].startswith("supervised")


def test_a_dataset_that_was_built_anew_is_none_of_these_numbers(
    facts: Facts, evaluated: Any, built: Path
) -> None:
    found = evaluated()
    text = (built / "manifest.json").read_text(encoding="utf-8")
    (built / "manifest.json").write_text(text.replace('"seed": 3', '"seed": 4'), encoding="utf-8")
    said = facts(found)["Dataset and split"]
    assert "another dataset" in said["not at hand"]
    assert "test" not in said


@pytest.mark.parametrize("name", ["", "a\0b", "x" * 5000])
def test_a_dataset_of_an_impossible_name_is_no_error(
    facts: Facts, evaluated: Any, name: str
) -> None:
    assert "Model" in facts(evaluated(dataset=name))


def test_a_manifest_that_is_none_is_no_error(facts: Facts, evaluated: Any, built: Path) -> None:
    (built / "manifest.json").write_text("[]", encoding="utf-8")
    said = facts(evaluated())["Dataset and split"]
    assert "manifest" in said["not at hand"]


# Versions and machine


def test_the_same_versions_are_named_once(facts: Facts, evaluated: Any, tmp_path: Path) -> None:
    run_folder(tmp_path / "runs" / "mine")
    assert facts(evaluated())["Versions"] == {
        "trained and predicted with": (
            "physprior 0.1.0, python 3.11.7, torch 2.13.0, commit 0123456789ab"
        )
    }


def test_versions_that_differ_stand_beside_one_another(
    facts: Facts, evaluated: Any, tmp_path: Path
) -> None:
    run_folder(tmp_path / "runs" / "mine")
    later = {"versions": {"torch": "2.14.0"}, "code": {"commit": "abc", "dirty": True}}
    assert facts(evaluated(provenance=later))["Versions"] == {
        "trained with": "physprior 0.1.0, python 3.11.7, torch 2.13.0, commit 0123456789ab",
        "predicted with": "torch 2.14.0, commit abc with changes that are in no commit",
    }


@pytest.mark.parametrize("provenance", [{}, {"versions": 3}, {"code": []}, {"versions": {"a": []}}])
def test_a_provenance_of_another_form_is_no_error(
    facts: Facts, evaluated: Any, provenance: Any
) -> None:
    assert "Model" in facts(evaluated(provenance=provenance))


def test_the_machine_is_named_with_its_time(facts: Facts, evaluated: Any, tmp_path: Path) -> None:
    run_folder(tmp_path / "runs" / "mine")
    said = facts(evaluated())["Machine"]
    assert said["trained on"] == "cpu, 2 threads"
    assert said["training: time"] == "6 min 10 s"


# Training alone


def test_a_report_of_a_training_alone_has_the_dataset_of_its_run(
    facts: Facts, tmp_path: Path, built: Path
) -> None:
    held = {
        **{"folder": str(built), "split": "5" * 64},
        "manifest": fingerprint.of_file(built / "manifest.json"),
    }
    run = read_training(run_folder(tmp_path / "runs" / "mine", dataset=held))
    said = facts(None, [run])
    assert said["Dataset and split"]["split"].startswith("supervised")
    assert said["Versions"].keys() == {"trained with"}


def test_each_further_run_has_a_group_of_its_own(
    facts: Facts, evaluated: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run_folder(tmp_path / "runs" / "mine")
    other = read_training(run_folder(tmp_path / "other", fingerprint="0" * 64, tune="qlora"))
    said = facts(evaluated(), [other])
    assert said["Model"]["tuned"] == "lora"
    assert said["Model of other"]["tuned"] == "qlora"


def test_without_anything_there_is_nothing_to_say() -> None:
    assert data_of(None) == ((), ())

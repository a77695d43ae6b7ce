"""The model card: what the hub reads of it, what a person reads of it, and what it leaves out."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from huggingface_hub import ModelCard

from physprior.dataset.folder import Dataset
from physprior.train.card import card, merged_card, write_card
from physprior.train.recipe import Recipe
from physprior.train.run import train
from physprior.video.sample import Sampling
from physprior.vlm.run_folder import RunRecord, read_run

LOG = [
    {"step": 1, "loss/motion": 3.0, "accuracy/motion": 0.1, "loss/verdict": 4.0},
    {"step": 1, "gradient/share": 0.25},
    {"step": 9, "loss/motion": 0.5, "accuracy/motion": 0.9, "loss/verdict": 2.0},
    {"step": 9, "gradient/share": 0.5},
]
RESULTS = {
    "steps": 9,
    "seconds": 61.5,
    "train_loss": 1.25,
    "videos": 30,
    "counts": {"clip": {"normal": 16, "unable_to_press": 14}},
    "trained_parameters": 50,
    "all_parameters": 1000,
    "kept": {"step": 6, "why": "best val/auroc 0.9300"},
    "validation": {"val/auroc": 0.93, "val/auroc/clip": 0.93, "val/loss": 1.5},
    "skipped": ["a|b.mp4: cut short"],
    "device": "NVIDIA GeForce RTX 4090",
    "peak_memory": 3 * 2**30,
}


def a_record(**changes: Any) -> RunRecord:
    """A finished LoRA run on the hub's 7B, as its record has it."""
    recipe = Recipe(base="LanguageBind/Video-LLaVA-7B-hf", dataset=Path("dataset"), out=Path("out"))
    fields = {
        "state": "finished",
        "fingerprint": "f" * 64,
        "base": recipe.base,
        "base_fingerprint": f"{recipe.base}@abc",
        "tune": "lora",
        "mode": "multi_turn",
        "prompts": {"clip": "c" * 64},
        "sampling": Sampling(),
        "dataset": {"folder": "nowhere/dataset", "manifest": "a" * 64, "split": "b" * 64},
        "recipe": recipe.model_dump(mode="json"),
        "provenance": {
            "versions": {"torch": "2.13.0", "physprior": "0.1.0"},
            "code": {"commit": "0123abc", "dirty": True},
        },
        "results": RESULTS,
    }
    return RunRecord.model_validate({**fields, **changes})


def front_matter(text: str) -> dict[str, Any]:
    found = yaml.safe_load(text.split("---\n")[1])
    assert isinstance(found, dict)
    return found


# What the hub reads


def test_the_front_matter_is_what_the_hub_reads() -> None:
    assert front_matter(card(a_record())) == {
        "license": "unknown",
        "library_name": "peft",
        "base_model": "LanguageBind/Video-LLaVA-7B-hf",
        "base_model_relation": "adapter",
        "pipeline_tag": "video-text-to-text",
        "language": ["en"],
        "tags": [
            "anomaly-detection",
            "industrial-inspection",
            "physics",
            "video-llava",
            "physprior",
            "lora",
        ],
    }


@pytest.mark.parametrize(("tune", "form"), [("layers", "model"), ("lora", "merged")])
def test_a_whole_checkpoint_is_of_transformers_and_finetuned(tune: str, form: Any) -> None:
    front = front_matter(card(a_record(tune=tune), form=form))
    assert (front["library_name"], front["base_model_relation"]) == ("transformers", "finetune")


def test_a_folder_of_somebody_s_computer_is_no_base_for_the_hub() -> None:
    front = front_matter(card(a_record(base="/somewhere/of/mine/base")))
    assert "base_model" not in front


def test_the_licence_is_left_to_the_person(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text(card(a_record()))
    assert ModelCard.load(tmp_path / "README.md").data.license == "unknown"
    assert "license: unknown  # yours to choose" in card(a_record())


# What a person reads


@pytest.mark.parametrize(
    "said",
    [
        "50 of 1,000 parameters (5.00%)",
        "30 videos, 9 steps, 61.5 s",
        "those of step 6: best val/auroc 0.9300",
        "| clip/normal | 16 |",
        "| clip/unable_to_press | 14 |",
        "| **all** | 30 |",
        "| `learning_rate` | 0.0002 |",
        "| `lora_rank` | 16 |",
        "| device | NVIDIA GeForce RTX 4090 |",
        "| peak memory of the device | 3.00 GiB |",
        "physprior 0.1.0, torch 2.13.0.",
        "commit `0123abc` with changes",
        "| clip | `cccccccccccccccc` |",
        "frames one by one",
    ],
)
def test_a_card_says_what_the_record_holds(said: str) -> None:
    assert said in card(a_record())


def test_the_validation_is_marked_as_what_chose_the_weights() -> None:
    text = card(a_record())
    section = " ".join(text.partition("## Validation\n")[2].partition("\n## ")[0].split())
    assert section.startswith("**No test result.** The validation videos decided which weights")
    assert "| clip | 0.930 |" in section
    assert "| **macro** | 0.930 |" in section


def test_a_validation_that_chose_nothing_is_not_said_to_have_chosen() -> None:
    recipe = a_record().recipe | {"keep": "last"}
    text = card(a_record(recipe=recipe))
    assert "decided" not in text
    assert "**No test result.**" in text


def test_without_validation_nothing_is_said_of_how_well_it_does() -> None:
    recipe = a_record().recipe | {"validate_every": 0}
    text = card(a_record(recipe=recipe, results={**RESULTS, "validation": {}}))
    assert "None was made (`validate_every: 0`): nothing is known" in text
    assert "AUROC" not in text


def test_losses_by_part_are_those_logged_first_and_last() -> None:
    text = card(a_record(), log=LOG)
    assert "| motion | 3.0000 | 0.5000 | 90.0% | – |" in text
    assert "| verdict | 4.0000 | 2.0000 | – | – |" in text


def test_the_verdict_s_share_of_the_gradient_is_said_first_and_last() -> None:
    said = " ".join(card(a_record(), log=LOG).split())
    assert "on a fixed batch: 25.0% at step 1, 50.0% at step 9." in said


def test_skipped_videos_are_listed_and_cannot_break_the_page() -> None:
    section = card(a_record()).partition("## Skipped videos: 1")[2].partition("\n## ")[0]
    assert section.strip() == r"- a\|b.mp4: cut short"


def test_a_run_that_went_on_from_another_says_so_and_what_it_was_not_taught_again() -> None:
    prompts = {"clip": "c" * 64, "fan": "d" * 64}
    text = card(a_record(continued_from="e" * 64, prompts=prompts))
    assert "| started from | the run `eeeeeeeeeeeeeeee` |" in text
    assert "What the earlier run was taught of fan was not taught again." in text


def test_a_merged_checkpoint_says_how_it_was_merged(tmp_path: Path) -> None:
    text = merged_card(tmp_path, a_record(), "The adapter was added, in float16.")
    assert "## How it was merged\n\nThe adapter was added, in float16.\n" in text


@pytest.mark.parametrize("form", ["adapter", "merged"])
def test_what_is_passed_on_does_not_tell_where_things_lay(form: Any) -> None:
    folders = {"folder": "/mnt/of/mine/dataset", "manifest": "a" * 64, "split": "b" * 64}
    text = card(a_record(base="/mnt/of/mine/base", dataset=folders), form=form)
    assert "/mnt/of/mine" not in text


def test_the_same_record_makes_the_same_card_after_it_was_written_and_read() -> None:
    read_back = RunRecord.model_validate_json(
        json.dumps(a_record().model_dump(mode="json"), sort_keys=True)
    )
    assert card(read_back, log=LOG) == card(a_record(), log=LOG)


# What a record may lack


@pytest.mark.parametrize("missing", [*RESULTS, "everything"])
def test_a_record_that_lacks_a_result_still_makes_a_card(missing: str) -> None:
    results = {} if missing == "everything" else {**RESULTS}
    results.pop(missing, None)
    text = card(a_record(results=results, recipe={}, dataset={}, provenance={}))
    assert front_matter(text)["library_name"] == "peft"
    assert "None" not in text.partition("## Skipped videos")[0].replace("None was made", "")
    assert "Undefined" not in text


# Of a real run


@pytest.fixture(scope="module")
def run(
    tmp_path_factory: pytest.TempPathFactory,
    tiny_base: Path,
    datasets: dict[str, Path],
    frames_cache: Path,
) -> Path:
    """A LoRA run of three steps with one validation."""
    fields = {
        "base": str(tiny_base),
        "dataset": datasets["multi_turn"],
        "out": tmp_path_factory.mktemp("card") / "run",
        "cache": frames_cache,
        "batch_size": 6,
        "log_every": 1,
        "validate_every": 2,
        "workers": 1,
    }
    recipe = Recipe.model_validate(fields)
    train(recipe)
    return recipe.out


def test_the_card_of_a_run_has_its_counts_losses_and_dataset(run: Path) -> None:
    record = read_run(run)
    made = Dataset.open(Path(record.dataset["folder"])).manifest
    text = (run / "README.md").read_text(encoding="utf-8")
    for name, counts in made.categories["clip"].counts.items():
        assert f"| clip/{name} | {counts['train']} |" in text
    for part in ("component", "subject", "motion", "verdict"):
        assert f"\n| {part} | " in text
    assert f"protocol `{made.protocol}` with seed {made.seed}" in text
    assert f"`{made.categories['clip'].entry[:16]}`" in text
    assert "The verdict's share of the gradient" in text


def test_the_adapter_s_folder_has_the_card_in_the_place_of_peft_s_empty_one(run: Path) -> None:
    text = (run / "adapter" / "README.md").read_text(encoding="utf-8")
    assert "More Information Needed" not in text
    assert ModelCard(text).data.library_name == "peft"


def test_a_dataset_that_has_changed_since_is_not_described(run: Path, tmp_path: Path) -> None:
    record = read_run(run)
    moved = Path(shutil.copytree(record.dataset["folder"], tmp_path / "dataset"))
    with (moved / "manifest.json").open("a") as manifest:
        manifest.write("\n")
    changed = record.model_copy(update={"dataset": {**record.dataset, "folder": str(moved)}})
    assert "has changed: its split is known by its hash alone" in " ".join(card(changed).split())


def test_a_log_that_was_cut_short_still_makes_a_card(run: Path, tmp_path: Path) -> None:
    (tmp_path / "log.jsonl").write_text('{"step": 1, "loss/verdict": 2.0}\n{"step": 2, "lo')
    write_card(tmp_path, read_run(run))
    assert "| verdict | 2.0000 |" in (tmp_path / "README.md").read_text(encoding="utf-8")

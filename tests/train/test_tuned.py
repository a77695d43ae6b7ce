"""What a run has made, loaded as prediction loads it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from physprior.dataset.folder import Dataset
from physprior.dialogue import Templates
from physprior.errors import CheckpointError
from physprior.knowledge.load import KnowledgeBase
from physprior.train.recipe import Recipe
from physprior.train.run import train
from physprior.vlm.checkpoint import Checkpoint, load_checkpoint
from physprior.vlm.load import load_model
from physprior.vlm.run_folder import read_run, write_run
from physprior.vlm.score import score_labels
from physprior.vlm.tiny import make_tiny

Change = Callable[[dict[str, torch.Tensor]], None]


@pytest.fixture(scope="module")
def make_run(
    tmp_path_factory: pytest.TempPathFactory,
    tiny_base: Path,
    datasets: dict[str, Path],
    frames_cache: Path,
) -> Callable[[str], Path]:
    """Makes a finished run, with a base of its own beside it."""

    def make(tune: str) -> Path:
        folder = tmp_path_factory.mktemp("tuned")
        fields = {
            "base": str(shutil.copytree(tiny_base, folder / "base")),
            "dataset": datasets["multi_turn"],
            "out": folder / "run",
            "cache": frames_cache,
            "tune": tune,
            "batch_size": 6,
            "learning_rate": 1e-3,
            "workers": 1,
        }
        train(Recipe.model_validate(fields))
        return folder / "run"

    return make


@pytest.fixture(scope="module")
def lora(make_run: Callable[[str], Path]) -> Path:
    return make_run("lora")


@pytest.fixture
def copy(lora: Path, tmp_path: Path) -> Path:
    """A copy of the LoRA run, to be damaged; it names the same base."""
    left_out = shutil.ignore_patterns("checkpoints")
    return Path(shutil.copytree(lora, tmp_path / "copy", ignore=left_out))


def change_adapter(run: Path, change: Change) -> None:
    from safetensors.torch import load_file, save_file

    path = run / "adapter" / "adapter_model.safetensors"
    weights = load_file(path)
    change(weights)
    save_file(weights, path, metadata={"format": "pt"})


def score(checkpoint: Checkpoint, dataset: Path) -> float:
    record = Dataset.open(dataset).records("test")[0]
    prefix, labels = checkpoint.encoder(8).labels(record.dialogue())
    pixels = torch.linspace(-1, 1, 8 * 3 * 28 * 28).reshape(1, 8, 3, 28, 28)
    video = {"pixel_values_videos": pixels}
    return score_labels(checkpoint.model, [prefix], labels, video)[0].log_odds


@pytest.mark.parametrize("tune", ["layers", "lora"])
def test_a_tuned_model_scores_otherwise_than_its_base(
    make_run: Callable[[str], Path], tiny_base: Path, datasets: dict[str, Path], tune: str
) -> None:
    run = make_run(tune)
    loaded = load_model(run)
    assert loaded.run is not None
    assert loaded.run.tune == tune
    dataset = datasets["multi_turn"]
    assert (
        abs(score(loaded.checkpoint, dataset) - score(load_checkpoint(tiny_base), dataset)) > 1e-3
    )


def test_an_adapter_without_effect_would_score_as_its_base(
    copy: Path, tiny_base: Path, datasets: dict[str, Path]
) -> None:
    def silence(weights: dict[str, torch.Tensor]) -> None:
        for tensor in weights.values():
            tensor.zero_()

    change_adapter(copy, silence)
    dataset = datasets["multi_turn"]
    assert score(load_model(copy).checkpoint, dataset) == pytest.approx(
        score(load_checkpoint(tiny_base), dataset), abs=1e-6
    )


def test_a_bare_checkpoint_has_no_run(tiny_base: Path) -> None:
    assert load_model(tiny_base).run is None


def test_an_adapter_on_another_base_is_refused(
    lora: Path, tmp_path: Path, kb: KnowledgeBase, templates: Templates
) -> None:
    whole = tmp_path / "whole"
    shutil.copytree(lora.parent, whole)
    shutil.rmtree(whole / "base")
    make_tiny(whole / "base", kb, templates, seed=1)
    record = read_run(whole / "run")
    write_run(whole / "run", record.model_copy(update={"base": str(whole / "base")}))
    with pytest.raises(CheckpointError, match=r"is not the one that .* was trained on"):
        load_model(whole / "run")


def test_a_base_that_is_gone_is_named(copy: Path, tmp_path: Path) -> None:
    record = read_run(copy)
    write_run(copy, record.model_copy(update={"base": str(tmp_path / "gone")}))
    with pytest.raises(CheckpointError, match="gone"):
        load_model(copy)


def test_an_adapter_that_lacks_a_weight_is_not_loaded_in_silence(copy: Path) -> None:
    def forget(weights: dict[str, torch.Tensor]) -> None:
        del weights[max(weights)]

    change_adapter(copy, forget)
    with pytest.raises(
        CheckpointError, match=r"1 weights are lacking or too many, such as .*lora_"
    ):
        load_model(copy)


def test_an_adapter_with_a_weight_too_many_is_not_loaded_in_silence(copy: Path) -> None:
    change_adapter(copy, lambda weights: weights.update({"lora_A.stray": torch.zeros(2)}))
    with pytest.raises(CheckpointError, match=r"lora_A\.stray"):
        load_model(copy)


@pytest.mark.parametrize("name", ["adapter_model.safetensors", "adapter_config.json"])
@pytest.mark.parametrize("damage", ["removed", "cut"])
def test_a_damaged_adapter_is_named(copy: Path, name: str, damage: str) -> None:
    path = copy / "adapter" / name
    content = path.read_bytes()
    path.unlink()
    if damage == "cut":
        path.write_bytes(content[: len(content) // 2])
    with pytest.raises(CheckpointError, match="adapter"):
        load_model(copy)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format": 1}'])
def test_a_damaged_record_is_named(copy: Path, content: str) -> None:
    (copy / "run.json").write_text(content)
    with pytest.raises(CheckpointError, match=r"run\.json"):
        load_model(copy)

"""What a run leaves: formats that others read, nothing that runs code when it is opened."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from merging import scores

from physprior.dialogue import Templates
from physprior.errors import CheckpointError
from physprior.knowledge.load import KnowledgeBase
from physprior.train.recipe import Recipe
from physprior.train.run import train
from physprior.vlm.checkpoint import load_checkpoint
from physprior.vlm.load import load_model
from physprior.vlm.run_folder import read_run, write_run
from physprior.vlm.tiny import TinyShape, make_tiny

MakeRecipe = Callable[..., Recipe]
PICKLES = {".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt"}


@pytest.fixture(scope="module", params=["lora", "layers"])
def run(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    tiny_base: Path,
    datasets: dict[str, Path],
    frames_cache: Path,
) -> Path:
    """A finished run of each way to tune, with a checkpoint and a validation behind it."""
    fields = {
        "base": str(tiny_base),
        "dataset": datasets["multi_turn"],
        "out": tmp_path_factory.mktemp("artefacts") / request.param,
        "cache": frames_cache,
        "tune": request.param,
        "batch_size": 6,
        "learning_rate": 1e-2,
        "warmup": 0.0,
        "save_every": 2,
        "validate_every": 2,
        "gradient_every": 0,
        "workers": 1,
    }
    train(Recipe.model_validate(fields))
    return Path(str(fields["out"]))


@pytest.fixture
def copy(run: Path, tmp_path: Path) -> Path:
    left_out = shutil.ignore_patterns("checkpoints")
    return Path(shutil.copytree(run, tmp_path / "copy", ignore=left_out))


def test_what_the_card_says_loads_the_run_without_us_and_scores_the_same(run: Path) -> None:
    card = (run / "README.md").read_text(encoding="utf-8")
    (snippet,) = re.findall(r"```python\n(.*?)```", card, re.S)
    assert "physprior" not in snippet
    made: dict[str, Any] = {}
    exec(snippet.replace("path/to/this/folder", str(run)), made)
    of_run = scores(load_model(run).checkpoint.model, run)
    assert scores(made["model"], run) == pytest.approx(of_run, abs=1e-5)
    of_base = scores(load_checkpoint(read_run(run).base).model, run)
    assert of_run != pytest.approx(of_base, abs=1e-2)


def test_an_adapter_names_its_base_wherever_it_is_read_from(
    make_recipe: MakeRecipe, tiny_base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tiny_base.parent)
    recipe = make_recipe(tune="lora", base=tiny_base.name, epochs=0.3, validate_every=0)
    train(recipe)
    config = json.loads((recipe.out / "adapter" / "adapter_config.json").read_text())
    assert config["peft_type"] == "LORA"
    assert config["base_model_name_or_path"] == str(tiny_base.resolve())


def test_a_run_holds_no_pickle_but_in_its_checkpoints(run: Path) -> None:
    files = [path.relative_to(run) for path in run.rglob("*") if path.is_file()]
    assert [path for path in files if path.suffix == ".safetensors"]
    outside = [path for path in files if path.parts[0] != "checkpoints"]
    assert not [path for path in outside if path.suffix in PICKLES]


def test_a_finished_run_needs_its_checkpoints_no_more(run: Path, copy: Path) -> None:
    assert not (copy / "checkpoints").exists()
    assert scores(load_model(copy).checkpoint.model, copy) == scores(
        load_model(run).checkpoint.model, run
    )


@pytest.mark.parametrize("run", ["lora"], indirect=True)
@pytest.mark.parametrize("other", ["weights", "width"])
def test_an_adapter_on_another_base_is_refused(
    copy: Path, tmp_path: Path, kb: KnowledgeBase, templates: Templates, other: str
) -> None:
    shape = TinyShape(width=64) if other == "width" else TinyShape()
    base = make_tiny(tmp_path / "base", kb.only(["clip"]), templates, seed=1, shape=shape)
    write_run(copy, read_run(copy).model_copy(update={"base": str(base)}))
    with pytest.raises(CheckpointError, match=r"is not the one that .* was trained on"):
        load_model(copy)


@pytest.mark.parametrize("run", ["layers"], indirect=True)
def test_a_run_that_tuned_the_layers_needs_its_base_no_more(
    run: Path, copy: Path, tmp_path: Path
) -> None:
    write_run(copy, read_run(copy).model_copy(update={"base": str(tmp_path / "gone")}))
    of_run = scores(load_model(run).checkpoint.model, run)
    assert scores(load_model(copy).checkpoint.model, run) == of_run


def test_an_adapter_folder_by_itself_is_sent_to_its_run(tmp_path: Path) -> None:
    (tmp_path / "adapter_config.json").write_text("{}")
    with pytest.raises(CheckpointError, match="is an adapter without its base") as caught:
        load_model(tmp_path)
    assert "run folder" in caught.value.remedy

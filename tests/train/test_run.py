"""One training run: what it changes, what it leaves, what lies in its folder, what it refuses."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from physprior import fingerprint
from physprior.dataset.folder import Dataset
from physprior.errors import CheckpointError, DatasetError, OutputError, RecipeError, TrainingError
from physprior.train.recipe import Recipe, read_recipe
from physprior.train.run import TrainReport, train
from physprior.vlm.checkpoint import load_checkpoint
from physprior.vlm.run_folder import read_run

MakeRecipe = Callable[..., Recipe]
TARGET = re.compile(
    r"model\.language_model\.layers\.\d\.(self_attn\.[qkvo]_proj|mlp\.(gate|up|down)_proj)\.weight"
)


def weights_of(folder: Path) -> dict[str, torch.Tensor]:
    from safetensors.torch import load_file

    (path,) = folder.glob("*.safetensors")
    return load_file(path)


@pytest.fixture(scope="module", params=["layers", "lora"])
def tuned(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    tiny_base: Path,
    datasets: dict[str, Path],
    frames_cache: Path,
) -> tuple[Recipe, TrainReport]:
    """A finished run of each way to tune, and its recipe."""
    recipe = Recipe(
        base=str(tiny_base),
        dataset=datasets["multi_turn"],
        out=tmp_path_factory.mktemp("runs") / request.param,
        cache=frames_cache,
        tune=request.param,
        batch_size=6,
        epochs=1,
        learning_rate=1e-3,
        log_every=1,
        workers=1,
    )
    return recipe, train(recipe)


def test_every_language_layer_moves_and_nothing_else(
    tuned: tuple[Recipe, TrainReport], tiny_base: Path
) -> None:
    from peft import PeftModel

    recipe, _ = tuned
    after = load_checkpoint(recipe.out / "model" if recipe.tune == "layers" else tiny_base).model
    if recipe.tune == "lora":
        after = PeftModel.from_pretrained(after, str(recipe.out / "adapter")).merge_and_unload()
    base = load_checkpoint(tiny_base).model.state_dict()
    moved = {
        name for name, tensor in after.state_dict().items() if not torch.equal(tensor, base[name])
    }
    assert moved == {name for name in base if TARGET.fullmatch(name)}
    assert len(moved) == 4 * 7


def test_what_does_not_train_is_saved_as_it_was(
    tuned: tuple[Recipe, TrainReport], tiny_base: Path
) -> None:
    recipe, _ = tuned
    if recipe.tune == "lora":
        saved = weights_of(recipe.out / "adapter")
        assert len(saved) == 2 * 4 * 7
        assert all(".language_model.layers." in name and ".lora_" in name for name in saved)
        return
    base, saved = weights_of(tiny_base), weights_of(recipe.out / "model")
    assert base.keys() == saved.keys()
    frozen = {name for name in base if ".layers." not in name or "tower" in name}
    assert len(frozen) > 50
    assert all(torch.equal(base[name], saved[name]) for name in frozen)


def test_a_run_folder_holds_what_it_says(tuned: tuple[Recipe, TrainReport]) -> None:
    recipe, _ = tuned
    weights = "adapter" if recipe.tune == "lora" else "model"
    names = {path.name for path in recipe.out.iterdir()} - {"checkpoints"}
    assert names == {"README.md", "log.jsonl", "recipe.yaml", "run.json", weights}
    card = (recipe.out / "README.md").read_text(encoding="utf-8")
    for said in (
        recipe.tune,
        str(recipe.base),
        "clip",
        "`multi_turn`",
        "8, uniform",
        f"`{weights}/`",
    ):
        assert said in card


def test_the_record_of_a_run_reads_back(tuned: tuple[Recipe, TrainReport]) -> None:
    recipe, report = tuned
    run = read_run(recipe.out)
    dataset = Dataset.open(recipe.dataset)
    assert (run.state, run.tune, run.mode, run.sampling) == (
        "finished",
        recipe.tune,
        "multi_turn",
        recipe.sample(),
    )
    assert run.prompts == {"clip": dataset.manifest.categories["clip"].prompt}
    assert run.dataset["split"] == dataset.manifest.split
    assert run.results == report.results
    assert Recipe.model_validate(run.recipe) == recipe


def test_the_recipe_of_a_run_can_be_given_again(tuned: tuple[Recipe, TrainReport]) -> None:
    recipe, _ = tuned
    assert read_recipe(str(recipe.out / "recipe.yaml")) == recipe


def test_the_same_recipe_again_finds_its_work_done(tuned: tuple[Recipe, TrainReport]) -> None:
    recipe, report = tuned
    before = {path: path.stat().st_mtime_ns for path in recipe.out.rglob("*")}
    steps: list[int] = []
    again = train(recipe, progress=lambda done, total, said: steps.append(done))
    assert again.already_done
    assert again.results == report.results
    assert steps == []
    assert {path: path.stat().st_mtime_ns for path in recipe.out.rglob("*")} == before


def test_settings_that_decide_nothing_make_no_other_run(tuned: tuple[Recipe, TrainReport]) -> None:
    recipe, _ = tuned
    assert train(recipe.model_copy(update={"log_every": 3, "workers": 2})).already_done


def test_another_recipe_into_the_same_folder_is_refused(tuned: tuple[Recipe, TrainReport]) -> None:
    recipe, _ = tuned
    with pytest.raises(RecipeError, match="holds a run with another recipe") as caught:
        train(recipe.model_copy(update={"learning_rate": 3e-3}))
    assert str(recipe.out) in caught.value.message
    assert read_run(recipe.out).state == "finished"


def test_progress_counts_every_step_with_its_loss(make_recipe: MakeRecipe) -> None:
    told: list[tuple[int, int, str]] = []
    report = train(make_recipe(), progress=lambda *words: told.append(words))
    steps = report.results["steps"]
    assert [done for done, _, _ in told] == list(range(1, steps + 1))
    assert {total for _, total, _ in told} == {steps}
    assert told[-1][2].startswith("loss ")


def test_the_same_recipe_makes_the_same_weights(make_recipe: MakeRecipe) -> None:
    one, other = (make_recipe().out.with_name(name) for name in ("one", "other"))
    for out in (one, other):
        train(make_recipe(out=out, epochs=0.5))
    hashes = [fingerprint.of_file(out / "model" / "model.safetensors") for out in (one, other)]
    assert hashes[0] == hashes[1]


def test_a_folder_that_holds_something_else_is_refused_and_left_alone(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "thesis.tex").write_text("mine")
    with pytest.raises(RecipeError, match="is not empty"):
        train(make_recipe())
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["thesis.tex"]


def test_a_place_that_cannot_be_written_is_refused(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot write"):
        train(make_recipe(out=tmp_path / "file" / "run"))


@pytest.mark.parametrize("log_every", [1, 100])
def test_a_loss_that_is_no_number_ends_the_run_in_words(
    make_recipe: MakeRecipe, log_every: int
) -> None:
    recipe = make_recipe(learning_rate=1e30, log_every=log_every)
    with pytest.raises(TrainingError, match="not a number") as caught:
        train(recipe)
    assert "learning_rate" in caught.value.remedy
    assert read_run(recipe.out).state == "running"


def test_weights_that_are_no_numbers_end_the_run_in_words(make_recipe: MakeRecipe) -> None:
    # One step: its loss is the base's and a number; what the step makes of the weights is none.
    recipe = make_recipe(batch_size=24, epochs=1, learning_rate=1e30, weight_decay=1e30)
    with pytest.raises(TrainingError, match=r"weights are not numbers, such as .*language_model"):
        train(recipe)
    assert not (recipe.out / "model").exists()


# Videos that cannot be used


@pytest.fixture
def own_videos(tmp_path: Path, videos: Path) -> Path:
    return Path(shutil.copytree(videos, tmp_path / "videos"))


@pytest.fixture
def break_video(own_videos: Path, datasets: dict[str, Path]) -> Callable[[bytes | Path], str]:
    """Puts something else in the place of a training video."""

    def replace(by: bytes | Path) -> str:
        record = Dataset.open(datasets["multi_turn"]).records("train")[2]
        content = by if isinstance(by, bytes) else by.read_bytes()
        (own_videos / record.video).write_bytes(content)
        return record.video

    return replace


@pytest.fixture
def moved(make_recipe: MakeRecipe, own_videos: Path, tmp_path: Path) -> dict[str, Any]:
    """What a recipe says of videos that lie elsewhere and have not been decoded yet."""
    return {"videos": own_videos, "cache": tmp_path / "own-frames", "epochs": 0.3}


def test_videos_may_lie_elsewhere(make_recipe: MakeRecipe, moved: dict[str, Any]) -> None:
    assert train(make_recipe(**moved)).skipped == ()


def test_a_broken_video_is_skipped_and_listed(
    make_recipe: MakeRecipe, moved: dict[str, Any], break_video: Callable[[bytes], str]
) -> None:
    name = break_video(b"no video")
    recipe = make_recipe(**moved)
    report = train(recipe)
    (skip,) = report.skipped
    assert str(skip.path).endswith(name)
    assert "not a video file" in skip.reason
    total = len(Dataset.open(recipe.dataset).records("train"))
    assert report.results["videos"] == total - 1
    card = (recipe.out / "README.md").read_text(encoding="utf-8")
    assert "## Skipped videos: 1" in card
    assert Path(name).name in card.split("## Skipped videos")[1]


def test_a_video_that_changed_since_the_build_is_not_used_in_its_place(
    make_recipe: MakeRecipe,
    moved: dict[str, Any],
    break_video: Callable[[Path], str],
    write_clip: Any,
    tmp_path: Path,
) -> None:
    break_video(write_clip(tmp_path / "other.mp4", frames=20))
    (skip,) = train(make_recipe(**moved)).skipped
    assert "changed since the dataset was built" in skip.reason


def test_strict_makes_a_broken_video_an_error(
    make_recipe: MakeRecipe, moved: dict[str, Any], break_video: Callable[[bytes], str]
) -> None:
    name = break_video(b"")
    with pytest.raises(DatasetError, match=re.escape(name) + ".*empty file"):
        train(make_recipe(**moved, strict=True))


def test_no_usable_video_at_all_is_an_error(
    make_recipe: MakeRecipe, moved: dict[str, Any], tmp_path: Path
) -> None:
    with pytest.raises(DatasetError, match=r"none of the .* training videos") as caught:
        train(make_recipe(**{**moved, "videos": tmp_path / "nowhere"}))
    assert "set videos" in caught.value.remedy


def test_more_frames_than_a_video_has_are_said_of_the_video(
    make_recipe: MakeRecipe, moved: dict[str, Any]
) -> None:
    with pytest.raises(DatasetError, match=r"16 frame\(s\); 17 are to be sampled"):
        train(make_recipe(**moved, frames=17))


@pytest.mark.parametrize(("field", "error"), [("dataset", DatasetError), ("base", CheckpointError)])
def test_a_dataset_or_base_that_is_none_is_refused(
    make_recipe: MakeRecipe, tmp_path: Path, field: str, error: type[Exception]
) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(error, match="empty"):
        train(make_recipe(**{field: str(tmp_path / "empty")}))


def test_a_device_that_is_too_small_is_said_before_the_weights_are_loaded(
    make_recipe: MakeRecipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    from physprior.train import run
    from physprior.train.estimate import fit

    monkeypatch.setattr(fit, "device_memory", lambda: (True, 1 << 20))
    monkeypatch.setattr(run, "load_checkpoint", lambda *_, **__: pytest.fail("it was loaded"))
    with pytest.raises(RecipeError, match=r"the GPU has 0\.0 GiB of memory, and this recipe takes"):
        train(make_recipe())


def test_several_gpus_want_a_launcher(
    make_recipe: MakeRecipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    from trl import SFTConfig

    monkeypatch.setattr(SFTConfig, "n_gpu", property(lambda self: 2))
    with pytest.raises(RecipeError, match="one process was started, and it sees 2 GPUs") as caught:
        train(make_recipe())
    assert "accelerate launch" in caught.value.remedy

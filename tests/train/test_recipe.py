from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from physprior.errors import RecipeError
from physprior.paths import recipes_folder
from physprior.train.recipe import Recipe, read_recipe

SHIPPED = sorted(recipes_folder().glob("*.yaml"))
LEAST = ("base=some/base", "dataset=data", "out=run")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "recipe.yaml"
    path.write_text("base: some/base\ndataset: data\nout: run\n", encoding="utf-8")
    return path


def problems(source: Path | str, *overrides: str) -> str:
    with pytest.raises(RecipeError) as caught:
        read_recipe(str(source), overrides)
    return caught.value.message


def test_three_fields_are_enough_and_the_rest_has_defaults(file: Path) -> None:
    recipe = read_recipe(str(file))
    assert (recipe.base, recipe.dataset, recipe.out) == ("some/base", Path("data"), Path("run"))
    assert recipe == Recipe(base="some/base", dataset=Path("data"), out=Path("run"))
    assert (recipe.tune, recipe.frames, recipe.sampling) == ("lora", 8, "uniform")


def test_every_field_says_what_it_is_for() -> None:
    text = Path(read_recipe.__code__.co_filename).read_text(encoding="utf-8")
    body = text[text.index("class Recipe") : text.index("@field_validator")]
    for name in Recipe.model_fields:
        line = next(line for line in body.splitlines() if line.startswith(f"    {name}:"))
        assert body.split(line + "\n")[1].startswith('    """'), name


def test_an_override_wins_over_the_file_and_is_read_as_yaml(file: Path) -> None:
    recipe = read_recipe(
        str(file),
        ["out=elsewhere", "epochs=3", "learning_rate=2e-4", "part_weights={motion: 0.5}"],
    )
    assert recipe.out == Path("elsewhere")
    assert (recipe.epochs, recipe.learning_rate) == (3.0, 2e-4)
    assert recipe.part_weights == {"motion": 0.5}


def test_the_last_of_two_overrides_wins(file: Path) -> None:
    assert read_recipe(str(file), ["seed=1", "seed=2"]).seed == 2


@pytest.mark.parametrize("name", [path.stem for path in SHIPPED])
def test_each_shipped_recipe_is_found_by_its_name(name: str) -> None:
    recipe = read_recipe(name, LEAST)
    assert recipe.base == "some/base"
    assert recipe != Recipe(base="some/base", dataset=Path("data"), out=Path("run"))


@pytest.mark.parametrize(("name", "said"), [("tinny", "no recipe tinny"), (None, "was named")])
def test_an_unknown_name_and_none_at_all_list_the_shipped_recipes(
    name: str | None, said: str
) -> None:
    with pytest.raises(RecipeError, match=said) as caught:
        read_recipe(name)
    assert all(path.stem in caught.value.remedy for path in SHIPPED)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_each_field_that_a_shipped_recipe_sets_has_its_reason_beside_or_above_it(
    path: Path,
) -> None:
    above = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name = line.partition(":")[0]
            assert name in Recipe.model_fields
            assert "#" in line or above.startswith("#"), f"{name} has no reason"
        above = line


@pytest.mark.parametrize(
    ("name", "tune", "optimizer"),
    [
        ("video_llava_7b_lora", "lora", "adamw"),
        ("video_llava_7b_qlora", "qlora", "adamw"),
        ("video_llava_7b_layers", "layers", "paged_adamw_8bit"),
    ],
)
def test_the_7b_s_recipes_need_only_a_dataset_and_a_place(
    name: str, tune: str, optimizer: str
) -> None:
    recipe = read_recipe(name, ["dataset=data", "out=run"])
    assert recipe.base == "LanguageBind/Video-LLaVA-7B-hf"
    assert (recipe.tune, recipe.optimizer) == (tune, optimizer)
    assert recipe.batch_size * recipe.gradient_accumulation == 16


def test_an_adapter_of_one_7b_recipe_can_be_continued_by_the_other() -> None:
    lora, qlora = (
        read_recipe(f"video_llava_7b_{tune}", ["dataset=data", "out=run"])
        for tune in ("lora", "qlora")
    )
    assert (lora.lora_rank, lora.lora_alpha) == (qlora.lora_rank, qlora.lora_alpha)


def test_an_unknown_field_is_named_with_the_one_that_was_meant(file: Path) -> None:
    said = problems(file, "learnig_rate=1e-4")
    assert "'learnig_rate' is no field of a recipe; did you mean 'learning_rate'?" in said


def test_a_missing_field_is_named_with_its_meaning() -> None:
    said = problems("tiny", "out=run")
    assert "'base' is missing: the checkpoint to tune" in said
    assert "'dataset' is missing: the dataset folder" in said


def test_every_problem_is_said_at_once(file: Path) -> None:
    said = problems(file, "epochs=-1", "tune=all", "colour=red", "part_weights={verdic: 1}")
    assert str(file) in said
    for field in ("epochs", "tune", "colour", "part_weights"):
        assert f"\n  {field}" in said or f"\n  '{field}" in said


def test_a_wrong_value_is_shown(file: Path) -> None:
    assert "batch_size" in (said := problems(file, "batch_size=many"))
    assert "'many'" in said


@pytest.mark.parametrize(
    "override",
    [
        "epochs=.inf",
        "epochs=.nan",
        "learning_rate=.inf",
        "max_grad_norm=.inf",
        "warmup=1",
        "label_weight=0",
    ],
)
def test_numbers_that_no_training_can_follow_are_refused(file: Path, override: str) -> None:
    assert override.split("=")[0] in problems(file, override)


@pytest.mark.parametrize("weight", ["0", "-1", ".inf", ".nan"])
def test_a_part_weight_is_a_positive_number(file: Path, weight: str) -> None:
    assert "part_weights" in problems(file, f"part_weights={{motion: {weight}}}")


@pytest.mark.parametrize(
    "override", ["sampling=window", "window_seconds=2", "stride=3"], ids=lambda text: text
)
def test_a_sampling_setting_without_its_kind_is_refused(file: Path, override: str) -> None:
    assert "belongs to kind" in problems(file, override)


def test_a_window_with_its_length_is_a_sampling(file: Path) -> None:
    sampling = read_recipe(str(file), ["sampling=window", "window_seconds=1.5"]).sample()
    assert (sampling.kind, sampling.window_seconds, sampling.frames) == ("window", 1.5, 8)


def test_broken_yaml_is_named_by_file_line_and_column(file: Path) -> None:
    file.write_text("base: a\nout: [1, 2\ntune: lora\n", encoding="utf-8")
    assert problems(file).startswith(f"{file}:3:")


@pytest.mark.parametrize("content", ["", "- base\n", "just words\n"])
def test_a_file_that_holds_no_fields_is_refused(file: Path, content: str) -> None:
    file.write_text(content, encoding="utf-8")
    assert problems(file) == f"{file} holds no fields"


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"seed: 2024-99-99\n", b"a: \x01\n"])
def test_a_file_that_yaml_cannot_read_is_refused_by_its_name(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    assert problems(file).startswith(str(file))


@pytest.mark.parametrize("override", ["epochs", "seed=[1", "seed=2024-99-99"])
def test_an_override_that_is_none_is_quoted(file: Path, override: str) -> None:
    assert f"--set {override}" in problems(file, override)


def test_a_recipe_cannot_be_changed(file: Path) -> None:
    with pytest.raises(ValidationError, match="frozen"):
        read_recipe(str(file)).seed = 3  # type: ignore[misc]

"""The tokens of a dataset's dialogues, counted as training will, or assumed and said to be."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest

from physprior.dataset.folder import Dataset
from physprior.train.estimate.base import Base, open_base
from physprior.train.estimate.tokens import Tokens, count_tokens
from physprior.train.recipe import Recipe
from physprior.train.samples import make_samples
from physprior.vlm.token_report import open_token_model

MakeRecipe = Callable[..., Recipe]


@pytest.fixture
def base(tiny_base: Path) -> Base:
    found = open_base(str(tiny_base))
    assert found is not None
    return found


def counted(base: Base, recipe: Recipe) -> Tokens:
    return count_tokens(base, recipe, Dataset.open(recipe.dataset))


def test_tokens_are_those_of_the_samples_that_training_makes(
    base: Base, make_recipe: MakeRecipe
) -> None:
    recipe = make_recipe()
    dataset = Dataset.open(recipe.dataset)
    encoder = open_token_model(base.name, recipe.frames).encoder
    samples = make_samples(recipe, encoder, dataset.records("train"), dataset, context=4096)
    tokens = counted(base, recipe)
    assert tokens.assumed == ""
    assert tokens.epoch == sum(sample.length for sample in samples)
    assert tokens.longest == max(sample.length for sample in samples)
    taught = sum(bool(kind) for sample in samples for kind in sample.encoded.kinds)
    assert tokens.supervised == sum(tokens.parts.values()) == taught
    assert set(tokens.parts) == {"component", "subject", "motion", "verdict"}


def test_steps_are_those_of_the_trainer(base: Base, make_recipe: MakeRecipe) -> None:
    tokens = counted(base, make_recipe(batch_size=4, gradient_accumulation=2, epochs=3))
    batches = -(-tokens.dialogues // 4)
    assert tokens.steps_per_epoch == -(-batches // 2)
    assert tokens.steps == 3 * tokens.steps_per_epoch


def test_the_heaviest_batch_has_the_longest_dialogue_and_every_taught_column(
    base: Base, make_recipe: MakeRecipe
) -> None:
    alone = counted(base, make_recipe(batch_size=1)).load
    together = counted(base, make_recipe(batch_size=6)).load
    assert alone.tokens == together.tokens
    assert alone.columns <= together.columns <= together.tokens


def test_without_the_tokenizer_the_text_s_tokens_are_assumed_and_are_not_too_few_by_much(
    base: Base, make_recipe: MakeRecipe
) -> None:
    recipe = make_recipe()
    real = counted(base, recipe)
    assumed = counted(dataclasses.replace(base, at_hand=False), recipe)
    assert "hf download" in assumed.assumed
    assert assumed.video == real.video
    assert assumed.longest == pytest.approx(real.longest, rel=0.5)
    assert assumed.supervised_share == pytest.approx(real.supervised_share, rel=0.25)

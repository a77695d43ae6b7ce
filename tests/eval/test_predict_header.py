"""What decides predictions is in the header's fingerprint; how batches are made decides nothing."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from physprior.dataset.folder import Dataset
from physprior.eval.predict import PredictOptions
from physprior.eval.predict.batches import batches, unfinished
from physprior.eval.predict.header import make_header
from physprior.eval.predictions import Header
from physprior.video.sample import Sampling
from physprior.vlm.load import LoadedModel, load_model
from physprior.vlm.run_folder import RunRecord


@pytest.fixture(scope="module")
def model(tiny_base: Path) -> LoadedModel:
    return load_model(tiny_base)


def header(model: LoadedModel, dataset: Path, source: str = "base", **options: Any) -> Header:
    asked = PredictOptions(**options)
    opened = Dataset.open(dataset)
    return make_header(source, model, opened, opened.records(asked.split), asked)


@pytest.fixture(scope="module")
def plain(model: LoadedModel, dataset: Path) -> str:
    return header(model, dataset).fingerprint


@pytest.mark.parametrize(
    "option",
    [
        {"split": "val"},
        {"history": "generated"},
        {"control": "blank"},
        {"score_only": True},
        {"max_new_tokens": 64},
        {"sampling": Sampling(frames=4)},
    ],
    ids=lambda option: next(iter(option)),
)
def test_an_option_that_decides_predictions_makes_them_others(
    model: LoadedModel, dataset: Path, plain: str, option: dict[str, Any]
) -> None:
    assert header(model, dataset, **option).fingerprint != plain


def test_options_that_decide_nothing_and_the_model_s_place_leave_them_the_same(
    model: LoadedModel, dataset: Path, plain: str, tmp_path: Path
) -> None:
    indifferent = {"batch_size": 3, "workers": 5, "cache": tmp_path, "strict": True}
    assert header(model, dataset, **indifferent, accept_changed_prior=True).fingerprint == plain
    assert header(model, dataset, source="moved/base").fingerprint == plain


def test_the_limit_decides_a_score_only_where_the_model_speaks_before_it(
    model: LoadedModel, dataset: Path
) -> None:
    for history, limits in (("given", {None}), ("generated", {8, 64})):
        made = [
            header(model, dataset, score_only=True, history=history, max_new_tokens=limit)
            for limit in (8, 64)
        ]
        assert {one.max_new_tokens for one in made} == limits
        assert len({one.fingerprint for one in made}) == len(limits)


def test_scores_alone_are_others_than_scores_with_answers_where_the_model_speaks_anyway(
    model: LoadedModel, dataset: Path
) -> None:
    both = [header(model, dataset, history="generated", score_only=one) for one in (False, True)]
    assert both[0].fingerprint != both[1].fingerprint


def test_another_base_run_or_dataset_makes_them_others(
    model: LoadedModel, dataset: Path, plain: str, tmp_path: Path
) -> None:
    run = RunRecord(
        state="finished",
        fingerprint="r" * 64,
        base="base",
        base_fingerprint=model.checkpoint.fingerprint,
        tune="lora",
        mode="multi_turn",
        prompts={},
        sampling=Sampling(),
        dataset={},
        recipe={},
        provenance={},
    )
    other = tmp_path / "dataset"
    shutil.copytree(dataset, other)
    manifest = other / "manifest.json"
    manifest.write_text(manifest.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    checkpoint = replace(model.checkpoint, fingerprint="b" * 64)
    made = [
        header(LoadedModel(model.checkpoint, run), dataset),
        header(LoadedModel(checkpoint, None), dataset),
        header(model, other),
    ]
    assert len({plain, *(one.fingerprint for one in made)}) == 4


def test_batches_do_not_depend_on_the_order_of_the_records(dataset: Path) -> None:
    records = Dataset.open(dataset).records("train")
    made = batches(records, 3)
    assert batches(records[::-1], 3) == made
    assert all(len({record.category for record in batch}) == 1 for batch in made)
    assert unfinished(made, {record.id for record in made[0][1:] + made[1]}) == [made[0], *made[2:]]

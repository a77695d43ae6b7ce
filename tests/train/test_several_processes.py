"""Two processes on one computer train as one does with batches of twice the size."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from physprior.dataset.folder import Dataset
from physprior.train.recipe import Recipe
from physprior.train.run import train

MakeRecipe = Callable[..., Recipe]


def launch(recipe: Recipe, processes: int) -> subprocess.CompletedProcess[str]:
    """``python -m physprior.train`` in several processes that talk by gloo."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    path = recipe.out.with_suffix(".yaml")
    path.write_text(json.dumps(recipe.model_dump(mode="json")))
    return subprocess.run(
        [
            *(sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", str(processes)),
            *("--master-addr", "127.0.0.1", "--master-port", str(port)),
            *("-m", "physprior.train", str(path)),
        ],
        env={**os.environ, "ACCELERATE_USE_CPU": "true", "OMP_NUM_THREADS": "1"},
        # Away from the checkout, whose physprior/ would hide the installed package.
        cwd=recipe.out.parent,
        capture_output=True,
        text=True,
    )


def log(run: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]


COMPARED = ("loss", "grad_norm", "val/", "gradient/", "accuracy/")


@pytest.mark.parametrize("weights", [{}, {"part_weights": {"motion": 0.1}, "label_weight": 20}])
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_two_processes_log_what_one_logs_of_the_same_global_batch(
    make_recipe: MakeRecipe, tmp_path: Path, weights: dict[str, Any]
) -> None:
    videos = len(Dataset.open(make_recipe().dataset).records("train"))
    # Whole batches alone: a last one that is not full is filled up with videos from the first.
    size = 4
    fields = {
        "epochs": (videos // size) / -(-videos // size) * 0.9,
        "validate_every": 2,
        "gradient_every": 2,
        **weights,
    }
    one = make_recipe(out=tmp_path / "one", batch_size=size, **fields)
    two = make_recipe(out=tmp_path / "two", batch_size=size // 2, **fields)
    train(one)
    done = launch(two, 2)
    assert done.returncode == 0, done.stderr
    alone, together = (
        [
            {name: value for name, value in line.items() if name.startswith((*COMPARED, "step"))}
            for line in log(run.out)
        ]
        for run in (one, two)
    )
    assert len(alone) > 4
    assert [sorted(line) for line in together] == [sorted(line) for line in alone]
    for mine, theirs in zip(alone, together, strict=True):
        assert theirs == pytest.approx(mine, rel=2e-3)
    from safetensors.torch import load_file

    weights_of = [load_file(run.out / "model" / "model.safetensors") for run in (one, two)]
    base = load_file(Path(one.base) / "model.safetensors")
    moved = sum(float((weights_of[0][name] - base[name]).abs().sum()) for name in base)
    apart = sum(float((weights_of[0][n] - weights_of[1][n]).abs().sum()) for n in base)
    assert moved > 0
    assert apart < 0.02 * moved
    # One of the two speaks.
    assert done.stderr.count("parameters train in") == 1
    assert done.stdout.count("run: ") == 1


@pytest.mark.slow
def test_a_fault_in_one_process_ends_all_of_them_in_words(make_recipe: MakeRecipe) -> None:
    done = launch(make_recipe(base="nowhere/at-all/here"), 2)
    assert done.returncode != 0
    assert "there is no model at nowhere/at-all/here" in done.stderr

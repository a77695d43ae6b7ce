"""A training that is killed at any moment, and given again, ends in the same weights."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from physprior import fingerprint
from physprior.train.recipe import Recipe
from physprior.train.watch import read_log

MakeRecipe = Callable[..., Recipe]
KILLS = 10


def heed_ctrl_c() -> None:
    # What a shell starts in the background ignores Ctrl-C, and so would all that it starts.
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def start(recipe: Recipe) -> subprocess.Popen[bytes]:
    path = recipe.out.with_suffix(".yaml")
    path.write_text(json.dumps(recipe.model_dump(mode="json")))
    return subprocess.Popen(
        [sys.executable, "-m", "physprior.train", str(path)],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        cwd=recipe.out.parent,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        preexec_fn=heed_ctrl_c,
    )


def finish(recipe: Recipe) -> None:
    process = start(recipe)
    _, said = process.communicate()
    assert process.returncode == 0, said.decode()


def step_of(run: Path) -> int:
    return max((line["step"] for line in read_log(run / "log.jsonl")), default=0)


def what_remains(run: Path) -> tuple[str, list[tuple[int, float]], dict[str, object]]:
    """The weights' hash, the logged losses, and the kept step with its validation."""
    (weights,) = [*run.glob("model/*.safetensors"), *run.glob("adapter/*.safetensors")]
    losses = [
        (line["step"], line.get("loss", line.get("val/loss", line.get("gradient/share"))))
        for line in read_log(run / "log.jsonl")
        if "train_loss" not in line
    ]
    results = json.loads((run / "run.json").read_text())["results"]
    return fingerprint.of_file(weights), losses, {k: results[k] for k in ("kept", "validation")}


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(
    "changes",
    [{"tune": "layers"}, {"tune": "lora", "lora_dropout": 0.5}],
    ids=["layers", "lora with dropout"],
)
def test_a_training_killed_at_ten_random_steps_ends_as_an_undisturbed_one(
    make_recipe: MakeRecipe, tmp_path: Path, changes: dict[str, object]
) -> None:
    fields = {
        **changes,
        "batch_size": 2,
        "epochs": 4,
        "save_every": 3,
        "validate_every": 5,
        "gradient_every": 4,
    }
    undisturbed, killed = (make_recipe(**fields, out=tmp_path / name) for name in ("one", "two"))
    finish(undisturbed)
    steps = step_of(undisturbed.out)
    assert steps > 30
    # At ten steps along the way, each a little after the one before, and somewhere within the step.
    draw = random.Random(7)
    moments = sorted(draw.sample(range(1, steps), KILLS))
    for moment in moments:
        process = start(killed)
        while step_of(killed.out) < moment and process.poll() is None:
            time.sleep(0.002)
        time.sleep(draw.random() * 0.05)
        assert process.poll() is None, process.communicate()[1].decode()
        process.send_signal(signal.SIGKILL)
        process.wait()
    finish(killed)
    assert what_remains(killed.out) == what_remains(undisturbed.out)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_ctrl_c_ends_in_words_and_leaves_the_last_checkpoint_whole(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    fields = {"batch_size": 2, "epochs": 4, "save_every": 3}
    undisturbed, stopped = (make_recipe(**fields, out=tmp_path / name) for name in ("one", "two"))
    finish(undisturbed)
    process = start(stopped)
    while step_of(stopped.out) < 10:
        time.sleep(0.002)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate()
    assert process.returncode == 130
    assert "the same command goes on where it stopped" in said.decode()
    assert "Traceback" not in said.decode()
    finish(stopped)
    assert what_remains(stopped.out)[0] == what_remains(undisturbed.out)[0]

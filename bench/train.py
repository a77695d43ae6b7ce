"""How much faster an epoch is from cached frames, and from cached features, than the plain way.

    python bench/train.py

Distinct simulated clips of 1920x1080, the tiny model, the tiny recipe's settings, two cores. The
plain loop (naive_train.py) decodes in every epoch; physprior's is ``physprior.train.run.train``
itself, without validation and gradient probes, which the plain loop has not either. The three are
taken in turn, each in a process of its own; an epoch's seconds are those between the ends of two
epochs, so that the first one, which warms up, is not counted; the best of each is compared. What
physprior does once, before the first step, is printed too. All of them meet the same other work,
but with both workers of the plain loop a busy machine still blurs it: measure on a quiet one.

Then 1,000 steps with everything on, validation, gradient probes and checkpoints: what the process
holds (RSS) after step 1,000 beside step 100.
"""

from __future__ import annotations

import argparse
import gc
import itertools
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

FASTER = 5.0
"""How many times faster than the plain loop an epoch from cached frames is at least."""
GROWTH_MB = 20.0
"""The most that the process may have grown by between its 100th and its last step."""
ARMS = {"naive": "the plain loop", "frames": "cached frames", "features": "cached features"}
MORE = 4
"""How many epochs of physprior's there are for one of the plain loop: they are short, and the two
kinds of cache lie close together."""
BATCH = 8


def main() -> int:
    """Print the figures; exit 1 where one is outside its limit."""
    chosen = _arguments()
    if chosen.arm:
        print(json.dumps(_arm(chosen)))
        return 0
    os.environ |= {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
    with tempfile.TemporaryDirectory() as place:
        chosen.place = Path(place)
        _prepare(chosen)
        return int(not all([_compare(chosen), _stays_small(chosen)]))


def _arguments() -> argparse.Namespace:
    reads = argparse.ArgumentParser(description="See the file's own words.")
    reads.add_argument("--clips", type=int, default=32)
    reads.add_argument("--height", type=int, default=1080)
    reads.add_argument("--frames", type=int, default=180)
    reads.add_argument("--epochs", type=int, default=3, help="of the plain loop in each turn")
    reads.add_argument("--turns", type=int, default=3)
    reads.add_argument("--steps", type=int, default=1000, help="of the run whose memory is watched")
    # What the processes that this one starts are given.
    reads.add_argument("--arm", choices=[*ARMS, "memory"], help=argparse.SUPPRESS)
    reads.add_argument("--place", type=Path, help=argparse.SUPPRESS)
    reads.add_argument("--turn", type=int, default=0, help=argparse.SUPPRESS)
    return reads.parse_args()


def _prepare(chosen: argparse.Namespace) -> None:
    from clips import make_dataset
    from transformers.utils.logging import disable_progress_bar

    from physprior.dialogue.templates import Templates
    from physprior.knowledge.load import load_knowledge
    from physprior.paths import kb_folder, templates_folder
    from physprior.vlm.tiny import make_tiny

    disable_progress_bar()
    started = time.perf_counter()
    make_dataset(
        chosen.place, ["fan"], count=chosen.clips, frames=chosen.frames, height=chosen.height
    )
    knowledge = load_knowledge(kb_folder()).only(["fan"])
    make_tiny(chosen.place / "base", knowledge, Templates(templates_folder()))
    size = f"{chosen.height * 16 // 9}x{chosen.height}x{chosen.frames}"
    seconds = time.perf_counter() - started
    print(f"{chosen.clips} clips of {size} made in {seconds:.0f} s", flush=True)


def _compare(chosen: argparse.Namespace) -> bool:
    """Print every arm's best epoch; whether both of ours are within their limits."""
    found: dict[str, list[dict[str, Any]]] = {arm: [] for arm in ARMS}
    for turn in range(chosen.turns):
        for arm in ARMS:
            found[arm].append(_in_own_process(chosen, arm, turn))
    best = {arm: min(s for one in turns for s in one["epochs"]) for arm, turns in found.items()}
    for arm, what in ARMS.items():
        first = found[arm][0]
        ratio = best["naive"] / best[arm]
        limit = f"  {ratio:5.1f} times faster" if arm != "naive" else ""
        limit += f" (at least {FASTER:g})" if arm == "frames" else ""
        print(
            f"an epoch of {first['videos']} videos, {what:<16} {best[arm]:7.3f} s{limit}"
            f"   before the first step {first['before']:6.1f} s",
            flush=True,
        )
    print(
        f"of cached frames' epoch features take {best['features'] / best['frames']:.2f} (below 1)"
    )
    return best["naive"] / best["frames"] >= FASTER and best["features"] < best["frames"]


def _stays_small(chosen: argparse.Namespace) -> bool:
    found = _in_own_process(chosen, "memory", 0)
    growth = (found["last"] - found["first"]) / 2**20
    print(
        f"{found['steps']} steps: {found['last'] / 2**20:.0f} MB at the end, "
        f"{found['first'] / 2**20:.0f} MB after step {found['after']}: grown by {growth:.1f} MB "
        f"(at most {GROWTH_MB:g} MB)",
        flush=True,
    )
    return growth <= GROWTH_MB


def _in_own_process(chosen: argparse.Namespace, arm: str, turn: int) -> dict[str, Any]:
    words = {"arm": arm, "turn": turn, **{k: vars(chosen)[k] for k in ("place", "epochs", "steps")}}
    command = [sys.executable, __file__, *(f"--{name}={value}" for name, value in words.items())]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{ended.stderr}")
    found: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    return found


def _arm(chosen: argparse.Namespace) -> dict[str, Any]:
    if chosen.arm == "naive":
        return _naive(chosen)
    return _memory(chosen) if chosen.arm == "memory" else _ours(chosen)


def _recipe(chosen: argparse.Namespace, **changes: Any) -> Any:
    from physprior.train.recipe import read_recipe

    fields = {
        "base": str(chosen.place / "base"),
        "dataset": chosen.place / "dataset",
        "out": chosen.place / f"{chosen.arm}-{chosen.turn}",
        "cache": chosen.place / "cache",
        "batch_size": BATCH,
        "epochs": MORE * chosen.epochs,
        "validate_every": 0,
        "gradient_every": 0,
        "save_every": 10**6,
        **changes,
    }
    return read_recipe(
        "tiny_random", [f"{name}={json.dumps(v, default=str)}" for name, v in fields.items()]
    )


def _ours(chosen: argparse.Namespace) -> dict[str, Any]:
    """The real training, timed by what it tells its progress line."""
    from physprior.train.run import train

    begun: list[float] = []
    ends: list[float] = []

    def progress(done: int, total: int, _: str) -> None:
        now = time.perf_counter()
        if done == 1:
            begun.append(now)
        if done % (total // (MORE * chosen.epochs)) == 0:
            ends.append(now)

    started = time.perf_counter()
    report = train(_recipe(chosen, cache_features=chosen.arm == "features"), progress=progress)
    return {
        "epochs": _between(ends),
        "before": begun[0] - started,
        "videos": report.results["videos"],
    }


def _naive(chosen: argparse.Namespace) -> dict[str, Any]:
    """The plain loop on the same samples with the same trainable weights."""
    from naive_train import NaiveCollator, NaiveLoop

    from physprior.dataset.folder import Dataset
    from physprior.train.samples import make_samples
    from physprior.train.tune import tune
    from physprior.vlm.checkpoint import load_checkpoint

    started = time.perf_counter()
    recipe = _recipe(chosen)
    dataset = Dataset.open(recipe.dataset)
    checkpoint = load_checkpoint(recipe.base)
    context = checkpoint.model.config.text_config.max_position_embeddings
    encoder = checkpoint.encoder(recipe.frames)
    samples = make_samples(recipe, encoder, dataset.records("train"), dataset, context=context)
    collator = NaiveCollator(
        checkpoint.image_processor, recipe.sample(), checkpoint.tokenizer.pad_token_id
    )
    loop = NaiveLoop(
        tune(checkpoint, recipe),
        samples,
        collator,
        batch_size=recipe.batch_size,
        learning_rate=recipe.learning_rate,
        max_grad_norm=recipe.max_grad_norm,
        workers=2,
        device=checkpoint.device,
    )
    ends, before = [], 0.0
    for _ in range(chosen.epochs):
        steps = loop.epoch()
        ends.append(time.perf_counter())
        before = before or ends[0] - started - sum(s.waited + s.worked for s in steps[1:])
    return {
        "epochs": _between(ends),
        "before": before,
        "videos": len(samples),
    }


def _between(ends: list[float]) -> list[float]:
    return [end - begin for begin, end in itertools.pairwise(ends)]


def _memory(chosen: argparse.Namespace) -> dict[str, Any]:
    """A run with everything on; bytes that the process holds after a tenth of it and at its end."""
    import psutil

    from physprior.dataset.folder import Dataset
    from physprior.train.run import train

    batch = 2
    in_epoch = math.ceil(len(Dataset.open(chosen.place / "dataset").records("train")) / batch)
    # Everything has happened once or more before the first look.
    every, after = max(1, chosen.steps // 20), max(1, chosen.steps // 10)
    held: dict[int, int] = {}

    def progress(done: int, *_: Any) -> None:
        if done in (after, chosen.steps):
            gc.collect()
            held[done] = psutil.Process().memory_info().rss

    recipe = _recipe(
        chosen,
        batch_size=batch,
        epochs=chosen.steps / in_epoch,
        validate_every=every,
        gradient_every=every,
        save_every=every,
    )
    train(recipe, progress=progress)
    first, last = held[after], held[chosen.steps]
    return {"first": first, "last": last, "after": after, "steps": chosen.steps}


if __name__ == "__main__":
    sys.exit(main())

"""Whole tunings on the simulated twin of Phys-AD: a CUDA card's AUROC beside the CPU's.

    python bench/gpu_tune.py --out tuning

Videos, dataset, recipe and questions are those of the study in docs/ablation.md, made by its own
steps: all categories, 640 videos of 160 objects each, seed 11, told by `multi_turn`, tuned by the
recipe `tiny` with seed 0. The arms, one after another, each in a process of its own:

tiny-cpu    the shipped pre-trained base, tuned and asked on the CPU: one run of that study
tiny-cuda   the same base, videos and steps on the card
100m-cuda   a base of 100 million parameters on the card
100m-cpu    the same on the CPU, for hours; only where it is named

Scores alone are asked for, no words: the scores are what AUROC ranks.

The base of 100m is of the tiny one's make: the same pictures, patches and words, 768 wide, 11
layers. It is pre-trained on the same generic motion, on the card, as many steps and scenes as the
tiny one was (--pretrain-steps). Its recipe is `tiny` with two changes, reasoned and not tuned:
learning_rate is divided by the root of 6, the ratio of widths, since Muon's steps, as large in each
weight, move what comes out of a layer by the root of its width more; pre-training's rate likewise.
frozen_layers is half of the layers, those that pre-training taught what moves, as it is of the tiny
one. `--set` sets further fields of its recipe.

A line for each arm:

device      on which it was trained
parameters  of the whole model, both towers
pre-train   seconds; of the shipped base it was not measured here
train       seconds of the steps with validation and checkpoints, without decoding
predict     seconds of asking the test split
tokens/s    of training: dialogues and videos, padding not counted, validation's time counted
AUROC       macro average over the categories on the test split, with its 95 % interval

Seconds are summed over all starts; tokens/s are of the last start. Then, for each base that was
tuned on both, the card's AUROC less the CPU's with the paired interval of `physprior eval compare`.
All of it is kept as JSON in bench/results, each category's AUROC too.

Everything lies in --out: a command that was stopped goes on there, and another --arms or a later
day finds videos, dataset, caches and what has ended. Without --out the folder is a temporary one.

    python bench/gpu_tune.py --device cpu --out tuning

has the CPU's arm alone, on a machine without a card. It keeps nothing in bench/results unless
--results names a folder. Without a card and without --device cpu: exit 2. Where an arm failed: 1.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gpu_results import add_device, begin, card, keep

ARMS = ("tiny-cuda", "100m-cuda", "tiny-cpu", "100m-cpu")
DEFAULT = {"cuda": list(ARMS[:3]), "cpu": ["tiny-cpu"]}
"""The card's first: they are over soon."""


def main() -> int:
    """Print and keep the table; exit 1 where an arm failed, 2 where there is no card."""
    chosen = _arguments()
    if chosen.arm:
        return _one_arm(chosen)
    arms = chosen.arms or DEFAULT[chosen.device]
    if chosen.device == "cpu" and (wrong := [name for name in arms if name.endswith("-cuda")]):
        print(f"--arms: {wrong[0]} is none of --device cpu", file=sys.stderr)
        return 2
    if not begin(chosen.device):
        return 2
    with _place(chosen.out) as chosen.out:
        if not _prepare(chosen):
            return 1
        found = {name: _in_own_process(chosen, name) for name in arms}
        ended = {name: one for name, one in found.items() if one}
        differences = _differences(chosen, ended)
    print("\n".join([_HEAD, *(_line(name, one) for name, one in ended.items())]))
    for one in differences:
        print(_said(one))
    settings = {name: value for name, value in vars(chosen).items() if name not in ("arm", "out")}
    settings["arms"] = arms
    kept = {"arms": ended, "failed": [name for name in arms if name not in ended]}
    keep("gpu_tune", argparse.Namespace(**settings), {**kept, "differences": differences})
    return int(len(ended) < len(arms))


def _arguments() -> argparse.Namespace:
    reads = argparse.ArgumentParser(description="Whole tunings on a card and on the CPU.")
    reads.add_argument("--arms", nargs="+", choices=ARMS, default=[], metavar="ARM")
    reads.add_argument("--categories", nargs="+", default=[], help="of the twin; all if not said")
    reads.add_argument("--count", type=int, default=640, help="videos a category")
    reads.add_argument("--objects", type=int, help="a category; a quarter of --count, 160 at most")
    reads.add_argument("--seed", type=int, default=11, help="of videos and split")
    reads.add_argument("--epochs", type=float, help="of every arm; the recipe's if not said")
    reads.add_argument(
        "--shape", choices=["100m", "small"], default="100m", help="of the 100m arms; small: a try"
    )
    reads.add_argument("--pretrain-steps", type=int, default=3000, help="of the 100m arms' base")
    reads.add_argument(
        "--set", action="append", default=[], metavar="FIELD=VALUE", help="of the 100m arms' recipe"
    )
    cores = os.cpu_count() or 1
    reads.add_argument("--workers", type=int, default=cores, help="that simulate and decode")
    reads.add_argument("--threads", type=int, default=min(8, cores), help="of an arm on the CPU")
    reads.add_argument("--out", type=Path, help="where all is made, and gone on with")
    # What the processes that this one starts are given.
    reads.add_argument("--arm", choices=ARMS, help=argparse.SUPPRESS)
    add_device(reads)
    return reads.parse_args()


@contextmanager
def _place(out: Path | None) -> Iterator[Path]:
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        yield out
        return
    with tempfile.TemporaryDirectory() as place:
        yield Path(place)


def _prepare(chosen: argparse.Namespace) -> bool:
    """Make videos, datasets and the tiny base by the study's own steps; false where one cannot."""
    from gpu_tune_arms import Seldom, plan_of

    from physprior.errors import PhyspriorError
    from physprior.pipeline.ablate.places import Places
    from physprior.pipeline.ablate.prepare import prepare
    from physprior.pipeline.ablate.step import Voices

    voices = Voices(progress=Seldom("prepare"), remark=lambda said: print(f"  {said}", flush=True))
    try:
        for step in prepare(plan_of(chosen), Places(chosen.out), chosen.workers):
            step.work(voices)
    except PhyspriorError as error:
        print(error, file=sys.stderr)
        return False
    return True


def _in_own_process(chosen: argparse.Namespace, name: str) -> dict[str, Any] | None:
    """What an arm has come to; None where its process failed, which has said why."""
    own = ["--arm", name, "--out", str(chosen.out)]
    result = _result(chosen.out, name)
    result.unlink(missing_ok=True)
    ended = subprocess.run([sys.executable, __file__, *sys.argv[1:], *own], check=False)
    if ended.returncode or not result.is_file():
        print(f"{name} has failed (exit {ended.returncode})", file=sys.stderr, flush=True)
        return None
    found: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
    print(f"{_HEAD}\n{_line(name, found)}", flush=True)
    return found


def _one_arm(chosen: argparse.Namespace) -> int:
    _end_with_parent()
    device = chosen.arm.rpartition("-")[2]
    if not begin(device):
        return 2
    import torch
    from gpu_tune_arms import run_arm

    from physprior.errors import PhyspriorError
    from physprior.files import write_json

    if device == "cpu":
        torch.set_num_threads(chosen.threads)
    print(f"{chosen.arm}: {card(device).split(' (')[0]}", flush=True)
    try:
        found = run_arm(chosen, chosen.arm)
    except PhyspriorError as error:
        print(error, file=sys.stderr)
        return 1
    write_json(_result(chosen.out, chosen.arm), found)
    return 0


def _end_with_parent() -> None:
    """Let this process end when the one that started it does: two would work in one folder when
    the stopped command is given again."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _result(out: Path, name: str) -> Path:
    return out / "notes" / f"{name}.result.json"


def _differences(chosen: argparse.Namespace, ended: dict[str, Any]) -> list[dict[str, Any]]:
    """Of each base that was tuned on both: what the card's AUROC is more than the CPU's."""
    from gpu_tune_arms import compare, tested

    found = []
    for shape in ("tiny", "100m"):
        names = [f"{shape}-cpu", f"{shape}-cuda"]
        if all(name in ended for name in names):
            both = compare(*(tested(chosen, name) for name in names))
            found.append({"reference": names[0], "other": names[1], **both})
    return found


_HEAD = (
    f"{'arm':<10} {'device':<24} {'parameters':>12} {'pre-train':>10} {'train':>9} {'predict':>9} "
    f"{'tokens/s':>9}  AUROC"
)


def _line(name: str, arm: dict[str, Any]) -> str:
    seconds, learned = arm["seconds"], arm["pretraining"]
    before = f"{learned['seconds']['pretrain']:.0f} s" if learned else ""
    return (
        f"{name:<10} {arm['device'][:24]:<24} {arm['parameters']:>12,} {before:>10} "
        f"{seconds['train']:>7.0f} s {seconds['predict']:>7.0f} s {arm['tokens_per_s']:>9.0f}  "
        f"{_estimate(arm['test']['macro']['auroc'])}"
    )


def _said(found: dict[str, Any]) -> str:
    who = f"{found['other']} less {found['reference']}"
    tested = "" if found["p"] is None else f", p {found['p']:.3f} ({found['test']})"
    return f"{who}: {_estimate(found['difference'], '+')}{tested}"


def _estimate(found: dict[str, Any], sign: str = "") -> str:
    if found["value"] is None:
        return "n/a"
    value = f"{found['value']:{sign}.3f}"
    if found["low"] is None:
        return value
    return f"{value} [{found['low']:{sign}.3f}, {found['high']:{sign}.3f}]"


if __name__ == "__main__":
    sys.exit(main())

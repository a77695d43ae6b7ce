"""How fast, and in how much memory, the 7B trains on the CUDA card at hand.

    python bench/gpu_train.py

Random weights at the true shape of Video-LLaVA-7B, drawn on the card: nothing is fetched, and what
is measured depends on the shape alone. 8 frames of 224x224, bfloat16, the shipped recipes' settings
with every batch a step, real dialogues of the KB over simulated 1080p clips, physprior's own cache,
collator and trainer. Lengths are true but for the words: no Llama tokenizer is at hand, and one is
learned from the KB. 2,056 tokens of a dialogue are its video's; how many are words is printed.

A line for each tuning and batch size:

source      what a step is fed with: ``frames`` or ``features`` from the cache, or the plain loop of
            naive_train.py, which decodes (``naive``; it also has the model's own forward and loss)
step        milliseconds, the median, from one batch's arrival to the next, data loading included
tokens/s    of dialogues and videos, padding not counted; over all steps, as are the next two
loading     share of the time that is spent waiting for a batch
peak        the most memory that tensors took, with weights, gradients and optimizer state
estimate    how far `physprior model estimate` is off from that peak
of rate     share of the card's own bfloat16 rate, measured just before with one large product: the
            matrix work of a step, with what gradient checkpointing computes again, and without the
            half of attention that a causal mask hides (by physprior.train.estimate.work)

Where memory does not suffice the line says so, and the rest goes on. Below stand the limits, and
whether each was met; exit 1 where one was not. All of it is kept as JSON in bench/results, with the
command, the versions and the card. A card that is lent by the minute is asked in parts,
which results/README.md lists:

    python bench/gpu_train.py --tune lora --sources frames --batch 1 2 4 8 16 --profile

`--variants` takes the same steps in other ways, which gpu_variants.py lists: other kernels of
attention, compiled layers, TRL's head. `--profile` records two steps of the batch size that used
the card best, kernel by kernel.

    python bench/gpu_train.py --shape tiny --device cpu --steps 2

runs every line of it on a machine without a card: a try of the script, and no measurement. It keeps
nothing unless --results names a folder. Without a card and without --device cpu: exit 2.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from gpu_results import GIB, add_device, begin, card, keep

if TYPE_CHECKING:
    from gpu_runs import Run

SOURCES = ("naive", "frames", "features")


def main() -> int:
    """Print and keep table and limits; exit 1 where one is missed, 2 where there is no card."""
    chosen = _arguments()
    if not begin(chosen.device):
        return 2
    from gpu_limits import limits_of
    from gpu_profile import lines
    from gpu_runs import cached_source, run_all
    from gpu_variants import VARIANTS

    from physprior.train.estimate.work import measure_rate

    if "all" in chosen.variants:
        chosen.variants = list(VARIANTS)
    if unknown := sorted(set(chosen.variants) - set(VARIANTS)):
        print(f"--variants: {unknown[0]} is none of {', '.join(VARIANTS)}", file=sys.stderr)
        return 2
    if (chosen.variants or chosen.profile) and not cached_source(chosen):
        print("--variants and --profile need --sources frames or features", file=sys.stderr)
        return 2
    rate = measure_rate(on_card=chosen.device == "cuda")
    print(f"{card(chosen.device)}: {rate / 1e12:.3g} TFLOP/s in one product", flush=True)
    runs = []
    with tempfile.TemporaryDirectory() as place:
        for run in run_all(chosen, Path(place), rate):
            if not runs:
                print(f"{run.text_tokens:.0f} of {run.tokens:.0f} tokens are words\n{_HEAD}")
            print(_line(run), flush=True)
            if run.profile:
                print("\n".join(lines(run.profile)), flush=True)
            runs.append(run)
    limits = limits_of(runs)
    for limit in limits:
        print(limit.line())
    found = {"matrix_flops_per_s": rate, "runs": [asdict(run) for run in runs]}
    found["limits"] = [asdict(limit) for limit in limits]
    quantised = any(run.tune != "lora" for run in runs)
    keep("gpu_train", chosen, found, *(["bitsandbytes"] if quantised else []))
    if chosen.device == "cpu" or chosen.shape == "tiny":
        print("A try of the script: what is met or missed says nothing.")
        return 0
    return int(not all(limit.met for limit in limits))


def _arguments() -> argparse.Namespace:
    reads = argparse.ArgumentParser(description="Training at the 7B's shape, measured.")
    reads.add_argument("--shape", choices=["7b", "tiny"], default="7b")
    tunes = ["lora", "qlora", "layers"]
    reads.add_argument("--tune", nargs="+", choices=tunes, default=tunes)
    reads.add_argument("--batch", nargs="+", type=int, default=[1, 2, 4, 8, 16])
    reads.add_argument(
        "--sources",
        nargs="+",
        choices=SOURCES,
        default=list(SOURCES),
        help="of the first --tune; the others are fed as their recipe says",
    )
    reads.add_argument("--steps", type=int, default=12, help="that are counted")
    reads.add_argument("--warm", type=int, default=3, help="steps before them")
    reads.add_argument(
        "--attention", default="sdpa", help="sdpa, flash_attention_2 (its package), eager"
    )
    reads.add_argument("--no-checkpointing", action="store_true")
    reads.add_argument("--workers", type=int, default=min(8, os.cpu_count() or 1))
    reads.add_argument("--clips", type=int, default=12, help="of each of four categories")
    reads.add_argument("--height", type=int, default=1080, help="of the clips")
    reads.add_argument(
        "--variants", nargs="+", default=[], metavar="WAY", help="other ways to step, or all"
    )
    reads.add_argument("--profile", action="store_true", help="record two steps of the best batch")
    add_device(reads)
    chosen = reads.parse_args()
    if min(*chosen.batch, chosen.steps) < 1 or chosen.warm < 0:
        reads.error("--batch and --steps: at least 1; --warm: not below 0")
    return chosen


_HEAD = (
    f"{'tune':<7} {'batch':>5} {'source':<9} {'step':>9} {'tokens/s':>9} {'videos/s':>9} "
    f"{'loading':>8} {'peak':>10} {'estimate':>9} {'of rate':>8}"
)


def _line(run: Run) -> str:
    begun = f"{run.tune:<7} {run.batch:>5} {run.source:<9} "
    ended = f"  {run.variant}" if run.variant else ""
    if run.step_s is None:
        return begun + (run.failed or "") + ended
    peak = off = ""
    if run.peak_bytes is not None:
        peak = f"{run.peak_bytes / GIB:.2f} GiB"
        off = "" if run.estimate_error is None else f"{run.estimate_error:+.1%}"
    share = "" if run.rate_share is None else f"{run.rate_share:.1%}"
    return begun + (
        f"{1000 * run.step_s:>6.0f} ms {run.tokens_per_s:>9.0f} {run.videos_per_s:>9.2f} "
        f"{run.loading_share:>8.1%} {peak:>10} {off:>9} {share:>8}{ended}"
    )


if __name__ == "__main__":
    sys.exit(main())

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
of rate     share of the card's own bfloat16 rate, measured just before with one large product: the
            matrix work of a step, with what gradient checkpointing computes again, and without the
            half of attention that a causal mask hides (by physprior.train.estimate.work)

Where memory does not suffice the line says so, and the rest goes on. All of it is kept as JSON in
bench/results, with the command, the versions and the card.

    python bench/gpu_train.py --shape tiny --device cpu --steps 2

runs every line of it on a machine without a card: a try of the script, and no measurement. It keeps
nothing unless --results names a folder. Without a card and without --device cpu: exit 2.
"""

from __future__ import annotations

import argparse
import datetime
import os
import re
import shlex
import sys
import tempfile
import warnings
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gpu_runs import Run

RESULTS = Path(__file__).with_name("results")
SOURCES = ("naive", "frames", "features")


def main() -> int:
    """Print the table and keep it; exit 2 where there is no card."""
    chosen = _arguments()
    os.environ |= {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
    if chosen.device == "cpu":
        os.environ["CUDA_VISIBLE_DEVICES"] = ""
    import torch

    if chosen.device == "cuda" and not torch.cuda.is_available():
        print("There is no CUDA card here; see --device cpu.", file=sys.stderr)
        return 2
    from gpu_runs import run_all
    from transformers.utils.logging import disable_progress_bar, set_verbosity_error

    from physprior.train.estimate.work import measure_rate

    disable_progress_bar()
    set_verbosity_error()
    # Settings that are about to be renamed, and their like: they would stand between the lines.
    warnings.simplefilter("ignore")
    rate = measure_rate(on_card=chosen.device == "cuda")
    print(f"{_card(chosen.device)}: {rate / 1e12:.3g} TFLOP/s in one product", flush=True)
    runs = []
    with tempfile.TemporaryDirectory() as place:
        for run in run_all(chosen, Path(place), rate):
            if not runs:
                print(f"{run.text_tokens:.0f} of {run.tokens:.0f} tokens are words\n{_HEAD}")
            print(_line(run), flush=True)
            runs.append(run)
    _keep(chosen, rate, runs)
    return 0


def _arguments() -> argparse.Namespace:
    reads = argparse.ArgumentParser(description="Training at the 7B's shape, measured.")
    reads.add_argument("--shape", choices=["7b", "tiny"], default="7b")
    reads.add_argument("--device", choices=["cuda", "cpu"], default="cuda")
    tunes = ["lora", "qlora", "layers"]
    reads.add_argument("--tune", nargs="+", choices=tunes, default=tunes)
    reads.add_argument("--batch", nargs="+", type=int, default=[1, 2, 4, 8])
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
    reads.add_argument("--results", type=Path, help="where to keep the figures")
    return reads.parse_args()


_HEAD = (
    f"{'tune':<7} {'batch':>5} {'source':<9} {'step':>9} {'tokens/s':>9} {'videos/s':>9} "
    f"{'loading':>8} {'peak':>10} {'of rate':>8}"
)


def _line(run: Run) -> str:
    begun = f"{run.tune:<7} {run.batch:>5} {run.source:<9} "
    if run.step_s is None:
        return begun + (run.failed or "")
    peak = "" if run.peak_bytes is None else f"{run.peak_bytes / 2**30:.2f} GiB"
    share = "" if run.rate_share is None else f"{run.rate_share:.1%}"
    return begun + (
        f"{1000 * run.step_s:>6.0f} ms {run.tokens_per_s:>9.0f} {run.videos_per_s:>9.2f} "
        f"{run.loading_share:>8.1%} {peak:>10} {share:>8}"
    )


def _card(device: str) -> str:
    import torch

    if device == "cpu":
        return f"CPU, {torch.get_num_threads()} threads (a try, no measurement)"
    return torch.cuda.get_device_name()


def _keep(chosen: argparse.Namespace, rate: float, runs: list[Run]) -> None:
    folder = chosen.results or (RESULTS if chosen.device == "cuda" else None)
    if folder is None:
        return
    from physprior import files

    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    card = re.sub(r"[^a-z0-9]+", "-", _card(chosen.device).split(",")[0].lower()).strip("-")
    files.make_folder(folder)
    path = folder / f"gpu_train-{card}-{today}.json"
    files.write_json(path, _findings(chosen, rate, runs))
    print(f"kept in {path}")


def _findings(chosen: argparse.Namespace, rate: float, runs: list[Run]) -> dict[str, Any]:
    from importlib import metadata

    import torch

    from physprior import provenance

    made = provenance.describe()
    if any(run.tune != "lora" for run in runs):
        made["versions"]["bitsandbytes"] = metadata.version("bitsandbytes")
    on_card = chosen.device == "cuda"
    if on_card:
        made["versions"]["cuda"] = torch.version.cuda
    return {
        "command": shlex.join(["python", "bench/gpu_train.py", *sys.argv[1:]]),
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "card": _card(chosen.device),
        "card_bytes": torch.cuda.get_device_properties(0).total_memory if on_card else None,
        "matrix_flops_per_s": rate,
        **made,
        "settings": {
            name: vars(chosen)[name] for name in sorted(vars(chosen)) if name != "results"
        },
        "runs": [asdict(run) for run in runs],
    }


if __name__ == "__main__":
    sys.exit(main())

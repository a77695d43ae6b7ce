"""What the benchmarks of cards share: the device asked for, and the file that they leave."""

from __future__ import annotations

import argparse
import datetime
import gc
import os
import re
import shlex
import sys
import time
import warnings
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).with_name("results")
GIB = 2**30
TRIES = ("tiny", "small")
"""Shapes with which a script is tried: their figures are no measurement on a card, either."""


@dataclass(frozen=True)
class Limit:
    """A limit, what was found, and whether it was met."""

    what: str
    at_most: bool
    """Else at least."""
    limit: float
    found: float
    unit: str
    """``bytes``, ``share`` or ``times``."""

    @property
    def met(self) -> bool:
        """Whether what was found is within the limit."""
        return self.found <= self.limit if self.at_most else self.found >= self.limit

    def line(self) -> str:
        """For a person: what was found, the limit, and whether it was met."""
        bound, end = "at most" if self.at_most else "at least", "met" if self.met else "missed"
        return f"{self.what}: {self._said(self.found)} ({bound} {self._said(self.limit)}): {end}"

    def _said(self, value: float) -> str:
        if self.unit == "bytes":
            return f"{value / GIB:.2f} GiB"
        return f"{value:.1%}" if self.unit == "share" else f"{value:.2f} times"


def add_device(reads: argparse.ArgumentParser) -> None:
    """The options that every benchmark of cards has."""
    reads.add_argument("--device", choices=["cuda", "cpu"], default="cuda")
    reads.add_argument("--results", type=Path, help="where to keep the figures")


def begin(device: str) -> bool:
    """Whether that device is here; to be asked before torch or transformers is imported.

    Hubs stay unasked, and nothing is printed between a benchmark's own lines.
    """
    quiet = {"TOKENIZERS_PARALLELISM": "false", "KINETO_LOG_LEVEL": "9"}
    os.environ |= {"HF_HUB_OFFLINE": "1", **quiet}
    if device == "cpu":
        os.environ["CUDA_VISIBLE_DEVICES"] = ""
    import torch

    if device == "cuda" and not torch.cuda.is_available():
        print("There is no CUDA card here; see --device cpu.", file=sys.stderr)
        return False
    from transformers.utils.logging import disable_progress_bar, set_verbosity_error

    disable_progress_bar()
    set_verbosity_error()
    # Settings that are about to be renamed, and their like.
    warnings.simplefilter("ignore")
    return True


def card(device: str) -> str:
    """The card's name; of a CPU, that it is none."""
    import torch

    if device == "cpu":
        return f"CPU, {torch.get_num_threads()} threads (a try, no measurement)"
    return torch.cuda.get_device_name()


def keep(script: str, chosen: argparse.Namespace, found: dict[str, Any], *packages: str) -> None:
    """Write what ``script`` found, with command, card, versions, commit and every setting.

    Without ``--results`` a card's figures go to bench/results; a CPU's, and those of a shape that
    is for tries, nowhere. ``packages``: further ones whose versions matter. A file of the same card
    and day is kept: the new one gets a number.
    """
    measures = chosen.device == "cuda" and chosen.shape not in TRIES
    folder = chosen.results or (RESULTS if measures else None)
    if folder is None:
        return
    from physprior import files

    files.make_folder(folder)
    path = _free_path(folder, script, chosen.device)
    files.write_json(path, {**_circumstances(script, chosen, packages), **found})
    print(f"kept in {path}")


def _free_path(folder: Path, script: str, device: str) -> Path:
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    name = re.sub(r"[^a-z0-9]+", "-", card(device).split(",")[0].lower()).strip("-")
    path, number = folder / f"{script}-{name}-{today}.json", 1
    while path.exists():
        number += 1
        path = folder / f"{script}-{name}-{today}-{number}.json"
    return path


def _circumstances(
    script: str, chosen: argparse.Namespace, packages: tuple[str, ...]
) -> dict[str, Any]:
    import torch

    from physprior import provenance

    made = provenance.describe()
    made["versions"] |= {name: metadata.version(name) for name in packages}
    on_card = chosen.device == "cuda"
    if on_card:
        made["versions"]["cuda"] = torch.version.cuda
    return {
        "command": shlex.join(["python", f"bench/{script}.py", *sys.argv[1:]]),
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "card": card(chosen.device),
        "card_bytes": torch.cuda.get_device_properties(0).total_memory if on_card else None,
        **made,
        "settings": {
            name: vars(chosen)[name] for name in sorted(vars(chosen)) if name != "results"
        },
    }


def clock() -> float:
    """Seconds of a clock, once a card has done all that it was given."""
    import torch

    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter()


def peak() -> int | None:
    """Bytes of tensors at their most since that was last reset; None without a card."""
    import torch

    return torch.cuda.max_memory_allocated() if torch.cuda.is_available() else None


def free() -> None:
    """Give back what nothing holds any more, and begin to count the peak anew."""
    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()

"""How fast the command line starts: whole cold processes, best of five, against importing torch.

    python bench/startup.py

A compiler-like command must not pay for a deep-learning framework. The plain alternative is the
same interpreter importing torch and transformers, as a command without lazy imports would.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

LIMIT_S = 0.4
PHYSPRIOR = Path(sys.executable).with_name("physprior")


def best_of(command: list[str], runs: int = 5) -> float:
    """Seconds of the fastest of ``runs`` whole processes."""
    seconds = []
    for _ in range(runs):
        started = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        seconds.append(time.perf_counter() - started)
    return min(seconds)


def main() -> int:
    """Print the figures; exit 1 where a command is over its limit."""
    eager = best_of([sys.executable, "-c", "import torch, transformers"])
    print(f"{'import torch, transformers':<30} {eager:6.3f} s")
    slow = False
    for words in (["--help"], ["check"]):
        seconds = best_of([str(PHYSPRIOR), *words])
        slow |= seconds > LIMIT_S
        print(
            f"{'physprior ' + ' '.join(words):<30} {seconds:6.3f} s  (limit {LIMIT_S} s)  "
            f"{eager / seconds:5.1f} times faster"
        )
    return int(slow)


if __name__ == "__main__":
    sys.exit(main())

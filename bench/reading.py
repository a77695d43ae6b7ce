"""How fast KB files are read with the place of every key and value, against ruamel.yaml.

    python bench/reading.py [COUNT]

Ours is what the check does to every file before its rules: bytes to data with positions, and the
schema on top. The plain alternative for positions is ruamel.yaml's round-trip load, without any
schema. Best of five for each, over the same entries, in one process.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from entries import make_entries
from ruamel.yaml import YAML

from physprior.knowledge.source import read_source
from physprior.knowledge.validation import validate

TIMES_FASTER = 10.0
MOST_FOR_RUAMEL = 100
"""Five passes over 1,000 entries would take ruamel.yaml a minute, at the same time an entry."""


def best_of(read: Callable[[Path], Any], paths: list[Path], runs: int = 5) -> float:
    """Milliseconds a file, in the fastest of ``runs`` passes over ``paths``."""
    seconds = []
    for _ in range(runs):
        started = time.perf_counter()
        for path in paths:
            read(path)
        seconds.append(time.perf_counter() - started)
    return min(seconds) / len(paths) * 1000


def by_ruamel(path: Path) -> Any:
    with path.open("rb") as stream:
        return YAML(typ="rt").load(stream)


def by_us(path: Path) -> Any:
    category, findings = validate(read_source(path))
    if category is None:
        raise ValueError(f"{path} is no valid entry: {findings}")
    return category


def main(count: int) -> int:
    """Print the figures; exit 1 where we are less than ten times faster."""
    with tempfile.TemporaryDirectory() as folder:
        paths = make_entries(Path(folder), count)
        lines = sum(path.read_text(encoding="utf-8").count("\n") for path in paths) / count
        some = paths[:MOST_FOR_RUAMEL]
        plain, ours = best_of(by_ruamel, some), best_of(by_us, paths)
        alone = best_of(read_source, paths)
    ratio = plain / alone
    print(f"{count:,} entries of {lines:.0f} lines, milliseconds an entry, best of 5")
    print(f"{'ruamel.yaml, round trip':<34} {plain:7.2f}  (over the first {len(some):,})")
    print(f"{'read_source':<34} {alone:7.2f}  {ratio:5.1f} times faster")
    print(f"{'read_source and the schema':<34} {ours:7.2f}  {plain / ours:5.1f} times faster")
    print(f"{'the whole, at this rate':<34} {ours * count / 1000:7.2f} s")
    return int(ratio < TIMES_FASTER)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000))

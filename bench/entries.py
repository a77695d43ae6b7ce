"""Knowledge bases of any size for the benchmarks: sound entries of one length, made of real ones.

python bench/entries.py FOLDER COUNT
"""

from __future__ import annotations

import copy
import itertools
import sys
from pathlib import Path
from typing import Any

import yaml

from physprior.knowledge.load import VOCABULARY
from physprior.paths import kb_folder

LINES = 110
FEWEST = {"descriptions": 3, "explanations": 5, "references": 2}
"""How many sentences of each kind the schema asks of a class."""


def make_entries(folder: Path, count: int, lines: int = LINES) -> list[Path]:
    """Write ``count`` entries of about ``lines`` lines into ``folder``; returns their files.

    Each has an id of its own, which is its file's name, and folder names of its own. The same
    knowledge base gives the same files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    real = [path for path in sorted(kb_folder().glob("*.yaml")) if path.name != VOCABULARY]
    # Read by PyYAML: the benchmarks' input is not to depend on what they time.
    bases = [_cut(yaml.load(path.read_bytes(), Loader=yaml.BaseLoader), lines) for path in real]
    made = []
    for number, base in zip(range(count), itertools.cycle(bases), strict=False):
        entry = _renamed(base, number)
        path = folder / f"{entry['id']}.yaml"
        path.write_text(_written(entry), encoding="utf-8")
        made.append(path)
    return made


def _renamed(base: dict[str, Any], number: int) -> dict[str, Any]:
    entry = {**base, "id": f"{base['id']}_{number:05d}", "name": f"{base['name']} {number}"}
    entry["aliases"] = [f"{base['name']} of type {number}"]
    return entry


def _cut(entry: dict[str, Any], lines: int) -> dict[str, Any]:
    """The entry with as many of its anomalies and sentences as come nearest to ``lines``."""
    entry.setdefault("aliases", [entry["name"]])
    cuts = [
        _with(entry, anomalies, more)
        for anomalies in range(1, len(entry["anomalies"]) + 1)
        for more in (0, 1)
    ]
    whole = [cut for cut in cuts if _phases(cut) == _phases(entry)] or cuts[-1:]
    return min(whole, key=lambda cut: abs(_written(cut).count("\n") - lines))


def _with(entry: dict[str, Any], anomalies: int, more: int) -> dict[str, Any]:
    """The entry with its first anomalies, and ``more`` sentences a class than there must be."""
    cut = copy.deepcopy(entry)
    cut["anomalies"] = cut["anomalies"][:anomalies]
    for texts in (cut["normal"], *cut["anomalies"]):
        for kind, fewest in FEWEST.items():
            texts[kind] = texts[kind][: fewest + more]
    return cut


def _phases(entry: dict[str, Any]) -> set[str]:
    return {phase for anomaly in entry["anomalies"] for phase in anomaly["violates"]}


def _written(entry: dict[str, Any]) -> str:
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    return str(yaml.dump(entry, Dumper=dumper, sort_keys=False, allow_unicode=True, width=100))


if __name__ == "__main__":
    print(f"{len(make_entries(Path(sys.argv[1]), int(sys.argv[2])))} entries")

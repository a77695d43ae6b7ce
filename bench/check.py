"""How fast the check is: whole cold processes, best of five, against check-jsonschema.

    python bench/check.py

Three figures: the shipped entries; 1,000 made entries with all rules, nothing remembered; the same
again when nothing has changed since. The plain alternative is check-jsonschema with our schema as
JSON Schema on the same files: what an engineer would reach for who has no checker of his own. It
sees wrong keys and types, and no meaning.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from entries import make_entries

from physprior.knowledge.schema import Category
from physprior.paths import kb_folder

ENTRIES, LINES = 1000, 110
PHYSPRIOR = Path(sys.executable).with_name("physprior")
PLAIN = Path(sys.executable).with_name("check-jsonschema")


def best_of(command: list[str], environment: dict[str, str], runs: int = 5) -> float:
    """Seconds of the fastest of ``runs`` whole processes, each of which must find no problem."""
    seconds = []
    for _ in range(runs):
        started = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True, env={**os.environ, **environment})
        seconds.append(time.perf_counter() - started)
    return min(seconds)


def show(what: str, seconds: float, limit: float) -> bool:
    """Print a figure beside its limit; whether it is within it."""
    print(f"{what:<52} {seconds:6.3f} s  (limit {limit} s)", flush=True)
    return seconds <= limit


def main() -> int:
    """Print the figures; exit 1 where one is over its limit."""
    with tempfile.TemporaryDirectory() as place:
        folder, environment = Path(place, "kb"), {"PHYSPRIOR_CACHE": str(Path(place, "cache"))}
        make_entries(folder, ENTRIES, lines=LINES)
        schema = Path(place, "schema.json")
        schema.write_text(json.dumps(Category.model_json_schema()), encoding="utf-8")
        files = sorted(str(path) for path in folder.glob("*.yaml"))
        check = [str(PHYSPRIOR), "check"]
        within = [
            show(
                "physprior check, the shipped KB, nothing remembered",
                best_of([*check, "--no-cache", str(kb_folder())], environment),
                0.5,
            )
        ]
        cold = best_of([*check, "--no-cache", str(folder)], environment)
        within.append(show(f"physprior check, {len(files)} entries, nothing remembered", cold, 3.0))
        subprocess.run([*check, str(folder)], check=True, env={**os.environ, **environment})
        again = best_of([*check, str(folder)], environment)
        within.append(show(f"physprior check, {len(files)} entries, nothing changed", again, 0.8))
        # One run is enough to know: it takes many times as long.
        plain = best_of([str(PLAIN), "--schemafile", str(schema), *files], environment, runs=1)
        print(f"{f'check-jsonschema, {len(files)} entries (one run)':<52} {plain:6.3f} s")
        print(f"physprior check is {plain / cold:.1f} times faster")
        return int(not all(within) or cold >= plain)


if __name__ == "__main__":
    sys.exit(main())

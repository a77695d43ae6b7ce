"""How fast datasets are built: whole cold processes from an index, best of five.

    python bench/build.py

Phys-AD's 6,434 videos over all 22 categories: a full build in each mode, a build after one edited
entry, one that finds nothing to do; and 100,000 videos. Each figure stands beside its limit, time
and peak memory. The plain alternative is the shortest script that writes the same records: json
for the index, jinja2 for each record, json again for the line. It splits by a throw of dice, and
checks nothing.

The plain script, for the comparison, is this file: python bench/build.py INDEX OUT MODE
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

RUNS = 5
PHYSPRIOR = Path(sys.executable).with_name("physprior")
MODES = ("multi_turn", "single_turn", "no_phys")


def measure(
    command: list[str], before: Callable[[], object], runs: int = RUNS
) -> tuple[float, int]:
    """Seconds of the fastest of ``runs`` whole processes, and the most memory of any, in MB."""
    seconds, memory = [], 0
    for _ in range(runs):
        before()
        started = time.perf_counter()
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=_environment()
        )
        assert process.stdout is not None
        said = process.stdout.read().decode()
        _, status, usage = os.wait4(process.pid, 0)
        seconds.append(time.perf_counter() - started)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"{' '.join(command)} failed:\n{said}")
        memory = max(memory, usage.ru_maxrss // 1024)
    return min(seconds), memory


def _environment() -> dict[str, str]:
    """As on any machine: where nothing forbids Python to keep what it has compiled."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def show(what: str, found: tuple[float, int], limit: tuple[float, int]) -> bool:
    """Print a figure beside its limits; whether it is within them."""
    (seconds, memory), (most_seconds, most_memory) = found, limit
    print(
        f"{what:<44} {seconds:6.2f} s  (limit {most_seconds:g} s)  "
        f"{memory:4d} MB  (limit {most_memory} MB)",
        flush=True,
    )
    return seconds <= most_seconds and memory <= most_memory


def plainly(index: Path, out: Path, mode: str) -> None:
    """The plain alternative: every record rendered and written, with json and jinja2 alone."""
    import jinja2
    import yaml

    from physprior.dialogue.tags import DialogueTags, read_turns
    from physprior.knowledge.load import entry_files
    from physprior.paths import kb_folder, templates_folder

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    entries = [yaml.load(path.read_bytes(), Loader=loader) for path in entry_files(kb_folder())]
    kb = {entry["id"]: entry for entry in entries}
    template = jinja2.Environment(
        loader=jinja2.FileSystemLoader(templates_folder()),
        extensions=[DialogueTags],
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,
    ).get_template(f"{mode}.j2")
    shuffled = random.Random(0)
    out.mkdir(parents=True)
    files = [(out / f"{name}.jsonl").open("w", encoding="utf-8") for name in ("train", "test")]
    with index.open(encoding="utf-8") as lines:
        next(lines)
        for video in map(json.loads, lines):
            entry = kb[video["category"]]
            classes = {"normal": entry["normal"], **{one["id"]: one for one in entry["anomalies"]}}
            reason = shuffled.choice(classes[video["class_id"]]["explanations"])
            label = "Anomalous" if video["label"] else "Normal"
            rendered = template.render(
                category=entry, prior=entry["prior"], verdict=f"Verdict: {label}. Reason: {reason}"
            )
            record: dict[str, Any] = {
                **{
                    name: video[name]
                    for name in ("path", "sha256", "category", "class_id", "label")
                },
                "reason": reason,
                "turns": [turn.model_dump() for turn in read_turns(rendered)],
            }
            line = json.dumps(record, ensure_ascii=False) + "\n"
            files[shuffled.random() < 0.2].write(line)
    for file in files:
        file.close()


def main() -> int:
    """Print the figures; exit 1 where one is over its limit."""
    from physprior.paths import kb_folder

    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        os.environ["PHYSPRIOR_CACHE"] = str(place / "cache")
        os.environ["PYTHONPYCACHEPREFIX"] = str(place / "compiled")
        index, large = place / "index.jsonl", place / "large.jsonl"
        count, more = 6_434, 100_000
        _make_index(index, count)
        _make_index(large, more)
        out, kb = place / "dataset", Path(shutil.copytree(kb_folder(), place / "kb"))
        build = [str(PHYSPRIOR), "build", str(index), "-o", str(out), "--kb", str(kb)]
        fresh = _removes(out)
        within = [
            show(f"{count:,} videos, {mode}", measure([*build, "--mode", mode], fresh), (3.0, 400))
            for mode in MODES
        ]
        full = measure(build, fresh)[0]
        edited = measure(build, _edits(kb))
        within.append(show(f"{count:,} videos, one entry edited", edited, (1.0, 400)))
        idle = measure(build, lambda: None)
        within.append(show(f"{count:,} videos, nothing to do", idle, (0.6, 400)))
        much = place / "much"
        command = [str(PHYSPRIOR), "build", str(large), "-o", str(much)]
        # Once is enough to know: it is far from its limit, or it is not.
        found = measure(command, _removes(much), runs=1)
        within.append(show(f"{more:,} videos", found, (45.0, 800)))
        shutil.rmtree(much)
        plain, memory = measure(_plain_script(index, place), _removes(place / "plain"))
        plain_much, _ = measure(_plain_script(large, place), _removes(place / "plain"), runs=1)
        print(f"{f'the plain script, {count:,} videos':<44} {plain:6.2f} s  {memory:20d} MB")
        print(f"{f'the plain script, {more:,} videos':<44} {plain_much:6.2f} s")
        print(
            f"of its time physprior takes {full / plain:.2f} for all, {edited[0] / plain:.2f} after"
            f" an edit, {idle[0] / plain:.2f} for nothing, {found[0] / plain_much:.2f} for {more:,}"
        )
        return int(not all(within))


def _plain_script(index: Path, place: Path) -> list[str]:
    return [sys.executable, __file__, str(index), str(place / "plain"), "multi_turn"]


def _make_index(path: Path, count: int) -> None:
    # In a process of its own: the system counts this one's memory as that of those it starts.
    script = Path(__file__).with_name("indexes.py")
    subprocess.run([sys.executable, str(script), str(path), str(count)], check=True)


def _removes(folder: Path) -> Callable[[], None]:
    return lambda: shutil.rmtree(folder, ignore_errors=True)


def _edits(kb: Path) -> Callable[[], None]:
    """Another change of the same sentence before every run."""
    path, numbers = kb / "fan.yaml", iter(range(1_000))
    text = path.read_text(encoding="utf-8")
    at = text.index("statement: ") + len("statement: ")
    return lambda: (path.write_text(f"{text[:at]}{next(numbers)} times {text[at:]}"), None)[1]


if __name__ == "__main__":
    if len(sys.argv) == 4:
        plainly(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
        sys.exit(0)
    sys.exit(main())

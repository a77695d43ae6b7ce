"""What gives away each anomaly of a simulation, from its video files: shortcuts and motion energy.

    physprior data simulate VIDEOS --count 1600 --seed 31
    python bench/twin_shortcuts.py VIDEOS -o bench/results/twin-shortcuts.json
    physprior data simulate MORE --category button --category fan --count 4800 --seed 31
    python bench/twin_shortcuts.py MORE -o bench/results/twin-shortcuts.json

A tenth of a sound button's frames must be telling: more videos say how few that is. The fan has
more as well, because 267 uneven ones gave 0.577 [0.538, 0.616] by the best of eight frames.

Every anomaly is set against the normal videos of its category. A single frame is judged by a
support vector machine on 24 pixels and, where no frame may tell, by a small network on 48 as well;
the better one counts, at the best of eight places in the clip. Stopped and started again, it goes
on.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import shortcuts
from numpy.typing import NDArray

from physprior.files import write_json
from physprior.knowledge.schema import NORMAL
from physprior.simulate.twin import twins
from physprior.video.decode import decode
from physprior.video.probe import probe

_WIDE = 48
Seen = tuple[NDArray[np.float32], NDArray[np.float64], NDArray[np.float64]]
"""Eight frames, metadata and frame differences of some videos."""


def watched(folders: Sequence[Path]) -> Seen:
    """All videos of ``folders``."""
    pictures, rows, steps = [], [], []
    for path in sorted(video for folder in folders for video in folder.glob("*.mp4")):
        info = probe(path)
        frames = decode(path, np.arange(info.frames))
        pictures.append(shortcuts.small(frames[shortcuts.sampled_at(info.frames)], _WIDE))
        rows.append([info.frames, info.fps, *shortcuts.colours(frames)])
        steps.append(shortcuts.differences(frames))
    return np.array(pictures), np.array(rows), np.array(steps)


def measured(videos: Path, category: str) -> dict[str, dict[str, Any]]:
    """The table's rows of one category, by anomaly."""
    import torch

    torch.set_num_threads(1)
    root = videos / category
    sound = watched([root / "train", root / "test" / NORMAL])
    found = {}
    for class_id, defect in twins()[category].defects.items():
        faulty = watched([root / "test" / class_id])
        labels = np.repeat([0, 1], [len(sound[0]), len(faulty[0])])
        pictures, rows, steps = (np.concatenate(pair) for pair in zip(sound, faulty, strict=True))
        halved = pictures.reshape(*pictures.shape[:2], 24, 2, 24, 2, 3).mean(axis=(3, 5))
        found[class_id] = {
            "evidence": defect.evidence,
            "normal": len(sound[0]),
            "anomalous": len(faulty[0]),
            "frame, machine": asdict(shortcuts.single_frame(halved, labels)),
            "metadata": asdict(shortcuts.metadata(rows, labels)),
            "motion energy": asdict(shortcuts.motion_energy(steps, labels)),
        }
        if defect.evidence == "motion":
            found[class_id]["frame, network"] = asdict(shortcuts.small_network(pictures, labels))
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what is not measured yet, write and print the table; 1 where a shortcut shows."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("videos", type=Path)
    parser.add_argument("-o", "--out", type=Path, required=True)
    parser.add_argument("--category", action="append")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args(arguments)
    record = json.loads((options.videos / "simulation.json").read_text(encoding="utf-8"))
    source = {
        "simulator": record["simulator"],
        **{key: record["options"][key] for key in ("count", "seed", "size", "frames", "severity")},
    }
    known: dict[str, Any] = {}
    if options.out.is_file():
        known = json.loads(options.out.read_text(encoding="utf-8"))
    chosen = options.category or record["options"]["categories"]
    left = [name for name in chosen if known.get(name, {}).get("source") != source]
    with ProcessPoolExecutor(options.workers, mp_context=get_context("spawn")) as pool:
        made = pool.map(measured, [options.videos] * len(left), left)
        for name, rows in zip(left, made, strict=True):
            known[name] = {"source": source, "anomalies": rows}
            write_json(options.out, known)
            print(f"{name}: measured", file=sys.stderr, flush=True)
    return report(known)


def best_frame(row: dict[str, Any]) -> dict[str, Any]:
    """The better of the classifiers that saw one frame."""
    tried: list[dict[str, Any]] = [row[name] for name in row if name.startswith("frame, ")]
    return max(tried, key=lambda one: one["value"])


def report(categories: dict[str, Any]) -> int:
    """Print all rows; 1 where a motion anomaly has a shortcut."""
    worst = 0
    for category, measured in sorted(categories.items()):
        for class_id, row in measured["anomalies"].items():
            frame = best_frame(row)
            shows = (
                row["evidence"] == "motion" and max(frame["high"], row["metadata"]["high"]) > 0.6
            )
            worst |= shows
            said = ", ".join(
                f"{name} {one['value']:.3f} [{one['low']:.3f}, {one['high']:.3f}]"
                for name, one in (
                    ("one frame", frame),
                    ("metadata", row["metadata"]),
                    ("motion energy", row["motion energy"]),
                )
            )
            mark = "SHORTCUT " if shows else ""
            print(f"{mark}{category}/{class_id} ({row['evidence']}): {said}")
    return worst


if __name__ == "__main__":
    raise SystemExit(main())

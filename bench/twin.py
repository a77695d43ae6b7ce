"""The synthetic twin under the lens: what it looks like, what it costs, what gives it away.

python bench/twin.py look CATEGORY -o FILE.png     every class, eight frames, several objects
python bench/twin.py probe CATEGORY --count 300    shortcuts, on frames as they are painted
python bench/twin.py speed [CATEGORY ...]          processor time a video, by step
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import shortcuts
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from physprior.knowledge.schema import NORMAL
from physprior.simulate.film import Shot, paint, prepare
from physprior.simulate.generate import make_video
from physprior.simulate.plan import Options, plan
from physprior.simulate.twin import twins

_FPS = 30


def shot(
    category: str,
    class_id: str,
    index: int,
    *,
    seed: int = 11,
    size: int = 96,
    frames: int = 60,
    fps: int = _FPS,
    severity: tuple[float, float] = (0.5, 1.0),
) -> Shot:
    """One of many videos of a class; the objects go round 24."""
    return Shot(
        category=category,
        class_id=class_id,
        folder=f"test/{class_id}",
        index=index,
        instance=index % 24,
        seed=seed,
        size=size,
        frames=frames,
        fps=fps,
        severity=severity,
    )


def look(options: argparse.Namespace) -> None:
    """A picture: a row of eight frames for each class and video, under the class's name."""
    size, zoom = options.size, max(1, 144 // options.size)
    classes = [NORMAL, *twins()[options.category].defects]
    severity = (options.severity, options.severity) if options.severity is not None else (0.5, 1.0)
    chosen = [c for c in classes if options.only in (None, c)]
    strips = []
    for class_id in chosen:
        for index in range(options.videos):
            one = shot(
                options.category, class_id, index, size=size, severity=severity, seed=options.seed
            )
            take = prepare(one)
            at = np.linspace(0, one.frames - 1, options.frames).round().astype(int)
            strip = np.concatenate(list(paint(one, take, at)), axis=1)
            strips.append((f"{class_id}  {_said(take)}", strip))
    side = size * zoom
    sheet = Image.new("RGB", (side * options.frames, (side + 16) * len(strips)), "white")
    draw = ImageDraw.Draw(sheet)
    for row, (title, strip) in enumerate(strips):
        picture = Image.fromarray(strip)
        picture = picture.resize((side * options.frames, side), Image.Resampling.BILINEAR)
        draw.text((4, row * (side + 16) + 2), title, fill="black")
        sheet.paste(picture, (0, row * (side + 16) + 16))
    sheet.save(options.out)


def _said(take: object) -> str:
    fault = take.fault  # type: ignore[attr-defined]
    if fault is None:
        return ""
    return f"severity {fault.severity:.2f}, onset {fault.onset_s:.2f} s"


def watched(one: Shot) -> tuple[NDArray[np.float32], list[float], NDArray[np.float64]]:
    """Eight small frames, the metadata and the frame differences of a video, as it is painted."""
    frames = np.stack(list(paint(one, prepare(one))))
    at = shortcuts.sampled_at(one.frames)
    return (
        shortcuts.small(frames[at]),
        [one.frames, one.fps, *shortcuts.colours(frames)],
        shortcuts.differences(frames),
    )


def probe(options: argparse.Namespace) -> None:
    """Print, for each anomaly, how well shortcuts and motion energy tell it."""
    twin = twins()[options.category]
    seen = {}
    for class_id in [NORMAL, *twin.defects]:
        if options.only in (None, class_id) or class_id == NORMAL:
            made = [watched(shot(options.category, class_id, k)) for k in range(options.count)]
            seen[class_id] = [np.array(column) for column in zip(*made, strict=True)]
    for class_id, defect in twin.defects.items():
        if class_id not in seen:
            continue
        labels = np.repeat([0, 1], options.count)
        pictures, rows, steps = (
            np.concatenate([a, b]) for a, b in zip(seen[NORMAL], seen[class_id], strict=True)
        )
        print(
            f"{options.category}/{class_id} ({defect.evidence}): "
            f"one frame {shortcuts.single_frame(pictures, labels)}, "
            f"metadata {shortcuts.metadata(rows, labels)}, "
            f"motion energy {shortcuts.motion_energy(steps, labels)}",
            flush=True,
        )


def speed(options: argparse.Namespace) -> None:
    """Print milliseconds of processor time a video: physics, paint, and all with the encoder."""
    for category in options.category or twins():
        shots = plan(Options(categories=(category,), count=options.count))
        begun = time.process_time()
        takes = [prepare(one) for one in shots]
        moved = time.process_time()
        for one, take in zip(shots, takes, strict=True):
            for _ in paint(one, take):
                pass
        painted = time.process_time()
        with tempfile.TemporaryDirectory() as folder:
            for one in shots:
                make_video(Path(folder), one)
        ended = time.process_time()
        steps = (moved - begun, painted - moved, ended - painted)
        move, paints, whole = (1e3 * step / len(shots) for step in steps)
        print(f"{category:18} physics {move:5.1f}  paint {paints:5.1f}  all {whole:5.1f} ms")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one of the commands."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True)
    one = commands.add_parser("look")
    one.add_argument("category", choices=sorted(twins()), metavar="CATEGORY")
    one.add_argument("-o", "--out", type=Path, required=True)
    one.add_argument("--videos", type=int, default=2, help="of each class")
    one.add_argument("--frames", type=int, default=8, help="of each video")
    one.add_argument("--size", type=int, default=96)
    one.add_argument("--severity", type=float, help="one severity for all, 0 to 1")
    one.add_argument("--only", help="one class")
    one.add_argument("--seed", type=int, default=11)
    one.set_defaults(run=look)
    one = commands.add_parser("probe")
    one.add_argument("category", choices=sorted(twins()), metavar="CATEGORY")
    one.add_argument("--count", type=int, default=300, help="videos of each class")
    one.add_argument("--only", help="one anomaly")
    one.set_defaults(run=probe)
    one = commands.add_parser("speed")
    one.add_argument("category", nargs="*")
    one.add_argument("--count", type=int, default=24)
    one.set_defaults(run=speed)
    options = parser.parse_args(arguments)
    classes = [NORMAL, *twins()[options.category].defects] if "only" in options else []
    if classes and options.only not in (None, *classes):
        parser.error(f"--only {options.only}: {options.category} has {', '.join(classes)}")
    options.run(options)


if __name__ == "__main__":
    main()

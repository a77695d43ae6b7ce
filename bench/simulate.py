"""Making simulated videos, against the plain way of painting each frame alone.

    python bench/simulate.py --each 3

Both sides integrate the same motion, paint the same parts with the same distances and encode with
the same settings, in one process. The plain side paints frame after frame: backdrop, every part,
light, and fresh noise of the sensor. Best of five rounds; the ratio is what counts.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from physprior.simulate.canvas import Canvas
from physprior.simulate.film import Shot, Take, prepare
from physprior.simulate.generate import make_video
from physprior.simulate.plan import Options, path_of, plan
from physprior.video.write import write_video

ROUNDS = 5


def plainly(out: Path, shot: Shot) -> None:
    """One video, painted frame by frame."""
    write_video(out / path_of(shot), _frames(shot, prepare(shot)), shot.fps)


def _frames(shot: Shot, take: Take) -> Iterator[NDArray[np.uint8]]:
    setting = take.setting
    backdrop, light = setting.backdrop(), setting.light_map()
    rng = np.random.default_rng(0)
    for k in range(shot.frames):
        canvas = Canvas(setting.view, backdrop)
        take.twin.paint(canvas, take.unit, {n: v[k : k + 1] for n, v in take.motion.states.items()})
        noise = rng.standard_normal((shot.size, shot.size), dtype=np.float32) * setting.noise
        seen = np.clip((canvas.frames[0] * light[0] + noise) * 255 + 0.5, 0, 255)
        yield seen.astype(np.uint8).transpose(1, 2, 0)


def timed(make: Callable[[Path, Shot], None], shots: Sequence[Shot]) -> float:
    """Seconds a video."""
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        for shot in shots:
            make(Path(folder), shot)
        return (time.perf_counter() - begun) / len(shots)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print milliseconds a video of both, and their ratio."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--each", type=int, default=3, help="videos of every category")
    options = parser.parse_args(arguments)
    shots = [
        shot
        for category in Options().categories
        for shot in plan(Options(categories=(category,)))[:: -(-60 // options.each)]
    ]
    rounds = [(timed(make_video, shots), timed(plainly, shots)) for _ in range(ROUNDS)]
    ours, plain = (1e3 * min(side) for side in zip(*rounds, strict=True))
    print(f"{len(shots)} videos of all categories, the default size, one process, best of {ROUNDS}")
    print(f"ours {ours:.1f} ms a video, plain {plain:.1f} ms: {plain / ours:.2f} times as fast")


if __name__ == "__main__":
    main()

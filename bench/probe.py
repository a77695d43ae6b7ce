"""How much faster videos are looked at by two workers than by one.

    python bench/probe.py

Simulated clips as the demo has them (96x96) and large ones as Phys-AD has them (1920x1080).
Measured is the whole of ``physprior.dataset.examine.examine`` in a fresh process, uncached: start
of the workers, decoding, hashing, handing the results back. The two are taken in turn, so that
both meet the same other work on the machine; best of five, or of three for the large ones.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from physprior.video.write import write_video

LIMIT = 1.7
SMALL, LARGE = 1200, 24
MEASURED = """
import sys, time
from pathlib import Path
from physprior.dataset.examine import examine, no_progress
paths = sorted(Path(sys.argv[1]).rglob("*.mp4"))
started = time.perf_counter()
found = examine(paths, workers=int(sys.argv[2]), progress=no_progress)
print(time.perf_counter() - started)
assert all(one.info for one in found), [one.reason for one in found if not one.info]
"""


def simulate(folder: Path) -> None:
    """Clips of 60 frames at 96x96: the demo's."""
    physprior = Path(sys.executable).with_name("physprior")
    words = ["data", "simulate", str(folder), "--count", str(SMALL // 4)]
    subprocess.run([str(physprior), *words], check=True, capture_output=True)


def write_large(folder: Path) -> None:
    """Clips of 180 frames at 1920x1080, of which the same few are copied under many names."""
    rng = np.random.default_rng(0)
    ground = rng.integers(0, 200, (54, 96, 3), dtype=np.uint8).repeat(20, 0).repeat(20, 1)

    def pictures():  # type: ignore[no-untyped-def]
        for number in range(180):
            picture = ground.copy()
            picture[300:700, number * 9 : number * 9 + 200] = 240
            yield picture

    write_video(folder / "00.mp4", pictures(), fps=60)
    for number in range(1, LARGE):
        (folder / f"{number:02d}.mp4").write_bytes((folder / "00.mp4").read_bytes())


def seconds(folder: Path, workers: int) -> float:
    """Seconds of one look at all videos of a folder."""
    command = [sys.executable, "-c", MEASURED, str(folder), str(workers)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def compare(what: str, folder: Path, runs: int) -> bool:
    """Print both figures and their ratio; whether it is at least the limit."""
    taken = [(seconds(folder, 1), seconds(folder, 2)) for _ in range(runs)]
    one, two = (min(column) for column in zip(*taken, strict=True))
    count = len(list(folder.rglob("*.mp4")))
    print(
        f"{count:5} clips of {what:<16} 1 worker {one:6.2f} s ({1000 * one / count:6.1f} ms each)"
        f"   2 workers {two:6.2f} s   {one / two:.2f} times faster (at least {LIMIT})",
        flush=True,
    )
    return one / two >= LIMIT


def main() -> int:
    """Print the figures; exit 1 where two workers gain less than the limit."""
    with tempfile.TemporaryDirectory() as place:
        small, large = Path(place, "small"), Path(place, "large")
        large.mkdir()
        simulate(small)
        write_large(large)
        within = [compare("96x96x60", small, 5), compare("1920x1080x180", large, 3)]
    return int(not all(within))


if __name__ == "__main__":
    sys.exit(main())

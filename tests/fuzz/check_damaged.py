"""Check many damaged files and say which broke the check: run by the tests in a process of its own.

    python tests/fuzz/check_damaged.py COUNT FOLDER

FOLDER holds the input of the moment, so that one which kills the process is known. Ends with 0 and
one line on standard output where every input gave findings, in time and in memory.
"""

from __future__ import annotations

import gc
import resource
import sys
import time
from pathlib import Path

from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from mutations import damaged_files

from physprior.check.run import check_bytes
from physprior.errors import PhyspriorError
from physprior.knowledge.text import decode, split_lines

LONGEST_S = 1.0
MOST_BYTES = 500_000_000
ADDRESS_SPACE = 4_000_000_000


def peak_bytes() -> int:
    """The largest resident memory of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def check_one(path: Path, data: bytes) -> float:
    """Check a file's content and hold every finding to its promises; returns the seconds it took.

    Raises AssertionError where the check takes too long or too much, and whatever it lets out.
    """
    # A full collection over what hypothesis keeps takes half a second, and is not the check's.
    gc.disable()
    before, started = peak_bytes(), time.process_time()
    try:
        findings = check_bytes(path, data)
    except PhyspriorError:
        findings = []
    seconds, more = time.process_time() - started, peak_bytes() - before
    gc.enable()
    assert seconds < LONGEST_S, f"{seconds:.2f} s"
    assert more < MOST_BYTES, f"{more:,} bytes more"
    lines = split_lines(decode(path, data)[0])
    for found in findings:
        assert 1 <= found.line <= len(lines) + 1, found
        assert found.column >= 1, found
        assert "\n" not in found.message, found
        assert found.remedy, found
        assert found.full(lines)
    return seconds


def main(count: int, folder: Path) -> None:
    """Check ``count`` inputs, the same ones each time."""
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    inputs = seconds = slowest = 0.0

    @settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        verbosity=Verbosity.quiet,
        suppress_health_check=list(HealthCheck),
    )
    @given(damaged=damaged_files())
    def check_all(damaged: tuple[Path, bytes]) -> None:
        nonlocal inputs, seconds, slowest
        path, data = damaged
        (folder / "name").write_text(f"input {inputs:.0f}, {path}", encoding="utf-8")
        (folder / "content").write_bytes(data)
        took = check_one(path, data)
        inputs, seconds, slowest = inputs + 1, seconds + took, max(slowest, took)

    check_all()
    sys.stdout.write(f"{inputs:.0f} inputs in {seconds:.0f} s, the slowest {slowest:.2f} s\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))

"""Whatever a KB file or template holds, a check of it ends soon, and in findings."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from check_damaged import check_one

from physprior.knowledge.text import LARGEST
from physprior.paths import kb_folder

SCRIPT = Path(__file__).with_name("check_damaged.py")


def check_damaged(count: int, folder: Path, timeout_s: float) -> None:
    """Check ``count`` damaged files in a process; fail with the input that it could not take."""
    done = subprocess.run(
        [sys.executable, str(SCRIPT), str(count), str(folder)],
        capture_output=True,
        text=True,
        timeout=timeout_s,
    )
    if done.returncode:
        ended = signal.Signals(-done.returncode).name if done.returncode < 0 else done.returncode
        which = (folder / "name").read_text(encoding="utf-8")
        pytest.fail(f"{which} in {folder / 'content'} ended with {ended}\n{done.stderr[-3000:]}")
    inputs = re.match(r"(\d+) inputs", done.stdout)
    assert inputs is not None
    # Hypothesis repeats nothing: small spaces are exhausted, this one is not.
    assert int(inputs[1]) >= count


def test_three_hundred_damaged_files_give_findings(tmp_path: Path) -> None:
    check_damaged(300, tmp_path, timeout_s=120)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_twenty_thousand_damaged_files_give_findings(tmp_path: Path) -> None:
    check_damaged(20_000, tmp_path, timeout_s=850)


@pytest.mark.parametrize(
    "data",
    [
        b"a: " + b"[" * LARGEST,
        b"- " * LARGEST,
        b"a: " + b"{a: " * LARGEST,
        b'a: "' + b"#" * LARGEST,
        b"a: x #" + b" #" * LARGEST,
        b"a: " + b"x #3\n" * LARGEST,
        b"a: x #3\nb: " * LARGEST,
        b"a:\n" + b" - b\n   - c\n" * LARGEST,
        b"a: " + b"x\n  - y\n" * LARGEST,
        b"- x #3\n" * LARGEST,
        b"\xe2\x80\x9c" * LARGEST,
        b"\xc2\xa0\n" * LARGEST,
        b"\n" * LARGEST,
        b"a: b\n" * LARGEST,
        b"a: &a b\n" * LARGEST,
        b"a: !b c\n" * LARGEST,
        b"a\xe2\x80\x8bb\n" * LARGEST,
        b"id: a\nnaem: b\n" * LARGEST,
        b"# physprior: ignore[P003] x\na: b\n" * LARGEST,
    ],
    ids=lambda data: repr(data[:9]),
)
def test_a_large_and_monotonous_file_gives_findings_in_time(data: bytes) -> None:
    # Cut between characters: a broken one would be all that is found.
    check_one(Path("clip.yaml"), data[:LARGEST].decode("utf-8", "ignore").encode())


RUNS = [
    *("[", "]", "{", "{a", "<", "<|", "</", "(", "?", ".", "_", "#", "$", "$ {", "’", "a’", "é"),
    *("a", "xxx", "T.B.", "to be ", "to-", "see ", "USER ", "reason ", "verdict", "appears ", "1 "),
]


@pytest.mark.parametrize("run", RUNS)
def test_a_long_run_in_a_sentence_is_judged_in_time(run: str) -> None:
    entry = (kb_folder() / "clip.yaml").read_text(encoding="utf-8")
    start = entry.index("Therefore, ")
    room = LARGEST - len(entry.encode()) - 100
    long = run * (room // len(run.encode()))
    text = f"{entry[:start]}{long}{entry[start:]}".replace("statement: >-", "statement: |-")
    assert len(text.encode()) <= LARGEST
    check_one(Path("clip.yaml"), text.encode())

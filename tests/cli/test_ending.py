"""How the command ends where it is stopped, not listened to, or at fault itself."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

Process = Callable[..., subprocess.CompletedProcess[str]]


def raise_in_check(error: str) -> str:
    """Python that puts an error where ``physprior check`` does its work."""
    return (
        "from physprior.check.request import Request\n"
        "def check(request):\n"
        f"    raise {error}\n"
        "Request.check = check\n"
    )


def test_a_fault_of_our_own_is_kept_in_a_file_and_not_thrown_at_the_user(
    process: Process, tmp_path: Path
) -> None:
    done = process(
        "check",
        before=raise_in_check("ZeroDivisionError('a wheel came off')"),
        environment={"TMPDIR": str(tmp_path)},
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    problem, remedy = done.stderr.splitlines()
    assert problem == (
        "error: physprior met a fault of its own (ZeroDivisionError: a wheel came off)"
    )
    (kept,) = tmp_path.glob("physprior-fault-*.txt")
    assert remedy == f"  remedy: report it, with {kept}"
    text = kept.read_text(encoding="utf-8")
    assert re.search(r"^Traceback", text, re.MULTILINE)
    assert "ZeroDivisionError: a wheel came off" in text
    assert "['check']" in text


def test_what_the_terminal_cannot_write_is_escaped(process: Process) -> None:
    for encoding in ("ascii", "utf-8:strict"):
        done = process(
            "check",
            before=raise_in_check(r"print('caf\xe9/\udcff.jsonl') or OSError(5, 'after it')"),
            environment={"PYTHONIOENCODING": encoding},
        )
        assert "\\udcff.jsonl" in done.stdout
        assert "after it" in done.stderr


def test_what_the_system_refuses_is_said_in_its_words(process: Process) -> None:
    done = process("check", before=raise_in_check("OSError(28, 'No space left', '/data/x')"))
    assert done.returncode == 2
    assert done.stderr == "error: /data/x: No space left\n"


def test_ctrl_c_ends_with_130_and_says_how_to_go_on(process: Process) -> None:
    done = process("check", before=raise_in_check("KeyboardInterrupt"))
    assert done.returncode == 130
    assert "Traceback" not in done.stderr
    assert done.stderr.strip() == "stopped; the same command goes on where it stopped"


def test_a_reader_that_has_left_is_no_error() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    # Once in what is written at the end, once in the midst of more than a buffer holds.
    long = "import physprior.cli.show as s; s.say = lambda t: sys.stdout.write(t * 1000)"
    for before in ("", long):
        script = f"import sys\n{before}\nfrom physprior.cli.main import run\nrun()"
        done = subprocess.run(
            [sys.executable, "-c", script, "show", "clip"],
            stdout=writer,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
        )
        assert (done.returncode, done.stderr) == (0, "")
    os.close(writer)


def test_the_module_is_the_command_too() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "physprior", "--version"], capture_output=True, text=True, timeout=60
    )
    assert done.stdout.startswith("physprior ")


def test_a_current_folder_that_is_gone_is_said_in_words(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    script = (
        f"import os; os.chdir({str(gone)!r}); os.rmdir({str(gone)!r})\n"
        "from physprior.cli.main import run\nrun()"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, "check"], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 2
    assert done.stderr == (
        "error: the current folder is not there any more\n  remedy: cd to one that is there\n"
    )


def test_closed_standard_output_is_no_fault() -> None:
    script = "from physprior.cli.main import run\nrun()"
    command = [sys.executable, "-c", script, "check", "--format", "json"]
    done = subprocess.run(
        ["/bin/sh", "-c", 'exec "$@" >&-', "sh", *command],
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0
    assert "fault" not in done.stderr

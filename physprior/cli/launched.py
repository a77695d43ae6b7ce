"""Commands that are started in several processes at once: ``accelerate launch``, torchrun."""

from __future__ import annotations

import os
import sys
from contextlib import redirect_stdout


def is_main_process() -> bool:
    """Whether this process is the one that speaks and writes."""
    return os.environ.get("RANK", "0") == "0"


def run_launched(command: str) -> None:
    """Run ``physprior COMMAND`` with the arguments of this process; the first process speaks."""
    sys.argv[1:1] = [command]
    try:
        _run_quietly()
    except SystemExit as leaving:
        if not leaving.code:
            _leave()
        raise
    _leave()


def _run_quietly() -> None:
    from physprior.cli.main import run

    if is_main_process():
        run()
        return
    with open(os.devnull, "w", encoding="utf-8") as nothing, redirect_stdout(nothing):
        run()


def _leave() -> None:
    # The help of a command needs no torch, and so has no other processes to leave.
    if "torch" in sys.modules:
        from physprior.vlm.processes import leave_processes

        leave_processes()

"""``physprior check --watch``: the check again and again, as files are saved."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from physprior.check.request import Request
from physprior.check.run import Result
from physprior.check.watch import rounds
from physprior.cli.console import remark, until_stopped
from physprior.errors import KnowledgeError

_CLEARED = "\x1b[H\x1b[2J"


def watch_files(request: Request, show: Callable[[Result], None]) -> None:
    """Check and show, now and after each change, until Ctrl-C.

    Raises KnowledgeError where not even the first check can be made. Later a folder or file may
    be missing for a while: that is said, and the watch goes on.
    """
    with until_stopped():
        for number, _ in enumerate(rounds(request.paths)):
            try:
                result = request.check()
            except KnowledgeError as error:
                if number == 0:
                    raise
                _clear()
                remark(f"error: {error}")
            else:
                _clear()
                show(result)
            sys.stdout.flush()
            remark("watching; Ctrl-C ends it")


def _clear() -> None:
    if sys.stdout.isatty() and os.environ.get("TERM") != "dumb":
        sys.stdout.write(_CLEARED)

"""What commands say: results to standard output, progress and remarks to standard error."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import sys
import textwrap
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

_INTERVAL = re.compile(r"\[[-+]?\d+(\.\d+)?, [-+]?\d+(\.\d+)?\]")
_HELD = "\u00a0"


class Stopped(SystemExit):
    """Ctrl-C has ended what leaves nothing behind to go on with."""


@contextlib.contextmanager
def until_stopped(told: str = "stopped") -> Iterator[None]:
    """What is done in this context keeps nothing: Ctrl-C ends it with 130 and the words ``told``.

    Everywhere else the command line says that the same command goes on where it stopped.
    """
    try:
        yield
    except KeyboardInterrupt:
        remark(f"\n{told}")
        raise Stopped(130) from None


def say(text: str = "") -> None:
    """Print one result line to standard output."""
    sys.stdout.write(text + "\n")


def remark(text: str) -> None:
    """Print a remark to standard error."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def paragraph(text: str, width: int = 98) -> None:
    """Print a sentence or two to standard output, wrapped; lines after the first are indented.

    An interval, ``[0.31, 0.39]``, stays on one line, and so does a path.
    """
    wrapper = textwrap.TextWrapper(
        width, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )
    for line in wrapper.wrap(_INTERVAL.sub(lambda found: found[0].replace(" ", _HELD), text)):
        say(line.replace(_HELD, " "))


def table(
    heads: Sequence[str], rows: Sequence[Sequence[str]], *, last_apart: int = 0, names: int = 1
) -> None:
    """Print a plain table: the first ``names`` columns to the left, the others to the right.

    ``last_apart`` rules off so many of the last rows.

    Plain text on purpose: it reads the same in a terminal, a log and a file.
    """
    widths = [max(len(row[column]) for row in (heads, *rows)) for column in range(len(heads))]

    def line(cells: Sequence[str]) -> str:
        placed = [
            cell.ljust(width) if place < names else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]
        return "  ".join(placed).rstrip()

    rule = "  ".join("-" * width for width in widths)
    say(line(heads))
    say(rule)
    for index, row in enumerate(rows):
        if last_apart and index == len(rows) - last_apart:
            say(rule)
        say(line(row))


Progress = Callable[..., None]
"""Called with (done, total) or (done, total, remark)."""


@contextlib.contextmanager
def progress(what: str) -> Iterator[Progress]:
    """A progress line on standard error: a live bar on a terminal, else a line now and then."""
    if not sys.stderr.isatty():
        yield _lines(what)
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.progress import (
        Progress as Bars,
    )

    columns = (
        TextColumn("{task.description:<10}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[said]}"),
    )
    with Bars(*columns, console=Console(stderr=True)) as bars:
        task = bars.add_task(what, total=None, said="")

        def update(done: int, total: int, said: str = "") -> None:
            bars.update(task, completed=done, total=total, said=said)

        yield update


class Steps(contextlib.ExitStack):
    """Shows one progress line after another, by the names that the work gives its steps."""

    def __init__(self) -> None:
        super().__init__()
        self._what = ""
        self._update: Progress = lambda *said: None

    def __call__(self, what: str, done: int, total: int, said: str = "") -> None:
        """Update the line of ``what``; another name than before closes the line before."""
        if what != self._what:
            self.close()
            self._what, self._update = what, self.enter_context(progress(what))
        self._update(done, total, said)

    def close(self) -> None:
        """Close the line that is shown; the next call begins a new one."""
        self._what = ""
        super().close()


def _lines(what: str, every: float = 15.0) -> Progress:
    started = time.monotonic()
    state = {"next": started + every, "finished": False}

    def update(done: int, total: int, said: str = "") -> None:
        now = time.monotonic()
        finished = done >= total and not state["finished"]
        if now < state["next"] and not finished:
            return
        state["next"] = now + every
        state["finished"] = state["finished"] or finished
        remark(f"{what}: {done}/{total} after {now - started:.0f} s  {said}".rstrip())

    return update


def list_skipped(skipped: Sequence[Any], reason: Callable[[Any], str]) -> None:
    """Say at the end what was skipped, and why: nothing is dropped in silence."""
    if not skipped:
        return
    remark(f"skipped {len(skipped)} video{'s' if len(skipped) > 1 else ''}:")
    for skip in skipped:
        remark(f"  {reason(skip)}")


def quiet_libraries() -> None:
    """Keep the model libraries' own bars and notices out of a command's output."""
    import warnings

    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    warnings.filterwarnings("ignore", category=FutureWarning, module=r"(transformers|trl|peft)\b")
    # PEFT imports bitsandbytes wherever it is installed, which then tells of kernels that it lacks.
    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)
    import datasets
    import transformers

    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    datasets.disable_progress_bars()

"""Several processes that train or predict together: what one of them meets, all of them are told.

Else the others would wait for one that has given up, and then report a fault of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

import torch
import torch.distributed
from accelerate import PartialState
from accelerate.utils import broadcast_object_list, gather_object

from physprior.errors import PhyspriorError

T = TypeVar("T")

_PATIENCE = timedelta(days=2)
"""How long a process waits for the main one: decoding Phys-AD takes hours, and the default is
minutes. A process that dies is noticed at once by what started it."""


def join_processes() -> PartialState:
    """What is known of the processes that were started together; one where it is alone."""
    return PartialState(cpu=not torch.cuda.is_available(), timeout=_PATIENCE)


def leave_processes() -> None:
    """Part from the others, where all of them have ended well; alone, nothing is done.

    What carries messages between processes has threads of its own, which may still hold an object
    of Python's while the interpreter is taken down: that would abort a process whose work is done.
    After an error it must not be called: another process may wait for this one for ever.
    """
    if torch.distributed.is_available() and torch.distributed.is_initialized():
        torch.distributed.destroy_process_group()


def on_main(processes: PartialState, work: Callable[[], T]) -> T | None:
    """What ``work`` makes in the main process; None in the others. Its error is raised in all."""
    made, error = _attempt(work) if processes.is_main_process else (None, None)
    _raise_first([_told(processes, error)])
    return made


def from_main(processes: PartialState, work: Callable[[], T]) -> T:
    """What ``work`` makes in the main process, in every process. Its error is raised in all."""
    made: T = _told(processes, on_main(processes, work))
    return made


def from_all(processes: PartialState, work: Callable[[], list[T]]) -> list[T]:
    """What ``work`` makes in each process, one after another. The first error is raised in all."""
    outcomes = [_attempt(work)]
    if processes.num_processes > 1:
        outcomes = gather_object(outcomes)
    _raise_first([error for _, error in outcomes])
    return [one for made, _ in outcomes for one in made or ()]


def _told(processes: PartialState, value: Any) -> Any:
    """The main process's value, in every process."""
    values = [value]
    if processes.num_processes > 1:
        broadcast_object_list(values)
    return values[0]


def _attempt(work: Callable[[], T]) -> tuple[T | None, PhyspriorError | None]:
    try:
        return work(), None
    except PhyspriorError as error:
        return None, error


def _raise_first(errors: list[PhyspriorError | None]) -> None:
    for error in errors:
        if error is not None:
            raise error

"""What a raw judge output holds: each reply, where it stands, and the number that it says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from physprior.dataset.references import Remark, Unplaced

Task = Literal["description", "explanation"]
TASKS: tuple[Task, ...] = ("description", "explanation")
"""What PAEval's judge marks."""


@dataclass(frozen=True)
class RawReply:
    """One reply of the judge, about one video."""

    path: str
    """Where it stands: ``$.ball.descrip.leak[3]``."""
    category: str
    class_id: str
    task: Task
    said: str
    """The reply, cut where it is long, what breaks lines written as escapes."""
    value: float | None
    """From 0 to 1; None where it is no number for sure."""
    reason: str = ""
    """Why it is none."""
    bare: bool = True
    """Whether it is a plain number and nothing else."""


@dataclass(frozen=True)
class RawReplies:
    """A file of raw judge output."""

    source: str
    """Its name."""
    source_sha256: str
    """Hash of its content."""
    knowledge: dict[str, str]
    """Category to the hash of the KB entry that its names were placed by."""
    replies: tuple[RawReply, ...]
    """In the order of the file."""
    unplaced: tuple[Unplaced, ...] = ()
    """Names that were left out, and all below them."""
    remarks: tuple[Remark, ...] = ()
    """What is not as it should be, though it can be read."""

    def of(self, task: Task) -> tuple[RawReply, ...]:
        """The replies to one task."""
        return tuple(one for one in self.replies if one.task == task)

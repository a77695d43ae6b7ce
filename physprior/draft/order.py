"""A draft from beginning to end: what is asked, what came of it, and what went into the file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from physprior.check.files import CheckedFiles
from physprior.draft.ask import Answer, ask
from physprior.draft.entry import DraftEntry, find_entry
from physprior.draft.notes import Notes, read_notes
from physprior.draft.question import prompt_of
from physprior.draft.settle import Settled, refuse_broken, settle
from physprior.draft.strips import Strips, make_strips
from physprior.draft.wish import What, Wish, motion_wish, wishes
from physprior.edit.replace import replace_file
from physprior.endpoint.endpoint import Endpoint
from physprior.endpoint.prompt import Prompt
from physprior.errors import JudgeError, OutputError, PhyspriorError
from physprior.knowledge.folders import folded
from physprior.knowledge.validation import label
from physprior.knowledge.vocabulary import Vocabulary


@dataclass(frozen=True)
class Order:
    """What is to be drafted, ready to be sent."""

    entry: DraftEntry
    asked: tuple[tuple[Wish, Prompt], ...]
    vocabulary: Vocabulary | None
    notes: Notes | None = None
    strips: Strips | None = None

    def told(self) -> Iterator[str]:
        """What goes to the model, and how much it is."""
        if self.notes is not None:
            yield f"notes: {self.notes.path}, {self.notes.size:,} bytes"
        if self.strips is not None:
            names = ", ".join(path.name for path in self.strips.videos)
            count = len(self.strips.images)
            yield (
                f"videos: {count} picture{'' if count == 1 else 's'} of {self.strips.frames} frames"
                f" each, {self.strips.size:,} bytes: {names}"
            )
            for line in self.strips.skipped:
                yield f"passed over: {line}"
        for wish, prompt in self.asked:
            size = len(prompt.system) + len(prompt.user) + sum(map(len, prompt.images))
            yield f"question: {_what(wish)}; {size:,} characters"


@dataclass(frozen=True)
class Drafted:
    """What came of an order."""

    order: Order
    settled: tuple[Settled, ...] = ()
    remarks: tuple[str, ...] = ()
    error: PhyspriorError | None = None
    """Why nothing was written; None where something was, or nothing passed the rules."""

    def place(self, one: Settled) -> str:
        """Where a proposal belongs, in words."""
        return label(self.order.entry.source, one.proposal.path)


def make_order(
    kb: Path,
    templates: Path,
    category: str,
    *,
    notes: Path | None = None,
    from_videos: Path | None = None,
    what: What | None = None,
    classes: tuple[str, ...] = (),
    count: int | None = None,
    videos: int = 3,
    frames: int = 8,
) -> Order:
    """Read all that is needed. Nothing is sent.

    Raises PhyspriorError for a category, notes or videos that are not there or of no use, and
    where nothing is to be asked.
    """
    entry = find_entry(kb, category)
    refuse_broken(entry.source)
    read = read_notes(notes) if notes is not None else None
    vocabulary = CheckedFiles((entry.path,), (), (kb,)).vocabulary(entry.path)
    if from_videos is not None:
        wanted = [motion_wish(entry)]
        strips = make_strips(
            from_videos, lambda name: _fault(entry, name), videos=videos, frames=frames
        )
    else:
        wanted, strips = wishes(entry, what, classes, count), None
    asked = [
        (
            wish,
            prompt_of(wish, entry, read, templates, vocabulary=vocabulary, strips=strips),
        )
        for wish in wanted
    ]
    return Order(entry, tuple(asked), vocabulary, read, strips)


def draft(order: Order, endpoint: Endpoint, tell: Callable[[str], None]) -> Drafted:
    """Ask, hold what comes to the rules, and put what passes into the entry's file.

    The file is changed in one go or not at all: where a question has no answer, or somebody
    changed the file meanwhile, nothing is written, and ``Drafted.error`` says why.
    """
    answers, error = ask(order.asked, order.entry.id, endpoint, tell)
    entry = order.entry
    proposals = [proposal for answer in answers for proposal in answer.proposals]
    data, settled = settle(entry.path, entry.data, proposals, order.vocabulary, endpoint.model)
    remarks = [f"{_what(one.wish)}: {one.remark}" for one in answers if one.remark]
    error = error or _unanswered(answers, endpoint)
    if error is None and data != entry.data:
        try:
            replace_file(entry.path, entry.data, data)
        except OutputError as refused:
            error = refused
    if error is not None:
        settled = [
            replace(one, line=0, failed=one.failed or ("it passes; copy it if you like",))
            for one in settled
        ]
    return Drafted(order, tuple(settled), tuple(remarks), error)


def _unanswered(answers: list[Answer], endpoint: Endpoint) -> JudgeError | None:
    """The error for questions whose answers say nothing."""
    lost = [f"{_what(answer.wish)}: {answer.failure}" for answer in answers if answer.failure]
    if not lost:
        return None
    lines = "".join(f"\n  {line}" for line in lost)
    return JudgeError(
        f"{endpoint.model} at {endpoint.base_url} gave no proposals for"
        f" {len(lost)} of {len(answers)} questions:{lines}",
        remedy="give the command again, perhaps for one --class at a time, or ask another model",
    )


def _what(wish: Wish) -> str:
    if wish.class_id:
        return f"{wish.count} {wish.question} of {wish.class_id}"
    return f"{wish.question} ({', '.join(wish.keys)})"


def _fault(entry: DraftEntry, folder: str) -> str:
    """The anomaly that a folder's name means, or nothing."""
    for class_id, path in entry.classes():
        names = [class_id, *entry.texts((*path, "aliases"))]
        if class_id != "normal" and folded(folder) in map(folded, names):
            return class_id
    return ""

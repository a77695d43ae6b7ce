"""The report of a retraining: retrain.md for people, retrain.json for programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from physprior import files, provenance
from physprior.pipeline.retrain.changes import Change
from physprior.pipeline.retrain.compare import Outcome, macro_pair

MARKDOWN, DATA = "retrain.md", "retrain.json"
HEADS = ("category", "was", "trained on", "normal + anomalous", "old", "new", "change", "one video")
_NOT_AVAILABLE = "n/a"


@dataclass(frozen=True)
class RetrainReport:
    """What a retraining did."""

    run: Path
    """The old run."""
    new_run: Path
    new_dataset: Path
    split: str
    """The split that old and new were compared on."""
    rehearse: float
    epochs: float
    changes: tuple[Change, ...]
    outcomes: tuple[Outcome, ...]
    placed: dict[str, int]
    """Split to the number of videos that the old dataset did not know."""
    pinned: bool
    """The old split was handed over as a file, since its options would have dealt anew."""
    alone: tuple[str, ...]
    """Videos of the split that the old model was not asked about."""
    skipped: tuple[str, ...]
    """Videos that could not be used, with the reasons."""
    selected: bool
    """The new run kept the weights that did best on the very videos that are compared on."""

    @property
    def known(self) -> tuple[Outcome, ...]:
        """The categories that the old model was trained on."""
        return tuple(one for one in self.outcomes if one.role != "added")


def rows(report: RetrainReport) -> list[list[str]]:
    """The table: a row a category, then the mean of those that the old model knew."""
    made = [_row(one) for one in report.outcomes]
    known = report.known
    if len(known) < len(report.outcomes):
        made.append(_mean("macro average, with added", report.outcomes))
    made.append(_mean("macro average", known))
    return made


def _row(one: Outcome) -> list[str]:
    old = number(one.old) + "*" * (one.foreign and one.old is not None)
    return [
        one.category,
        one.role,
        str(one.trained),
        f"{one.normal} + {one.anomalous}",
        old,
        number(one.new),
        signed(one.delta),
        _NOT_AVAILABLE if one.one_video is None else f"±{one.one_video:.3f}",
    ]


def _mean(name: str, found: Sequence[Outcome]) -> list[str]:
    old, new = macro_pair(found)
    change = None if old is None or new is None else new - old
    total = f"{sum(one.normal for one in found)} + {sum(one.anomalous for one in found)}"
    trained = str(sum(one.trained for one in found))
    return [name, "", trained, total, number(old), number(new), signed(change), ""]


def number(value: float | None) -> str:
    """Three decimals, or n/a for what has no meaning."""
    return _NOT_AVAILABLE if value is None else f"{value:.3f}"


def signed(value: float | None) -> str:
    """Three decimals with their sign, or n/a."""
    return _NOT_AVAILABLE if value is None else f"{value:+.3f}"


def notes(report: RetrainReport) -> Iterator[str]:
    """What has to be said along with the table."""
    yield (
        f"AUROC of the log-odds on the {report.split} split, the same videos for both models;"
        " each was asked with the prompts that it was trained on"
    )
    if any(one.foreign for one in report.outcomes):
        yield "* the old model was never trained on this category: it was asked with the new prompt"
    yield (
        "one video: the most by which a single video can move that figure; a smaller change says"
        " nothing, and a larger one is no proof yet"
    )
    if report.selected:
        yield (
            "the new run kept the weights that did best on these very videos, so its figures are"
            " flattered; --split test asks videos that chose nothing"
        )
    yield from _forgotten(report.known)
    single = [one.category for one in report.outcomes if one.delta is None]
    if single:
        yield f"n/a, since only one class is there: {', '.join(single)}"
    if report.alone:
        yield f"not compared, since the old dataset has not got them: {counted(report.alone)}"
    yield from placed_notes(report.placed, pinned=report.pinned)
    if report.skipped:
        yield f"skipped: {counted(report.skipped)}"


def _forgotten(known: Sequence[Outcome]) -> Iterator[str]:
    """Names what an unchanged category has lost, by more than one video or by less."""
    others = [one for one in known if one.role in ("rehearsed", "untouched")]
    lost = [one for one in others if one.lost]
    if not others:
        return
    if not lost:
        yield "forgetting: no unchanged category ranks worse than before"
        return
    told = ", ".join(
        f"{one.category} {signed(one.delta)} ({one.role}"
        f"{'' if -(one.delta or 0) > (one.one_video or 1) else ', less than one video can do'})"
        for one in lost
    )
    yield f"forgetting: {told}"


def placed_notes(placed: dict[str, int], *, pinned: bool) -> Iterator[str]:
    """What became of videos that are new, and whether the split had to be held fast."""
    if placed:
        said = ", ".join(f"{count} to {split}" for split, count in placed.items())
        yield f"new videos: {said}; no video that the old dataset knew has changed its split"
    if pinned:
        yield "the old split was kept as a file: its options alone would have dealt anew"


def counted(names: Sequence[str], shown: int = 5) -> str:
    """How many, and the first of them by name."""
    more = f" and {len(names) - shown} more" if len(names) > shown else ""
    return f"{len(names)} video{'' if len(names) == 1 else 's'} ({', '.join(names[:shown])}{more})"


def write(report: RetrainReport) -> Path:
    """Write both files into the new run's folder; returns the one for people."""
    markdown = report.new_run / MARKDOWN
    files.write_text(markdown, _markdown(report))
    files.write_json(report.new_run / DATA, _data(report))
    return markdown


def _markdown(report: RetrainReport) -> str:
    lines = [
        f"# Retrained: {report.new_run.name}",
        "",
        "| | |",
        "|---|---|",
        f"| from | `{report.run}` |",
        f"| dataset | `{report.new_dataset}` |",
        f"| rehearsed | {report.rehearse:g} of every other category |",
        f"| epochs | {report.epochs:g} |",
        "",
        "## What had changed",
        "",
        "| category | is | training records | why |",
        "|---|---|---|---|",
        *(
            f"| {one.category} | {one.kind} | {one.records} | {'; '.join(one.why)} |"
            for one in report.changes
        ),
        "",
        "## What it did",
        "",
        f"| {' | '.join(HEADS)} |",
        "|" + "---|" * len(HEADS),
        *(f"| {' | '.join(row)} |" for row in rows(report)),
        "",
        *(f"- {note}" for note in notes(report)),
    ]
    if report.skipped:
        lines += ["", "## Skipped videos", "", *(f"- {one}" for one in report.skipped)]
    return "\n".join(lines) + "\n"


def _data(report: RetrainReport) -> dict[str, Any]:
    old, new = macro_pair(report.known)
    outcomes = [
        {**asdict(one), "delta": one.delta, "one_video": one.one_video} for one in report.outcomes
    ]
    return {
        "format": 1,
        "run": str(report.run),
        "new_run": str(report.new_run),
        "new_dataset": str(report.new_dataset),
        "split": report.split,
        "rehearse": report.rehearse,
        "epochs": report.epochs,
        "changes": [asdict(one) for one in report.changes],
        "categories": outcomes,
        "macro": {"old": old, "new": new},
        "new_videos": report.placed,
        "not_compared": list(report.alone),
        "skipped": list(report.skipped),
        "chosen_on_the_same_videos": report.selected,
        "notes": list(notes(report)),
        "provenance": provenance.describe(),
    }

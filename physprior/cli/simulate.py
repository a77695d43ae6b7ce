"""``physprior data simulate``: videos of simulated machines, sound and faulty."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from physprior.cli import console
from physprior.cli.in_project import AS_SAID, need_project, typed
from physprior.cli.options import DEFAULT_WORKERS, Workers
from physprior.knowledge.schema import NORMAL

if TYPE_CHECKING:
    from physprior.simulate import Summary

_SHORT_S = 0.5
_FEW = 6
"""Up to so many categories, the videos of each folder are listed."""


class CountsChoice(StrEnum):
    """How many videos and objects there are."""

    EVEN = "even"
    PHYS_AD = "phys-ad"


class ClipsChoice(StrEnum):
    """How long the videos are."""

    EQUAL = "equal"
    PHYS_AD = "phys-ad"


def simulate_command(
    out: Annotated[
        Path | None,
        typer.Argument(
            help="Folder for the videos; one that this command began is gone on with.",
            show_default=AS_SAID,
        ),
    ] = None,
    categories: Annotated[
        list[str] | None,
        typer.Option(
            "--category", help="A category to simulate; repeatable.", show_default="all there are"
        ),
    ] = None,
    counts: Annotated[
        CountsChoice,
        typer.Option(
            "--counts",
            help="Videos and objects: the same for every category (even), or as in Table 3 of the "
            "Phys-AD paper (phys-ad: 6,434 videos of 49 objects in all).",
        ),
    ] = CountsChoice.EVEN,
    count: Annotated[
        int | None,
        typer.Option(
            "--count",
            min=4,
            help="Videos a category: half normal, half shared by the anomalies.",
            show_default="60",
        ),
    ] = None,
    instances: Annotated[
        int | None,
        typer.Option(
            "--instances",
            min=1,
            help="Physical objects a category.",
            show_default="24, or a quarter of the videos where that is fewer",
        ),
    ] = None,
    severity: Annotated[
        str,
        typer.Option(
            "--severity",
            metavar="LOW:HIGH",
            help="How bad the anomalies are: 0 is barely visible, 0.5 clear, 1 gross.",
        ),
    ] = "0.5:1",
    size: Annotated[
        int,
        typer.Option(
            "--size", min=32, max=4096, help="Width and height of a frame in pixels, even."
        ),
    ] = 96,
    clips: Annotated[
        ClipsChoice,
        typer.Option(
            "--clips",
            help="Length: the same for every category (equal), or as in Table 3 of the Phys-AD "
            "paper (phys-ad: 60 to 240 frames, 60 a second).",
        ),
    ] = ClipsChoice.EQUAL,
    frames: Annotated[
        int | None,
        typer.Option("--frames", min=2, max=100_000, help="Frames a video.", show_default="60"),
    ] = None,
    fps: Annotated[
        int | None,
        typer.Option("--fps", min=1, max=1000, help="Frames a second.", show_default="30"),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seeds everything.")] = 0,
    workers: Workers = DEFAULT_WORKERS,
) -> None:
    """Simulate videos in the layout of Phys-AD, each with a JSON file that says what is in it.

    The same options give the same bytes. Stopped and started again, it makes what is missing.
    """
    _refuse_settled("--counts", counts.value, "even", {"--count": count, "--instances": instances})
    _refuse_settled("--clips", clips.value, "equal", {"--frames": frames, "--fps": fps})
    if size % 2:
        raise typer.BadParameter(f"{size} is odd", param_hint="--size")
    if clips is ClipsChoice.EQUAL:
        _look_at_length(frames or 60, fps or 30)
    low, high = _severity(severity)
    place = out or typed(need_project("OUT").videos)
    from physprior.simulate import Options, simulate

    chosen = {"categories": tuple(categories)} if categories else {}
    options = Options(
        **chosen,
        counts=counts.value,
        count=count,
        instances=instances,
        size=size,
        clips=clips.value,
        frames=frames,
        fps=fps,
        severity=(low, high),
        seed=seed,
    )
    with console.progress("simulate") as progress:
        summary = simulate(place, options, workers=workers, progress=progress)
    _print_summary(summary)


def _refuse_settled(option: str, value: str, own: str, numbers: dict[str, int | None]) -> None:
    """Raise typer.BadParameter for a number that ``option`` settles already."""
    given = [name for name, number in numbers.items() if number is not None]
    if given and value != own:
        raise typer.BadParameter(
            f"{option} {value} settles this; leave out one of the two", param_hint=given[0]
        )


def _look_at_length(frames: int, fps: int) -> None:
    """Remark that a clip is short; raise typer.BadParameter where nothing can move in it."""
    from physprior.simulate.plan import LEAST_S

    duration = frames / fps
    if duration < LEAST_S:
        raise typer.BadParameter(
            f"{frames} frames at {fps} a second are {duration:.2g} s, too short for anything to "
            f"move; ask for more frames, or for fewer a second",
            param_hint="--frames",
        )
    if duration < _SHORT_S:
        console.remark(f"clips of {duration:.2g} s are short: the machines move for 1 to 4 s")


def _severity(text: str) -> tuple[float, float]:
    """A range as ``0.2:0.6``, or one number for all. Raises typer.BadParameter."""
    low, colon, high = text.partition(":")
    try:
        # Adding nothing turns -0.0 into 0.0, which is the same severity and the same record.
        span = float(low) + 0.0, float(high if colon else low) + 0.0
    except ValueError:
        span = (1.0, 0.0)
    if not 0 <= span[0] <= span[1] <= 1:
        raise typer.BadParameter(
            f"{text!r} is no range between 0 and 1; write 0.5:1, or 0.2 for all alike",
            param_hint="--severity",
        )
    return span


def _print_summary(summary: Summary) -> None:
    made = summary.made + summary.kept
    if len(summary.counts) <= _FEW:
        rows = [
            [f"{category}/{folder}", str(count)]
            for category, folders in summary.counts.items()
            for folder, count in folders.items()
        ]
        console.table(("folder", "videos"), [*rows, ["all", str(made)]], last_apart=True)
    else:
        rows = [_category_row(name, folders) for name, folders in summary.counts.items()]
        sums = [str(sum(int(row[k]) for row in rows)) for k in range(1, 5)]
        heads = ("category", "train", "test normal", "test anomalous", "videos")
        console.table(heads, [*rows, ["all", *sums]], last_apart=True)
    there = f", {summary.kept} were there" if summary.kept else ""
    console.say(f"simulation: {summary.out} ({summary.made} made{there})")


def _category_row(category: str, folders: dict[str, int]) -> list[str]:
    train, normal = folders["train"], folders[f"test/{NORMAL}"]
    whole = sum(folders.values())
    return [category, *map(str, (train, normal, whole - train - normal, whole))]

"""``physprior data simulate``: videos of simulated machines, sound and faulty."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from physprior.cli import console
from physprior.cli.in_project import AS_SAID, need_project, typed
from physprior.cli.options import DEFAULT_WORKERS, Workers

if TYPE_CHECKING:
    from physprior.simulate import Summary


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
    count: Annotated[
        int,
        typer.Option(
            "--count", min=4, help="Videos a category: half normal, half shared by the anomalies."
        ),
    ] = 60,
    instances: Annotated[
        int, typer.Option("--instances", min=1, help="Physical objects a category.")
    ] = 24,
    size: Annotated[
        int, typer.Option("--size", min=32, help="Width and height of a frame in pixels, even.")
    ] = 96,
    frames: Annotated[int, typer.Option("--frames", min=2, help="Frames a video.")] = 60,
    fps: Annotated[int, typer.Option("--fps", min=1, help="Frames a second.")] = 30,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seeds everything.")] = 0,
    workers: Workers = DEFAULT_WORKERS,
) -> None:
    """Simulate videos in the layout of Phys-AD, each with a JSON file that says what is in it.

    The same options give the same bytes. Stopped and started again, it makes what is missing.
    """
    if size % 2:
        raise typer.BadParameter(f"{size} is odd", param_hint="--size")
    place = out or typed(need_project("OUT").videos)
    from physprior.simulate import Options, simulate

    chosen = {"categories": tuple(categories)} if categories else {}
    options = Options(
        **chosen,
        count=count,
        instances=instances,
        size=size,
        frames=frames,
        fps=fps,
        seed=seed,
    )
    with console.progress("simulate") as progress:
        summary = simulate(place, options, workers=workers, progress=progress)
    _print_summary(summary)


def _print_summary(summary: Summary) -> None:
    rows = [
        [f"{category}/{folder}", str(count)]
        for category, folders in summary.counts.items()
        for folder, count in folders.items()
    ]
    total = summary.made + summary.kept
    console.table(("folder", "videos"), [*rows, ["all", str(total)]], last_apart=True)
    there = f", {summary.kept} were there" if summary.kept else ""
    console.say(f"simulation: {summary.out} ({summary.made} made{there})")

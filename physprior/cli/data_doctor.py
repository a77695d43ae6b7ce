"""``physprior data doctor``: are the videos complete and sound, is the machine ready."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from physprior.cli import console
from physprior.cli.in_project import from_project, typed
from physprior.cli.options import DEFAULT_WORKERS, Kb, Workers, open_kb
from physprior.cli.sampling import Kind, Stride, WindowSeconds, make_sampling
from physprior.cli.sections import print_report
from physprior.paths import as_typed

if TYPE_CHECKING:
    from physprior.dataset.doctor.findings import Section
    from physprior.video.sample import Sampling


Videos = Annotated[
    Path | None,
    typer.Argument(
        help="Folder of videos, a list of them (CSV or JSONL), or an index.",
        show_default="the project's, else the machine alone",
    ),
]
Root = Annotated[
    Path | None,
    typer.Option(
        "--root",
        help="Folder that a list's paths are relative to.",
        show_default="the list's own folder",
    ),
]
Reference = Annotated[
    bool | None,
    typer.Option(
        "--reference/--no-reference",
        help="Compare with the counts of the Phys-AD paper, or do not.",
        show_default="where a category is one of Phys-AD's",
    ),
]
Model = Annotated[
    str | None,
    typer.Option(
        "--model",
        help="The base model that is to be used: a checkpoint folder or a hub id.",
        show_default="the project's, else LanguageBind/Video-LLaVA-7B-hf",
    ),
]


def doctor_command(
    videos: Videos = None,
    root: Root = None,
    reference: Reference = None,
    frames: Annotated[int, typer.Option("--frames", min=1, help="Frames of a video.")] = 8,
    sampling: Annotated[Kind, typer.Option("--sampling", help="How they are chosen.")] = "uniform",
    window_seconds: WindowSeconds = None,
    stride: Stride = 1,
    model: Model = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, all of it.")] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="Cut no list, and show the counts of every class.")
    ] = False,
    no_machine: Annotated[
        bool, typer.Option("--no-machine", help="Look at the videos alone.")
    ] = False,
    kb: Kb = None,
    workers: Workers = DEFAULT_WORKERS,
) -> None:
    """Look at videos and machine before the work: what is missing, misplaced, broken or odd.

    Exits with 0 where nothing is wrong, 1 on findings, 2 on misuse. Notes count as nothing wrong.
    """
    from physprior.dataset.doctor.findings import Report, Section
    from physprior.vlm.machine import examine_machine

    videos = videos or _videos_of_project()
    if videos is None and no_machine:
        raise typer.BadParameter("without videos there is nothing left", param_hint="--no-machine")
    chosen = make_sampling(frames, sampling, window_seconds, stride)
    sections: list[Section] = []
    clips = 0
    if videos is not None:
        of_videos, clips = _examine_videos(videos, root, kb, chosen, reference, workers)
        sections += of_videos
    elif project := from_project():
        away = f"{typed(project.videos)}, where the project has them, is not there yet"
        sections.append(Section(name="videos", title="The videos", unasked=away))
    if not no_machine:
        sections.append(examine_machine(model, clips, chosen, of_project=_base_of_project()))
    report = Report(place=str(videos or ""), sections=tuple(sections))
    if as_json:
        console.say(report.model_dump_json(indent=2))
    else:
        print_report(report, everything=everything)
    if report.wrong:
        raise typer.Exit(1)


def _videos_of_project() -> Path | None:
    """The project's videos, where they are there yet."""
    project = from_project()
    return typed(project.videos) if project and project.videos.exists() else None


def _base_of_project() -> str | None:
    """What the project tunes: a folder, by its whole path where it is not there yet; or a hub id.

    A path such as ``work/base`` that leads nowhere would be taken for a hub id.
    """
    project = from_project()
    if project is None:
        return None
    return as_typed(project.base) if Path(project.base).is_dir() else project.base


def _examine_videos(
    videos: Path,
    root: Path | None,
    kb: Path | None,
    sampling: Sampling,
    reference: bool | None,
    workers: int,
) -> tuple[tuple[Section, ...], int]:
    """The sections on the videos, and how many can be used."""
    from physprior.dataset.doctor.collection import examine_collection
    from physprior.dataset.doctor.survey import survey

    knowledge = open_kb(kb)
    with console.progress("videos") as progress:
        found = survey(videos, knowledge, root=root, workers=workers, progress=progress)
    sections = examine_collection(found, knowledge, sampling=sampling, reference=reference)
    return sections, len(found.index.videos)

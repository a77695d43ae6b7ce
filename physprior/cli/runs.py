"""The runs of the project that a command is given in, and what goes with each."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from physprior.cli.console import remark
from physprior.cli.in_project import from_project, need_project, project_here, typed
from physprior.errors import ProjectError
from physprior.video.endings import VIDEO_ENDINGS

if TYPE_CHECKING:
    from physprior.project.project import Project


def newest_run(missing: str) -> Path:
    """The project's newest finished run. Raises ProjectError, naming what is ``missing``."""
    return typed(_newest(need_project(missing)))


def dataset_for(model: str | Path) -> Path:
    """The dataset that a run of the project was trained on; for another model, the project's.

    Raises ProjectError where it is not there.
    """
    project = need_project("DATASET")
    dataset = project.dataset_of(_absolute(model))
    if dataset != project.dataset:
        return typed(dataset)
    return typed(project.existing("dataset", remedy="'physprior build' makes it"))


def place_of_predictions(model: str | Path, split: str) -> Path:
    """Where a model's predictions go: ``results/RUN/test.jsonl``. Raises ProjectError."""
    return typed(need_project("--out").predictions(_absolute(model), split))


def newest_predictions(missing: str) -> tuple[Path, Path]:
    """The newest run's predictions of the test split, and the run itself.

    Raises ProjectError where there is no run, or none that has predicted.
    """
    project = need_project(missing)
    run = _newest(project)
    predictions = project.predictions(run, "test")
    if not predictions.is_file():
        raise ProjectError(
            f"{typed(run)} has no predictions yet: {typed(predictions)} is not there",
            remedy="'physprior predict' makes them; or name other predictions",
        )
    return typed(predictions), typed(run)


def retraining(
    run: Path | None, out: Path | None, dataset: Path | None, videos: Path | None
) -> tuple[Path, Path | None, Path | None, Path | None]:
    """Which run is retrained into what, from which dataset and videos: as typed, or the project's.

    A run that is none of the project's brings its own. Raises ProjectError.
    """
    project = project_here() if run is not None else need_project("RUN")
    if project is None or (run is not None and _absolute(run) not in project.runs()):
        return Path(run or ""), out, dataset, videos
    before = _absolute(run) if run else project.run_to_retrain() or _newest(project)
    if out is None or dataset is None or videos is None:
        from_project()
    now = typed(project.videos) if project.videos.exists() else None
    return (
        run or typed(before),
        out or typed(project.next_run()),
        dataset or typed(project.dataset_of(before)),
        videos or now,
    )


def keeping_dataset(out: Path | None) -> contextlib.AbstractContextManager[None]:
    """Keep what a run of the project was trained on, where a build into ``out`` replaces it."""
    project = project_here()
    if project is None or (out is not None and _absolute(out) != project.dataset):
        return contextlib.nullcontext()
    from physprior.project.keep import keeping_trained_dataset

    def tell(kept: Path, run: Path) -> None:
        remark(f"kept: {typed(kept)}, which {typed(run)} was trained on; retrain compares with it")

    return keeping_trained_dataset(project, tell)


def dataset_of_newest() -> Path | None:
    """The dataset of the project's newest run, where it is there."""
    project = need_project("DATASET")
    dataset = project.dataset_of(_newest(project))
    return typed(dataset) if dataset.is_dir() else None


def model_and_videos(model: str | None, videos: list[Path]) -> tuple[str, list[Path]]:
    """What is asked about which videos: in a project the model need not be named.

    There the first word is a video where it ends as one, or leads to what is no model.
    Raises BadParameter where no video is named, ProjectError where no model is.
    """
    project = project_here()
    if model is None:
        raise typer.BadParameter("name videos, or folders of them", param_hint="VIDEOS")
    if project is not None and not videos and not Path(model).exists():
        raise typer.BadParameter(
            f"there is no {model}, neither video nor folder; if a model is called so, name videos "
            "after it",
            param_hint="VIDEOS",
        )
    if project is not None and _is_video(Path(model)):
        return str(newest_run("MODEL")), [Path(model), *videos]
    if not videos:
        raise typer.BadParameter(_videos_missing(model), param_hint="VIDEOS")
    return model, videos


def _videos_missing(model: str) -> str:
    """Why one word is not enough: it is a video without a model, or a model without videos."""
    if Path(model).suffix.lower() in VIDEO_ENDINGS:
        return f"name the model, too: {model} is a video; in a project its newest run is asked"
    return f"name the videos, too: {model} is the model"


def _is_video(path: Path) -> bool:
    """Whether a path is something to diagnose, there or not, and nothing to diagnose with."""
    if path.suffix.lower() in VIDEO_ENDINGS and not path.is_dir():
        return True
    is_model = (path / "run.json").is_file() or (path / "config.json").is_file()
    return path.exists() and not is_model


def _newest(project: Project) -> Path:
    run = project.newest_run()
    if run is not None:
        return run
    stopped = project.runs()
    if stopped:
        raise ProjectError(
            f"the run {typed(stopped[0])} has not finished",
            remedy="'physprior train' goes on where it stopped",
        )
    raise ProjectError(
        f"the project has no run yet: {typed(project.run)} is not there",
        remedy="'physprior train' makes it",
    )


def _absolute(model: str | Path) -> Path:
    return Path(model).resolve()

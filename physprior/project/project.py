"""A project as commands use it: its folder, its file, and where everything of it lies."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce
from pathlib import Path

from physprior import fingerprint
from physprior.errors import ProjectError
from physprior.knowledge.diagnostic import Position
from physprior.paths import as_typed
from physprior.project.find import FILE_NAME
from physprior.project.run_record import has_finished, holds_run, trained_on
from physprior.project.schema import ProjectFile

MANIFEST = "manifest.json"
"""By which a dataset folder is known."""
_FOLDERS = ("kb", "templates", "dataset")
"""Keys that can name nothing but a folder."""
_COMPARISON = "retrain.md"
"""What a retraining writes into its run folder at its end."""
_DATASET = "-dataset"
"""What a retraining calls the dataset that it builds, behind its run's name."""


@dataclass(frozen=True)
class Project:
    """A folder with a ``physprior.yaml``; every path of it is absolute."""

    folder: Path
    """The folder that the project file lies in; its paths are read from here."""
    file: ProjectFile
    """What the project file says."""
    places: Mapping[str, Position] = field(default_factory=dict, compare=False, repr=False)
    """Where the value of each of its keys stands, by the key: ``kb``, ``split.k``."""

    @property
    def path(self) -> Path:
        """The project file."""
        return self.folder / FILE_NAME

    @property
    def kb(self) -> Path:
        """The folder of KB entries."""
        return self.at(self.file.kb)

    @property
    def templates(self) -> Path:
        """The folder of dialogue templates."""
        return self.at(self.file.templates)

    @property
    def videos(self) -> Path:
        """The videos: a folder, a list or an index."""
        return self.at(self.file.videos)

    @property
    def dataset(self) -> Path:
        """The dataset folder that ``build`` writes."""
        return self.at(self.file.dataset)

    @property
    def split_file(self) -> Path | None:
        """The published split to use, or None."""
        said = self.file.split.split_file
        return None if said is None else self.at(said)

    @property
    def recipe(self) -> str:
        """The recipe: a path where there is such a file, else what is said, a shipped name."""
        path = self.at(self.file.recipe)
        return str(path) if path.is_file() else self.file.recipe

    @property
    def base(self) -> str:
        """The checkpoint to tune: a path where there is one, or one is meant; else a hub id.

        ``LanguageBind/Video-LLaVA-7B-hf`` could be both; it is a folder where one of that name is.
        """
        return self._path_or_hub_id(self.file.base)

    @property
    def run(self) -> Path:
        """The run folder of the first training."""
        return self.at(self.file.run)

    @property
    def results(self) -> Path:
        """Where predictions and reports go."""
        return self.at(self.file.results)

    def where(self, key: str) -> str:
        """The place of a key's value, ``physprior.yaml:3:5``; the file's where it is not said."""
        place = self.places.get(key) or self.places.get(key.partition(".")[0])
        path = as_typed(self.path)
        return f"{path}:{place.line}:{place.column}" if place else path

    def existing(self, key: str, remedy: str = "") -> Path:
        """Where the path of a key leads. Raises ProjectError for nothing, or no folder for a KB."""
        path: Path = getattr(self, key.rpartition(".")[2])
        if path.is_dir() or (path.exists() and key not in _FOLDERS):
            return path
        raise self.missing(key, path, remedy)

    def missing(self, key: str, path: Path, remedy: str = "") -> ProjectError:
        """The error that says that a key names what is not there, or what cannot be meant."""
        said = reduce(getattr, key.split("."), self.file)
        words = "is" if key in self.places else "is not said, which means"
        found = "that is a folder" if path.is_dir() else "that is a file"
        if not path.exists():
            found = "there is no such file or folder"
        return ProjectError(
            f"{self.where(key)}: {key} {words} '{said}', and {found}",
            remedy=remedy or f"put it there, or let {key} name what is there; looked for: {path}",
        )

    def at(self, said: str) -> Path:
        """Where a path of the project file leads."""
        return Path(os.path.normpath(self.folder / os.path.expanduser(said)))

    def runs(self) -> list[Path]:
        """The run folders that are there, in the order of their making: run, run-2, run-3."""
        first = self.run
        numbered = re.compile(re.escape(first.name) + r"-([1-9][0-9]*)")
        found: list[tuple[int, Path]] = [(1, first)] if holds_run(first) else []
        if first.parent.is_dir():
            for path in first.parent.iterdir():
                match = numbered.fullmatch(path.name)
                if match and int(match[1]) > 1 and holds_run(path):
                    found.append((int(match[1]), path))
        return [path for _, path in sorted(found)]

    def newest_run(self) -> Path | None:
        """The newest run that has finished, or None."""
        return next((run for run in reversed(self.runs()) if has_finished(run)), None)

    def next_run(self) -> Path:
        """The run folder that the next retraining makes: one that was stopped is gone on with."""
        runs = self.runs()
        if runs and self._was_stopped(runs[-1]):
            return runs[-1]
        last = int(runs[-1].name.rpartition("-")[2]) if runs and runs[-1] != self.run else 1
        return self.run.with_name(f"{self.run.name}-{last + 1}")

    def run_to_retrain(self) -> Path | None:
        """The newest finished run, but for one whose own retraining is not at its end; or None."""
        coming = self.next_run()
        known = (run for run in reversed(self.runs()) if run != coming)
        return next((run for run in known if has_finished(run)), None)

    def dataset_of(self, run: Path) -> Path:
        """The dataset that a run of this project was trained on.

        It is a retraining's own, the one that was kept when a build replaced it, or the project's:
        the one that the run's record recognises, else the first that is there.
        """
        places = (_own_dataset(run), self.kept_dataset(run), self.dataset)
        there = [path for path in places if (path / MANIFEST).is_file()]
        known = trained_on(run)
        fitting = (path for path in there if fingerprint.of_file(path / MANIFEST) == known)
        return next(fitting, there[0] if there else self.dataset)

    def kept_dataset(self, run: Path) -> Path:
        """Where the dataset of a run is kept when a build is about to replace it."""
        # Beside the project's own: what it says of the videos is said from where it lies.
        return self.dataset.with_name(run.name + _DATASET)

    def predictions(self, run: Path, split: str = "test") -> Path:
        """Where the predictions of a run on a split go: ``results/RUN/test.jsonl``."""
        return self.results / run.name / f"{split}.jsonl"

    def _was_stopped(self, run: Path) -> bool:
        """Whether a run comes of a retraining that has not written its comparison yet."""
        retrained = run != self.run and _own_dataset(run).is_dir()
        return retrained and not (has_finished(run) and (run / _COMPARISON).is_file())

    def _path_or_hub_id(self, said: str) -> str:
        """A hub id has one slash, and so has work/base: its folder is there, or it is the default.

        Whatever begins with ``.``, ``~`` or ``/``, or has no slash or several, is a path.
        """
        path = self.at(said)
        meant = said[0] in "./~" or said.count("/") != 1 or said == ProjectFile().base
        meant |= path.exists() or (path.parent != self.folder and path.parent.is_dir())
        return str(path) if meant else said


def _own_dataset(run: Path) -> Path:
    """Where a retraining builds the dataset of the run that it makes."""
    return run.with_name(run.name + _DATASET)

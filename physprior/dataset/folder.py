"""A built dataset, opened: its manifest, its records, and where its videos lie."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from physprior import fingerprint
from physprior.dataset.manifest import Manifest, read_manifest
from physprior.dataset.records import SPLITS, Record, SplitName, read_records
from physprior.errors import DatasetError


@dataclass(frozen=True)
class Dataset:
    """A dataset folder whose files are what its manifest says. Made by ``Dataset.open``."""

    folder: Path
    """The dataset's own folder."""
    manifest: Manifest
    """What made it."""
    videos_root: Path
    """The folder that the records' video paths are relative to; it need not be there."""

    @classmethod
    def open(cls, folder: Path, *, videos_root: Path | None = None) -> Dataset:
        """Open a folder that ``physprior build`` made; ``videos_root`` overrides its own.

        Raises DatasetError where it is no dataset, or where a file of records was changed, lost
        or added since.
        """
        manifest = read_manifest(folder)
        for split in SPLITS:
            names = manifest.record_files(split)
            for name in names:
                _verify(folder / name, manifest.files[name])
            for path in sorted((folder / split).glob("*.jsonl")):
                if f"{split}/{path.name}" not in manifest.files:
                    raise DatasetError(
                        f"{path}: not of this dataset: its manifest does not name it",
                        remedy="move it out of the folder",
                    )
        own_root = folder.resolve() / manifest.videos_root
        return cls(folder.resolve(), manifest, (videos_root or own_root).resolve())

    def records(self, split: SplitName) -> list[Record]:
        """The records of one split, in the order of their videos' paths."""
        found = [
            record
            for name in self.manifest.record_files(split)
            for record in read_records(self.folder / name)
        ]
        # Several records of one video stand beside one another in its file, and stay so.
        found.sort(key=lambda record: record.video)
        return found

    def video_path(self, record: Record) -> Path:
        """Where a record's video lies. Raises DatasetError where it is not there."""
        path = self.videos_root / record.video
        if not path.is_file():
            raise DatasetError(
                f"{self.folder}: the video {record.video} is not in {self.videos_root}",
                remedy="name the folder the videos have moved to, or build the dataset again",
            )
        return path


def _verify(path: Path, expected: str) -> None:
    if not path.is_file():
        raise DatasetError(f"{path}: missing", remedy="build the dataset again")
    if fingerprint.of_file(path) != expected:
        raise DatasetError(
            f"{path}: its content is not what the manifest says: it was changed after the build",
            remedy="change the KB or the template, not this file, and build the dataset again",
        )

"""Exporting: the records of a built dataset become the files of another project's format."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from physprior import __version__, files, fingerprint
from physprior.dataset.examine import Progress, no_progress
from physprior.dataset.export.form import Format, Paths, Sample, Written, refuse_marks
from physprior.dataset.export.formats import find_format
from physprior.dataset.export.manifest import EXPORT, ExportManifest, Source
from physprior.dataset.export.media import copy_videos, named, refuse_missing
from physprior.dataset.export.place import check_place, replacing
from physprior.dataset.export.readme import readme
from physprior.dataset.folder import Dataset
from physprior.dataset.manifest import MANIFEST
from physprior.dataset.records import SPLITS, SplitName
from physprior.errors import DatasetError

README = "README.md"


@dataclass(frozen=True)
class ExportReport:
    """What an export has made."""

    out: Path
    """The export's folder."""
    manifest: ExportManifest
    """Its manifest: rows and files."""
    files: Mapping[SplitName, str]
    """Split to its file; a split without videos has none."""


def export(
    dataset: Dataset,
    out: Path,
    form: str,
    *,
    splits: Sequence[SplitName] = SPLITS,
    paths: Paths = "absolute",
    progress: Progress = no_progress,
) -> ExportReport:
    """Write a dataset in another project's format into the folder ``out``, whole or not at all.

    ``form`` is a name in ``FORMATS``; ``progress`` gets (videos copied, all).
    Raises DatasetError for a dataset that cannot be exported so, OutputError for the place.
    """
    made = find_format(form)
    check_place(out, dataset)
    names: dict[SplitName, str] = {}
    rows: dict[SplitName, int] = {}
    videos: dict[str, str] = {}
    with replacing(out, keep_videos=paths == "copy") as new:
        # One split after another: the records of a large collection fill gigabytes.
        for split in (name for name in SPLITS if name in splits):
            samples = [Sample(one, named(dataset, one, paths)) for one in dataset.records(split)]
            rows[split] = len(samples)
            if samples:
                names[split] = f"{split}{made.ending}"
                _write_split(new / names[split], made, samples)
            videos.update((sample.record.video, sample.record.sha256) for sample in samples)
        _check(dataset, videos, splits, paths)
        if paths == "copy":
            copy_videos(dataset, videos, new, out.resolve(), progress)
        written = Written(names, dataset.manifest.mode, paths)
        copied = sorted(videos) if paths == "copy" else []
        manifest = _finish(dataset, new, made, form, written, rows, copied)
    return ExportReport(out, manifest, names)


def _write_split(path: Path, made: Format, samples: Sequence[Sample]) -> None:
    for sample in samples:
        refuse_marks(sample.record)
    files.write_bytes(path, made.encode(samples))


def _finish(
    dataset: Dataset,
    new: Path,
    made: Format,
    form: str,
    written: Written,
    rows: dict[SplitName, int],
    copied: Sequence[str],
) -> ExportManifest:
    for name, text in made.companions(written).items():
        files.write_text(new / name, text)
    source = dataset.manifest
    manifest = ExportManifest(
        physprior_version=__version__,
        kind=form,
        paths=written.paths,
        dataset=fingerprint.of_file(dataset.folder / MANIFEST),
        built_by=source.physprior_version,
        mode=source.mode,
        protocol=source.protocol,
        seed=source.seed,
        split=source.split,
        videos=source.videos,
        categories={
            name: Source(entry=one.entry, template=one.template, prompt=one.prompt)
            for name, one in source.categories.items()
        },
        rows=rows,
        files={},
        copied=tuple(copied),
    )
    files.write_text(new / README, readme(made, written, manifest))
    beside = sorted(path for path in new.iterdir() if path.is_file())
    hashes = {path.name: fingerprint.of_file(path) for path in beside}
    manifest = manifest.model_copy(update={"files": hashes})
    files.write_text(new / EXPORT, manifest.model_dump_json(indent=2) + "\n")
    return manifest


def _check(
    dataset: Dataset, videos: Iterable[str], splits: Sequence[SplitName], paths: Paths
) -> None:
    if not videos:
        raise DatasetError(
            f"{dataset.folder}: no videos in {', '.join(splits)}",
            remedy="name another --split, or build with other fractions",
        )
    if paths != "relative":
        refuse_missing(dataset, videos)

"""Another method's table becomes a predictions file, whole or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from physprior import files, fingerprint, provenance, verdict
from physprior.dataset.folder import Dataset
from physprior.dataset.records import SPLITS, Record, SplitName
from physprior.errors import PredictionError
from physprior.eval.importing.complaints import Complaints, brief
from physprior.eval.importing.match import Known, Matcher, NoMatchError, known_videos
from physprior.eval.importing.rows import Row, read_rows
from physprior.eval.predictions import Header, Prediction, dump, read_predictions

_LISTED = 20


@dataclass(frozen=True)
class ImportOptions:
    """How a table is read."""

    name: str
    """What the method is called in tables and reports."""
    split: SplitName = "test"
    """Which split was predicted."""
    below: str = ""
    """The folder below the videos root that the table's paths begin in."""
    allow_missing: bool = False
    """Take a table that leaves videos of the split out; they count as missing."""


@dataclass(frozen=True)
class ImportReport:
    """What was imported."""

    path: Path
    imported: int
    """Videos of the split that the table has."""
    missing: tuple[str, ...]
    """Videos of the split that it has not."""
    scores: int
    """Rows with a score."""
    texts: int
    """Rows with a text."""
    notes: tuple[str, ...]
    """What a person should know: columns that nobody reads."""


def import_predictions(
    table: Path, dataset_folder: Path, out: Path, options: ImportOptions
) -> ImportReport:
    """Write the predictions of ``table`` for one split of a dataset to ``out``.

    Raises PredictionError where a row cannot be read or means no video, where two mean the same
    one, where videos are missing, and where ``out`` is something else than an earlier import.
    """
    _refuse_name(options.name)
    _refuse_other(out)
    dataset = Dataset.open(dataset_folder)
    rows, notes = read_rows(table)
    matcher = Matcher(known_videos(record for split in SPLITS for record in dataset.records(split)))
    wanted = dataset.records(options.split)
    if not wanted:
        raise PredictionError(
            f"the split {options.split} of {dataset_folder} is empty", remedy="name another split"
        )
    found = _match(table, rows, matcher, options)
    videos = known_videos(wanted)
    missing = tuple(known.video for known in videos if known.video not in found)
    if missing and not options.allow_missing:
        raise _incomplete(table, missing, len(videos), options.split)
    lines = [_prediction(record, found[record.video]) for record in wanted if record.video in found]
    header = _header(table, dataset, options, total=len(wanted))
    files.write_text(out, "".join(map(dump, [header, *lines])))
    return ImportReport(
        path=out,
        imported=len(found),
        missing=missing,
        scores=sum(row.score is not None for row in rows),
        texts=sum(row.text is not None for row in rows),
        notes=tuple(notes),
    )


def _refuse_name(name: str) -> None:
    if not name.strip() or not name.isprintable():
        raise PredictionError(
            f"'{brief(name)}' is no name for a method", remedy="name it as tables should show it"
        )


def _refuse_other(out: Path) -> None:
    """Hours of predicting are not to be lost by a wrong -o."""
    if not out.exists():
        return
    try:
        earlier = read_predictions(out).header.source == "import"
    except PredictionError:
        earlier = False
    if not earlier:
        raise PredictionError(
            f"{out} is there already and is no earlier import",
            remedy="name another -o, or remove that file",
        )


def _match(
    table: Path, rows: list[Row], matcher: Matcher, options: ImportOptions
) -> dict[str, Row]:
    """Video paths to the rows that mean them. Raises PredictionError with all that is wrong."""
    complaints = Complaints(table)
    found: dict[str, Row] = {}
    for row in rows:
        try:
            known = _find(row.video, matcher, options)
        except NoMatchError as error:
            complaints.add(row.line, f"{brief(row.video)}: {error}")
            continue
        if known.video in found:
            before = found[known.video].line
            complaints.add(row.line, f"{known.video} stands in line {before} already")
        else:
            found[known.video] = row
    complaints.refuse()
    return found


def _find(name: str, matcher: Matcher, options: ImportOptions) -> Known:
    known = matcher.find(f"{options.below.strip('/')}/{name}" if options.below else name)
    if known.split != options.split:
        raise NoMatchError(f"a video of the split {known.split}, and not of {options.split}")
    return known


def _incomplete(table: Path, missing: tuple[str, ...], total: int, split: str) -> PredictionError:
    listed = "\n".join(f"  {video}" for video in missing[:_LISTED])
    more = f"\n  and {len(missing) - _LISTED} more" if len(missing) > _LISTED else ""
    return PredictionError(
        f"{table}: {len(missing)} of the {total} videos of the split {split} are missing:\n"
        f"{listed}{more}",
        remedy="add them, or pass --allow-missing: then they count as missing in every table",
    )


def _prediction(record: Record, row: Row) -> Prediction:
    return Prediction(
        id=record.id,
        video=record.video,
        category=record.category,
        class_id=record.class_id,
        label=record.label,
        instance=record.instance,
        score=row.score,
        text=row.text,
        parse=None if row.text is None else verdict.parse(row.text).status,
    )


def _header(table: Path, dataset: Dataset, options: ImportOptions, *, total: int) -> Header:
    manifest = fingerprint.of_file(dataset.folder / "manifest.json")
    content = fingerprint.of_file(table)
    decisive = {
        "source": "import",
        "model": options.name,
        "dataset": manifest,
        "split": options.split,
        "below": options.below,
        "table": content,
    }
    return Header(
        source="import",
        fingerprint=fingerprint.of_json(decisive),
        model=options.name,
        base_fingerprint=None,
        run_fingerprint=None,
        dataset=str(dataset.folder),
        dataset_hash=manifest,
        split_hash=dataset.manifest.split,
        split=options.split,
        mode=None,
        history=None,
        sampling=None,
        max_new_tokens=None,
        total=total,
        provenance={**provenance.describe(), "table": {"file": table.name, "sha256": content}},
    )

"""The rows of a list of videos, from CSV or JSON lines, one by one and each with its line."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from physprior.dataset.names import shown
from physprior.errors import DatasetError
from physprior.knowledge.validation import did_you_mean

COLUMNS = ("video", "category", "label", "anomaly", "instance", "split")
"""What a row may say."""
ENDINGS = frozenset({".csv", ".tsv", ".jsonl", ".ndjson"})
"""Endings of the files that are taken for lists, in lower case."""
MOST_LISTED = 20
"""How many of many complaints an error shows."""
_LONGEST = 1 << 20
_LONGEST_TOLD = 400
_REMEDY = "mend these lines; docs/datasets.md says what a list may hold"


class Row:
    """One row: what its columns say, and where it stands."""

    __slots__ = ("_cells", "line")

    def __init__(self, line: int, cells: dict[str, str]) -> None:
        self.line = line
        self._cells = cells

    def get(self, column: str) -> str:
        """What a column says, without blanks around it; nothing where there is none."""
        return self._cells.get(column, "")


class Complaints:
    """What is wrong with a list: the first twenty in words, and how many there are."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._first: list[str] = []
        self._count = 0

    def add(self, line: int, why: str | Callable[[], str]) -> None:
        """Note what is wrong in a line; ``why`` is called only where it will be told."""
        self._count += 1
        if len(self._first) < MOST_LISTED:
            told = shown(why if isinstance(why, str) else why())
            cut = f"{told[:_LONGEST_TOLD]}…" if len(told) > _LONGEST_TOLD else told
            self._first.append(f"{self._path}:{line}: {cut}")

    def refuse(self) -> None:
        """Raise DatasetError where anything was wrong."""
        if not self._count:
            return
        more = self._count - len(self._first)
        raise DatasetError(
            f"{self._path}: {self._count} problem{'s' if self._count > 1 else ''}:\n"
            + "\n".join(f"  {line}" for line in self._first)
            + (f"\n  and {more} more" if more else ""),
            remedy=_REMEDY,
        )


def read_rows(path: Path, complaints: Complaints) -> tuple[Iterator[Row], list[str]]:
    """The rows of a list as they are read, and notes: which columns nobody reads.

    Raises DatasetError, at once or while rows are taken, for what cannot be read as a list.
    """
    try:
        stream = path.open(encoding="utf-8-sig", newline="")
    except OSError as error:
        raise _unreadable(path, error) from error
    if path.suffix.lower() in (".jsonl", ".ndjson"):
        notes: list[str] = []
        return _json_rows(path, _lines(path, stream), complaints, notes), notes
    return _csv_rows(path, stream, complaints)


def _csv_rows(
    path: Path, stream: io.TextIOWrapper, complaints: Complaints
) -> tuple[Iterator[Row], list[str]]:
    lines = _lines(path, stream)
    try:
        first = next(lines, "").replace("\0", "")
    except BaseException:
        stream.close()
        raise
    # A spreadsheet in a country with decimal commas writes semicolons.
    separator = max(",;\t", key=first.count)
    names = [name.strip().casefold() for name in next(csv.reader([first], delimiter=separator), [])]
    notes = _check_columns(path, names)
    reader = csv.reader(lines, delimiter=separator, strict=True)
    return _cells(path, reader, names, complaints), notes


def _cells(path: Path, reader: Any, names: list[str], complaints: Complaints) -> Iterator[Row]:
    line = 2
    try:
        for cells in reader:
            if len(cells) == len(names):
                yield Row(line, {n: c.strip() for n, c in zip(names, cells, strict=True)})
            elif cells:
                complaints.add(line, f"{len(cells)} cells where the header has {len(names)}")
            line = reader.line_num + 2
    except csv.Error as error:
        raise DatasetError(
            f"{path}:{line}: cannot be read as CSV: {error}",
            remedy="look for a quotation mark that is opened there and not closed",
        ) from error


def _json_rows(
    path: Path, lines: Iterator[str], complaints: Complaints, notes: list[str]
) -> Iterator[Row]:
    seen: set[str] = set()
    for number, text in enumerate(lines, start=1):
        if not text.strip():
            continue
        try:
            said = json.loads(text)
        except (ValueError, RecursionError) as error:
            complaints.add(number, f"not JSON: {error}")
            continue
        if not isinstance(said, dict):
            complaints.add(number, 'not a JSON object such as {"video": …}')
            continue
        if not said.keys() <= seen:
            for note in _check_columns(path, [*said], number):
                if note not in notes:
                    notes.append(note)
            seen.update(said)
        bad = [name for name in COLUMNS if not isinstance(said.get(name), str | int | None)]
        if bad:
            complaints.add(number, f"{', '.join(bad)}: neither text nor a whole number")
        else:
            yield Row(number, {name: _text(said.get(name)) for name in COLUMNS})


def _text(value: str | int | None) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return "" if value is None else str(value).strip()


def _check_columns(path: Path, names: list[str], line: int = 1) -> list[str]:
    """Notes on columns that nobody reads. Raises DatasetError for missing or mistyped ones."""
    absent = [name for name in COLUMNS if name not in names]
    unknown = [name for name in names if name and name not in COLUMNS]
    wrong = [
        f"no column {name}; did you mean {meant}?"
        for name in unknown
        if (meant := did_you_mean(name, absent))
    ]
    named = " ".join(wrong)
    wrong += [f"the column {name} stands twice" for name in COLUMNS if names.count(name) > 1]
    for needed in (("video",), ("category",), ("label", "anomaly")):
        if not set(needed) & set(names) and not any(f"mean {name}?" in named for name in needed):
            wrong.append(f"no column {' or '.join(needed)}")
    if wrong:
        raise DatasetError(
            f"{path}:{line}: {'; '.join(wrong)}",
            remedy=f"a list's columns are {', '.join(COLUMNS)}; the first two are required, and"
            " label or anomaly",
        )
    return [f"columns of {path.name} that are not read: {', '.join(unknown)}"] if unknown else []


def _lines(path: Path, stream: io.TextIOWrapper) -> Iterator[str]:
    """The lines of a file, none of which may be as long as to fill the memory."""
    with stream:
        try:
            while line := stream.readline(_LONGEST):
                if len(line) == _LONGEST:
                    raise DatasetError(
                        f"{path}: a line of more than {_LONGEST} characters: this is no list",
                        remedy="name a CSV or JSON lines file",
                    )
                yield line
        except (OSError, UnicodeDecodeError) as error:
            raise _unreadable(path, error) from error


def _unreadable(path: Path, error: Exception) -> DatasetError:
    if isinstance(error, UnicodeDecodeError):
        return DatasetError(
            f"{path}: not UTF-8: byte {error.object[error.start]:#04x}",
            remedy="save the list as CSV UTF-8",
        )
    why = getattr(error, "strerror", "") or str(error)
    return DatasetError(f"{path}: cannot be read: {why}", remedy="give yourself the right to read")

"""The rows of a table of predictions, from CSV or JSON lines, each with its line.

The columns are ``video``, ``score`` and ``text``; score or text may be left out. A cell without
anything in it says nothing: it is None, and not an empty answer. In JSON lines ``""`` is one.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from physprior.errors import PredictionError
from physprior.eval.importing.complaints import Complaints, brief
from physprior.knowledge.validation import did_you_mean

COLUMNS = ("video", "score", "text")
"""What a row may say."""
ENDINGS = frozenset({".csv", ".tsv", ".txt", ".jsonl", ".ndjson"})
"""Endings of the files that are taken for tables, in lower case."""
_JSON_ENDINGS = frozenset({".jsonl", ".ndjson"})
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_LONGEST_CELL = 2**31 - 1
_LONGEST_NUMBER = 400


class Row(NamedTuple):
    """One row that was understood, though not yet which video it means."""

    line: int
    """The line of the file that it begins in, counted from 1."""
    video: str
    """As it stands there, without blanks around it."""
    score: float | None
    """A finite number."""
    text: str | None
    """The answer, to the letter."""


class _BadCellError(ValueError):
    """What is wrong with a cell, in words."""


def read_rows(path: Path) -> tuple[list[Row], list[str]]:
    """The rows of a table, and notes: which columns nobody reads.

    Raises PredictionError for what cannot be read as a table, with ``file:line`` for each of the
    first twenty lines that are wrong.
    """
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise PredictionError(
            f"{path}: neither CSV nor JSON lines by its name",
            remedy=f"a table's name ends with {', '.join(sorted(ENDINGS))}",
        )
    text = _read_text(path)
    complaints = Complaints(path)
    read = _json_cells if ending in _JSON_ENDINGS else _csv_cells
    notes: list[str] = []
    rows = []
    for line, cells in read(path, text, complaints, notes):
        try:
            rows.append(_row(line, cells, csv_cells=read is _csv_cells))
        except _BadCellError as wrong:
            complaints.add(line, str(wrong))
    complaints.refuse()
    if not rows:
        raise PredictionError(
            f"{path}: there is no row in it", remedy="write a row for each video of the split"
        )
    return rows, notes


def _read_text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise PredictionError(
            f"{path} cannot be read: {error.strerror or error}",
            remedy="name the table of the other method's predictions",
        ) from error
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise PredictionError(f"{path}:1: UTF-16 and not UTF-8", remedy="save the table as UTF-8")
    if (at := data.find(b"\0")) >= 0:
        raise PredictionError(
            f"{path}:{_line_of(data, at)}: a NUL byte: this is no text, or it is damaged",
            remedy="write the table again, as UTF-8 text",
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # The codec has taken a byte order mark off before it counts.
        at = error.start + (len(data) - len(error.object))
        raise PredictionError(
            f"{path}:{_line_of(data, at)}: not UTF-8: byte {data[at]:#04x}",
            remedy="save the table as UTF-8 (a spreadsheet calls it CSV UTF-8)",
        ) from error


def _line_of(data: bytes, at: int) -> int:
    return data.count(b"\n", 0, at) + 1


_Cells = Iterator[tuple[int, Mapping[str, Any]]]


def _csv_cells(path: Path, text: str, complaints: Complaints, notes: list[str]) -> _Cells:
    first = text.partition("\n")[0]
    # A spreadsheet in a country with decimal commas writes semicolons.
    separator = max(",;\t", key=first.count)
    before = csv.field_size_limit(_LONGEST_CELL)  # One for the whole process: it is put back.
    line = 1
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        names = [name.strip().casefold() for name in next(reader, [])]
        notes += _check_columns(path, names, 1)
        line = reader.line_num + 1
        for cells in reader:
            if len(cells) == len(names):
                yield line, dict(zip(names, cells, strict=True))
            elif cells:
                complaints.add(line, f"{len(cells)} cells where the header has {len(names)}")
            line = reader.line_num + 1
    except csv.Error as error:
        raise PredictionError(
            f"{path}:{line}: cannot be read as CSV: {error}",
            remedy="look for a quotation mark there that is opened and not closed",
        ) from error
    finally:
        csv.field_size_limit(before)


def _json_cells(path: Path, text: str, complaints: Complaints, notes: list[str]) -> _Cells:
    seen: set[str] = set()
    # Not splitlines: JSON may hold other line separators within a string.
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            said = json.loads(line, object_pairs_hook=_once)
        except (ValueError, RecursionError) as error:
            complaints.add(number, f"not JSON: {error}")
            continue
        if not isinstance(said, dict):
            complaints.add(number, 'not a JSON object such as {"video": …}')
            continue
        if not said.keys() <= seen:
            seen.update(said)
            notes[:] = _check_columns(path, sorted(seen), number)
        yield number, said


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice")
    return found


def _check_columns(path: Path, names: Sequence[str], line: int) -> list[str]:
    """Notes on columns that nobody reads. Raises PredictionError for missing or mistyped ones."""
    absent = [name for name in COLUMNS if name not in names]
    unknown = [name for name in names if name not in COLUMNS]
    wrong = [
        f"no column {brief(name)}; did you mean {meant}?"
        for name in unknown
        if (meant := did_you_mean(name[:80], absent))
    ]
    if not wrong and "video" in absent:
        wrong.append("no column video")
    if not wrong and {"score", "text"} <= {*absent}:
        wrong.append("no column score or text")
    wrong += [f"the column {name} stands twice" for name in COLUMNS if list(names).count(name) > 1]
    if wrong:
        raise PredictionError(
            f"{path}:{line}: {'; '.join(wrong)}",
            remedy="the first line of a CSV file names its columns; they are video, and score or"
            " text or both",
        )
    named = ", ".join(brief(name) or "one without a name" for name in unknown[:20])
    return [f"columns of {path.name} that are not read: {named}"] if unknown else []


def _row(line: int, cells: Mapping[str, Any], *, csv_cells: bool) -> Row:
    video = cells.get("video")
    if not isinstance(video, str) or not video.strip():
        raise _BadCellError("it names no video")
    text = cells.get("text")
    if csv_cells:
        text = text or None
    if text is not None:
        _refuse_text(text)
    score = _score(cells.get("score"))
    if score is None and text is None:
        raise _BadCellError(
            'neither a score nor a text (an empty answer can be said in JSON lines: "text": "")'
        )
    return Row(line, video.strip(), score, text)


def _refuse_text(text: Any) -> None:
    if not isinstance(text, str):
        raise _BadCellError(f"the text is {json.dumps(text)[:40]}, which is no text")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise _BadCellError("the text holds half a surrogate pair, which is no character") from None


def _score(cell: Any) -> float | None:
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return None
    if isinstance(cell, str):
        return _from_words(cell.strip())
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        raise _BadCellError(f"the score is {brief(json.dumps(cell), 40)}, which is no number")
    try:
        return _finite(float(cell), str(cell))
    except OverflowError:
        raise _BadCellError("the score is too great for a number of 64 bits") from None


def _from_words(word: str) -> float:
    if len(word) <= _LONGEST_NUMBER and _NUMBER.fullmatch(word):
        return _finite(float(word), word)
    hint = "; write a decimal point" if _NUMBER.fullmatch(word[:40].replace(",", ".", 1)) else ""
    raise _BadCellError(f"the score is '{brief(word, 40)}', which is no finite number{hint}")


def _finite(score: float, said: str) -> float:
    if not math.isfinite(score):
        raise _BadCellError(f"the score is '{brief(said, 40)}', which is no finite number")
    return score

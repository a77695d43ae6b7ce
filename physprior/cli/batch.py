"""A batch in the terminal: each record's tokens line by line, marked by part."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from physprior.cli.console import say, table

if TYPE_CHECKING:
    from physprior.train.look.shown import ShownBatch, ShownRecord, Token

_COLOURS = {
    "component": "36",
    "subject": "35",
    "motion": "33",
    "plain": "34",
    "verdict": "32",
    "label": "1;32",
    "prompt": "2",
    "video": "2",
}
_FAULT = "1;31"
_RESET = "\x1b[0m"
_WHOLE = 4
"""Records that are shown token by token; of the others one line each."""
_WIDTH = 100
_GUTTER = 11
_HARD = "\u00a0"
"""A blank at which no line ends."""

Styled = list[tuple[str, str]]
"""Pieces of text, each with its colour's code."""


def print_batch(batch: ShownBatch, *, everything: bool = False) -> None:
    """Print a batch: what is taught, what was checked, then its records.

    In colour on a terminal, unless NO_COLOR is set; the part's name leads every line all the same.
    """
    rows, columns = batch.shape
    say(f"first batch: {rows} record{'s' if rows != 1 else ''} × {columns:,} tokens\n")
    _print_sums(batch)
    for check in batch.checks:
        say(f"{'ok' if check.holds else 'WRONG'}: {check.what}: {check.found}")
    for number, row in enumerate(batch.records, 1):
        _print_record(number, row, whole=everything or number <= _WHOLE)


def _print_sums(batch: ShownBatch) -> None:
    table(
        ("part", "tokens", "taught", "weight of one", "weight", "share"),
        [
            (
                one.part,
                f"{one.tokens:,}",
                f"{one.taught:,}",
                f"{one.weight / one.taught:.3g}" if one.taught else "-",
                f"{one.weight:,.1f}",
                f"{one.share:.1%}",
            )
            for one in batch.sums
        ],
    )
    say()


def _print_record(number: int, row: ShownRecord, *, whole: bool) -> None:
    from physprior import verdict

    record = row.record
    taught = sum(token.count for token in row.tokens if token.taught)
    say(
        f"{chr(10) if whole else ''}{number}. {record.id}  {record.category}/{record.class_id}  "
        f"{verdict.label(bool(record.label))}  {row.length:,} tokens, {taught:,} taught, "
        f"{row.padding} of padding"
    )
    if not whole:
        return
    if row.moments:
        moments = (f"{index}{_HARD}({seconds:.2f}{_HARD}s)" for index, seconds in row.moments)
        listed = ", ".join(moments)
        _print_part("frames", [(listed, "")])
    for part, taught_part, tokens in row.stretches:
        _print_part(part, list(_styled(part, taught_part, tokens)))


def _styled(part: str, taught: bool, tokens: list[Token]) -> Iterator[tuple[str, str]]:
    from physprior.train.look.batch_page import fault, weight_text

    wrong = fault(part, taught)
    if wrong:
        yield f"[{wrong}] ", _FAULT
    for number, token in enumerate(tokens):
        text = token.text.replace("\n", "↵\n")
        if token.part == "video":
            text = f"{token.text} x {token.count}"
        follows = tokens[number + 1] if number + 1 < len(tokens) else None
        before = tokens[number - 1] if number else None
        if token.part == "label" and not _coloured():
            text = _starred(text, before, follows)
        yield text, _FAULT if wrong else _COLOURS.get(token.part, _FAULT)
        ends = follows is None or (follows.weight, follows.part) != (token.weight, token.part)
        if ends and weight_text(token.weight) not in ("0", "1"):
            yield f" (x{_HARD}{weight_text(token.weight)})", "2"


def _starred(text: str, before: Token | None, follows: Token | None) -> str:
    # Without colour the label is told by stars: " *Normal.*".
    if before is None or before.part != "label":
        text = f"{text[: len(text) - len(text.lstrip())]}*{text.lstrip()}"
    return text if follows is not None and follows.part == "label" else f"{text}*"


def _coloured() -> bool:
    return _on_terminal() and not os.environ.get("NO_COLOR")


def _on_terminal() -> bool:
    return sys.stdout.isatty()


def _print_part(name: str, pieces: Styled) -> None:
    width = shutil.get_terminal_size((_WIDTH, 24)).columns if _on_terminal() else _WIDTH
    text = "".join(piece for piece, _ in pieces)
    colours = [colour for piece, colour in pieces for _ in piece]
    for start, end in _broken(text, max(width - _GUTTER - 2, 20)):
        line = text[start:end].rstrip().replace(_HARD, " ")
        say(f"{name:>{_GUTTER}}| {_painted(line, colours[start : start + len(line)])}")


def _broken(text: str, width: int) -> Iterator[tuple[int, int]]:
    """Where lines begin and end: at the text's own breaks, else behind a blank, else anywhere."""
    start = 0
    while start < len(text):
        stop = text.find("\n", start, start + width)
        if stop >= 0:
            yield start, stop
            start = stop + 1
            continue
        if len(text) - start <= width:
            yield start, len(text)
            return
        blank = text.rfind(" ", start + 1, start + width)
        end = blank + 1 if blank > 0 else start + width
        yield start, end
        start = end


def _painted(text: str, colours: list[str]) -> str:
    if not _coloured():
        return text
    painted, now = "", ""
    for character, colour in zip(text, colours, strict=True):
        if colour != now:
            painted += (_RESET if now else "") + (f"\x1b[{colour}m" if colour else "")
            now = colour
        painted += character
    return painted + (_RESET if now else "")

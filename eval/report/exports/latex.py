r"""LaTeX as the tables need it: any text made harmless, and a booktabs table to ``\input``.

Everything is ASCII, so that it can be set by any engine and under any input encoding.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

DAGGER = r"$^\dagger$"
"""Marks what was published and not measured."""
DASH = "--"
"""Stands where there is no figure."""

_ESCAPES = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\char34{}",
    "`": r"\char96{}",
    "[": "{[}",  # after a line's end it would begin an option, as a star would
    "]": "{]}",
    "*": "{*}",
    **{letter: f"\\{letter}" for letter in "{}$&#_%"},
    "ß": r"\ss{}",
    "æ": r"\ae{}",
    "Æ": r"\AE{}",
    "œ": r"\oe{}",
    "Œ": r"\OE{}",
    "ø": r"\o{}",
    "Ø": r"\O{}",
    "ł": r"\l{}",
    "Ł": r"\L{}",
    "–": r"\textendash{}",
    "—": r"\textemdash{}",
    "…": r"\ldots{}",
    "‘": r"\textquoteleft{}",
    "’": r"\textquoteright{}",
    "“": r"\textquotedblleft{}",
    "”": r"\textquotedblright{}",
    "†": DAGGER,
}
_JOINED = re.compile(r"([-',])(?=\1)")
"""What LaTeX would join to a dash or to a quotation mark."""
_ACCENTS = {
    "\u0300": "`",
    "\u0301": "'",
    "\u0302": "^",
    "\u0303": "~",
    "\u0304": "=",
    "\u0306": "u",
    "\u0307": ".",
    "\u0308": '"',
    "\u030a": "r",
    "\u030b": "H",
    "\u030c": "v",
    "\u0327": "c",
}


def escape(text: str) -> str:
    """Any text on one line of LaTeX, as text: no command, no comment, no end of a cell.

    A letter that plain LaTeX cannot set is written as its code, ``U+4E2D``.
    """
    line = _JOINED.sub(r"\1\0", " ".join(text.replace("\0", "\ufffd").split()))
    return "".join("{}" if letter == "\0" else _letter(letter) for letter in line)


def _letter(letter: str) -> str:
    if letter in _ESCAPES:
        return _ESCAPES[letter]
    if " " <= letter <= "~":
        return letter
    base, *marks = list(unicodedata.normalize("NFD", letter))
    if len(marks) == 1 and base.isascii() and base.isalpha() and marks[0] in _ACCENTS:
        return f"\\{_ACCENTS[marks[0]]}{{{base}}}"
    return rf"\texttt{{U+{ord(letter):04X}}}"


@dataclass(frozen=True)
class LatexTable:
    """A table with its caption and notes; every text in it is LaTeX already."""

    label: str
    """What ``\\ref`` calls it."""
    caption: str
    columns: str
    """The columns' alignment, as ``tabular`` takes it."""
    heads: tuple[str, ...]
    """Lines above the first rule, each with what ends it."""
    blocks: tuple[tuple[str, ...], ...]
    """Lines, ruled off from one another."""
    notes: tuple[str, ...]
    """Sentences below it."""

    def render(self, comments: Iterable[str]) -> str:
        """The table as a file to ``\\input``; ``comments`` are texts that stand above it."""
        above = [f"% {_comment(comment)}" for comment in comments]
        ruled = [line for block in self.blocks for line in (r"\midrule", *block)]
        lines = [
            *above,
            r"\begin{table*}[t]",
            r"\centering",
            rf"\caption{{{self.caption}}}",
            rf"\label{{{self.label}}}",
            r"\footnotesize",
            r"\setlength{\tabcolsep}{3pt}",
            rf"\begin{{tabular}}{{{self.columns}}}",
            r"\toprule",
            *self.heads,
            *ruled,
            r"\bottomrule",
            r"\end{tabular}",
            r"\par\medskip",
            r"\begin{minipage}{\linewidth}",
            r"\footnotesize",
            *(rf"{note}\par" for note in self.notes),
            r"\end{minipage}",
            r"\end{table*}",
        ]
        return "\n".join(lines) + "\n"


def _comment(text: str) -> str:
    """On one line, whatever it holds: what stands behind it would be part of the table."""
    return " ".join(text.split()).encode("ascii", "backslashreplace").decode()


def line(cells: Sequence[str]) -> str:
    """One row."""
    return rf"{' & '.join(cells)} \\"


def span(columns: int, text: str) -> str:
    """A cell across several columns."""
    return rf"\multicolumn{{{columns}}}{{c}}{{{text}}}"


def rule_below(first: int, columns: int) -> str:
    """A short rule below the cells that a head spans; columns are counted from 1."""
    return rf"\cmidrule(lr){{{first}-{first + columns - 1}}}"


def document(names: Iterable[str]) -> str:
    """A document with these tables, to look at them: ``pdflatex all.tex``."""
    inputs = "\n".join(rf"\input{{{name}}}" + "\n" + r"\clearpage" for name in names)
    return (
        "% The tables of this folder. Your own paper needs no more than \\usepackage{booktabs}\n"
        "% and an \\input of each.\n"
        "\\documentclass{article}\n"
        "\\usepackage[a3paper,landscape,margin=15mm]{geometry}\n"
        "\\usepackage{booktabs}\n"
        "\\begin{document}\n"
        f"{inputs}\n"
        "\\end{document}\n"
    )

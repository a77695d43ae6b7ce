"""Reads the LaTeX that the exports write: strictly, and back to the text that it shows."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOKEN = re.compile(r"\\[a-zA-Z]+|\\.|[{}&$#^_~%\n]|[^\\{}&$#^_~%\n]", re.DOTALL)
_RULES = {"\\toprule", "\\midrule", "\\bottomrule"}
_SHOWN = {
    "\\textbackslash": "\\",
    "\\textasciitilde": "~",
    "\\textasciicircum": "^",
    "\\textless": "<",
    "\\textgreater": ">",
    "\\textbar": "|",
    **{"\\ss": "ß", "\\ae": "æ", "\\AE": "Æ", "\\oe": "œ", "\\OE": "Œ", "\\o": "ø", "\\O": "Ø"},
    **{"\\l": "ł", "\\L": "Ł", "\\ldots": "…", "\\textendash": "–", "\\textemdash": "—"},
    **{"\\textquoteleft": "‘", "\\textquoteright": "’"},
    **{"\\textquotedblleft": "“", "\\textquotedblright": "”"},
    **{f"\\{letter}": letter for letter in "{}$&#_%"},
}
_ACCENTS = {
    f"\\{mark}": combining
    for mark, combining in zip(
        "`'^~=u.\"rHvc",
        "\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u030a\u030b\u030c\u0327",
        strict=True,
    )
}


class NotLatexError(Exception):
    """What LaTeX would refuse, or set as something else than the text."""


@dataclass(frozen=True)
class Tabular:
    """A table, its cells as they are shown; a cell across several columns is followed by blanks."""

    width: int
    rows: list[list[str]]
    rules: int


def read_table(text: str) -> Tabular:
    """The one ``tabular`` of a file. Raises NotLatexError where a row is not as wide as it."""
    if not text.isascii():
        raise NotLatexError("not ASCII")
    body = "\n".join(line for line in text.splitlines() if not line.startswith("%"))
    for name in re.findall(r"\\begin\{(.*?)\}", body):
        if body.count(f"\\begin{{{name}}}") != body.count(f"\\end{{{name}}}"):
            raise NotLatexError(f"{name} does not end")
    if body.count("\\begin{tabular}") != 1:
        raise NotLatexError("not one tabular")
    columns, inside = re.findall(
        r"\\begin\{tabular\}\{([lrc]+)\}\n(.*?)\\end\{tabular\}", body, re.S
    )[0]
    lines = inside.splitlines()
    rows = [row(line, len(columns)) for line in lines if not is_rule(line)]
    return Tabular(len(columns), rows, sum(line in _RULES for line in lines))


def is_rule(line: str) -> bool:
    return line in _RULES or line.startswith("\\cmidrule")


def row(line: str, width: int) -> list[str]:
    if not line.endswith(" \\\\"):
        raise NotLatexError(f"a row that does not end: {line}")
    cells = []
    for cell in split(line.removesuffix(" \\\\")):
        spanned = re.fullmatch(r"\\multicolumn\{(\d+)\}\{c\}\{(.*)\}", cell.strip())
        if spanned:
            cells += [shown(spanned[2]), *[""] * (int(spanned[1]) - 1)]
        else:
            cells.append(shown(cell.strip()))
    if len(cells) != width:
        raise NotLatexError(f"{len(cells)} cells in {width} columns: {line}")
    return cells


def split(line: str) -> list[str]:
    """The cells: what stands between ampersands that no brace encloses and no backslash escapes."""
    cells, depth = [""], 0
    for token in _TOKEN.findall(line):
        depth += (token == "{") - (token == "}")
        if token == "&" and depth == 0:
            cells.append("")
        else:
            cells[-1] += token
    return cells


def shown(latex: str) -> str:
    """The text that is set. Raises NotLatexError for anything that is not on the short list."""
    text, accent, depth = "", "", 0
    tokens = iter(_TOKEN.findall(latex.replace("$^\\dagger$", "\\textdagger{}")))
    for token in tokens:
        if token in "{}":
            depth += (token == "{") - (token == "}")
            if depth < 0:
                raise NotLatexError(f"a brace too many: {latex}")
        elif token in _SHOWN:
            text += _SHOWN[token]
        elif token == "\\textdagger":
            text += "†"
        elif token == "\\char":
            text += chr(int("".join(next(tokens) for _ in range(2))))
        elif token in _ACCENTS:
            accent = _ACCENTS[token]
        elif token in ("\\texttt", "\\scriptsize", "\\tiny", "\\,"):
            pass
        elif len(token) == 1 and token not in "&$#^_~%\\\n":
            text, accent = text + token + accent, ""
        else:
            raise NotLatexError(f"{token!r} in {latex}")
    if depth:
        raise NotLatexError(f"a brace too few: {latex}")
    joined = re.search(r"--|''|,,|^[\[*]", re.sub(r"\\[a-zA-Z]+\{\}", "", latex))
    if joined and latex != "--":
        raise NotLatexError(f"{joined[0]} is set as something else: {latex}")
    return " ".join(text.split())

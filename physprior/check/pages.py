"""The rules as Markdown pages, one a code, with an index: ``docs/rules``, which is made by

    python -m physprior.check.pages docs/rules

A page says what ``physprior kb rule CODE`` says.
"""

from __future__ import annotations

import re
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

from physprior.check.codes import CODES
from physprior.check.page import page
from physprior.files import write_text

INDEX = "README.md"
"""The index's name, which GitHub shows below the folder."""
_GROUPS = {
    "S": "The file and its form: the reader and the schema find these, before any rule is asked",
    "R": "References: names that must mean something, and one thing",
    "T": "Text: sentences that a model can be taught",
    "P": "Physics: reasons that carry the prior on to the verdict",
    "D": "Dialogue: what the template makes of an entry",
    "J": "Templates: dialogues that can be rendered for every entry",
    "U": "Suppressions: findings that somebody has excused",
}
_HEAD = re.compile(r"(?P<title>\S+ \S+) \((?P<held>[^)]*)\)")


def pages() -> dict[str, str]:
    """Every page by its file's name: the index, and one for each code."""
    return {INDEX: _index()} | {f"{code}.md": _page(code) for code in CODES}


def write_pages(folder: Path) -> None:
    """Write the pages into a folder, which is made; a page of no code any more is removed."""
    folder.mkdir(parents=True, exist_ok=True)
    made = pages()
    for name, text in made.items():
        write_text(folder / name, text)
    for path in folder.glob("[A-Z][0-9][0-9][0-9].md"):
        if path.name not in made:
            path.unlink()


def _index() -> str:
    lines = [
        "# Rules",
        "",
        "Everything that [`physprior check`](../check.md) can find, with a page for each; that of",
        "a rule says why it matters, with an example that fails and one that passes; that of a",
        "code with S says what to do. `physprior kb rule CODE` prints a page. These files are made",
        "by `python -m physprior.check.pages docs/rules`.",
    ]
    for letter, heading in _GROUPS.items():
        lines += ["", f"## {heading}", "", "| code | name | what it finds |", "|---|---|---|"]
        lines += [
            f"| [{code.code}]({code.code}.md) | `{code.name}` | {code.summary} |"
            for code in CODES.values()
            if code.code.startswith(letter)
        ]
    return "\n".join(lines) + "\n"


def _page(code: str) -> str:
    first, _, body = page(code).partition("\n")
    head = _HEAD.fullmatch(first)
    assert head is not None, first
    lines = [f"# {head['title']}", "", f"*{head['held']}*", *_fenced(body.splitlines())]
    return "\n".join(lines).rstrip() + f"\n\n[All rules]({INDEX})\n"


def _fenced(lines: list[str]) -> Iterator[str]:
    """The lines with their indented examples between fences, so that they show in colours."""
    block: list[str] = []
    for line in lines:
        if line.startswith("    ") or (block and not line):
            block.append(line)
            continue
        yield from _fence(block)
        block = []
        yield line
    yield from _fence(block)


def _fence(block: list[str]) -> Iterator[str]:
    example = textwrap.dedent("\n".join(block)).strip()
    if example:
        language = "jinja" if "{%" in example or "{{" in example else "yaml"
        yield from (f"```{language}", *example.splitlines(), "```", "")


if __name__ == "__main__":
    write_pages(Path(sys.argv[1]))

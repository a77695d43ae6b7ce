"""What a reader's editor does at a step of a tutorial: a file is written, or parts of it are."""

from __future__ import annotations

import re

from tutorial_page import PageError, Writing


def write(step: Writing, before: str) -> str:
    """The content of the file after the step; ``before`` is empty where there is no file yet.

    Raises PageError where the page speaks of a section or of lines that the file does not have.
    """
    if step.kind == "diff":
        return _replace_lines(step, before)
    if step.kind == "yaml" and before:
        return _replace_sections(step, before)
    return step.text


def _sections(text: str) -> dict[str, str]:
    """The top-level sections of a YAML text by their keys; what stands above the first is ''.

    Comments right above a key belong to its section.
    """
    found: dict[str, list[str]] = {"": []}
    comments: list[str] = []
    key = ""
    for line in text.splitlines(keepends=True):
        start = re.match(r"([a-z_]+):", line)
        if line.startswith("#"):
            comments.append(line)
            continue
        if start:
            key = start[1]
        found.setdefault(key, []).extend([*comments, line])
        comments = []
    found[key] += comments
    return {key: "".join(lines) for key, lines in found.items()}


def _replace_sections(step: Writing, before: str) -> str:
    old, new = _sections(before), _sections(step.text)
    unknown = sorted(new.keys() - old.keys())
    if unknown or new[""]:
        raise PageError(f"line {step.line}: {step.path} has no sections {unknown or new['']}")
    new = {key: text.rstrip("\n") + _blanks(old[key]) for key, text in new.items() if key}
    return "".join(new.get(key, text) for key, text in old.items())


def _blanks(section: str) -> str:
    """The end of a section's last line, and the blank lines below it."""
    return section[len(section.rstrip("\n")) :]


def _replace_lines(step: Writing, before: str) -> str:
    """Put the '+' lines in the places of the '-' lines above them."""
    after = f"\n{before}"
    for gone, come in re.findall(r"((?:^-[^\n]*\n)+)((?:^\+[^\n]*\n)*)", step.text, re.M):
        old, new = ("\n" + re.sub(r"^[-+]", "", lines, flags=re.M) for lines in (gone, come))
        if after.count(old) != 1:
            raise PageError(f"line {step.line}: {step.path} has not once:{old}")
        after = after.replace(old, new)
    return after[1:]

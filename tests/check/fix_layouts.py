"""Shipped entries in other people's handwriting, and slips of their keys; for tests of fixes."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

from physprior.check.diagnostic import Diagnostic
from physprior.check.repair import Repair, repair
from physprior.check.request import Request
from physprior.check.run import Buffer
from physprior.paths import kb_folder

ENTRIES = sorted(path for path in kb_folder().glob("*.yaml") if path.name != "vocabulary.yaml")
NOWHERE = Path("nowhere")
"""A folder without neighbours."""

_VALUE = re.compile(r"(\s*(?:- )?(?:\w+: )?)([a-z]\w*(?: \w+)*)")
_LIST = re.compile(
    r"( *)(actions|names|properties|parts|aliases|violates):((?:\n\1  - \w[\w -]*)+)(?=\n)"
)


@dataclass(frozen=True)
class Typed:
    """A file as somebody typed it."""

    name: str
    lines: tuple[str, ...]
    line_break: str = "\n"
    mark: bool = False
    """Whether it begins with a byte order mark."""
    ended: bool = True
    """Whether its last line ends with a line break."""

    @property
    def data(self) -> bytes:
        """Its bytes."""
        text = self.line_break.join(self.lines) + (self.line_break if self.ended else "")
        return text.encode("utf-8-sig" if self.mark else "utf-8")


def typed_anew(path: Path, seed: int) -> Typed:
    """A shipped entry with other quotes, brackets, comments, blanks and line ends."""
    random = Random(seed)
    text = _LIST.sub(lambda found: _in_brackets(found, random), path.read_text("utf-8"))
    lines = []
    for line in text.rstrip("\n").split("\n"):
        if re.match(r"\s*(?:- |\w+:)", line) and random.random() < 0.1:
            lines.append(" " * (len(line) - len(line.lstrip())) + random.choice(_REMARKS))
        lines.append(_other(line, random))
    return Typed(
        path.name,
        tuple(lines),
        random.choice(["\n", "\r\n", "\r"]),
        mark=random.random() < 0.3,
        ended=random.random() < 0.7,
    )


_REMARKS = ("# Measured twice.", "#", "# 'Not' a \"key\": no text, Öl.", "# - no item")


def _in_brackets(found: re.Match[str], random: Random) -> str:
    if random.random() < 0.6:
        return found[0]
    items = [item.strip()[2:] for item in found[3].strip("\n").split("\n")]
    items = [random.choice(["{}", "{}", '"{}"', "'{}'"]).format(item) for item in items]
    inside = random.choice(["{}", " {} "]).format(random.choice([", ", ",  "]).join(items))
    return f"{found[1]}{found[2]}: [{inside}]"


def _other(line: str, random: Random) -> str:
    value = _VALUE.fullmatch(line)
    if value and random.random() < 0.2:
        line = value[1] + random.choice(['"{}"', "'{}'"]).format(value[2])
    if line.endswith(":") and random.random() < 0.1:
        line += random.choice(["  # as agreed", " #"])
    return line + " " * (random.random() < 0.1)


Slip = Callable[[list[str], Random], None]
"""Spoils lines in place; where it finds no place for itself, it leaves them."""


def _place(lines: list[str], random: Random, pattern: str) -> tuple[int, re.Match[str]] | None:
    found = [(at, match) for at, line in enumerate(lines) if (match := re.match(pattern, line))]
    return random.choice(found) if found else None


def _retype(pattern: str, *retyped: Callable[[str], str]) -> Slip:
    """Type the first group of a random line that matches in another way."""

    def slip(lines: list[str], random: Random) -> None:
        place = _place(lines, random, pattern)
        if place:
            at, match = place
            line = lines[at]
            new = random.choice(retyped)(match[1])
            lines[at] = line[: match.start(1)] + new + line[match.end(1) :]

    return slip


def _add(pattern: str, made: Callable[[re.Match[str]], str]) -> Slip:
    """Add a line below a random one that matches."""

    def slip(lines: list[str], random: Random) -> None:
        place = _place(lines, random, pattern)
        if place:
            lines.insert(place[0] + 1, made(place[1]))

    return slip


def _above(pattern: str, text: str) -> Slip:
    def slip(lines: list[str], random: Random) -> None:
        place = _place(lines, random, pattern)
        # A comment above another one might be its first line.
        if place and not (place[0] and lines[place[0] - 1].lstrip().startswith("#")):
            lines.insert(place[0], place[1][1] + text)

    return slip


def _hide(sign: str) -> Slip:
    def slip(lines: list[str], random: Random) -> None:
        at = random.randrange(len(lines))
        column = random.randrange(len(lines[at]) + 1)
        lines[at] = lines[at][:column] + sign + lines[at][column:]

    return slip


def _twice_in_brackets(lines: list[str], random: Random) -> None:
    word = r"""("\w+"|'\w+'|\w+)(?=[ ,\]])"""
    place = _place(lines, random, rf" *violates: \[ *{word}[^]]*?( *\])")
    if place:
        at, match = place
        lines[at] = lines[at][: match.start(2)] + ", " + match[1] + lines[at][match.start(2) :]


def _property_in_capitals(lines: list[str], random: Random) -> None:
    found = re.search(
        r"""^ +properties:(?: \[|[ #].*\n|\n)(?: *#.*\n)*[^\n#]*?([a-z][\w -]*\w)""",
        "\n".join(lines),
        re.MULTILINE,
    )
    if found:
        text, new = found.string, random.choice([found[1].upper(), found[1].title()])
        lines[:] = (text[: found.start(1)] + new + text[found.end(1) :]).split("\n")


_SENTENCE = r"      (- [A-Z][^#:]*\.)$"

SAFE: dict[str, Slip] = {
    "a key in capitals": _retype(r"\s*(?:- )?([a-z]+):", str.upper, str.capitalize),
    "a choice in capitals": _retype(
        r"""\s*(?:onset|evidence): ["']?(\w+)""", str.upper, str.capitalize
    ),
    "an anomaly with blanks": _retype(
        r"  - id: (\w+_\w+)", lambda text: text.replace("_", " "), lambda t: t.replace("_", "-")
    ),
    "a phase in capitals": _retype(r"      - id: (\w+)", str.upper, str.capitalize),
    "a property in capitals": _property_in_capitals,
    "a type tag": _retype(r"\s*name: (.*\S)", lambda text: f"!!str {text}"),
    "an unbreakable indentation": _retype(
        r"( +)(?:- )?\w+:", lambda text: text.replace(" ", "\N{NO-BREAK SPACE}")
    ),
    "an unbreakable blank behind a colon": _retype(
        r"\s*(?:- )?[a-z]+:( )\S", lambda text: "\N{NO-BREAK SPACE}"
    ),
    "a blank without width": _hide("\N{ZERO WIDTH SPACE}"),
    "a soft hyphen": _hide("\N{SOFT HYPHEN}"),
    "a byte order mark inside": _hide("\N{ZERO WIDTH NO-BREAK SPACE}"),
    "a sentence typed twice": _add(_SENTENCE, lambda match: match[0]),
    "a phase named twice in brackets": _twice_in_brackets,
    "a suppression of nothing": _above(
        r"( *)(?:- [A-Z]|\w+:)", "# physprior: ignore[T004] It is as long as it has to be."
    ),
    # The last one: of two lines that differ by now, a person has to choose.
    "a line typed twice": _add(r"    (?:onset|evidence): \w+ *$", lambda match: match[0]),
}
"""Slips that a safe fix undoes, to the byte; in the order in which they can be made together."""

UNSAFE: dict[str, Slip] = {
    "a letter too many": _retype(r"\s*(?:- )?([a-z]{5,}):", lambda text: text + text[-1]),
    "a choice with a letter too few": _retype(r"\s*onset: (\w+)", lambda text: text[:-1]),
    "no blank behind a sign": _retype(r"\s*(- )[A-Z]", lambda text: "-"),
    "no blank behind a colon": _retype(r"\s*(?:status|onset|evidence)(: )\w", lambda text: ":"),
    "tabs": _retype(r"(    )(?:onset|evidence|name):", lambda text: "\t\t"),
    "an item too deep": _retype(r"(      )- [A-Z]", lambda text: " " * 9),
}
"""Slips that an unsafe fix undoes, as a rule."""


def repaired(name: str, data: bytes, *, unsafe: bool = False) -> tuple[bytes, Repair]:
    """What fixes make of a content, and how."""
    path = NOWHERE / name
    request = Request((path,), cache=False, buffer=Buffer(path, data))
    done = repair(request.check, unsafe=unsafe)
    return done.after.get(path, data), done


def findings(name: str, data: bytes) -> tuple[Diagnostic, ...]:
    """What the check says of a content."""
    path = NOWHERE / name
    return Request((path,), cache=False, buffer=Buffer(path, data)).check().diagnostics

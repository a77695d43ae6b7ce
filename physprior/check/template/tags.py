"""The tags of a template in the order in which they stand, and what is wrong with their nesting."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from physprior.knowledge.text import quoted
from physprior.knowledge.validation import did_you_mean

OPENERS = (
    *("user", "assistant", "part", "if", "for", "set", "with", "macro", "call", "filter", "block"),
    "autoescape",
)
"""The tags that stand open until their end tag."""
ALONE = ("include", "import", "from", "extends", "print")
_MIDDLE = {"elif": ("if",), "else": ("if", "for")}
KNOWN = (*OPENERS, *(f"end{word}" for word in OPENERS), *_MIDDLE, *ALONE)


@dataclass(frozen=True)
class Token:
    """A piece of a template as Jinja's lexer cuts it."""

    start: int
    """Its offset in the text."""
    kind: str
    """Jinja's name for its type: ``block_begin``, ``name``, ``data``."""
    text: str


@dataclass(frozen=True)
class Tag:
    """One ``{% … %}``, by its first word."""

    word: str
    start: int
    """The offset of the word."""
    opens: bool
    """Whether an end tag must follow: not so for ``{% set x = 1 %}``."""


@dataclass(frozen=True)
class Misnesting:
    """The first mistake in the nesting of tags."""

    tag: Tag
    """The tag to be shown."""
    seen: int
    """The offset at which it becomes certain; the end of the text for what is never closed."""
    message: str
    remedy: str


def tags_of(tokens: Sequence[Token]) -> tuple[Tag, ...]:
    """The tags among the tokens."""
    return tuple(_tags(tokens))


def _tags(tokens: Sequence[Token]) -> Iterator[Tag]:
    for at, token in enumerate(tokens):
        if token.kind != "block_begin":
            continue
        inside = [t for t in _until_end(tokens, at + 1) if t.kind != "whitespace"]
        if inside and inside[0].kind == "name":
            word = inside[0].text
            opens = word in OPENERS and not (word == "set" and _assigns(inside))
            yield Tag(word, inside[0].start, opens)


def _until_end(tokens: Sequence[Token], at: int) -> Iterator[Token]:
    while at < len(tokens) and tokens[at].kind != "block_end":
        yield tokens[at]
        at += 1


def _assigns(tokens: Iterable[Token]) -> bool:
    """Whether an ``=`` stands in the tag outside all brackets."""
    depth = 0
    for token in tokens:
        if token.kind == "operator":
            depth += (token.text in "([{") - (token.text in ")]}")
            if token.text == "=" and depth == 0:
                return True
    return False


def misnesting(tags: Sequence[Tag], text: str) -> Misnesting | None:
    """The first tag that is unknown, closes nothing, or is never closed."""
    open_: list[Tag] = []
    for tag in tags:
        word = tag.word
        if word not in KNOWN:
            return _unknown(tag)
        if tag.opens:
            open_.append(tag)
        elif word in _MIDDLE and (not open_ or open_[-1].word not in _MIDDLE[word]):
            owners = " or ".join(f"'{owner}'" for owner in _MIDDLE[word])
            return _astray(tag, f"'{word}' stands in no {owners} of its own", open_, text)
        elif word.startswith("end"):
            if open_ and open_[-1].word == word[3:]:
                open_.pop()
            elif word[3:] in [other.word for other in open_]:
                line = text.count("\n", 0, tag.start) + 1
                return _unclosed(open_[-1], tag.start, f" before '{word}' in line {line}")
            else:
                return _astray(tag, f"'{word}' closes nothing", open_, text)
    return _unclosed(open_[-1], len(text), "") if open_ else None


def _unknown(tag: Tag) -> Misnesting:
    meant = did_you_mean(tag.word, KNOWN)
    remedy = (
        f"did you mean '{meant}'?"
        if meant
        else "the tags are user, assistant, part, " + ("and Jinja's own: if, for, set, …")
    )
    return Misnesting(tag, tag.start, f"unknown tag {quoted(tag.word)}", remedy)


def _astray(tag: Tag, message: str, open_: Sequence[Tag], text: str) -> Misnesting:
    if open_:
        line = text.count("\n", 0, open_[-1].start) + 1
        message += f"; the innermost open tag is '{open_[-1].word}' of line {line}"
    return Misnesting(tag, tag.start, message, "delete it, or write the tag that it belongs to")


def _unclosed(tag: Tag, seen: int, where: str) -> Misnesting:
    return Misnesting(
        tag,
        seen,
        f"the tag '{tag.word}' is not closed{where}",
        f"write {{% end{tag.word} %}} where it ends",
    )


def branches(tags: Sequence[Tag]) -> dict[int, tuple[Tag, ...]]:
    """The tags ``if``, ``elif`` and ``else`` of each ``if``, and those of each ``for``.

    The keys are the offsets of the words ``if`` and ``for``. The tags are well nested.
    """
    found: dict[int, list[Tag]] = {}
    open_: list[Tag] = []
    for tag in tags:
        if tag.opens:
            open_.append(tag)
            found[tag.start] = [tag]
        elif tag.word in _MIDDLE:
            found[open_[-1].start].append(tag)
        elif tag.word.startswith("end"):
            open_.pop()
    return {start: tuple(own) for start, own in found.items()}

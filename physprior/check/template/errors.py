"""What Jinja says when it cannot read a template, in words, at the place that is to be mended."""

from __future__ import annotations

import re
from collections.abc import Sequence

from jinja2 import TemplateSyntaxError

from physprior.check.diagnostic import Edit, Fix
from physprior.check.rule import TemplateFinding
from physprior.check.template import CheckedTemplate
from physprior.check.template.tags import Misnesting, Tag, Token, misnesting
from physprior.dialogue.model import PART_KINDS
from physprior.knowledge.validation import did_you_mean

_SIGNS = {
    "'end of print statement'": "'}}'",
    "'begin of print statement'": "'{{'",
    "'end of statement block'": "'%}'",
    "'begin of statement block'": "'{%'",
    "'end of template'": "the end of the file",
    "'name'": "a name",
    "end of print statement": "}}",
    "end of statement block": "%}",
}
_ENDS = {"{{": "}}", "{%": "%}"}
_LOOK = "mend what stands between the braces; a '}}' ends a '{{', and a '%}' ends a '{%'"


def of_lexer(
    checked: CheckedTemplate, error: TemplateSyntaxError, tokens: Sequence[Token]
) -> TemplateFinding:
    """The finding for a text that Jinja cannot cut into more tokens; the error has a line."""
    message = error.message or "it cannot be read"
    numbered = re.fullmatch(r"unexpected char (.+) at (\d+)", message, re.DOTALL)
    if numbered:
        position = checked.span(int(numbered[2]), 1)
        said = f"the character {numbered[1]} has no meaning here"
        if numbered[1] in ("'\"'", '"\'"'):
            said = "the quotation mark is never closed"
        return TemplateFinding(position, said, _LOOK)
    start = sum(len(line) + 1 for line in checked.lines[: error.lineno - 1])
    if message.startswith("Missing end of"):
        is_comment = tokens[-1].kind == "comment_begin"
        sign, end = ("{#", "#}") if is_comment else ("{% raw %}", "{% endraw %}")
        return TemplateFinding(
            checked.span(tokens[-1].start, 2),
            f"'{sign}' is never closed",
            f"write '{end}' where it ends",
        )
    unbalanced = re.match(r"unexpected '(.)'", message)
    line = checked.lines[error.lineno - 1]
    column = len(line) - len(line.lstrip())
    if unbalanced:
        read = tokens[-1].start + len(tokens[-1].text) - start
        column = max(line.find(unbalanced[1], max(read, 0)), 0)
    return TemplateFinding(checked.span(start + column, 1), in_words(message), _LOOK)


def of_parser(
    checked: CheckedTemplate,
    error: TemplateSyntaxError,
    tokens: Sequence[Token],
    tags: Sequence[Tag],
) -> TemplateFinding:
    """The finding for tokens that Jinja cannot parse; the error's line is an offset."""
    message, at = error.message or "", error.lineno
    last = max((t.start for t in tokens if t.kind != "whitespace"), default=0)
    unended = _unended(tokens)
    if unended is not None and at >= unended.start:
        sign = unended.text[:2]
        return TemplateFinding(
            checked.span(unended.start, 2),
            f"'{sign}' is never closed",
            f"write '{_ENDS[sign]}' where it ends",
        )
    nesting = misnesting(tags, checked.text)
    if nesting is not None and (nesting.seen <= at or at >= last):
        return _of_nesting(checked, nesting)
    if message.startswith("unknown part kind"):
        return _unknown_kind(checked, at)
    tag = next((tag for tag in reversed(tags) if tag.start < at), None)
    if tag is not None and tag.word == "part" and not checked.text[tag.start + 4 : at].strip():
        kinds = ", ".join(PART_KINDS)
        return TemplateFinding(
            checked.word(tag.start), "this part has no kind", f"name one of the kinds: {kinds}"
        )
    return TemplateFinding(checked.word(at), in_words(message), _LOOK)


def _unended(tokens: Sequence[Token]) -> Token | None:
    """The last ``{{`` or ``{%``, where nothing ends it."""
    for token in reversed(tokens):
        if token.kind in ("block_end", "variable_end"):
            return None
        if token.kind in ("block_begin", "variable_begin"):
            return token
    return None


def _of_nesting(checked: CheckedTemplate, nesting: Misnesting) -> TemplateFinding:
    position = checked.word(nesting.tag.start)
    return TemplateFinding(position, nesting.message, nesting.remedy)


def _unknown_kind(checked: CheckedTemplate, at: int) -> TemplateFinding:
    position = checked.word(at)
    kind = checked.text[at : at + position.end_column - position.column]
    meant = did_you_mean(kind, PART_KINDS)
    return TemplateFinding(
        position,
        f"unknown part kind '{kind}'",
        f"did you mean '{meant}'?" if meant else f"the kinds are {', '.join(PART_KINDS)}",
        Fix(f"write '{meant}'", (Edit(position, meant),), safe=False) if meant else None,
    )


def in_words(message: str) -> str:
    """A message of Jinja's in our manner: its signs as typed, no capital, no full stop."""
    for name, sign in _SIGNS.items():
        message = message.replace(name, sign)
    expected = re.fullmatch(r"expected token (.+), got (.+)", message, re.DOTALL)
    if expected:
        message = f"{expected[1]} is expected here, not {expected[2]}"
    return message[:1].lower() + message[1:].rstrip(".")

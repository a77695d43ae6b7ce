"""An answer that does not keep to the grammar, read for the verdict that it gives.

The last ``Verdict:`` wins; where none is, a first sentence that says the verdict and no more; then
the whole text, in which both words leave it ambiguous.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from physprior.verdict.letters import Plain
from physprior.verdict.parsed import ParsedVerdict, ParseStatus
from physprior.verdict.sentence import Sentence, sentences
from physprior.verdict.vocabulary import SAYS

# Possessive: what was passed over is never tried again, so that blanks by the million cost once.
_PASSED = r"[\s\"'*_`)\]}]*+"
_VERDICT = re.compile(
    rf"(?<![A-Za-z])verdict(?![A-Za-z]){_PASSED}"
    r"(?:(?P<sign>[:=\-]+>?)|(?:is|was|remains|would be|must be)(?![A-Za-z])|"
    r"(?=(?:not\s)?(?:normal|anomalous|abnormal)))",
    re.IGNORECASE,
)
_OTHER_NAMES = re.compile(
    r"(?<![A-Za-z])(?:answer|conclusion|classification|label|judge?ment|diagnosis|decision)"
    rf"(?![A-Za-z]){_PASSED}(?P<sign>[:=])",
    re.IGNORECASE,
)
_REASON = re.compile(
    r"(?<![A-Za-z])(?:reasons?|reasoning|explanation|rationale|justification)(?![A-Za-z])"
    rf"{_PASSED}[:=\-]",
    re.IGNORECASE,
)
_WORDS = re.compile("|".join(SAYS), re.IGNORECASE)
_OFFERED = re.compile(r"(?:(?<![A-Za-z])or|[/|])[^A-Za-z]*\Z", re.IGNORECASE)
_REFUSAL = re.compile(
    r"(?<![A-Za-z])(?:i (?:am |really |simply |currently )?(?:cannot|can't|can not|could not"
    r"|couldn't|unable|not able|not capable|do not have|don't have|won't|will not)"
    r"|i'm (?:unable|not able|sorry|afraid)|i am (?:sorry|afraid)|sorry,? (?:but )?i|unable to"
    r"|(?:not |im)possible to (?:determine|tell|say|judge|assess)"
    r"|cannot be determined|as an ai|as a language model)(?![A-Za-z])",
    re.IGNORECASE,
)
_DECORATION = " \t\r\n*_`#>"


@dataclass(frozen=True)
class _Read:
    """What was read, and where its verdict ends and its reason begins."""

    says: frozenset[bool]
    end: int
    reason: str


def marks_readable(reason: Plain) -> bool:
    """Whether a reason says a verdict once more, which then is the last one."""
    return _marked(reason, _VERDICT, last_wins=False) is not None


def offered(text: str, place: int) -> bool:
    """Whether the verdict that begins there is one of several to choose from: "… or Verdict: …"."""
    return _OFFERED.search(text, max(0, place - 8), place) is not None


def read_tolerantly(plain: Plain, truncated: bool) -> ParsedVerdict:
    """Read an answer in plain letters; time in proportion to its length."""
    text = plain.text
    if not text.strip():
        return ParsedVerdict(ParseStatus.EMPTY, None, "")
    read = _read(plain)
    if len(read.says) == 1:
        return ParsedVerdict(ParseStatus.TOLERANT, next(iter(read.says)), read.reason)
    if read.says:
        return ParsedVerdict(ParseStatus.AMBIGUOUS, None, read.reason)
    if _REFUSAL.search(re.sub(r"\s+", " ", text)):
        return ParsedVerdict(ParseStatus.REFUSED, None, "")
    status = ParseStatus.TRUNCATED if truncated else ParseStatus.MISSING
    return ParsedVerdict(status, None, read.reason)


def _read(plain: Plain) -> _Read:
    if not _WORDS.search(plain.text):
        # However long: without a word of a verdict nothing needs to be taken apart.
        reason = _REASON.search(plain.text)
        return _Read(frozenset(), 0, _told(plain, reason.end()) if reason else "")
    read = _marked(plain, _VERDICT, last_wins=True)
    return read or _marked(plain, _OTHER_NAMES, last_wins=False) or _unmarked(plain)


def _marked(plain: Plain, pattern: re.Pattern[str], *, last_wins: bool) -> _Read | None:
    """What the last mark says; None where no mark says anything."""
    text = plain.text
    marks = list(pattern.finditer(text))
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    for place in reversed(range(len(marks))):
        mark, end = marks[place], ends[place]
        slot = _slot(text, mark, end)
        if slot is not None:
            says = slot.says
            if place and offered(text, mark.start()):
                before = _slot(text, marks[place - 1], mark.start())
                says |= before.says if before else frozenset()
            return _Read(says, slot.end, _reason(plain, mark.start(), slot.end))
        if last_wins and mark["sign"] and _has_words(text, mark.end(), end):
            return _Read(frozenset(), mark.end(), _reason(plain, mark.start(), mark.end()))
    return None


def _has_words(text: str, start: int, end: int) -> bool:
    return any(sentence.words for sentence in sentences(text, start, end))


def _slot(text: str, mark: re.Match[str], end: int) -> Sentence | None:
    """The sentence behind a mark that says the verdict, with what bare ones behind it add."""
    reason = _REASON.search(text, mark.end(), end)
    found: Sentence | None = None
    for sentence in sentences(text, mark.end(), reason.start() if reason else end):
        if found is None:
            if sentence.says and (mark["sign"] or sentence.direct):
                found = sentence
            elif sentence.words and not mark["sign"]:
                return None
        elif sentence.bare:
            found = _both(found, sentence)
        if found is not None and len(found.says) > 1:
            break
    return found


def _both(one: Sentence, other: Sentence) -> Sentence:
    return one._replace(end=other.end, says=one.says | other.says)


def _unmarked(plain: Plain) -> _Read:
    """A first sentence that says the verdict and no more; else all that stands before a reason."""
    text = plain.text
    reason = _REASON.search(text)
    end = reason.start() if reason and text[: reason.start()].strip() else len(text)
    every: frozenset[bool] = frozenset()
    stated: Sentence | None = None
    first = True
    for sentence in sentences(text, 0, end):
        if first and sentence.words:
            first, stated = False, sentence if sentence.bare else None
        elif stated is not None and (sentence.bare or sentence.predicates):
            stated = _both(stated, sentence)
        every |= sentence.says
        if len(every) > 1 and stated is None:
            break
    if stated is not None:
        return _Read(stated.says, stated.end, _reason(plain, 0, stated.end))
    said = _told(plain, reason.end()) if reason else ""
    return _Read(every, end, said)


def _reason(plain: Plain, start: int, end: int) -> str:
    """The reason of a verdict that stands between two places: behind it, or else before it."""
    text = plain.text
    if behind := _REASON.search(text, end):
        return _told(plain, behind.end())
    if rest := _told(plain, end):
        return rest
    before = list(_REASON.finditer(text, 0, start))
    if not before:
        return ""
    whole, after = plain.since(before[-1].end()), plain.since(start)
    return _undecorated(whole[: len(whole) - len(after)])


def _told(plain: Plain, place: int) -> str:
    return _undecorated(plain.since(place))


def _undecorated(text: str) -> str:
    text = text.strip(_DECORATION).lstrip(".:,;-–— " + _DECORATION)
    if text.startswith('"') and text.rfind('"'):
        text = text[1 : text.rfind('"')]
    return text if any(letter.isalnum() for letter in text) else ""

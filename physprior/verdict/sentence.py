"""What one sentence says of the verdict, word by word, in one pass.

A word of either verdict counts, turned by a denial that stands before it, unless it is only named:
in a question, a doubt, a comparison, an expectation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from physprior.verdict import vocabulary as words

_TOKEN = re.compile(r"[A-Za-z]+(?:'[A-Za-z]+)*|[0-9]+|\n[ \t\r]*\n|[.!?;\n:=,/()\-]")
_STOPS = frozenset(".!?;")


class Sentence(NamedTuple):
    """A sentence of an answer."""

    end: int
    """Where it ends in the text, its full stop included; or where its ground begins."""
    says: frozenset[bool]
    """Whether anomalous: empty, one, or both."""
    words: int
    """How many words it has."""
    bare: bool
    """It says a verdict and hardly anything else: it is anomalous."""
    predicates: bool
    """It says it of something: the motion is anomalous."""
    direct: bool
    """Nothing but small words stands before the verdict's own word."""


def sentences(text: str, start: int, end: int) -> Iterator[Sentence]:
    """The sentences between two places of a text, as they are asked for."""
    reader = _Reader()
    last = start
    for found in _TOKEN.finditer(text, start, end):
        token, last = found[0].lower(), found.end()
        if reader.ends(token):
            yield reader.close(last, token)
        else:
            reader.take(token, found.start())
    yield reader.close(end if not reader.words else last, "")


class _Reader:
    """Reads one sentence after another; what a question asked is kept for its answer."""

    def __init__(self) -> None:
        self._asked: list[bool] = []
        self._begin()

    def _begin(self) -> None:
        self.words = 0
        self._says: list[bool] = []
        self._first = ""
        self._before = ""
        self._strange = self._strange_before = self._strange_last = 0
        self._copula_first = False
        self._ground: int | None = None
        self._doubt = self._named = self._expects = False
        self._denial: bool | None = None
        self._denial_leads = False
        self._denied_before = False
        self._carried: tuple[bool, bool] | None = None
        self._since_word = 99
        self._colon = self._pending_no = False

    def ends(self, token: str) -> bool:
        """Whether the sentence ends with this token."""
        if token == "\n":
            # A line may be wrapped within "is not / normal"; a "No" alone on its line is whole.
            return self._denial is None or self._denial_leads
        return token in _STOPS or token.startswith("\n")

    def close(self, end: int, token: str) -> Sentence:
        """The sentence that was read; the next one begins."""
        if self._pending_no:
            self._turn_last()
        says = self._says
        if token == "?" and self._first in words.ASKS:
            self._asked, says = says, []
        elif self._first and self._asked:
            says = self._answered() + says
            self._asked = []
        few = self._strange == self._strange_last <= (2 if self._copula_first else 0)
        said = Sentence(
            end=end if self._ground is None else self._ground,
            says=frozenset(says),
            words=self.words,
            bare=bool(says) and few,
            predicates=bool(says) and self._copula_first,
            direct=not self._strange_before,
        )
        self._begin()
        return said

    def _answered(self) -> list[bool]:
        if self._first in words.YES:
            return self._asked
        return [not said for said in self._asked] if self._first in words.NO else []

    def take(self, token: str, place: int) -> None:
        """Read one word, number or mark within the sentence."""
        if not token[0].isalpha():
            if token != "\n":
                self._mark(token)
            return
        self.words += 1
        self._first = self._first or token
        if self._ground is None:
            self._word(token, place)
        self._before = token

    def _mark(self, token: str) -> None:
        if self._pending_no:
            self._turn_last()
        if token.isdigit():
            if self._colon and self._says:
                self._says.pop()  # "Anomaly: 0.1" is a number that nobody has explained.
            elif token == "0":
                self._denial = self._denied_before = True
            self._colon = False
            return
        if token in "-/":
            return
        self._colon = token in ":=" and self._since_word == 0
        if token == ",":
            self._doubt = False
            if self._says and self._first == self._before == "normally":
                self._says.pop()  # "Normally, a fan turns" speaks of other fans.
        else:
            self._carried = None
        self._denial, self._named, self._denied_before = None, False, False
        self._since_word += 1 if token not in ":=" else 0

    def _word(self, token: str, place: int) -> None:
        self._pending_no = False
        answers_colon, self._colon = self._colon, False
        if token in words.SAYS:
            self._verdict_word(token, words.SAYS[token])
            return
        self._count_strange(token)
        if answers_colon and token in words.NO:
            self._pending_no = True  # "Anomaly: no" says so only where nothing follows.
        if self._says and token in words.GIVES_GROUND:
            self._ground = place
        elif token in words.ENDS_DOUBT and not self._denies_by_two(token):
            self._doubt = self._denied_before = False
            self._close_windows()
        elif token in words.OPENS_DOUBT:
            self._doubt = True
        elif not self._beside_verdict(token):
            self._window(token)

    def _verdict_word(self, token: str, says: bool) -> None:
        denial, named = self._denial, self._named
        self._denial, self._named = None, False
        if denial is None and self._carried and self._carried[0] is says:
            denial = self._carried[1]
        elif denial is None and self._denied_before:
            # "Does not close normally" denies; how far other denials reach is not guessed.
            denial, named = True, named or not token.endswith("ly")
        if self._doubt or named:
            self._since_word = 99
            return
        if not self._says:
            self._strange_before = self._strange
        self._strange_last = self._strange
        self._says.append(says is not bool(denial))
        self._carried = None if denial is None else (says, denial)
        self._since_word = 0

    def _beside_verdict(self, token: str) -> bool:
        """Words right behind a verdict's word that change what it says."""
        near, self._since_word = self._since_word, self._since_word + 1
        if near == 0 and self._says:
            if token == "free" and self._says[-1]:
                self._turn_last()
                return True
            if token in words.COMPOUNDS and self._before in ("anomaly", "defect", "fault"):
                self._says.pop()
                return True
            if token in words.BESIDE_IT:
                self._since_word = 0
        if near < 4 and self._says and not self._copula_first and token in words.EXPECTS:
            self._says.pop()  # A normal fan would turn.
            return True
        if token in words.JOINS:
            self._since_word = 99
        return False

    def _window(self, token: str) -> None:
        if token in words.CLAUSES or (token in words.SUBJECTS and self._before in ("and", "no")):
            # "… and it is", "No it is": what was denied before reaches no further.
            self._close_windows()
            self._denied_before = False
        elif token in words.DENIES or token.endswith("n't") or self._denies_by_two(token):
            self._denial_leads = self.words == 1
            self._denial = not self._denial
            self._named, self._denied_before = False, True
        elif self._denial is not None and token in words.UNKNOWING:
            self._doubt = True
        elif token in words.NAMES_ONLY:
            self._named = True
            self._expects = token == "expected"
            self._denial = None
        elif token in words.JOINS:
            self._denial, self._named = None, False
        elif token not in words.PASSED_OVER and token != "free":
            expected = self._named and self._expects  # The expected motion is normal.
            self._close_windows()
            self._named = expected

    def _denies_by_two(self, token: str) -> bool:
        return (self._before, token) in words.DENIES_BY_TWO

    def _close_windows(self) -> None:
        self._denial, self._named, self._carried = None, False, None

    def _turn_last(self) -> None:
        if self._says:
            self._says[-1] = not self._says[-1]
        self._pending_no = False

    def _count_strange(self, token: str) -> None:
        if token in words.COPULAS and not self._says:
            self._copula_first = True
        small = (
            token in words.STATES
            or token in words.DENIES
            or token in words.PASSED_OVER
            or token.endswith("n't")
        )
        self._strange += not small

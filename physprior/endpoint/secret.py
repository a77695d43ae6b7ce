"""A key that cannot be shown by accident, and that is taken out of whatever repeats it."""

from __future__ import annotations

import base64
import hmac
import html
import json
import logging
import re
from typing import NoReturn
from urllib.parse import quote, quote_plus

from physprior.errors import JudgeError

HIDDEN = "[key]"
"""What stands where a key was."""
SHORTEST = 8
"""Shorter keys are the placeholders of local endpoints (``EMPTY``, ``none``, ``ollama``).

They are words, or parts of words: taken out of a reply they would take a piece of it along.
"""
_PART, _PARTS = 3, 64
"""How many letters of a key are seen beside a mask, at least and at most."""
_MASK = r"[*•·…]++|\.{3,}+|[xX]{4,}+"
_WHOLE_MASK = r"(?<![*•·…])[*•·…]++|(?<!\.)\.{3,}+|(?<![xX])[xX]{4,}+"


class Secret:
    """A key: ``show()`` alone gives it; printed, formatted or copied by pickle it gives nothing.

    Raises JudgeError, without the key in it, where no header could carry it.
    """

    __slots__ = ("_key", "_masked", "_spellings")

    def __init__(self, key: str = "") -> None:
        key = key.strip()
        if any(not "!" <= sign <= "~" for sign in key):
            # The library's own complaint about such a header would print it.
            raise JudgeError(
                "the key holds blanks or letters that no key has",
                remedy="give the key alone: one word of ASCII letters, digits and signs",
            )
        self._key = key
        self._spellings = _spellings(key) if len(key) >= SHORTEST else ()
        self._masked = _masked(key)

    def show(self) -> str:
        """The key itself, for the one header that it belongs in; empty where there is none."""
        return self._key

    def redact(self, text: str) -> str:
        """``text`` without the key, however it is spelled: plain, quoted, or masked in part.

        Takes a time that grows with the text's length and no faster.
        """
        if not self._spellings:
            return text
        for spelling in self._spellings:
            text = text.replace(spelling, HIDDEN)
        return self._masked.sub(HIDDEN, text)

    def __bool__(self) -> bool:
        return bool(self._key)

    def __repr__(self) -> str:
        return "Secret()"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format(repr(self), spec)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._key, other._key)

    def __hash__(self) -> int:
        # A hash of the key would be a way to recognise it.
        return hash(Secret)

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: object) -> Secret:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("a key is not pickled: it would lie in a file or travel between processes")


class Redaction(logging.Filter):
    """Takes a key out of what the HTTP libraries log, which repeats an endpoint's headers.

    A context manager: they are filtered as long as it is entered.
    """

    def __init__(self, key: Secret) -> None:
        super().__init__()
        self._key = key
        self._loggers: list[logging.Logger] = []

    def filter(self, record: logging.LogRecord) -> bool:
        """Let the record pass, without the key."""
        said = record.getMessage()
        redacted = self._key.redact(said)
        if redacted != said:
            record.msg, record.args = redacted, None
        return True

    def __enter__(self) -> None:
        # A logger's filter does not see what the loggers below it say: each needs its own.
        known = list(logging.root.manager.loggerDict)
        rooms = ("openai", "httpx", "httpcore")
        self._loggers = [logging.getLogger(name) for name in known if name.startswith(rooms)]
        for logger in self._loggers:
            logger.addFilter(self)

    def __exit__(self, *what: object) -> None:
        for logger in self._loggers:
            logger.removeFilter(self)


def _masked(key: str) -> re.Pattern[str]:
    """Finds a mask with the key's beginning before it or its end after it: ``sk-ab***yz``.

    A run of mask signs is looked at once, from its first sign: the time stays linear.
    """
    sizes = range(min(len(key), _PARTS), _PART - 1, -1)
    ends = "|".join(re.escape(key[-size:]) for size in sizes)
    begins = "|".join(re.escape(key[:size]) for size in sizes)
    return re.compile(f"(?:{begins})(?:{_MASK})(?:{ends})?|(?:{_WHOLE_MASK})(?:{ends})")


def _spellings(key: str) -> tuple[str, ...]:
    """The ways in which a key may come back, the longest first."""
    quoted = json.dumps(key)[1:-1]
    plain = {key, quote(key, safe=""), quote(key), quote_plus(key), html.escape(key)}
    plain |= {quoted, quoted.replace("/", "\\/"), repr(key)[1:-1]}
    plain |= {base64.b64encode(text.encode()).decode().rstrip("=") for text in (key, f":{key}")}
    return tuple(sorted(plain, key=lambda spelling: (-len(spelling), spelling)))

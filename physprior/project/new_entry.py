"""The first text of a KB entry: every field with an example, and a TODO where a person is to write.

``files/entry.yaml.j2`` holds the text. It is a draft that passes the check; it passes as reviewed
once something sound stands in place of every TODO.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from physprior.errors import KnowledgeError
from physprior.knowledge.validation import fitting_id, quoted
from physprior.knowledge.vocabulary import Vocabulary
from physprior.project.layout import layout_text

OPEN_ID = "todo"
"""An id that is still to be chosen; the rule T005 finds it."""
_ID = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_PLAIN = re.compile(r"[^\W\d_](?:[\w ()/.,'+-]*[\w).])?")
"""Names that YAML reads as they are, without quotes."""
_NO_TEXT = frozenset(["true", "false", "yes", "no", "on", "off", "null"])
"""What an editor takes for something else than text."""
_WIDTH = 99


@dataclass(frozen=True)
class NewEntry:
    """What is known of a category before its entry is written."""

    id: str
    """The category's id."""
    name: str = ""
    """What a person calls it; the words of the id if nothing is said."""
    anomalies: tuple[str, ...] = ()
    """Ids of its anomalies."""
    phases: tuple[str, ...] = ()
    """Ids of the steps of its motion."""
    actuator: str = ""
    """What acts on it, a word of the vocabulary."""
    actions: tuple[str, ...] = ()
    """What the actuator does, words of the vocabulary."""

    def ids(self) -> Iterator[tuple[str, str]]:
        """Each id, with what it was said as."""
        yield "the category", self.id
        yield from (("--anomaly", word) for word in self.anomalies)
        yield from (("--phase", word) for word in self.phases)
        if self.actuator:
            yield "--actuator", self.actuator
        yield from (("--action", word) for word in self.actions)


def refuse_bad_words(wanted: NewEntry) -> None:
    """Raise KnowledgeError over the first id that is none, with the one meant, or over the name."""
    for what, word in wanted.ids():
        if not _ID.fullmatch(word):
            fitting = fitting_id(word)
            raise KnowledgeError(
                f"{what} {quoted(word)} is no id, which is lower-case words joined by underscores",
                remedy=f"did you mean {fitting!r}?" if fitting else "write it like door_closer",
            )
    if not wanted.name.isprintable():
        raise KnowledgeError(
            f"--name {quoted(wanted.name)} holds what cannot be printed",
            remedy="write it on one line, in letters, digits and signs",
        )


def render_entry(
    wanted: NewEntry, vocabulary: Vocabulary, *, schema: str = "", videos: str = "videos"
) -> str:
    """The text of the entry.

    ``schema`` is where the JSON Schema is, as seen from the entry, for the editor, or empty;
    ``videos`` what a person calls the folder of videos.
    """
    import jinja2

    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    environment.filters.update(scalar=_scalar, spoken=_spoken)
    return environment.from_string(layout_text("entry.yaml.j2")).render(
        id=wanted.id,
        name=wanted.name or _spoken(wanted.id),
        anomalies=wanted.anomalies,
        phases=wanted.phases,
        violated=wanted.phases[0] if len(wanted.phases) == 1 else OPEN_ID,
        actuator=wanted.actuator,
        actions=wanted.actions,
        vocabulary=vocabulary,
        schema=schema,
        videos=videos,
        known=_known,
        todo=_todo,
    )


def count_open(text: str) -> int:
    """How many values of an entry that ``render_entry`` made are still to be written."""
    lines = (line for line in text.splitlines() if not line.lstrip().startswith("#"))
    return sum(re.search(r"\b(?:TODO|todo(?:_[a-z]+)?)\b", line) is not None for line in lines)


def _known(lead: str, words: Iterable[str], indent: int = 2) -> str:
    """A comment that lists the words of a closed list."""
    margin = f"{' ' * indent}# "
    return textwrap.fill(
        f"{lead}: {', '.join(words)}",
        _WIDTH,
        initial_indent=margin,
        subsequent_indent=f"{margin}  ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _todo(what: str, count: int, indent: int = 4) -> str:
    """The items of a list that are to be written; no two of them read the same."""
    return "\n".join(f"{' ' * indent}- TODO {what}, {number}" for number in range(1, count + 1))


def _spoken(identifier: str) -> str:
    return "TODO" if identifier == OPEN_ID else identifier.replace("_", " ")


def _scalar(text: str) -> str:
    """A text as YAML: plain where that is safe, else between double quotes."""
    is_plain = _PLAIN.fullmatch(text) and text.casefold() not in _NO_TEXT
    return text if is_plain else json.dumps(text, ensure_ascii=False)

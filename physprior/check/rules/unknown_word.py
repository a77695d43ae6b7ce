"""A word that is not in the closed lists of `vocabulary.yaml`.

The actuator, the actions and the component's properties come from closed lists, so that the same
thing has the same name in every entry and categories can be compared. The list that goes for an
entry is the `vocabulary.yaml` beside it, else the one that physprior ships.

Fails:

    interaction:
      actuator: griper

Passes:

    interaction:
      actuator: gripper
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from physprior.check.entry import CheckedEntry
from physprior.check.rule import Finding, Rule
from physprior.check.rules.unfinished import is_unfinished
from physprior.knowledge.compose import DataPath
from physprior.knowledge.edits import rename_value
from physprior.knowledge.fix import Fix
from physprior.knowledge.folders import folded
from physprior.knowledge.source import Source
from physprior.knowledge.validation import did_you_mean, quoted


def check(checked: CheckedEntry) -> Iterator[Finding]:
    """One finding for each word that is not in its list."""
    lists = checked.vocabulary
    if lists is None:
        return
    interaction = checked.category.interaction
    actions = ((("interaction", "actions", at), w) for at, w in enumerate(interaction.actions))
    properties = (
        (("prior", "component", "properties", at), word)
        for at, word in enumerate(checked.category.prior.component.properties)
    )
    actuator = [(("interaction", "actuator"), interaction.actuator)]
    yield from _unknown(checked.source, actuator, lists.actuators, "actuators")
    yield from _unknown(checked.source, actions, lists.actions, "actions")
    yield from _unknown(checked.source, properties, lists.properties, "properties")


def _unknown(
    source: Source, used: Iterable[tuple[DataPath, str]], known: Iterable[str], name: str
) -> Iterator[Finding]:
    for path, word in used:
        if word not in known and not is_unfinished(word):
            meant = did_you_mean(word, known)
            add = f"add it to '{name}' in vocabulary.yaml, with its meaning"
            yield Finding(
                path,
                f"{quoted(word)} is not among the {name} of the vocabulary",
                f"did you mean {meant!r}? Else {add}" if meant else f"use a known word, or {add}",
                fix=_fix(source, path, word, known),
            )


def _fix(source: Source, path: DataPath, word: str, known: Iterable[str]) -> Fix | None:
    # A word that is known but for capitals, blanks and hyphens is that word.
    alike = [other for other in known if folded(other) == folded(word)]
    meant = alike[0] if len(alike) == 1 else did_you_mean(word, known)
    return rename_value(source, path, meant, safe=alike == [meant]) if meant else None


RULE = Rule("R006", "unknown-word", __doc__, entry=check, fixes="safe or unsafe")

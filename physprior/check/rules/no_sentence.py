"""A statement that is no sentence.

Every statement and explanation is spoken by the model as a sentence of its answer, and descriptions
are read by people: each begins with a capital letter and ends with a full stop. The statements of
the prior say what *is* or what *should* be: without a verb there is nothing to compare the video
with.

Fails:

    prior:
      component:
        statement: a torsion spring with elasticity at the hinge

Passes:

    prior:
      component:
        statement: The clip has a torsion spring at its hinge, which is elastic.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from physprior.check.entry import CheckedEntry, Sentence
from physprior.check.prose import words
from physprior.check.rule import Finding, Rule

# A finite verb in a statement, as far as a list can know it: an auxiliary, or "which stores".
_VERB = re.compile(
    r"\b(?:is|are|was|were|has|have|had|should|must|shall|will|can|does|do|possess(?:es)?|consists?"
    r"|contains?|holds?|stores?|carries|carry|keeps?|gives?|provides?|uses?|relies|rely|depends?"
    r"|makes?|lets?|turns?|moves?|works?|acts?|forms?|joins?|connects?|converts?|transmits?"
    r"|guides?|rolls?|slides?|springs?|bears?|supports?|encloses?|seals?)\b"
)
_MARKS = "\"'“”‘’„«»()"


def check(checked: CheckedEntry) -> Iterator[Finding]:
    """One finding for each, with the first thing that is missing."""
    # A torsion spring is no verb, though springs may spring.
    named = [name for path, name in checked.names if path[0] != "anomalies"]
    own = {word for name in named for word in words(name)}
    for sentence in checked.sentences:
        is_statement = sentence.kind in ("component", "subject", "motion")
        missing = _missing(sentence, own) if is_statement or sentence.is_whole else ""
        if missing:
            yield Finding(
                sentence.path,
                f"this is no sentence: {missing}",
                "write one whole sentence, such as 'The jaws should close on release.'",
            )


def _missing(sentence: Sentence, own: Collection[str]) -> str:
    text = sentence.text.strip(_MARKS) or sentence.text
    if text[0].islower():
        return "it begins without a capital letter"
    if text[-1] not in ".!?":
        return "it does not end with a full stop"
    if sentence.kind in ("subject", "motion") and "should" not in sentence.words:
        return f"the {sentence.kind} statement does not say what should happen"
    if sentence.kind == "component" and not set(_VERB.findall(text.lower())).difference(own):
        return "it has no verb"
    return ""


RULE = Rule("T007", "no-sentence", __doc__, severity="warning", drafts=False, entry=check)

"""A prior that mentions failure or gives the verdict away.

The prior is told about every video of the category, sound or faulty, before the question is asked.
It says how the object should move and nothing about how it fails: a word such as *stuck* would be
heard before a sound video as well, and *normal* is an answer and not a fact.

Fails:

    prior:
      motion:
        statement: Therefore, the jaws should open when pressed unless the spring is broken.

Passes:

    prior:
      motion:
        statement: Therefore, the jaws should open when pressed and close when released.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from physprior.check.entry import CheckedEntry
from physprior.check.prose import stem, words
from physprior.check.rule import Finding, Rule

_FAILURE = frozenset(
    stem(word)
    for word in """abnormal abnormality abnormally anomalous anomaly blockage break breakage
    broken burst collapse corrode corrosion crack cracked damage damaged defect defective
    degauss degaussed derail derailment detach detached deteriorate erratic error fail failure
    fault faulty fracture healthy incorrect incorrectly insufficient jam jammed jerk jerky
    leak leakage leaky loosen malfunction misalign misaligned misalignment normal normally
    obstruct obstruction rattle rupture rust rusty seize seized stall stripped stuck torn
    unable uneven unevenly unmeshed vibrate vibration wobble wobbly worn wrong""".split()  # noqa: SIM905
)


def check(checked: CheckedEntry) -> Iterator[Finding]:
    """One finding for each sentence of the prior, at the first such word."""
    category = checked.category
    # An object may bear such a word in its own name, as a break switch does.
    own = {stem(word) for word in words(category.name)}.union(*checked.part_names)
    phrases = [name for name in _anomaly_names(checked) if " " in name]
    failure = _FAILURE - own
    for sentence in checked.of("component", "subject", "motion", "phase"):
        told = [phrase for phrase in phrases if phrase in " ".join(sentence.words)]
        if failure & sentence.stems:
            told += [word for word in sentence.words if stem(word) in failure]
        if told:
            yield Finding(
                sentence.path,
                f"{told[0]!r} speaks of failure or gives the verdict away",
                "say what a sound object does; what goes wrong stands under 'anomalies'",
                words=_as_typed(sentence.text, told[0]),
            )


def _anomaly_names(checked: CheckedEntry) -> Iterator[str]:
    for anomaly in checked.category.anomalies:
        yield " ".join(words(anomaly.name))
        yield anomaly.id.replace("_", " ")


def _as_typed(text: str, found: str) -> str:
    match = re.search(r"\W+".join(map(re.escape, found.split())), text, re.IGNORECASE)
    return match[0] if match else ""


RULE = Rule("P001", "verdict-in-prior", __doc__, entry=check)
